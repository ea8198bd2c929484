// Describes groups: how similar their members are to the representative and to each other.

import type { GroupsProblem, Problem } from '../problem.js';
import type { Group } from '../results.js';
import type { ScoreArray } from '../rows/dtype.js';
import { amongRows } from './groups-plan.js';
import { computeHistogram } from './histogram.js';
import { computeListed } from './paired.js';
import { findRepresentatives } from './representatives.js';
import { isSmall } from './run.js';
import type { Setting } from './setting.js';
import { inTurns } from './turns.js';

/** Up to this size, all pairs of a set are listed; for larger sets the matrix is computed. */
const MAX_LISTED = 16;
/** Pairs listed at a time. */
const LISTED_AT_ONCE = 2 ** 15;

/** What is already known about the sets. */
export interface KnownOfSets {
  /** The representative of each set. */
  readonly representatives?: ArrayLike<number>;
  readonly lowestScores?: ArrayLike<number>;
}

/** Largest first, equal sizes by lowest row. */
export function bySize(sets: Uint32Array[]): Uint32Array[] {
  return sets.sort((a, b) => b.length - a.length || (a[0] as number) - (b[0] as number));
}

/** Creates groups from sets of rows, in the same order. */
export async function describeGroups(
  sets: readonly Uint32Array[],
  problem: GroupsProblem,
  memoryBudget: number,
  setting: Setting,
  known: KnownOfSets = {},
): Promise<Group[]> {
  const { x, explain, signal } = problem;
  const representatives =
    known.representatives ?? (await inTurns(setting.platform, signal, findRepresentatives(sets, x, memoryBudget)));
  const scores = await scoresOf(sets, representatives, problem, memoryBudget, setting);
  const lowest = known.lowestScores ?? (explain ? await lowestScores(sets, problem, memoryBudget, setting) : undefined);
  let from = 0;
  return sets.map((rows, at) => {
    const own = scores.subarray(from, from + rows.length);
    from += rows.length;
    return {
      rows: Array.from(rows),
      size: rows.length,
      representative: representatives[at] as number,
      scores: Array.from(own),
      ...(lowest && { lowestScore: lowest[at] as number }),
    };
  });
}

/** Returns the scores of all members with their representative, set by set. */
function scoresOf(
  sets: readonly Uint32Array[],
  representatives: ArrayLike<number>,
  problem: Problem,
  memoryBudget: number,
  setting: Setting,
): Promise<ScoreArray> {
  const count = sets.reduce((sum, { length }) => sum + length, 0);
  const members = new Uint32Array(count);
  const centres = new Uint32Array(count);
  let at = 0;
  for (const [set, rows] of sets.entries()) {
    members.set(rows, at);
    centres.fill(representatives[set] as number, at, at + rows.length);
    at += rows.length;
  }
  return computeListed(problem, problem.x, members, centres, memoryBudget, setting);
}

/** Returns the lowest score within each set; NaN for a set of one row. */
async function lowestScores(
  sets: readonly Uint32Array[],
  problem: Problem,
  memoryBudget: number,
  setting: Setting,
): Promise<Float64Array> {
  const lowest = new Float64Array(sets.length).fill(Number.NaN);
  let listed = new ListedPairs();
  const compute = async () => {
    const { rows, cols, sets: ofPairs } = listed;
    listed = new ListedPairs();
    const [ofRows, ofCols] = [Uint32Array.from(rows), Uint32Array.from(cols)];
    const scores = await computeListed(problem, problem.x, ofRows, ofCols, memoryBudget, setting);
    for (const [at, set] of ofPairs.entries()) {
      const score = scores[at] as number;
      if (!((lowest[set] as number) <= score)) lowest[set] = score;
    }
  };
  for (const [set, rows] of sets.entries()) {
    if (rows.length > MAX_LISTED) {
      lowest[set] = await lowestOfMany(rows, problem, memoryBudget, setting);
      continue;
    }
    listed.add(rows, set);
    if (listed.rows.length >= LISTED_AT_ONCE) await compute();
  }
  if (listed.rows.length > 0) await compute();
  return lowest;
}

/** Yields pairs of members with the index of their set. */
class ListedPairs {
  readonly rows: number[] = [];
  readonly cols: number[] = [];
  readonly sets: number[] = [];

  add(members: Uint32Array, set: number): void {
    for (let i = 0; i < members.length; i++) {
      for (let j = i + 1; j < members.length; j++) {
        this.rows.push(members[i] as number);
        this.cols.push(members[j] as number);
        this.sets.push(set);
      }
    }
  }
}

/** The minimum of a histogram with one bin. */
async function lowestOfMany(rows: Uint32Array, problem: Problem, memoryBudget: number, setting: Setting): Promise<number> {
  const among = amongRows(rows, problem, memoryBudget);
  const { minimum } = await computeHistogram({ ...among, bins: 1, checkpoint: undefined }, settingFor(among, setting));
  return minimum;
}

/** The setting for a part of a problem in which every pair is computed. */
export function settingFor(part: Problem, { backend, platform, threads }: Setting): Setting {
  return { backend, platform, threads: isSmall(part, backend) ? undefined : threads };
}
