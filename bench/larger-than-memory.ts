// Measures what a memory limit costs, and whether it is kept: the command line on files with a limit, compared with the same call in
// memory. Uses whole processes, interleaved, with medians and peak resident sizes, and checks a sample of the answers against float64.
//
//     npx tsx bench/larger-than-memory.ts             everything: a few minutes, 4 GB of disk
//     npx tsx bench/larger-than-memory.ts topk        one of matrix, topk, pairs
//
// The limits: 15% over the memory limit plus 64 MiB for Node itself; for the matrix, 1.4 times the time in memory plus the time to
// write as many bytes; for topk and pairs, 1.3 times the time in memory.

import { execFile } from 'node:child_process';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Matrix, openRows, writeNpy } from 'allpairs';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { randomRows } from '../test/random.js';
import { quantile } from './harness.js';

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const RUNS = 3;
const MIB = 2 ** 20;

/** Reports at the end how much memory a process had. */
const TELL_PEAK = "data:text/javascript,process.on('exit',()=>console.error('peak',process.resourceUsage().maxRSS))";

const IN_MEMORY = `
  import { cosineSimilarity, pairs, readNpy, topK } from 'allpairs';
  const [call, file] = process.argv.slice(1);
  const x = await readNpy(file);
  if (call === 'matrix') await cosineSimilarity(x);
  if (call === 'topk') await topK(x, { k: 10 });
  if (call === 'pairs') await pairs(x, { threshold: 0.5 });
`;

interface Case {
  readonly call: 'matrix' | 'topk' | 'pairs';
  readonly shape: [number, number];
  readonly memory: number;
  readonly options: readonly string[];
  readonly formats: readonly ('npy' | 'parquet')[];
  readonly allowed: number;
}

const CASES: readonly Case[] = [
  { call: 'matrix', shape: [30_000, 768], memory: 1024 * MIB, options: [], formats: ['npy'], allowed: 1.4 },
  { call: 'topk', shape: [200_000, 128], memory: 256 * MIB, options: ['-k', '10'], formats: ['npy', 'parquet'], allowed: 1.3 },
  {
    call: 'pairs',
    shape: [200_000, 128],
    memory: 256 * MIB,
    options: ['-t', '0.5'],
    formats: ['npy', 'parquet'],
    allowed: 1.3,
  },
];

/** Measurements of a whole process. */
interface Measured {
  readonly seconds: number;
  readonly peak: number;
}

async function measure(args: readonly string[]): Promise<Measured> {
  const started = performance.now();
  const { stderr } = await promisify(execFile)(process.execPath, ['--import', TELL_PEAK, ...args]);
  const seconds = (performance.now() - started) / 1000;
  return { seconds, peak: Number(/peak (\d+)/.exec(stderr)?.[1]) * 1024 };
}

let folder: string;

async function run({ call, shape, memory, options, formats, allowed }: Case): Promise<void> {
  const { data } = similarRows(shape);
  const npy = join(folder, 'rows.npy');
  await writeNpy(npy, new Matrix(data, shape));
  if (formats.includes('parquet')) await writeParquet(join(folder, 'rows.parquet'), data, shape);
  const output = join(folder, 'result.npy');
  const inMemory: Measured[] = [];
  const bounded = new Map<string, Measured[]>(formats.map((format) => [format, []]));
  const writing: number[] = [];
  for (let at = 0; at < RUNS; at++) {
    inMemory.push(await measure(['--input-type=module', '-e', IN_MEMORY, call, npy]));
    for (const format of formats) {
      await rm(output, { force: true });
      const args = [call, join(folder, `rows.${format}`), ...options, '-q', '-o', output, '--memory', String(memory)];
      bounded.get(format)?.push(await measure([MAIN, ...args]));
    }
    if (call === 'matrix') writing.push(await timeToWrite(join(folder, 'written'), 4 * shape[0] ** 2));
  }
  await CHECKS[call](output, data, shape);
  const base = median(inMemory.map(({ seconds }) => seconds));
  const write = writing.length > 0 ? median(writing) : 0;
  console.log(`${call} ${shape.join(' x ')}: in memory ${base.toFixed(1)} s, peak ${mega(inMemory)}`);
  if (write > 0) console.log(`  writing as many bytes, flushed: ${write.toFixed(1)} s`);
  for (const [format, all] of bounded) {
    const seconds = median(all.map((one) => one.seconds));
    const limit = allowed * base + write;
    const most = Math.max(...all.map(({ peak }) => peak));
    const room = 1.15 * memory + 64 * MIB;
    console.log(
      `  .${format} within ${memory / MIB} MiB: ${seconds.toFixed(1)} s (${(seconds / base).toFixed(2)}x), ` +
        `${seconds <= limit ? 'within' : 'OVER'} ${limit.toFixed(1)} s; peak ${mega(all)}, ` +
        `${most <= room ? 'within' : 'OVER'} ${Math.round(room / MIB)} MiB`,
    );
  }
}

