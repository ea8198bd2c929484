// Connected components: rows that are joined by a chain of similar pairs. The pairs are forgotten as they come.

import type { PairsOrder, TilePairs } from '../backends/work.js';
import type { Collector } from '../epilogues/epilogue.js';
import { UnionFind } from '../epilogues/union-find.js';
import type { RowSource } from '../matrix/row-source.js';
import { copyUnitRow } from '../matrix/unit-rows.js';
import { type Group, Groups } from '../results.js';
import type { PairsProblem } from './pairs.js';
import { type Setting, startRun } from './setting.js';

export interface GroupsProblem extends PairsProblem {
  readonly minimumSize: number;
}

/** Means this close count as equal: beyond what rounding can tell apart. */
const EQUAL_MEANS = 1e-12;

export async function computeGroups(problem: GroupsProblem, setting: Setting): Promise<Groups> {
  const { x, threshold, minimumSize } = problem;
  const size = { bytes: 16 * x.rows, what: `the groups of ${x.rows} rows`, advice: 'Group a part of the rows at a time.' };
  const run = startRun(problem, { kind: 'pairs' }, size, setting);
  try {
    const joining = new Joining(x.rows, threshold);
    await run.whole(joining);
    const groups = await run.inTurns(describe(joining.sets.sets(minimumSize), x));
    return new Groups(groups, x.rows);
  } finally {
    run.release();
  }
}

class Joining implements Collector<PairsOrder> {
  readonly order: PairsOrder;
  readonly sets: UnionFind;

  constructor(rows: number, threshold: number) {
    this.order = { kind: 'pairs', threshold };
    this.sets = new UnionFind(rows);
  }

  receive(content: unknown): void {
    const { rows, cols } = content as TilePairs;
    for (let at = 0; at < rows.length; at++) this.sets.join(rows[at] as number, cols[at] as number);
  }
}

/** Groups with their representatives, largest first. Yields now and then. */
function* describe(sets: Uint32Array[], x: RowSource): Generator<void, Group[]> {
  const groups: Group[] = [];
  for (const rows of sets) {
    groups.push({ rows, size: rows.length, representative: yield* mostCentral(rows, x) });
  }
  return groups.sort((a, b) => b.size - a.size || (a.rows[0] as number) - (b.rows[0] as number));
}

/**
 * The row with the highest mean similarity to the others, in float64: of unit rows u with the sum s, the mean of u is
 * (u s - u u) / (n - 1), without a look at the single pairs. Of two rows it is the lower.
 */
function* mostCentral(rows: Uint32Array, x: RowSource): Generator<void, number> {
  if (rows.length < 3) return rows[0] as number;
  const unit = new Float64Array(x.depth);
  const sum = new Float64Array(x.depth);
  for (const row of rows) {
    copyUnitRow(x, row, unit);
    for (let k = 0; k < unit.length; k++) sum[k] = (sum[k] as number) + (unit[k] as number);
    yield;
  }
  let best = { row: rows[0] as number, mean: Number.NEGATIVE_INFINITY };
  for (const row of rows) {
    copyUnitRow(x, row, unit);
    let toAll = 0;
    let toItself = 0;
    for (let k = 0; k < unit.length; k++) {
      const value = unit[k] as number;
      toAll += value * (sum[k] as number);
      toItself += value * value;
    }
    const mean = (toAll - toItself) / (rows.length - 1);
    if (mean > best.mean + EQUAL_MEANS) best = { row, mean };
    yield;
  }
  return best.row;
}
