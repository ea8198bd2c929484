// Measures the memory of the matrix and of the top ten, as the peak resident size of processes that do nothing else.
//
// allpairs may use the result, a multiple of the input, and 64 MiB for Node, threads and scratch.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { randomRows } from '../test/random.js';
import { backendsToMeasure } from './harness.js';
import { PythonPeers } from './peers/python.js';
import type { ReportTable } from './report.js';
import type { BenchRun, Section } from './section.js';

const MIB = 2 ** 20;
const ALLOWANCE = 64 * MIB;

interface Call {
  readonly name: 'matrix' | 'topk';
  /** Allowed memory in addition to the result, as a multiple of the input. */
  readonly inputs: number;
  readonly resultBytes: (rows: number) => number;
  readonly task: 'dense' | 'top-k';
  readonly rivals: readonly string[];
  readonly size: string;
  readonly quickSize: string;
}

const CALLS: readonly Call[] = [
  {
    name: 'matrix',
    inputs: 1.5,
    resultBytes: (rows) => 4 * rows * rows,
    task: 'dense',
    rivals: ['scikit-learn', 'PyTorch formula', 'NumPy formula'],
    size: '10000x384',
    quickSize: '500x64',
  },
  {
    name: 'topk',
    inputs: 2.5,
    resultBytes: (rows) => 8 * 10 * rows,
    task: 'top-k',
    rivals: ['FAISS IndexFlatIP'],
    size: '100000x128',
    quickSize: '1000x64',
  },
];

// On Linux, maxRSS includes the memory of this process before exec, and VmHWM does not.
const SCRIPT = `
  import { readFileSync } from 'node:fs';
  import { cosineSimilarity, topK } from 'allpairs';
  const [call, rows, depth, threads, backend] = process.argv.slice(1);
  const data = new Float32Array(rows * depth);
  for (let i = 0; i < data.length; i++) data[i] = Math.sin(i * 12.9898) * 43758.5453 % 1;
  const x = { data, shape: [Number(rows), Number(depth)] };
  const peak = () =>
    process.platform === 'linux'
      ? 1024 * /VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]
      : process.resourceUsage().maxRSS * 1024;
  const before = peak();
  await (call === 'topk' ? topK : cosineSimilarity)(x, { threads: Number(threads), backend, ...(call === 'topk' && { k: 10 }) });
  console.log(before, peak());
`;

type Peaks = readonly [before: number, peak: number];

export const memory: Section = {
  name: 'memory',
  asks: 'How much memory does a whole process need at its peak, including the runtime and the input?',
  async run(run) {
    const tables: ReportTable[] = [];
    for (const call of CALLS) {
      const [[rows, depth] = [0, 0]] = run.sizes([call.size], [call.quickSize]);
      const result = call.resultBytes(rows);
      const allowed = result + call.inputs * rows * depth * 4 + ALLOWANCE;
      const measured: [name: string, peaks: Peaks][] = [];
      for (const backend of backendsToMeasure())
        measured.push([`allpairs ${backend}`, await peaksOfOurs(run, call.name, rows, depth, backend)]);
      for (const rival of call.rivals) {
        const peaks = await peaksOfRival(run, call.task, rival, rows, depth);
        if (peaks) measured.push([rival, peaks]);
      }
      tables.push({
        kind: 'values',
        id: `${call.name} ${rows}x${depth}`,
        title:
          `${call.name}, ${rows} x ${depth}: the result has ${(result / MIB).toFixed(0)} MiB, the input ` +
          `${((rows * depth * 4) / MIB).toFixed(0)} MiB; allpairs is allowed ${(allowed / MIB).toFixed(0)} MiB`,
        columns: [
          { name: 'peak', unit: 'MiB', lowerIsBetter: true },
          { name: 'of it before the call', unit: 'MiB' },
          { name: 'beyond that and the result', unit: 'MiB' },
        ],
        rows: measured.map(([name, [before, peak]]) => ({
          name,
          values: [peak / MIB, before / MIB, Math.max(0, peak - before - result) / MIB],
        })),
      });
    }
    return tables;
  },
};

async function peaksOfOurs(
  run: BenchRun,
  ...args: [call: string, rows: number, depth: number, backend: string]
): Promise<Peaks> {
  const [call, rows, depth, backend] = args.map(String) as [string, string, string, string];
  const script = ['--input-type=module', '-e', SCRIPT, call, rows, depth, String(run.threads), backend];
  const { stdout } = await promisify(execFile)(process.execPath, script);
  return stdout.trim().split(' ').map(Number) as unknown as Peaks;
}

/** Peak of a process that imports only what this method needs. */
async function peaksOfRival(
  run: BenchRun,
  task: Call['task'],
  rival: string,
  rows: number,
  depth: number,
): Promise<Peaks | undefined> {
  const peers = await PythonPeers.start(run, task, rival);
  if (!peers) return undefined;
  await peers.load(randomRows(rows, depth));
  const before = await peers.peakBytes();
  await peers.time(rival, 1);
  const peak = await peers.peakBytes();
  peers.stop();
  return [before, peak];
}
