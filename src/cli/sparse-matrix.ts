// Writes sparse matrices in compressed rows, which scipy.sparse.load_npz reads.

import type { PairArrays } from '../cluster/merge/pairs-buffer.js';
import { MemoryError, type ScoreArray } from '../index.js';
import type { AtomicFile } from '../io/bytes/atomic-file.js';
import { type NamedArray, namedArray, writeNpz } from '../io/rows/npz-file.js';
import type { GraphSides } from './graph.js';
import { idArrays } from './id-arrays.js';
import type { ResultNames } from './result-names.js';
import { written } from './scores.js';
import { listsOf, type TopKArrays } from './topk-arrays.js';

/** Entry i of row r has column indices[i], for i from starts[r] to before starts[r + 1]. The columns of a row ascend. */
interface SparseMatrix {
  readonly shape: readonly [rows: number, cols: number];
  readonly starts: Int32Array;
  readonly indices: Uint32Array;
  readonly data: ScoreArray;
}

/** How a sparse matrix is written. */
export interface SparseOptions {
  readonly sides: GraphSides;
  /** True if each entry is written on both sides of the diagonal. */
  readonly symmetric: boolean;
  readonly names: ResultNames;
  /** The maximum number of bytes that it may take in memory. */
  readonly memory: number | undefined;
  readonly signal: AbortSignal;
}

/** Indices are signed 32-bit integers, and a .npz with more entries would be too large anyway. */
const MAX_ENTRIES = 2 ** 29;
const MAX_INDEX = 2 ** 31 - 1;

/** Writes pairs that arrive by (row, col); `read` starts from the beginning each time. */
export async function writeSparsePairs(
  file: AtomicFile,
  name: string,
  read: () => AsyncIterable<PairArrays>,
  options: SparseOptions,
): Promise<void> {
  const { symmetric, signal } = options;
  const shape = shapeOf(options);
  const counts = new Uint32Array(shape[0]);
  let pairs = 0;
  for await (const { rows, cols } of read()) {
    signal.throwIfAborted();
    pairs += rows.length;
    checkEntries(name, symmetric ? 2 * pairs : pairs);
    for (const row of rows) counts[row] = (counts[row] as number) + 1;
    if (symmetric) for (const col of cols) counts[col] = (counts[col] as number) + 1;
  }
  const starts = startsOf(counts);
  if (symmetric) return writeSparse(file, name, await bothTriangles(read, starts, shape, pairs, options), options);
  const { distance, score } = options.names;
  const arrays = [
    { name: 'indices', type: 'i4' as const, shape: [pairs], content: () => bytesOfEach(read, ({ cols }) => cols) },
    { name: 'data', type: score, shape: [pairs], content: () => bytesOfEach(read, ({ scores }) => written(scores, distance)) },
  ];
  await writeArrays(file, name, arrays, starts, shape, options);
}

/** Writes the k best of each row. `rowNumbers` are the row numbers in the input, if some rows were left out. */
export async function writeSparseTopK(
  file: AtomicFile,
  name: string,
  found: TopKArrays,
  rowNumbers: Uint32Array | undefined,
  options: SparseOptions,
): Promise<void> {
  const [rows, k] = found.shape;
  checkEntries(name, options.symmetric ? 2 * rows * k : rows * k);
  const shape = shapeOf(options);
  const counts = new Uint32Array(shape[0]);
  const indices = new Uint32Array(rows * k);
  const data = found.scores.slice();
  let place = 0;
  let row = 0;
  for (const [start, end] of listsOf(found)) {
    counts[rowNumbers?.[row] ?? row] = end - start;
    row++;
    const order = Array.from({ length: end - start }, (_, j) => start + j);
    for (const at of order.sort((a, b) => (found.indices[a] as number) - (found.indices[b] as number))) {
      indices[place] = found.indices[at] as number;
      data[place++] = found.scores[at] as number;
    }
  }
  const matrix = { shape, starts: startsOf(counts), indices: indices.subarray(0, place), data: data.subarray(0, place) };
  await writeSparse(file, name, options.symmetric ? united(matrix, options) : matrix, options);
}

/** Writes each pair of different rows at (row, col) and at (col, row). They arrive by (row, col), so the columns of each row ascend. */
async function bothTriangles(
  read: () => AsyncIterable<PairArrays>,
  starts: Int32Array,
  shape: SparseMatrix['shape'],
  pairs: number,
  options: SparseOptions,
): Promise<SparseMatrix> {
  const { indices, data } = allocate(2 * pairs, options);
  const next = starts.slice(0, -1);
  const add = (row: number, col: number, score: number) => {
    const at = next[row] as number;
    next[row] = at + 1;
    indices[at] = col;
    data[at] = score;
  };
  // Below the diagonal first: in every row these entries precede its own pairs, but not in every batch.
  for await (const { rows, cols, scores } of read()) {
    options.signal.throwIfAborted();
    for (let at = 0; at < rows.length; at++) add(cols[at] as number, rows[at] as number, scores[at] as number);
  }
  for await (const { rows, cols, scores } of read()) {
    options.signal.throwIfAborted();
    for (let at = 0; at < rows.length; at++) add(rows[at] as number, cols[at] as number, scores[at] as number);
  }
  return { shape, starts, indices, data };
}

