// Whether a call excludes pairs by sketches, and by which: a sample of its rows tells how many pairs sketches of a few depths would
// leave, and what that would take.

import type { PruningCosts, SketchDepths, Sketching } from '../backends/backend.js';
import { isPairOf } from '../backends/row-marks.js';
import { computeDense } from '../engine/dense.js';
import type { Setting } from '../engine/setting.js';
import { type BestPairsProblem, type PairsProblem, type Problem, productsOf, type TopKProblem } from '../problem.js';
import type { DType } from '../rows/dtype.js';
import { ContiguousRows } from '../rows/row-source.js';
import { boundErrors, productError } from './bound.js';
import { type Cosines, findDirections, skewOf } from './directions.js';
import { expectedBounds } from './expected-bounds.js';
import { SAMPLE_ROWS } from './longest-sketches.js';
import { sampledNumbers, sampleRows } from './sample.js';
import { survivingFractions } from './survivors.js';

/** Rows whose pairs tell what the best pairs reach at least. */
const BEST_PAIRS_ROWS = 512;
/** Rows, and directions, for a first, quick look. */
const FEW_ROWS = 128;
const FEW_DIRECTIONS = 15;
/** Rows whose pairs tell how many are left. */
const TEST_ROWS = 256;

/** The least gain that is worth a risk. */
const LEAST_GAIN = 1.2;
/** What comparing the bound of a pair takes, in elements of its sketch. */
const COMPARING_COST = 15;

/** Undefined where computing every pair is as fast. */
export function chooseSketching(
  problem: PairsProblem,
  setting: Setting,
  longest: SketchDepths,
): Promise<Sketching | undefined> {
  return chooseUniform(problem, setting, longest, problem.threshold);
}

/** For the lists of each row, which are filled as the call goes on; undefined where computing every pair is as fast. */
export async function chooseTopKSketching(
  problem: TopKProblem,
  setting: Setting,
  longest: SketchDepths,
): Promise<Sketching | undefined> {
  const { x, y, k } = problem;
  const test = await takeSample(problem, TEST_ROWS);
  const others = await sampleRows(y ?? x, SAMPLE_ROWS);
  const cosines = await cosinesBy(problem, setting)(test.x, others, x.depth, 'float32');
  const count = others.length / x.depth;
  const counts = countingIn(problem, sampledNumbers(x, y ? TEST_ROWS / 2 : TEST_ROWS), sampledNumbers(y ?? x, SAMPLE_ROWS));
  for (let at = 0; at < cosines.length; at++) if (!counts(Math.floor(at / count), at % count)) cosines[at] = -1;
  const boundsAt = (done: number) => expectedBounds(cosines, count, Math.min(1, k / (y ?? x).rows / done));
  const last = boundsAt(1);
  const mean = last.reduce((sum, bound) => sum + bound, 0) / last.length;
  if (!(await isPromising(problem, setting, longest, mean))) return undefined;
  // A pair is looked for by both of its rows, but by none of y.
  const thresholds = (y ? EVENLY : OF_TRIANGLE)
    .map(boundsAt)
    .map((bounds) => (a: number, b: number) => Math.min((y ? 1 : bounds[a]) as number, bounds[b] as number));
  return sketchFor(problem, setting, longest, test, thresholds, 'verifyingOfLists');
}

/** How much of their rows lists have seen, at times between which a call computes as much; of a triangle that is more at first. */
const EVENLY = [1 / 8, 3 / 8, 5 / 8, 7 / 8];
const OF_TRIANGLE = EVENLY.map((done) => 1 - Math.sqrt(1 - done));

/** Sketches for a call that looks for the best `count` pairs, and a cosine that all of these reach. */
export interface BestSketching {
  readonly sketching: Sketching;
  readonly lowest: number;
}

/** Undefined where computing every pair is as fast. */
export async function chooseBestSketching(
  problem: BestPairsProblem,
  setting: Setting,
  longest: SketchDepths,
): Promise<BestSketching | undefined> {
  const { count, below } = problem;
  const { depth } = problem.x;
  const sample = await takeSample(problem, BEST_PAIRS_ROWS);
  const cosines = await cosinesBy(problem, setting)(sample.x, sample.y ?? sample.x, depth, 'float32');
  const error = 4 * productError('float32', depth, setting.backend.depthBlock);
  const all = pairsOfSample(problem, sample, cosines);
  const scores = all.filter((score) => score < below - error);
  if (count > scores.length) return undefined;
  scores.sort();
  // These pairs are some of all that count: there are `count` with at least this cosine, but for the errors of both.
  const lowest = (scores[scores.length - count] as number) - error;
  const rank = Math.min(scores.length, Math.max(1, Math.round((count * pairsIn(sample, depth)) / productsOf(problem))));
  const expected = scores[scores.length - rank] as number;
  if (lowest <= -1) return undefined;
  const sketching = await chooseUniform(problem, setting, longest, Math.max(lowest, expected));
  return sketching && { sketching, lowest };
}

