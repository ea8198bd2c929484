// Products of rows by the backend, which computes cosines: a cosine times both lengths.

import { computeDense } from '../engine/dense.js';
import type { Setting } from '../engine/setting.js';
import type { Problem } from '../problem.js';
import type { ScoreArray } from '../rows/dtype.js';
import { ContiguousRows } from '../rows/row-source.js';

/** The products of the rows of a with those of b, both `depth` long: a matrix with a row for each row of a. `lengths` are those of b, if known. */
export type Products = <A extends ScoreArray>(a: A, b: A, depth: number, lengths?: Float64Array) => Promise<A>;

/** Products on the threads of a call. The signal is that of `problem`. */
export function productsBy(problem: Problem, setting: Setting): Products {
  return async <A extends ScoreArray>(a: A, b: A, depth: number, lengths?: Float64Array): Promise<A> => {
    const x = new ContiguousRows(a, 0, a.length / depth, depth);
    const y = a === b ? undefined : new ContiguousRows(b, 0, b.length / depth, depth);
    const cosines = (await computeDense(
      {
        x,
        y,
        colArgument: 'y',
        rowIds: undefined,
        colIds: undefined,
        dtype: a instanceof Float32Array ? 'float32' : 'float64',
        rowStart: 0,
        rowEnd: x.rows,
        colStart: 0,
        out: undefined,
        threads: problem.threads,
        backend: problem.backend,
        zeroNonFinite: true,
        memoryBudget: Number.POSITIVE_INFINITY,
        signal: problem.signal,
        onProgress: undefined,
      },
      setting,
    )) as A;
    const ofRows = lengthsOf(a, depth);
    const ofCols = lengths ?? (y ? lengthsOf(b, depth) : ofRows);
    for (const [row, length] of ofRows.entries()) {
      const from = row * ofCols.length;
      for (let col = 0; col < ofCols.length; col++)
        cosines[from + col] = (cosines[from + col] as number) * length * (ofCols[col] as number);
    }
    return cosines;
  };
}

export function lengthsOf(matrix: ScoreArray, depth: number): Float64Array {
  const lengths = new Float64Array(matrix.length / depth);
  for (let row = 0, k = 0; row < lengths.length; row++) {
    let squares = 0;
    for (const end = k + depth; k < end; k++) squares += (matrix[k] as number) ** 2;
    lengths[row] = Math.sqrt(squares);
  }
  return lengths;
}
