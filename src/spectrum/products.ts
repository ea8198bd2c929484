// Computes products of rows with the backend, as cosines times both lengths.

import { cosinesBetween } from '../engine/cosines-between.js';
import type { Setting } from '../engine/setting.js';
import type { Problem } from '../problem.js';
import type { ScoreArray } from '../rows/dtype.js';
import { lengthsOf } from '../rows/row-lengths.js';

/**
 * Returns the dot products of the rows of a and b, both `depth` long, as a matrix with one row per row of a. `lengths` are the lengths
 * of b's rows, if known.
 */
export type Products = <A extends ScoreArray>(a: A, b: A, depth: number, lengths?: Float64Array) => Promise<A>;

/** Computes products with the threads and the signal of `problem`. */
export function productsBy(problem: Problem, setting: Setting): Products {
  const cosinesOf = cosinesBetween(problem, setting);
  return async <A extends ScoreArray>(a: A, b: A, depth: number, lengths?: Float64Array): Promise<A> => {
    const cosines = await cosinesOf(a, b, depth, a instanceof Float32Array ? 'float32' : 'float64');
    const ofRows = lengthsOf(a, depth);
    const ofCols = lengths ?? (a === b ? ofRows : lengthsOf(b, depth));
    for (const [row, length] of ofRows.entries()) {
      const from = row * ofCols.length;
      for (let col = 0; col < ofCols.length; col++)
        cosines[from + col] = (cosines[from + col] as number) * length * (ofCols[col] as number);
    }
    return cosines;
  };
}
