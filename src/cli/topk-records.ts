// Writes the answer of top-k as records and files.

import type { AtomicFile } from '../io/bytes/atomic-file.js';
import { writeRecords } from '../io/records/record-file.js';
import type { Batch, Column } from '../io/records/record-sink.js';
import { namedArray, writeNpz } from '../io/rows/npz-file.js';
import { CSR, GRAPHML, writeGraph } from './graph.js';
import { idArrays } from './id-arrays.js';
import type { PairsOutput } from './pairs-records.js';
import { columnOfRows, type ResultNames } from './result-names.js';
import { scoreColumn, written } from './scores.js';
import { writeSparseTopK } from './sparse-matrix.js';
import type { TopKArrays } from './topk-arrays.js';

/** `rowNumbers` are the row numbers in the input, if some rows were left out; indices have already been renumbered. */
export async function writeTopK(
  file: AtomicFile,
  found: TopKArrays,
  rowNumbers: Uint32Array | undefined,
  output: PairsOutput,
): Promise<void> {
  const { format, names, sides, symmetric = false, memory, signal } = output;
  if (format === CSR) {
    return writeSparseTopK(file, format, found, rowNumbers, { sides, symmetric, names, memory, signal });
  }
  if (format === GRAPHML) return writeGraph(file, sides, edgesOf(batchesOfTopK(found, rowNumbers, names)), true, names, signal);
  if (format !== '.npz') {
    return writeRecords(file, format, columnsOfTopK(names), batchesOfTopK(found, rowNumbers, names), signal);
  }
  const { indices, scores, counts, shape } = found;
  const { distance } = names;
  const arrays = [
    namedArray('indices', indices, shape),
    namedArray(distance ? 'distances' : 'scores', written(scores, distance), shape),
  ];
  if (counts) arrays.push(namedArray('counts', counts));
  if (rowNumbers) arrays.push(namedArray('rows', rowNumbers));
  await writeNpz(file, format, [...arrays, ...idArrays(names)], signal);
}

export function columnsOfTopK(names: ResultNames): Column[] {
  return [columnOfRows('row', names.rows), { name: 'rank', type: 'u4' }, columnOfRows('col', names.cols), scoreColumn(names)];
}

/** Number of rows converted to records at a time. */
const ROWS_AT_ONCE = 4096;

interface TopKBatch extends Batch {
  readonly columns: readonly [Uint32Array, Uint32Array, Uint32Array, TopKArrays['scores']];
}

export function* batchesOfTopK(
  { indices, scores, counts, shape }: TopKArrays,
  rowNumbers: Uint32Array | undefined,
  { distance }: ResultNames,
): Generator<TopKBatch> {
  const [rows, k] = shape;
  for (let from = 0; from < rows; from += ROWS_AT_ONCE) {
    const to = Math.min(rows, from + ROWS_AT_ONCE);
    const start = from * k;
    const size = (to - from) * k;
    const columns = [
      new Uint32Array(size),
      new Uint32Array(size),
      indices.slice(start, start + size),
      written(scores.slice(start, start + size), distance),
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
    const filled = <T extends TopKBatch['columns'][number]>(column: T) => column.subarray(0, length) as T;
    yield { length, columns: [filled(ofRows), filled(ranks), filled(ofCols), filled(ofScores)] };
  }
}

function* edgesOf(batches: Iterable<TopKBatch>) {
  for (const {
    columns: [rows, , cols, scores],
  } of batches) {
    yield { rows, cols, scores };
  }
}
