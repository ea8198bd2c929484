// The answer of top-k as records and files.

import type { TopK } from '../index.js';
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

export type TopKArrays = Pick<TopK, 'indices' | 'scores' | 'shape'>;

/** `rowNumbers` are the numbers of its rows in the input, where some were left out; its indices have been renumbered. */
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
  const { indices, scores, shape } = found;
  const { distance } = names;
  const arrays = [
    namedArray('indices', indices, shape),
    namedArray(distance ? 'distances' : 'scores', written(scores, distance), shape),
  ];
  if (rowNumbers) arrays.push(namedArray('rows', rowNumbers));
  await writeNpz(file, format, [...arrays, ...idArrays(names)], signal);
}

export function columnsOfTopK(names: ResultNames): Column[] {
  return [columnOfRows('row', names.rows), { name: 'rank', type: 'u4' }, columnOfRows('col', names.cols), scoreColumn(names)];
}

/** Rows turned into records at a time. */
const ROWS_AT_ONCE = 4096;

interface TopKBatch extends Batch {
  readonly columns: readonly [Uint32Array, Uint32Array, Uint32Array, TopKArrays['scores']];
}

export function* batchesOfTopK(
  { indices, scores, shape }: TopKArrays,
  rowNumbers: Uint32Array | undefined,
  { distance }: ResultNames,
): Generator<TopKBatch> {
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
      written(scores.subarray(start, start + length), distance),
    ] as const;
    yield { length, columns };
  }
}

function* edgesOf(batches: Iterable<TopKBatch>) {
  for (const {
    columns: [rows, , cols, scores],
  } of batches) {
    yield { rows, cols, scores };
  }
}
