import { type TopK, topK } from '../../index.js';
import { writeNpz } from '../../io/npz-file.js';
import { type Call, type CallOptions, describeWork, prepareCall, scoreType } from '../call.js';
import { nameOf } from '../labels.js';
import { bar, bold, dim, formatCount, formatScore, print, wantsJson } from '../output.js';
import { type Batch, type Column, outputFormat, printRecords, RECORD_FORMATS, writeRecords } from '../records.js';

export interface TopKCommandOptions extends CallOptions {
  readonly k: number;
}

/** Rows that are shown on a terminal. */
const SHOWN = 5;

/** `allpairs topk`: the most similar rows of each row. */
export async function runTopK(input: string, options: TopKCommandOptions, signal: AbortSignal): Promise<void> {
  const format = outputFormat(options.output, [...RECORD_FORMATS, '.npz']);
  const call = await prepareCall(input, options, signal);
  const started = performance.now();
  const found = await topK(call.x, call.y, { ...call.options, k: options.k }).finally(call.finish);
  const seconds = (performance.now() - started) / 1000;
  if (format === undefined) {
    if (options.output === '-' || wantsJson(options)) return printRecords(columnsOf(call, found), batchesOf(found), signal);
    return show(call, found, seconds, options);
  }
  const output = options.output as string;
  if (format === '.npz') {
    const { indices, scores, shape } = found;
    const arrays = [
      { name: 'indices', data: indices, shape },
      { name: 'scores', data: scores, shape },
    ];
    await writeNpz(output, arrays, signal);
  } else {
    await writeRecords(output, columnsOf(call, found), batchesOf(found), signal);
  }
  if (!options.quiet) print(`${describeWork(call, seconds, options.backend)}\nwritten to ${output}`);
}

function columnsOf({ labels, otherLabels }: Call, { scores }: TopK): Column[] {
  return [
    { name: 'row', type: 'u4', labels },
    { name: 'rank', type: 'u4' },
    { name: 'col', type: 'u4', labels: otherLabels },
    { name: 'score', type: scoreType(scores) },
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
