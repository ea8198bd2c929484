// Checks whether the cosines of rows can be trusted, with one pass over all rows, and with the neighbours, directions and scores of
// samples. No step grows with the square of the number of rows beyond MAX_NEIGHBOUR_ROWS.

import { computeHistogram } from '../engine/histogram.js';
import { requireBytes } from '../engine/plan.js';
import { feedBytes, RowFeed } from '../engine/row-feed.js';
import type { Setting } from '../engine/setting.js';
import { inTurns } from '../engine/turns.js';
import { type Problem, productsOf, type TopKProblem } from '../problem.js';
import { sampleRows } from '../pruning/sample.js';
import type { Computed, Health, Histogram, TopK } from '../results.js';
import { listRows } from '../rows/listed-rows.js';
import type { AnyRows } from '../rows/stored-rows.js';
import { TransformedRows } from '../rows/transformed-rows.js';
import { applyOf } from '../spectrum/apply.js';
import { productsBy } from '../spectrum/products.js';
import { findingsOf, verdictOf } from './findings.js';
import { fractionKept, type Hubness, hubnessOf } from './neighbours.js';
import { evenly, HealthProblems, listed, MAX_CHANGED_ROWS, QUERIES, SCORE_ROWS } from './problems.js';
import { type Survey, survey, surveyBytes } from './survey.js';
import { permuteColumns, quantile, suggestThreshold } from './threshold.js';
import { findVariance, type Variance, varianceBytes, varianceRows } from './variance.js';

/** Largest number of rows whose neighbours are found among each other. */
const MAX_NEIGHBOUR_ROWS = 16_384;
/** Elements between two turns of the event loop. */
const STEP_ELEMENTS = 2 ** 16;

/** The calls that `computeHealth` uses. */
export interface HealthCalls {
  readonly settingOf: (problem: Problem) => Promise<Setting>;
  readonly topK: (problem: TopKProblem) => Promise<Computed<TopK>>;
}

export async function computeHealth(problem: Problem, calls: HealthCalls): Promise<Health> {
  const { x, signal } = problem;
  const { rows, depth } = x;
  const setting = await calls.settingOf(problem);
  const { platform } = setting;
  const step = Math.max(1, Math.floor(STEP_ELEMENTS / (depth + 1)));
  const held = surveyBytes(rows, depth);
  const ofVariance = varianceBytes(varianceRows(Math.min(rows, MAX_NEIGHBOUR_ROWS), depth), depth);
  const ofScores = 3 * 4 * Math.min(rows, SCORE_ROWS) * depth;
  const bytes = held + feedBytes(x, step) + Math.max(ofVariance, ofScores);
  const size = { bytes, what: `the statistics of ${rows} rows`, advice: 'Check a sample of the rows.' };
  requireBytes(bytes, size, problem, platform.memoryBytes());
  const besides = held + Math.max(ofVariance, ofScores);
  const within = { ...problem, memoryBudget: Math.max(1, problem.memoryBudget - besides), onProgress: undefined };
  // As if every row had a direction: how many do is known only after all of them were read.
  const lacking = await new HealthProblems(within, listed(x, MAX_NEIGHBOUR_ROWS)).bytesLacking(calls.settingOf);
  if (lacking !== undefined) requireBytes(besides + lacking, size, problem, platform.memoryBytes());
  const surveyed = await inTurns(platform, signal, survey(new RowFeed(x, 'x', step)));
  const { directed } = surveyed;
  const numbers = evenly(directed, MAX_NEIGHBOUR_ROWS);
  const some = numbers.length === rows ? x : listRows(x, numbers);
  const work = new HealthWork(within, some, surveyed, calls, setting);
  const found = await work.whole(problem.onProgress);
  const { hubness, scores, variance } = found;
  const id = (row: number) => problem.rowIds?.[row];
  const hubs = hubness.hubs.map(({ row, count }) => {
    const number = numbers[row] as number;
    return { row: number, ...(problem.rowIds && { id: id(number) as string }), count };
  });
  const figures = {
    rows,
    depth,
    zeroRows: surveyed.zeroRows,
    nonFiniteRows: surveyed.nonFiniteRows,
    duplicateRows: surveyed.duplicateRows,
    norms: surveyed.norms,
    unitNorm: isUnit(surveyed),
    normScoreCorrelation: isUnit(surveyed) ? Number.NaN : variance.normScoreCorrelation,
    meanScore: meanScoreOf(surveyed),
    scores,
    effectiveRank: variance.effectiveRank,
    varianceInFirst: variance.inFirst,
    varianceInFirstTen: variance.inFirstTen,
    hubnessSkew: hubness.skew,
    hubs,
    neverNeighbours: hubness.never,
    neighboursKeptCentred: found.keptCentred,
    componentsRemoved: found.componentsRemoved,
    neighboursKeptWithoutComponents: found.keptWithoutComponents,
    suggestedThreshold: found.threshold,
    sampled: {
      neighbourRows: some.rows,
      changedRows: Math.min(some.rows, MAX_CHANGED_ROWS),
      queryRows: Math.min(some.rows, QUERIES),
      varianceRows: varianceRows(some.rows, depth),
      scoreRows: Math.min(some.rows, SCORE_ROWS),
    },
  };
  const findings = findingsOf(figures);
  return { verdict: verdictOf(findings), ...figures, findings };
}

