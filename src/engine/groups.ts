// Connected components: rows joined by chains of similar pairs. Pairs are forgotten as they arrive. What remains is the score at which
// rows join, so groups at higher thresholds need no pairs.

import type { Delivery, PairsOrder } from '../backends/work.js';
import type { Collector } from '../epilogues/epilogue.js';
import { JoinForest } from '../epilogues/join-forest.js';
import type { UnionFind } from '../epilogues/union-find.js';
import { ArgumentError } from '../errors.js';
import { type GroupsProblem, reordered } from '../problem.js';
import { productError } from '../pruning/bound.js';
import { Groups } from '../results.js';
import { restore } from './checkpoint.js';
import { bySize, describeGroups, settingFor } from './group-details.js';
import { amongRows, leftOf, needsOfGroups } from './groups-plan.js';
import { type Setting, startRun } from './setting.js';

export async function computeGroups(problem: GroupsProblem, setting: Setting): Promise<Groups> {
  const { x, dtype, threshold, keep, checkpoint } = problem;
  const run = startRun(problem, needsOfGroups(problem, setting), setting);
  const forest = new JoinForest(x.rows, dtype);
  const { parents, links } = forest;
  try {
    if (checkpoint?.saved) {
      const { arrays } = checkpoint.saved;
      restore(arrays, 'parents', parents);
      restore(arrays, 'links', links);
    }
    // Joining twice changes nothing, so an incomplete window does no harm.
    await run.whole(new Joining(forest, threshold), checkpoint, { arrays: () => ({ parents, links }) });
  } finally {
    run.release();
  }
  // The packed rows are released, so later steps may use their memory.
  const cut = keep === undefined ? undefined : cutFor(forest, keep);
  if (cut === undefined) return groupsOf(forest, forest.setsAt(Number.NEGATIVE_INFINITY), threshold, problem, setting);
  return groupsOf(forest, forest.setsAt(cut), Math.max(cut, threshold), problem, setting);
}

class Joining implements Collector<PairsOrder> {
  readonly order: PairsOrder;

  constructor(
    private readonly joined: { join(a: number, b: number, score: number): void },
    threshold: number,
  ) {
    this.order = { kind: 'pairs', threshold, below: Number.POSITIVE_INFINITY };
  }

  receive(delivery: Delivery): void {
    if (delivery.kind !== 'pairs') return;
    const { rows, cols, scores } = delivery.pairs;
    for (let at = 0; at < rows.length; at++) {
      this.joined.join(rows[at] as number, cols[at] as number, scores[at] as number);
    }
  }
}

/** Returns the highest score at which at most `keep` sets are left; undefined if there is none. */
function cutFor(forest: JoinForest, keep: number): number | undefined {
  const joins = forest.parents.length - keep;
  return joins <= 0 ? 1 : forest.joinScores()[joins - 1];
}

/** Returns the groups joined at a threshold. */
async function groupsOf(
  forest: JoinForest,
  sets: UnionFind,
  threshold: number,
  problem: GroupsProblem,
  setting: Setting,
): Promise<Groups> {
  const found = bySize(sets.sets(problem.minimumSize));
  const groups = await describeGroups(found, problem, leftOf(problem), setting);
  const later = { ...problem, signal: undefined, checkpoint: undefined };
  return new Groups(groups, problem.x.rows, threshold, (higher) => regroup(forest, higher, later, setting));
}

/** Returns the groups at another threshold, without computing pairs again. */
async function regroup(forest: JoinForest, threshold: number, problem: GroupsProblem, setting: Setting): Promise<Groups> {
  if (typeof threshold !== 'number' || !(threshold >= problem.threshold && threshold <= 1)) {
    throw new ArgumentError(
      'threshold',
      `expected a number from ${problem.threshold}, the threshold of the call, to 1, got ${typeof threshold === 'string' ? JSON.stringify(threshold) : threshold}`,
    );
  }
  return groupsOf(forest, await setsAtThreshold(forest, threshold, problem, setting), threshold, problem, setting);
}

/**
 * Returns the sets joined by pairs whose true cosines are at or above the threshold. Scores have rounding errors, so rows that join
 * close to the threshold are compared once more.
 */
async function setsAtThreshold(
  forest: JoinForest,
  threshold: number,
  problem: GroupsProblem,
  setting: Setting,
): Promise<UnionFind> {
  const error = productError(problem.dtype, problem.x.depth, setting.backend.depthBlock);
  const sets = forest.setsAt(threshold + error);
  const possible = forest.setsAt(threshold - error);
  const isOpen = new Uint8Array(problem.x.rows);
  for (let row = 0; row < isOpen.length; row++) {
    if (sets.find(row) !== sets.find(possible.find(row))) isOpen[possible.find(row)] = 1;
  }
  const rows = Uint32Array.from(isOpen.keys()).filter((row) => isOpen[possible.find(row)]);
  if (rows.length === 0) return sets;
  const { grouping, thresholds } = problem;
  const among = {
    ...amongRows(rows, { ...problem, threshold }, leftOf(problem)),
    grouping: grouping && { ...grouping, ...reordered(grouping, rows) },
    thresholds: thresholds && reordered(thresholds, rows),
  };
  const part = settingFor(among, setting);
  const joining = { join: (a: number, b: number) => sets.join(rows[a] as number, rows[b] as number) };
  const run = startRun(among, needsOfGroups(among, part), part);
  try {
    await run.whole(new Joining(joining, threshold));
  } finally {
    run.release();
  }
  return sets;
}
