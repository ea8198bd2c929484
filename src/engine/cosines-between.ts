// Computes cosines between rows that the engine or a module above it made itself, with the backend of a call.

import type { Problem } from '../problem.js';
import type { DType } from '../rows/dtype.js';
import { ContiguousRows } from '../rows/row-source.js';
import { computeDense } from './dense.js';
import type { Setting } from './setting.js';

/** Returns the cosines of the rows of a with the rows of b, both `depth` long, as a matrix with one row per row of a. */
export type Cosines = <A extends Float32Array | Float64Array>(a: A, b: A, depth: number, dtype: DType) => Promise<A>;

/** Computes cosines with the backend, or one that also computes float64 scores, and with the signal and the number of threads of `problem`. */
export function cosinesBetween({ backend, signal, threads }: Partial<Problem>, setting: Setting): Cosines {
  return async <A extends Float32Array | Float64Array>(a: A, b: A, depth: number, dtype: DType) => {
    const x = new ContiguousRows(a, 0, a.length / depth, depth);
    const problem: Problem = {
      x,
      y: a === b ? undefined : new ContiguousRows(b, 0, b.length / depth, depth),
      colArgument: 'y',
      rowIds: undefined,
      colIds: undefined,
      dtype,
      rowStart: 0,
      rowEnd: x.rows,
      colStart: 0,
      out: undefined,
      threads,
      backend,
      zeroNonFinite: true,
      memoryBudget: Number.POSITIVE_INFINITY,
      signal,
      onProgress: undefined,
    };
    const samplingBackend = (await setting.samplingBackend?.()) ?? setting.backend;
    return (await computeDense(problem, { ...setting, backend: samplingBackend })) as A;
  };
}