interface Found {
  readonly hubness: Hubness;
  readonly variance: Variance;
  readonly scores: Health['scores'];
  readonly threshold: number;
  readonly keptCentred: number;
  readonly componentsRemoved: number;
  readonly keptWithoutComponents: number;
}

const NO_VARIANCE: Variance = {
  effectiveRank: Number.NaN,
  inFirst: Number.NaN,
  inFirstTen: Number.NaN,
  directions: new Float64Array(0),
  normScoreCorrelation: Number.NaN,
};
const NOTHING: Found = {
  hubness: { skew: Number.NaN, hubs: [], never: 0 },
  variance: NO_VARIANCE,
  scores: { low: Number.NaN, median: Number.NaN, high: Number.NaN },
  threshold: Number.NaN,
  keptCentred: Number.NaN,
  componentsRemoved: 0,
  keptWithoutComponents: Number.NaN,
};

/** Runs the calls of which a health check consists, one after another. */
class HealthWork {
  private readonly problems: HealthProblems;
  private done = 0;

  /** All `rows` have a direction. */
  constructor(
    private readonly problem: Problem,
    private readonly rows: AnyRows,
    private readonly surveyed: Survey,
    private readonly calls: HealthCalls,
    private readonly setting: Setting,
  ) {
    this.problems = new HealthProblems(problem, rows);
  }

  async whole(onProgress: Problem['onProgress']): Promise<Found> {
    const { rows, setting, problem, problems } = this;
    if (rows.rows < 3) return NOTHING;
    const { others, queries, k } = problems;
    const nearest = problems.neighbours();
    const each = productsOf(problems.changed());
    const total = productsOf(nearest) + 3 * each;
    const report = (done: number) => onProgress?.({ done: this.done + done, total });
    // Finding the directions takes one thread of JavaScript, which is idle while others find the neighbours.
    const [lists, variance] = await bothOf(
      this.calls.topK({ ...nearest, onProgress: onProgress && (({ done }) => report(done)) }),
      inTurns(setting.platform, problem.signal, this.variance()),
    );
    this.done = productsOf(nearest);
    const hubness = hubnessOf(lists.indices, rows.rows);
    const { depth } = rows;
    const none = new Float64Array(0);
    const mean = this.surveyed.mean;
    const usable = mean.every(Number.isFinite);
    const listsAfter = async (components?: Float64Array) => {
      const changed = components && new TransformedRows(others, applyOf({ mean, components }), problem.dtype, problem.signal);
      const { indices } = await this.calls.topK(problems.changed(changed));
      this.done += each;
      report(0);
      return indices;
    };
    const before = await listsAfter();
    const keptWith = async (components: Float64Array) => fractionKept(queries, before, await listsAfter(components), k);
    const keptCentred = usable ? await keptWith(none) : Number.NaN;
    const componentsRemoved = usable ? variance.directions.length / depth : 0;
    const keptWithoutComponents = componentsRemoved > 0 ? await keptWith(variance.directions) : Number.NaN;
    return { hubness, variance, keptCentred, componentsRemoved, keptWithoutComponents, ...(await this.scores()) };
  }

  private *variance() {
    const { rows, problem, setting, surveyed } = this;
    const { depth } = rows;
    const some = listed(rows, varianceRows(rows.rows, depth));
    const scale = 2 ** -Math.floor(Math.log2(surveyed.norms.maximum));
    const sums = { unitSum: surveyed.unitSum, count: surveyed.directed.length };
    return yield* findVariance(some, componentsOf(depth), scale, sums, productsBy(problem, setting));
  }

  /** Finds the distribution of the scores, and the threshold above which they exceed chance. */
  private async scores(): Promise<Pick<Found, 'scores' | 'threshold'>> {
    const { rows, problem } = this;
    const sample = await sampleRows(rows, SCORE_ROWS);
    problem.signal?.throwIfAborted();
    const found = await this.histogramOf(sample);
    const byChance = await this.histogramOf(permuteColumns(sample, rows.depth));
    const { edges, atOrAbove } = found;
    const at = (fraction: number) => quantile(edges, atOrAbove, fraction);
    return {
      scores: { low: at(0.01), median: at(0.5), high: at(0.99) },
      threshold: suggestThreshold(edges, atOrAbove, byChance.atOrAbove),
    };
  }

  private histogramOf(sample: Float32Array): Promise<Histogram> {
    return computeHistogram(this.problems.scores(sample), this.setting);
  }
}

/** Returns both results once both promises have settled, so that neither continues after the other has failed. */
async function bothOf<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return Promise.all([a, b]);
}

/** A hundredth of the depth, as All-but-the-Top recommends. */
function componentsOf(depth: number): number {
  return Math.min(depth - 1, Math.max(1, Math.round(depth / 100)));
}

/** Returns whether every row has length 1, up to the rounding of 16-bit numbers. */
function isUnit({ norms }: Survey): boolean {
  return Math.abs(norms.minimum - 1) < 1e-3 && Math.abs(norms.maximum - 1) < 1e-3;
}

/** Mean score of all pairs of different rows: (s·s - n) / (n (n - 1)), where s is the sum of the unit rows. */
function meanScoreOf({ unitSum, directed }: Survey): number {
  const count = directed.length;
  if (count < 2) return Number.NaN;
  let squares = 0;
  for (const value of unitSum) squares += value * value;
  return Math.max(-1, Math.min(1, (squares - count) / (count * (count - 1))));
}
