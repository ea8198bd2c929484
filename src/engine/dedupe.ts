// Chooses the rows to keep so that no two of them are near-duplicates, and none is a near-duplicate of a row that is already kept.
//
// If the lower row is kept, pairs arrive by the row that would be kept. When the pairs of a row arrive, all earlier rows have been
// decided, so no pair has to be held. With priorities, pairs wait for a decision, up to a limit. Beyond it, the rows are sorted by
// priority and compared once more, which also holds no pairs. That is not the first choice, because similar rows are often neighbours,
// and other orders let pruning exclude fewer pairs.

import { UnionFind } from '../epilogues/union-find.js';
import type { DedupeProblem, PairsProblem } from '../problem.js';
import type { Computed, PairsBatch } from '../results.js';
import { type Decided, Decisions } from './decisions.js';
import { allRows, bytesHeld, pairsHeld, problemAgainst, problemWithin } from './dedupe-problems.js';
import { HeldPairs } from './held-pairs.js';
import { JoinedProgress } from './joined-progress.js';
import { computeListed } from './paired.js';
import { requireBytes } from './plan.js';
import { findRepresentatives } from './representatives.js';
import type { Setting } from './setting.js';
import { inTurns } from './turns.js';

/** `streamPairs` with the right setting for each problem. */
export type StreamPairs = (problem: PairsProblem) => Promise<AsyncIterable<Computed<PairsBatch>>>;

export async function computeDedupe(problem: DedupeProblem, setting: Setting, stream: StreamPairs): Promise<Decided> {
  const { x, method } = problem;
  const size = {
    bytes: bytesHeld(problem),
    what: `the state of ${x.rows} rows`,
    advice: 'Process a part of the rows at a time.',
  };
  requireBytes(size.bytes, size, problem, setting.platform.memoryBytes());
  const found = new Decisions(problem);
  const progress = new JoinedProgress(problem);
  const againstRows = problemAgainst(problem);
  if (againstRows) {
    for await (const { rows, cols, scores } of await stream(progress.ofNext(againstRows))) {
      for (let at = 0; at < rows.length; at++) {
        found.drop(rows[at] as number, cols[at] as number, scores[at] as number, 'against');
      }
    }
  }
  if (method === 'greedy') await keepGreedily(problem, found, progress, stream);
  else await keepOfComponents(problem, found, progress, setting, stream);
  return found.result();
}

function leftOf(problem: DedupeProblem): number {
  return Math.max(1, problem.memoryBudget - bytesHeld(problem));
}

/** Keeps, in order of priority, each row that is not a near-duplicate of a row kept before. */
async function keepGreedily(
  problem: DedupeProblem,
  found: Decisions,
  progress: JoinedProgress,
  stream: StreamPairs,
): Promise<void> {
  const order = orderOf(problem, found);
  if (!isAscending(order) && (await keepWithHeldPairs(problem, order, found, progress, stream))) return;
  const isWhole = order.length === problem.x.rows && isAscending(order);
  for await (const batch of await stream(progress.ofNext(problemWithin(problem, isWhole ? undefined : order)))) {
    for (let at = 0; at < batch.rows.length; at++) {
      const keeper = order[batch.rows[at] as number] as number;
      if (found.isKept(keeper)) {
        found.drop(order[batch.cols[at] as number] as number, keeper, batch.scores[at] as number, 'x');
      }
    }
  }
}

