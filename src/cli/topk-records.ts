// The answer of top-k as records and files.

import type { TopK } from '../index.js';
import type { AtomicFile } from '../io/atomic-file.js';
import { namedArray, writeNpz } from '../io/npz-file.js';
import { writeRecords } from '../io/record-file.js';
import type { Batch, Column } from '../io/record-sink.js';
import type { ResultNames } from './records.js';

export async function writeTopK(
  file: AtomicFile,
  format: string,
  found: TopK,
  names: ResultNames,
  signal: AbortSignal,
): Promise<void> {
  if (format !== '.npz') return writeRecords(file, format, columnsOfTopK(names), batchesOfTopK(found), signal);
  const { indices, scores, shape } = found;
  await writeNpz(file, format, [namedArray('indices', indices, shape), namedArray('scores', scores, shape)], signal);
}

export function columnsOfTopK({ labels, otherLabels, score }: ResultNames): Column[] {
  return [
    { name: 'row', type: 'u4', labels },
    { name: 'rank', type: 'u4' },
    { name: 'col', type: 'u4', labels: otherLabels },
    { name: 'score', type: score },
  ];
}

/** Rows turned into records at a time. */
const ROWS_AT_ONCE = 4096;

export function* batchesOfTopK({ indices, scores, shape }: TopK): Generator<Batch> {
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