/** Where one `threshold` is the least cosine that matters, of whichever pair. */
async function chooseUniform(
  problem: Problem,
  setting: Setting,
  longest: SketchDepths,
  threshold: number,
): Promise<Sketching | undefined> {
  if (!(await isPromising(problem, setting, longest, threshold))) return undefined;
  const test = await takeSample(problem, TEST_ROWS);
  return sketchFor(problem, setting, longest, test, [() => threshold], 'verifying');
}

/** The least cosine that matters of a pair of sampled rows. */
type PairThreshold = (a: number, b: number) => number;

/** Rows of x, and of y where it is given. */
interface Sample {
  readonly x: Float32Array;
  readonly y: Float32Array | undefined;
}

async function takeSample({ x, y }: Problem, rows: number): Promise<Sample> {
  return y
    ? { x: await sampleRows(x, rows / 2), y: await sampleRows(y, rows / 2) }
    : { x: await sampleRows(x, rows), y: undefined };
}

/**
 * Whether sketches could exclude a typical pair, by few directions of few rows. No direction holds more than those before it, so that
 * many hold at most as much as the last of few: where even then a typical pair stays in, so do too many, as of random rows.
 */
async function isPromising(problem: Problem, setting: Setting, longest: SketchDepths, threshold: number): Promise<boolean> {
  const { depth } = problem.x;
  const [known, other] = halves(together(await takeSample(problem, FEW_ROWS)), depth);
  const cosines = cosinesBy(problem, setting);
  const found = await findDirections(known, depth, FEW_DIRECTIONS, cosines);
  const count = found.length / depth;
  if (count < FEW_DIRECTIONS) return true;
  const coordinates = await cosines(other, new Float32Array(found), depth, 'float32');
  const held = new Float64Array(count);
  for (let at = 0; at < coordinates.length; at++)
    held[at % count] = (held[at % count] as number) + (coordinates[at] as number) ** 2;
  const all = coordinates.length / count;
  const ofFew = held.reduce((sum, square) => sum + square, 0) / all;
  const ofLast = (held[count - 1] as number) / all;
  return 1 - ofFew - (Math.max(longest.short, longest.long) - 1 - count) * ofLast < threshold;
}

/** `thresholds`: of pairs, each for as much of the work. */
async function sketchFor(
  problem: Problem,
  setting: Setting,
  longest: SketchDepths,
  test: Sample,
  thresholds: readonly PairThreshold[],
  verifying: 'verifying' | 'verifyingOfLists',
): Promise<Sketching | undefined> {
  const { dtype } = problem;
  const { depth } = problem.x;
  const { depthBlock } = setting.backend;
  const training = await takeSample(problem, SAMPLE_ROWS);
  const cosines = cosinesBy(problem, setting);
  const found = await findDirections(together(training), depth, Math.max(longest.short, longest.long) - 1, cosines);
  const coordinates = await cosines(together(test), new Float32Array(found), depth, 'float32');
  const rowsOfX = test.y && test.x.length / depth;
  const fractions = thresholds.map((of) => survivingFractions(coordinates, found.length / depth, rowsOfX, of));
  const { [verifying]: costOfVerifying, narrowing } = setting.backend.pruningCosts as PruningCosts;
  const depths = cheapest(fractions, longest, problem, { narrowing, verifying: costOfVerifying });
  if (!depths) return undefined;
  const count = Math.max(depths.short, depths.long) - 1;
  const directions = found.subarray(0, count * depth);
  const stored = dtype === 'float32' ? new Float32Array(directions) : directions.slice();
  const skew = await skewOf(new Float64Array(stored), depth, cosines);
  return { depths, directions: stored, ...boundErrors(dtype, depth, depthBlock, count, skew) };
}

/**
 * The sketches by which a call takes the least time, by the fractions of pairs that those of each depth leave, for each of several parts of the
 * work; undefined where it gains little.
 */
