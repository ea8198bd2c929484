// Connected components: rows that are joined by a chain of similar pairs. The pairs are forgotten as they come.

import type { Delivery, PairsOrder } from '../backends/work.js';
import type { Collector } from '../epilogues/epilogue.js';
import { UnionFind } from '../epilogues/union-find.js';
import type { GroupsProblem } from '../problem.js';
import { type Group, Groups } from '../results.js';
import { restore } from './checkpoint.js';
import { findRepresentatives } from './representatives.js';
import { type Needs, type Setting, startRun } from './setting.js';

export async function computeGroups(problem: GroupsProblem, setting: Setting): Promise<Groups> {
  const { x, threshold, minimumSize, checkpoint } = problem;
  const run = startRun(problem, needsOfGroups(problem), setting);
  let sets: Uint32Array[];
  try {
    const joining = new Joining(x.rows, threshold);
    const { parents } = joining.sets;
    if (checkpoint?.saved) restore(checkpoint.saved.arrays, 'parents', parents);
    // Joining twice changes nothing, so an incomplete window does no harm.
    await run.whole(joining, checkpoint, { arrays: () => ({ parents }) });
    sets = joining.sets.sets(minimumSize);
  } finally {
    run.release();
  }
  // The packed rows are gone: what they took may go to sums.
  const representatives = await run.inTurns(findRepresentatives(sets, x, run.plan.bytes + run.plan.room));
  const groups = sets.map(
    (rows, at): Group => ({ rows: Array.from(rows), size: rows.length, representative: representatives[at] as number }),
  );
  groups.sort((a, b) => b.size - a.size || (a.rows[0] as number) - (b.rows[0] as number));
  return new Groups(groups, x.rows);
}

export function needsOfGroups({ x }: GroupsProblem): Needs {
  const { rows } = x;
  const size = { bytes: 28 * rows, what: `the groups of ${rows} rows`, advice: 'Group a part of the rows at a time.' };
  return { purpose: { kind: 'pairs' }, size };
}

class Joining implements Collector<PairsOrder> {
  readonly order: PairsOrder;
  readonly sets: UnionFind;

  constructor(rows: number, threshold: number) {
    this.order = { kind: 'pairs', threshold, below: Number.POSITIVE_INFINITY };
    this.sets = new UnionFind(rows);
  }

  receive(delivery: Delivery): void {
    if (delivery.kind !== 'pairs') return;
    const { rows, cols } = delivery.pairs;
    for (let at = 0; at < rows.length; at++) this.sets.join(rows[at] as number, cols[at] as number);
  }
}