/** Returns the entries of a square matrix or of its transpose; if both have one, their scores are the same. */
function united(matrix: SparseMatrix, options: SparseOptions): SparseMatrix {
  const transpose = transposed(matrix, options);
  const { starts, shape } = matrix;
  const counts = new Uint32Array(shape[0]);
  const { indices, data } = allocate(2 * matrix.indices.length, options);
  let length = 0;
  for (let row = 0; row < shape[0]; row++) {
    const before = length;
    let [a, b] = [starts[row] as number, transpose.starts[row] as number];
    const [endA, endB] = [starts[row + 1] as number, transpose.starts[row + 1] as number];
    while (a < endA || b < endB) {
      const colA = a < endA ? (matrix.indices[a] as number) : Number.POSITIVE_INFINITY;
      const colB = b < endB ? (transpose.indices[b] as number) : Number.POSITIVE_INFINITY;
      const scores = [
        colA <= colB ? (matrix.data[a] as number) : Number.NEGATIVE_INFINITY,
        colB <= colA ? (transpose.data[b] as number) : Number.NEGATIVE_INFINITY,
      ];
      indices[length] = Math.min(colA, colB);
      data[length++] = Math.max(...scores);
      if (colA <= colB) a++;
      if (colB <= colA) b++;
    }
    counts[row] = length - before;
  }
  return { shape, starts: startsOf(counts), indices: indices.subarray(0, length), data: data.subarray(0, length) };
}

function transposed({ shape, starts, indices, data }: SparseMatrix, options: SparseOptions): SparseMatrix {
  const counts = new Uint32Array(shape[1]);
  for (const col of indices) counts[col] = (counts[col] as number) + 1;
  const turned = { shape: [shape[1], shape[0]] as const, starts: startsOf(counts), ...allocate(indices.length, options) };
  const next = turned.starts.slice(0, -1);
  for (let row = 0; row < shape[0]; row++) {
    for (let at = starts[row] as number; at < (starts[row + 1] as number); at++) {
      const col = indices[at] as number;
      const place = next[col] as number;
      next[col] = place + 1;
      turned.indices[place] = row;
      turned.data[place] = data[at] as number;
    }
  }
  return turned;
}

function writeSparse(file: AtomicFile, name: string, matrix: SparseMatrix, options: SparseOptions): Promise<void> {
  const { indices, data, starts, shape } = matrix;
  const { buffer, byteOffset, length } = indices;
  const arrays = [
    namedArray('indices', new Int32Array(buffer, byteOffset, length)),
    namedArray('data', written(data, options.names.distance)),
  ];
  return writeArrays(file, name, arrays, starts, shape, options);
}

async function writeArrays(
  file: AtomicFile,
  name: string,
  arrays: readonly NamedArray[],
  starts: Int32Array,
  shape: SparseMatrix['shape'],
  { names, signal }: SparseOptions,
): Promise<void> {
  const format: NamedArray = { name: 'format', type: 'S3', shape: [], content: () => [Buffer.from('csr')] };
  const own = [...arrays, namedArray('indptr', starts), format, namedArray('shape', BigInt64Array.from(shape, BigInt))];
  await writeNpz(file, name, [...own, ...idArrays(names)], signal);
}

function startsOf(counts: Uint32Array): Int32Array {
  const starts = new Int32Array(counts.length + 1);
  for (const [row, count] of counts.entries()) starts[row + 1] = (starts[row] as number) + count;
  return starts;
}

function shapeOf({ sides: { rows, cols } }: SparseOptions): readonly [number, number] {
  const shape = [rows.count, (cols ?? rows).count] as const;
  const most = Math.max(...shape);
  if (most > MAX_INDEX) throw new MemoryError(4 * most, `a sparse matrix of ${most} rows or columns does not fit in a .npz`);
  return shape;
}

function checkEntries(name: string, entries: number): void {
  if (entries <= MAX_ENTRIES) return;
  throw new MemoryError(
    8 * entries,
    `${name}: ${entries} entries do not fit in a .npz. Raise the threshold, or write .parquet`,
  );
}

function allocate(length: number, { names, memory }: SparseOptions): { indices: Uint32Array; data: ScoreArray } {
  const bytes = length * (4 + Number(names.score[1]));
  if (memory !== undefined && bytes > memory) {
    throw new MemoryError(
      bytes,
      `a symmetric graph of ${length} entries takes ${bytes} bytes in memory; leave --symmetric out`,
    );
  }
  return {
    indices: new Uint32Array(length),
    data: names.score === 'f8' ? new Float64Array(length) : new Float32Array(length),
  };
}

async function* bytesOfEach(
  read: () => AsyncIterable<PairArrays>,
  arrayOf: (pairs: PairArrays) => Uint32Array | ScoreArray,
): AsyncGenerator<Uint8Array> {
  for await (const pairs of read()) {
    const { buffer, byteOffset, byteLength } = arrayOf(pairs);
    yield new Uint8Array(buffer, byteOffset, byteLength);
  }
}