function cheapest(
  parts: readonly ReadonlyMap<number, number>[],
  longest: SketchDepths,
  problem: Problem,
  { narrowing, verifying }: Pick<PruningCosts, 'narrowing' | 'verifying'>,
): SketchDepths | undefined {
  const { x, y } = problem;
  const { depth } = x;
  const sketches = [...(parts[0] as ReadonlyMap<number, number>).keys()];
  /** Of what a part costs by what sketches of a depth leave. */
  const mean = (sketch: number, cost: (left: number) => number) =>
    parts.reduce((sum, part) => sum + cost(part.get(sketch) as number), 0) / parts.length;
  const verified = (sketch: number) => mean(sketch, (left) => Math.min(1, verifying * left));
  // The products of a row with a direction, for each pair.
  const making = (x.rows + (y?.rows ?? 0)) / productsOf(problem);
  let best: { cost: number; depths: SketchDepths } | undefined;
  const consider = (computing: number, short: number, long: number) => {
    const cost = computing + making * Math.max(short, long);
    if (!best || cost < best.cost) best = { cost, depths: { short, long } };
  };
  for (const short of sketches) {
    if (short > longest.short) continue;
    const comparing = (short + COMPARING_COST) / depth;
    consider(comparing + verified(short), short, 0);
    if (narrowing === undefined) continue;
    for (const long of sketches) {
      // Odd ends take as long as whole vectors.
      if (long <= short || long > longest.long || long % 16 !== 0) continue;
      consider(comparing + mean(short, (left) => (narrowing * left * long) / depth) + verified(long), short, long);
    }
  }
  return best && best.cost * LEAST_GAIN <= 1 ? best.depths : undefined;
}

/** How many pairs a sample has. */
function pairsIn({ x, y }: Sample, depth: number): number {
  const rows = x.length / depth;
  return y ? (rows * y.length) / depth : (rows * (rows - 1)) / 2;
}

/** The cosines of those pairs of a sample that count. */
function pairsOfSample(problem: Problem, sample: Sample, cosines: Float32Array): Float32Array {
  const { depth } = problem.x;
  const rows = sample.x.length / depth;
  const cols = (sample.y ?? sample.x).length / depth;
  const numbers = sampledNumbers(problem.x, rows);
  const counts = countingIn(problem, numbers, problem.y ? sampledNumbers(problem.y, cols) : numbers);
  const found = new Float32Array(pairsIn(sample, depth));
  const isUsed = (of: Float32Array, row: number) =>
    problem.zeroRows !== 'exclude' || of.subarray(row * depth, (row + 1) * depth).some((value) => value !== 0);
  const rowsUsed = Array.from({ length: rows }, (_, row) => isUsed(sample.x, row));
  const colsUsed = sample.y ? Array.from({ length: cols }, (_, col) => isUsed(sample.y as Float32Array, col)) : rowsUsed;
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < (sample.y ? cols : row); col++) {
      if (rowsUsed[row] && colsUsed[col] && counts(row, col)) found[at++] = cosines[row * cols + col] as number;
    }
  }
  return found.subarray(0, at);
}

/** Whether two rows of samples, which have these numbers among all, count as a pair. */
function countingIn(
  { grouping }: Problem,
  rows: readonly number[],
  cols: readonly number[],
): (row: number, col: number) => boolean {
  if (!grouping) return () => true;
  const { kind, x, y = x } = grouping;
  return (row, col) => isPairOf(x[rows[row] as number], y[cols[col] as number], kind === 'within');
}

/** The backend's own products, for a call that has not begun. */
function cosinesBy({ backend, signal }: Problem, setting: Setting): Cosines {
  return async <A extends Float32Array | Float64Array>(a: A, b: A, depth: number, dtype: DType) => {
    const x = new ContiguousRows(a, 0, a.length / depth, depth);
    const y = a === b ? undefined : new ContiguousRows(b, 0, b.length / depth, depth);
    const problem: Problem = {
      x,
      y,
      colArgument: 'y',
      rowIds: undefined,
      colIds: undefined,
      dtype,
      rowStart: 0,
      rowEnd: x.rows,
      colStart: 0,
      out: undefined,
      threads: undefined,
      backend,
      zeroNonFinite: true,
      memoryBudget: Number.POSITIVE_INFINITY,
      signal,
      onProgress: undefined,
    };
    return (await computeDense(problem, { ...setting, threads: undefined })) as A;
  };
}

/** Every other row, and the rest. */
function halves(rows: Float32Array, depth: number): [Float32Array, Float32Array] {
  const half = Math.floor(rows.length / depth / 2);
  const take = (first: number) => {
    const some = new Float32Array(half * depth);
    for (let at = 0; at < half; at++)
      some.set(rows.subarray((2 * at + first) * depth, (2 * at + first + 1) * depth), at * depth);
    return some;
  };
  return [take(0), take(1)];
}

function together({ x, y }: Sample): Float32Array {
  if (!y) return x;
  const both = new Float32Array(x.length + y.length);
  both.set(x);
  both.set(y, x.length);
  return both;
}