/** Does the same in the original order of the rows. Returns false without deciding anything if too many pairs would have to be held. */
async function keepWithHeldPairs(
  problem: DedupeProblem,
  order: Uint32Array,
  found: Decisions,
  progress: JoinedProgress,
  stream: StreamPairs,
): Promise<boolean> {
  const { x, dtype } = problem;
  const lying = order.slice().sort();
  const ranks = new Uint32Array(x.rows);
  for (const [rank, row] of order.entries()) ranks[row] = rank;
  const held = new HeldPairs(x.rows, pairsHeld(problem), dtype);
  const within = problemWithin(problem, lying.length === x.rows ? undefined : lying);
  for await (const { rows: firsts, cols, scores } of await stream(progress.ofNext(within))) {
    for (let at = 0; at < firsts.length; at++) {
      const a = lying[firsts[at] as number] as number;
      const b = lying[cols[at] as number] as number;
      const isFirst = (ranks[a] as number) < (ranks[b] as number);
      if (!held.add(isFirst ? a : b, isFirst ? b : a, scores[at] as number)) return false;
    }
  }
  for (const keeper of order) {
    if (found.isKept(keeper)) held.each(keeper, (row, score) => found.drop(row, keeper, score, 'x'));
  }
  return true;
}

/** Returns the rows that are not dropped yet, highest priority first. */
function orderOf({ x, priority }: DedupeProblem, found: Decisions): Uint32Array {
  const order = allRows(x).filter((row) => found.isKept(row));
  return priority ? order.sort((a, b) => compare(priority, a, b)) : order;
}

function isAscending(rows: Uint32Array): boolean {
  return rows.every((row, at) => at === 0 || row > (rows[at - 1] as number));
}

/** Negative if row a takes precedence over row b. */
function compare(priority: NonNullable<DedupeProblem['priority']>, a: number, b: number): number {
  const [ofA, ofB] = [priority[a] as number, priority[b] as number];
  return ofA > ofB ? -1 : ofA < ofB ? 1 : a - b;
}

/** Keeps one row of each component, and none of a component with a near-duplicate of a row that is already kept. */
async function keepOfComponents(
  problem: DedupeProblem,
  found: Decisions,
  progress: JoinedProgress,
  setting: Setting,
  stream: StreamPairs,
): Promise<void> {
  const { x, y = x, priority, signal } = problem;
  const joined = new UnionFind(x.rows);
  for await (const { rows, cols } of await stream(progress.ofNext(problemWithin(problem)))) {
    for (let at = 0; at < rows.length; at++) joined.join(rows[at] as number, cols[at] as number);
  }
  const sets = joined.sets(2);
  const free = sets.filter((rows) => rows.every((row) => found.isKept(row)));
  const keepers = priority
    ? free.map((rows) => rows.reduce((best, row) => (compare(priority, row, best) < 0 ? row : best)))
    : await inTurns(setting.platform, signal, findRepresentatives(free, x, leftOf(problem)));
  const ofX = new ChainedRows();
  for (const [at, rows] of free.entries()) ofX.add(rows, keepers[at] as number, (row) => row !== keepers[at]);
  const ofAgainst = new ChainedRows();
  for (const rows of sets) {
    const [nearest] = rows.filter((row) => !found.isKept(row)).sort((a, b) => found.scoreOf(b) - found.scoreOf(a) || a - b);
    if (nearest !== undefined) ofAgainst.add(rows, found.keeperOf(nearest), (row) => found.isKept(row));
  }
  for (const [chained, source] of [
    [ofX, 'x'],
    [ofAgainst, 'against'],
  ] as const) {
    const [rows, keepers] = [Uint32Array.from(chained.rows), Uint32Array.from(chained.keepers)];
    const scores = await computeListed(problem, source === 'x' ? x : y, rows, keepers, leftOf(problem), setting);
    for (const [at, row] of chained.rows.entries()) {
      found.drop(row, chained.keepers[at] as number, scores[at] as number, source);
    }
  }
}

/** Chains connect these rows to the row they are dropped for, so their own score with it may be below the threshold. */
class ChainedRows {
  readonly rows: number[] = [];
  readonly keepers: number[] = [];

  add(rows: Uint32Array, keeper: number, isDropped: (row: number) => boolean): void {
    for (const row of rows) {
      if (!isDropped(row)) continue;
      this.rows.push(row);
      this.keepers.push(keeper);
    }
  }
}
