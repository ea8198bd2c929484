// Decides whether a call excludes pairs with sketches, and with which ones. A sample of its rows shows how many pairs sketches of each
// depth would leave and what they would cost.

import type { PruningCosts, SketchDepths, Sketching } from '../backends/backend.js';
import { isPairOf } from '../backends/row-marks.js';
import { type Cosines, cosinesBetween } from '../engine/cosines-between.js';
import type { Setting } from '../engine/setting.js';
import { type BestPairsProblem, type PairsProblem, type Problem, productsOf, type TopKProblem } from '../problem.js';
import { boundErrors, productError } from './bound.js';
import { findDirections, skewOf } from './directions.js';
import { expectedBounds } from './expected-bounds.js';
import { SAMPLE_ROWS } from './longest-sketches.js';
import { sampledNumbers, sampleRows } from './sample.js';
import { survivingFractions } from './survivors.js';

/** Rows whose pairs give a lower bound for the best pairs. */
const BEST_PAIRS_ROWS = 512;
/** Rows and directions for a quick first check. */
const FEW_ROWS = 128;
const FEW_DIRECTIONS = 15;
/** Rows whose pairs show how many survive. */
const TEST_ROWS = 256;

/** Smallest predicted speedup that is worth the risk. */
const LEAST_GAIN = 1.2;

/** Chooses sketches for pairs at a threshold; undefined if computing every pair is as fast. */
export function chooseSketching(
  problem: PairsProblem,
  setting: Setting,
  longest: SketchDepths,
): Promise<Sketching | undefined> {
  return chooseUniform(problem, setting, longest, problem.threshold);
}

/** Chooses sketches for top-k lists, whose bounds rise during the call; undefined if computing every pair is as fast. */
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
  // In a self-comparison either row may list the pair, so the lower of both bounds counts. With a y, only rows of x have lists.
  const thresholds = (y ? EVENLY : OF_TRIANGLE)
    .map(boundsAt)
    .map((bounds) => (a: number, b: number) => Math.min((y ? 1 : bounds[a]) as number, bounds[b] as number));
  return sketchFor(problem, setting, longest, test, thresholds, 'verifyingOfLists');
}

/**
 * How much of the rows the lists have seen at four points of the call, with equal work between them. A triangle makes faster progress
 * at first.
 */
const EVENLY = [1 / 8, 3 / 8, 5 / 8, 7 / 8];
const OF_TRIANGLE = EVENLY.map((done) => 1 - Math.sqrt(1 - done));

/** Sketches for the best `count` pairs, and a cosine that all of these reach. */
export interface BestSketching {
  readonly sketching: Sketching;
  readonly lowest: number;
}

/** Chooses sketches for the best pairs; undefined if computing every pair is as fast. */
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
  // The sampled pairs are a subset of all, so there are `count` pairs with at least this cosine, up to the errors of both.
  const lowest = (scores[scores.length - count] as number) - error;
  const rank = Math.min(scores.length, Math.max(1, Math.round((count * pairsIn(sample, depth)) / productsOf(problem))));
  const expected = scores[scores.length - rank] as number;
  if (lowest <= -1) return undefined;
  const sketching = await chooseUniform(problem, setting, longest, Math.max(lowest, expected));
  return sketching && { sketching, lowest };
}

/** Chooses sketches if every pair has the same `threshold`. */
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

/** The lowest cosine that matters for a pair of sampled rows. */
type PairThreshold = (a: number, b: number) => number;

/** Rows of x, and of y if there is a y. */
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
 * Checks with few directions and few rows whether sketches could exclude a typical pair. No direction holds more length than the ones
 * before it, so many directions hold at most as much as this extrapolation from the last one. If a typical pair still survives, as for
 * random rows, too many do.
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

/** Each of `thresholds` applies to an equal part of the work. */
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
  const { [verifying]: costOfVerifying, narrowing, comparing } = setting.backend.pruningCosts as PruningCosts;
  const depths = cheapest(fractions, longest, problem, { narrowing, comparing, verifying: costOfVerifying });
  if (!depths) return undefined;
  const count = Math.max(depths.short, depths.long) - 1;
  const directions = found.subarray(0, count * depth);
  const stored = dtype === 'float32' ? new Float32Array(directions) : directions.slice();
  const skew = await skewOf(new Float64Array(stored), depth, cosines);
  return { depths, directions: stored, ...boundErrors(dtype, depth, depthBlock, count, skew) };
}

/**
 * Returns the sketches with the lowest cost, given the fraction of pairs that sketches of each depth leave in each of several parts of
 * the work; undefined if the gain is too small.
 */
function cheapest(
  parts: readonly ReadonlyMap<number, number>[],
  longest: SketchDepths,
  problem: Problem,
  { narrowing, comparing: ofBound, verifying }: Pick<PruningCosts, 'narrowing' | 'comparing' | 'verifying'>,
): SketchDepths | undefined {
  const { x, y } = problem;
  const { depth } = x;
  const sketches = [...(parts[0] as ReadonlyMap<number, number>).keys()];
  /** Mean cost over the parts, as a function of the fraction that a sketch leaves. */
  const mean = (sketch: number, cost: (left: number) => number) =>
    parts.reduce((sum, part) => sum + cost(part.get(sketch) as number), 0) / parts.length;
  const verified = (sketch: number) => mean(sketch, (left) => Math.min(1, verifying * left));
  // Cost per pair of multiplying rows with one direction.
  const making = (x.rows + (y?.rows ?? 0)) / productsOf(problem);
  let best: { cost: number; depths: SketchDepths } | undefined;
  const consider = (computing: number, short: number, long: number) => {
    const cost = computing + making * Math.max(short, long);
    if (!best || cost < best.cost) best = { cost, depths: { short, long } };
  };
  for (const short of sketches) {
    if (short > longest.short) continue;
    const comparing = (short + ofBound) / depth;
    consider(comparing + verified(short), short, 0);
    if (narrowing === undefined) continue;
    for (const long of sketches) {
      // Other depths take as long as the next multiple of 16.
      if (long <= short || long > longest.long || long % 16 !== 0) continue;
      consider(comparing + mean(short, (left) => (narrowing * left * long) / depth) + verified(long), short, long);
    }
  }
  return best && best.cost * LEAST_GAIN <= 1 ? best.depths : undefined;
}

/** Returns the number of pairs in a sample. */
function pairsIn({ x, y }: Sample, depth: number): number {
  const rows = x.length / depth;
  return y ? (rows * y.length) / depth : (rows * (rows - 1)) / 2;
}

/** Returns the cosines of those pairs of a sample that count. */
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

/** Returns whether two sampled rows, given by their index in the sample, count as a pair. */
function countingIn(
  { grouping }: Problem,
  rows: readonly number[],
  cols: readonly number[],
): (row: number, col: number) => boolean {
  if (!grouping) return () => true;
  const { kind, x, y = x } = grouping;
  return (row, col) => isPairOf(x[rows[row] as number], y[cols[col] as number], kind === 'within');
}

/** Computes cosines on the calling thread, before the call itself starts. */
function cosinesBy({ backend, signal }: Problem, setting: Setting): Cosines {
  return cosinesBetween({ backend, signal }, { ...setting, threads: undefined });
}

/** Splits rows into those with even and those with odd index. */
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