function similarRows([rows, depth]: [number, number]): { data: Float32Array } {
  const { data } = randomRows(rows, depth, 5);
  const other = randomRows(rows / 50, depth, 6).data;
  for (let row = 50; row < rows; row += 50) {
    for (let k = 0; k < depth; k++) {
      data[row * depth + k] = (data[(row - 17) * depth + k] as number) + 0.3 * (other[(row / 50) * depth + k] ?? 0);
    }
  }
  return { data };
}

/** A float32 list per row in one row group, as pandas writes it. */
async function writeParquet(path: string, data: Float32Array, [rows, depth]: [number, number]): Promise<void> {
  const vectors = Array.from({ length: rows }, (_, row) => data.subarray(row * depth, (row + 1) * depth));
  const schema = [
    { name: 'root', num_children: 1 },
    { name: 'embedding', num_children: 1, repetition_type: 'OPTIONAL', converted_type: 'LIST' },
    { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
    { name: 'element', type: 'FLOAT', repetition_type: 'OPTIONAL' },
  ] as const;
  const columnData = [{ name: 'embedding', data: vectors.map((vector) => Array.from(vector)) }];
  await writeFile(path, new Uint8Array(parquetWriteBuffer({ schema: schema as never, columnData, rowGroupSize: rows })));
  const file = await openRows(path);
  if (file.rows !== rows || file.depth !== depth) throw new Error(`${path} has ${file.shape.join(' x ')}`);
  await file.close();
}

async function timeToWrite(path: string, bytes: number): Promise<number> {
  const piece = new Uint8Array(8 * MIB);
  const started = performance.now();
  const file = await open(path, 'w');
  for (let at = 0; at < bytes; at += piece.length) await file.write(piece);
  await file.sync();
  await file.close();
  const seconds = (performance.now() - started) / 1000;
  await rm(path);
  return seconds;
}

const SAMPLE = 100;

const CHECKS: Record<Case['call'], (output: string, data: Float32Array, shape: [number, number]) => Promise<void>> = {
  async matrix(output, data, [rows, depth]) {
    const file = await open(output);
    for (let at = 0; at < 10 * SAMPLE; at++) {
      const [i, j] = [(at * 7919) % rows, (at * 104_729) % rows];
      const position = (await file.stat()).size - 4 * rows * rows + 4 * (i * rows + j);
      const { buffer } = await file.read(Buffer.alloc(4), 0, 4, position);
      mustBeClose(buffer.readFloatLE(), cosine(data, i, j, depth));
    }
    await file.close();
  },
  async topk(output, data, [rows, depth]) {
    const records = (await readFile(output)).subarray(-16 * 10 * rows);
    for (let at = 0; at < SAMPLE; at++) {
      const row = (at * 7919) % rows;
      const scores = Float64Array.from({ length: rows }, (_, other) => (other === row ? -2 : cosine(data, row, other, depth)));
      const best = scores.slice().sort().reverse();
      for (let rank = 0; rank < 10; rank++) {
        const record = 16 * (10 * row + rank);
        mustBeClose(records.readFloatLE(record + 12), best[rank] as number);
        mustBeClose(scores[records.readUInt32LE(record + 8)] as number, best[rank] as number);
      }
    }
  },
  async pairs(output, data, [rows, depth]) {
    const bytes = await readFile(output);
    const count = Number(/'shape': \((\d+),/.exec(bytes.toString('latin1', 0, 256))?.[1]);
    const records = bytes.subarray(-12 * count);
    const found = new Map<number, Set<number>>();
    for (let at = 0; at < count; at++) {
      const [row, col] = [records.readUInt32LE(12 * at), records.readUInt32LE(12 * at + 4)];
      for (const [a, b] of [
        [row, col],
        [col, row],
      ] as const)
        found.set(a, (found.get(a) ?? new Set()).add(b));
    }
    for (let at = 0; at < SAMPLE; at++) {
      const row = (at * 7919) % rows;
      for (let other = 0; other < rows; other++) {
        const score = other === row ? -2 : cosine(data, row, other, depth);
        const is = found.get(row)?.has(other) ?? false;
        if (is !== score >= 0.5 && Math.abs(score - 0.5) > 1e-6) throw new Error(`pair ${row}, ${other}: ${score}, ${is}`);
      }
    }
    console.log(`  ${count} pairs`);
  },
};

function cosine(data: Float32Array, i: number, j: number, depth: number): number {
  let [dot, a, b] = [0, 0, 0];
  for (let k = 0; k < depth; k++) {
    const [x, y] = [data[i * depth + k] as number, data[j * depth + k] as number];
    dot += x * y;
    a += x * x;
    b += y * y;
  }
  return dot / Math.sqrt(a * b);
}

function mustBeClose(got: number, expected: number): void {
  if (!(Math.abs(got - expected) < 1e-6)) throw new Error(`expected ${expected}, got ${got}`);
}

function median(values: readonly number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

function mega(all: readonly Measured[]): string {
  return `${Math.round(Math.max(...all.map(({ peak }) => peak)) / MIB)} MiB`;
}

folder = await mkdtemp(join(tmpdir(), 'allpairs-larger-'));
try {
  const asked = process.argv[2];
  for (const one of CASES) if (asked === undefined || asked === one.call) await run(one);
} finally {
  await rm(folder, { recursive: true });
}
