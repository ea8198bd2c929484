// Shared by the benchmarks: the backends to measure, and the checks of allpairs' own answers. Timing is the same as in `allpairs
// bench`.

import { type BackendName, cosineSimilaritySync, runtimeInfo } from 'allpairs';
import Table from 'cli-table3';
import pc from 'picocolors';
import type { Timed } from '../src/cli/interleaved-timing.js';
import { formatError, formatMs } from './format.js';
import type { RowBlock } from './methods.js';

export * from '../src/cli/interleaved-timing.js';

/** Largest error of float32 scores that the contract allows. */
export const FLOAT32_BOUND = 1e-6;
/** The plain float32 formula guarantees no bound; it stays within this one on random rows. */
export const RIVAL_BOUND = 5e-6;
/** Number of rows, spread over the matrix, whose scores are checked against float64. */
const CHECKED_ROWS = 8;

/** The backends that run here, without the oracle and duplicates under a longer name. */
export function backendsToMeasure(): BackendName[] {
  return runtimeInfo().backends.flatMap(({ name, available }) =>
    available && name !== 'reference' && !name.startsWith('native-') ? [name] : [],
  );
}

/** Some rows of the matrix of x with y in float64, for measuring errors. */
export class CheckedRows {
  readonly indices: readonly number[];
  /** Scores of each of `indices` with all rows of y. */
  readonly truth: readonly Float64Array[];

  constructor(
    x: RowBlock,
    private readonly y: RowBlock = x,
  ) {
    const [rows, depth] = x.shape;
    this.indices = Array.from({ length: Math.min(CHECKED_ROWS, rows) }, (_, i) => Math.floor((i * rows) / CHECKED_ROWS));
    const some = this.indices.map((i) => x.data.subarray(i * depth, (i + 1) * depth));
    const { data } = cosineSimilaritySync(some, y, { backend: 'reference', dtype: 'float64' });
    const cols = y.shape[0];
    this.truth = this.indices.map((_, i) => data.subarray(i * cols, (i + 1) * cols) as Float64Array);
  }

  /** Largest error of a whole matrix. */
  errorOfMatrix(scores: Float32Array | Float64Array): number {
    const cols = this.y.shape[0];
    return this.errorOfRows(this.indices.flatMap((i) => Array.from(scores.subarray(i * cols, (i + 1) * cols))));
  }

  /** Largest error of only the checked rows, one after another. */
  errorOfRows(scores: ArrayLike<number>): number {
    return largestError(
      this.truth.flatMap((row) => Array.from(row)),
      scores,
    );
  }
}

/** NaN if a score is missing or NaN, which no bound allows. */
export function largestError(truth: readonly number[], scores: ArrayLike<number>): number {
  return truth.reduce((worst, score, i) => Math.max(worst, Math.abs(score - (scores[i] as number))), 0);
}

/** Prints rows as a table, for benchmarks that are not part of the report; the baseline has ratio 1. */
export function printRows(title: string, rows: readonly Timed[]): void {
  const table = new Table({
    head: ['', 'median', 'quartiles', 'faster', 'GF/s', 'error', 'runs'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: ['dim'], border: ['dim'], compact: true },
  });
  for (const { name, medianMs, lowMs, highMs, ratio, gflops, error, samples } of rows) {
    const faster = ratio === undefined ? '' : `${ratio.toFixed(2)} x`;
    const quartiles = `${formatMs(lowMs)} .. ${formatMs(highMs)}`;
    table.push([name, formatMs(medianMs), quartiles, faster, gflops.toFixed(1), formatError(error), String(samples)]);
  }
  console.log(`\n${pc.bold(title)}\n${table}`);
}
