// The answer of top-k as records and files.

import type { TopK } from '../index.js';
import type { AtomicFile } from '../io/bytes/atomic-file.js';
import { writeRecords } from '../io/records/record-file.js';
import type { Batch, Column } from '../io/records/record-sink.js';
import { namedArray, writeNpz } from '../io/rows/npz-file.js';
import type { ResultNames } from './records.js';

export async function writeTopK(
  file: AtomicFile,
  format: string,
  found: TopK,
  rowNumbers: Uint32Array | undefined,
  names: ResultNames,
  signal: AbortSignal,
): Promise<void> {
  if (format !== '.npz') return writeRecords(file, format, columnsOfTopK(names), batchesOfTopK(found, rowNumbers), signal);
  const { indices, scores, shape } = found;
  const arrays = [namedArray('indices', indices, shape), namedArray('scores', scores, shape)];
  if (rowNumbers) arrays.push(namedArray('rows', rowNumbers));
  await writeNpz(file, format, arrays, signal);
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

/** `rowNumbers` are the numbers of its rows in the input, where some were left out; its indices have been renumbered. */
export function* batchesOfTopK({ indices, scores, shape }: TopK, rowNumbers: Uint32Array | undefined): Generator<Batch> {
  const [rows, k] = shape;
  for (let from = 0; from < rows; from += ROWS_AT_ONCE) {
    const length = (Math.min(rows, from + ROWS_AT_ONCE) - from) * k;
    const start = from * k;
    const columns = [
      Uint32Array.from({ length }, (_, i) => {
        const row = from + Math.floor(i / k);
        return rowNumbers ? (rowNumbers[row] as number) : row;
      }),
      Uint32Array.from({ length }, (_, i) => 1 + (i % k)),
      indices.subarray(start, start + length),
      scores.subarray(start, start + length),
    ];
    yield { length, columns };
  }
}
