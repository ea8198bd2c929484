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
  const { indices, scores, counts, shape } = found;
  const arrays = [namedArray('indices', indices, shape), namedArray('scores', scores, shape)];
  if (counts) arrays.push(namedArray('counts', counts));
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

/** Where the list of each row begins and ends in indices and scores: free places are behind it. */
export function* listsOf({ counts, shape: [rows, k] }: TopK): Generator<[start: number, end: number]> {
  for (let row = 0; row < rows; row++) yield [row * k, row * k + (counts?.[row] ?? k)];
}

/** Rows turned into records at a time. */
const ROWS_AT_ONCE = 4096;

/** `rowNumbers` are the numbers of its rows in the input, where some were left out; its indices have been renumbered. */
export function* batchesOfTopK(
  { indices, scores, counts, shape }: TopK,
  rowNumbers: Uint32Array | undefined,
): Generator<Batch> {
  const [rows, k] = shape;
  for (let from = 0; from < rows; from += ROWS_AT_ONCE) {
    const to = Math.min(rows, from + ROWS_AT_ONCE);
    const start = from * k;
    const size = (to - from) * k;
    const columns = [
      new Uint32Array(size),
      new Uint32Array(size),
      indices.slice(start, start + size),
      scores.slice(start, start + size),
    ] as const;
    const [ofRows, ranks, ofCols, ofScores] = columns;
    let length = 0;
    for (let row = from; row < to; row++) {
      const count = counts?.[row] ?? k;
      ofRows.fill(rowNumbers ? (rowNumbers[row] as number) : row, length, length + count);
      for (let rank = 0; rank < count; rank++) ranks[length + rank] = rank + 1;
      const list = row * k - start;
      ofCols.copyWithin(length, list, list + count);
      ofScores.copyWithin(length, list, list + count);
      length += count;
    }
    yield { length, columns: columns.map((column) => column.subarray(0, length)) };
  }
}
