// Computes products of rows with the backend, as cosines times both lengths.

import { computeDense } from '../engine/dense.js';
import type { Setting } from '../engine/setting.js';
import type { Problem } from '../problem.js';
import type { ScoreArray } from '../rows/dtype.js';
import { lengthsOf } from '../rows/row-lengths.js';
import { ContiguousRows } from '../rows/row-source.js';

/**
 * Returns the dot products of the rows of a and b, both `depth` long, as a matrix with one row per row of a. `lengths` are the lengths
 * of b's rows, if known.
 */
export type Products = <A extends ScoreArray>(a: A, b: A, depth: number, lengths?: Float64Array) => Promise<A>;

/** Computes products with the threads and the signal of `problem`. */
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
