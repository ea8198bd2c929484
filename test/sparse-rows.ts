// Sparse rows for tests in SciPy's terms, and the same rows as dense ones.

import type { SparseRows } from 'allpairs';
import { randomSource } from './random.js';

export interface Sparse extends SparseRows {
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  readonly data: Float32Array | Float64Array | Int32Array;
  readonly shape: [number, number];
}

export type StoredElement = readonly [col: number, value: number];

type Elements = new (values: number[]) => Sparse['data'];

/** Rows of stored elements in any order. */
export function sparseOf(
  rows: readonly (readonly StoredElement[])[],
  depth: number,
  elements: Elements = Float32Array,
): Sparse {
  const indptr = new Int32Array(rows.length + 1);
  for (const [row, stored] of rows.entries()) indptr[row + 1] = (indptr[row] as number) + stored.length;
  const all = rows.flat();
  return {
    indptr,
    indices: Int32Array.from(all, ([col]) => col),
    data: new elements(all.map(([, value]) => value)),
    shape: [rows.length, depth],
  };
}

/** Sums of the stored elements; float32 elements are added in float32, as in SciPy. */
export function denseOf({ indptr, indices, data, shape }: Sparse): { data: Float64Array; shape: [number, number] } {
  const [rows, depth] = shape;
  const round = data instanceof Float32Array ? Math.fround : (value: number) => value;
  const dense = new Float64Array(rows * depth);
  for (let row = 0; row < rows; row++) {
    for (let at = indptr[row] as number; at < (indptr[row + 1] as number); at++) {
      const place = row * depth + (indices[at] as number);
      dense[place] = round((dense[place] as number) + (data[at] as number));
    }
  }
  return { data: dense, shape };
}

/** Each element is stored with a given probability; `value` creates it. */
export function randomSparse(
  rows: number,
  depth: number,
  density: number,
  seed: number,
  elements: Elements = Float32Array,
  value: (random: () => number) => number = (random) => random() + random() + random() - 1.5,
): Sparse {
  const random = randomSource(seed);
  const stored = Array.from({ length: rows }, () => {
    const row: StoredElement[] = [];
    for (let col = 0; col < depth; col++) if (random() < density) row.push([col, value(random)]);
    return row;
  });
  return sparseOf(stored, depth, elements);
}

/** Like bags of words: few columns occur in most rows, most columns in few, with integer or weighted counts. */
export function zipfSparse(
  rows: number,
  depth: number,
  words: number,
  seed: number,
  elements: Elements = Float32Array,
): Sparse {
  const random = randomSource(seed);
  const stored = Array.from({ length: rows }, () => {
    const row: StoredElement[] = [];
    const length = 1 + Math.floor(random() * words);
    for (let word = 0; word < length; word++) {
      const col = Math.min(depth - 1, Math.floor(depth ** random()) - 1);
      row.push([col, elements === Int32Array ? 1 + Math.floor(3 * random()) : 1 + Math.log(1 + col)]);
    }
    return row;
  });
  return sparseOf(stored, depth, elements);
}
