import { planWork, type TopK, topK } from '../../index.js';
import type { AtomicFile } from '../../io/atomic-file.js';
import { checkNpzSize, namedArray, writeNpz } from '../../io/npz-file.js';
import { RECORD_FORMATS, writeRecords } from '../../io/record-file.js';
import type { Batch, Column } from '../../io/record-sink.js';
import { type Call, describeWork, scoreType, withCall } from '../call.js';
import type { CallOptions } from '../call-options.js';
import { nameOf } from '../labels.js';
import { bar, bold, dim, formatCount, formatScore, print, wantsJson } from '../output.js';
import { printPlan } from '../plan.js';
import { printRecords } from '../records.js';

export interface TopKCommandOptions extends CallOptions {
  readonly k: number;
}

/** Rows that are shown on a terminal. */
const SHOWN = 5;

/** `allpairs topk`: the most similar rows of each row. */
export function runTopK(input: string, options: TopKCommandOptions, signal: AbortSignal): Promise<void> {
  return withCall('topk', [...RECORD_FORMATS, '.npz'], input, options, signal, async (call, format, run) => {
    const work = { ...call.options, k: options.k };
    if (options.dryRun) return printPlan(planWork('topK', call.x, call.y, work), options);
    if (format === '.npz') checkNpzSize(options.output ?? '', planWork('topK', call.x, call.y, work).resultBytes ?? 0);
    await call.begin(run);
    const started = performance.now();
    const found = await topK(call.x, call.y, { ...work, checkpoint: run?.checkpoint });
    await call.finish();
    const seconds = (performance.now() - started) / 1000;
    if (format !== undefined) {
      await run?.finish((file) => write(file, format, found, call, signal));
      if (!options.quiet) print(`${describeWork(call, seconds, options.backend)}\nwritten to ${options.output}`);
    } else if (options.output === '-' || wantsJson(options)) {
      await printRecords(columnsOf(call), batchesOf(found), signal);
    } else {
      show(call, found, seconds, options);
    }
  });
}

async function write(file: AtomicFile, format: string, found: TopK, call: Call, signal: AbortSignal): Promise<void> {
  if (format !== '.npz') return writeRecords(file, format, columnsOf(call), batchesOf(found), signal);
  const { indices, scores, shape } = found;
  await writeNpz(file, format, [namedArray('indices', indices, shape), namedArray('scores', scores, shape)], signal);
}

function columnsOf(call: Call): Column[] {
  const { labels, otherLabels } = call;
  return [
    { name: 'row', type: 'u4', labels },
    { name: 'rank', type: 'u4' },
    { name: 'col', type: 'u4', labels: otherLabels },
    { name: 'score', type: scoreType(call) },
  ];
}

/** Rows turned into records at a time. */
const ROWS_AT_ONCE = 4096;

function* batchesOf({ indices, scores, shape }: TopK): Generator<Batch> {
  const [rows, k] = shape;
  for (let from = 0; from < rows; from += ROWS_AT_ONCE) {
    const length = (Math.min(rows, from + ROWS_AT_ONCE) - from) * k;
    const start = from * k;
    const columns = [
      Uint32Array.from({ length }, (_, i) => from + Math.floor(i / k)),
      Uint32Array.from({ length }, (_, i) => 1 + (i % k)),
      indices.subarray(start, start + length),
      scores.subarray(start, start + length),
    ];
    yield { length, columns };
  }
}

function show(call: Call, { indices, scores, shape }: TopK, seconds: number, { backend }: TopKCommandOptions): void {
  const [rows, k] = shape;
  print(describeWork(call, seconds, backend));
  for (let row = 0; row < Math.min(rows, SHOWN); row++) {
    print(`\n${bold(nameOf(row, call.labels))}`);
    for (let at = row * k; at < (row + 1) * k; at++) {
      const score = scores[at] as number;
      print(`  ${bar(score)} ${formatScore(score)}  ${nameOf(indices[at] as number, call.otherLabels)}`);
    }
  }
  if (rows > SHOWN) print(dim(`\nand ${formatCount(rows - SHOWN)} rows more: -o nearest.csv (or .jsonl, .npy, .npz)`));
}
