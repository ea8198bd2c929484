// Hierarchical clustering with the result format of scipy's linkage. Average and complete linkage use nearest-neighbour chains (Murtagh
// 1983), single linkage a spanning tree (Prim). Needs N² / 2 scores, and visits each a few times. See Müllner, Modern hierarchical,
// agglomerative clustering algorithms, arXiv 1109.2378. Ties are ordered as in scipy.

import { MemoryError } from '../errors.js';
import type { LinkageProblem } from '../problem.js';
import { Dendrogram } from '../results.js';
import { CondensedScores, type JoinedScore } from './condensed-scores.js';
import { streamBlocks } from './dense-blocks.js';
import { blocksOf, condensedBytes, planLinkage, sizeOfLinkage, useOf } from './linkage-plan.js';
import { allocateResult, type Setting } from './setting.js';
import { inTurns, type Steps } from './turns.js';

export async function computeLinkage(problem: LinkageProblem, setting: Setting): Promise<Dendrogram> {
  const { x, method, signal, onProgress } = problem;
  // Throws before allocating anything if the call does not fit in memory.
  planLinkage(problem, setting);
  const total = 2 * x.rows ** 2;
  const scores = newCondensedScores(problem, setting);
  for await (const { row, col, matrix } of streamBlocks(blocksOf(problem), setting, useOf(problem))) {
    for (let i = 0; i < matrix.shape[0]; i++) scores.fill(row + i, col, matrix.row(i));
  }
  const report = (fraction: number) => onProgress?.({ done: Math.round(total * (0.5 + 0.5 * fraction)), total });
  const merges = new Merges(x.rows, report);
  const steps = method === 'single' ? bySpanningTree(scores, merges) : byChains(scores, merges, JOINED[method]);
  await inTurns(setting.platform, signal, steps);
  report(1);
  return new Dendrogram(merges.table(), x.rows);
}

/** Throws MemoryError if the runtime cannot create arrays of this length. */
function newCondensedScores(problem: LinkageProblem, setting: Setting): CondensedScores {
  const { x, dtype } = problem;
  const { bytes, what, advice } = sizeOfLinkage(problem);
  const buffer = allocateResult(condensedBytes(x.rows, dtype), setting, advice, false);
  try {
    return new CondensedScores(x.rows, buffer, dtype);
  } catch (cause) {
    throw new MemoryError(bytes, `this runtime has no array for ${what}.`, { advice, cause });
  }
}

const JOINED: Readonly<Record<'average' | 'complete', JoinedScore>> = {
  average: (scoreOfA, scoreOfB, a, b) => (a * scoreOfA + b * scoreOfB) / (a + b),
  complete: Math.min,
};

/**
 * Joins two clusters that are mutual nearest neighbours, until one is left. Ties go to the previous cluster in the chain, then to the
 * lowest, as in scipy.
 */
function* byChains(scores: CondensedScores, merges: Merges, joined: JoinedScore): Steps<void> {
  const chain: number[] = [];
  let sizes = new Uint32Array(scores.alive.length).fill(1);
  while (scores.alive.length > 1) {
    if (chain.length === 0) chain.push(scores.alive[0] as number);
    const tip = chain.at(-1) as number;
    const before = chain.at(-2);
    const least = before === undefined ? Number.NEGATIVE_INFINITY : scores.get(tip, before);
    const nearest = scores.nearest(tip, before ?? -1, least);
    yield;
    if (nearest !== before) {
      chain.push(nearest);
      continue;
    }
    chain.length -= 2;
    const [gone, kept] = tip < nearest ? [tip, nearest] : [nearest, tip];
    const [goneSize, keptSize] = [sizes[gone] as number, sizes[kept] as number];
    merges.add(scores.standIn(gone), scores.standIn(kept), least);
    scores.join(gone, kept, goneSize, keptSize, joined);
    sizes[kept] = goneSize + keptSize;
    if (scores.isSparse) {
      const { alive } = scores;
      sizes = alive.map((cluster) => sizes[cluster] as number);
      const numbers = yield* scores.shrink();
      for (let at = 0; at < chain.length; at++) chain[at] = numbers[chain[at] as number] as number;
    }
    yield;
  }
}

/** Adds the row that is most similar to a row of the tree, until all are in it. */
function* bySpanningTree(scores: CondensedScores, merges: Merges): Steps<void> {
  const { alive: rows } = scores;
  const best = new Float64Array(rows.length).fill(Number.NEGATIVE_INFINITY);
  const isIn = new Uint8Array(rows.length);
  let last = 0;
  for (let joined = 1; joined < rows.length; joined++) {
    isIn[last] = 1;
    let next = -1;
    let highest = Number.NEGATIVE_INFINITY;
    for (let row = 0; row < rows.length; row++) {
      if (isIn[row]) continue;
      const score = Math.max(best[row] as number, scores.get(last, row));
      best[row] = score;
      if (score > highest) {
        highest = score;
        next = row;
      }
    }
    merges.add(last, next, highest);
    last = next;
    yield;
  }
}

/** Merges in the order in which they are found; each cluster is identified by one of its rows. */
class Merges {
  private readonly rows: Uint32Array;
  private readonly others: Uint32Array;
  private readonly heights: Float64Array;
  private count = 0;

  constructor(
    private readonly leaves: number,
    private readonly report: (fraction: number) => void,
  ) {
    const most = Math.max(0, leaves - 1);
    this.rows = new Uint32Array(most);
    this.others = new Uint32Array(most);
    this.heights = new Float64Array(most);
  }

  add(row: number, other: number, score: number): void {
    this.rows[this.count] = row;
    this.others[this.count] = other;
    this.heights[this.count++] = Math.max(0, 1 - score);
    if (this.count % REPORTED_AT_ONCE === 0) this.report(1 - (1 - this.count / this.leaves) ** 2);
  }

  /** Returns the merges in scipy's format: by height, with the lower cluster number first, and the size. */
  table(): Float64Array {
    const { leaves, heights } = this;
    const table = new Float64Array(4 * heights.length);
    const order = Uint32Array.from(heights.keys()).sort((a, b) => (heights[a] as number) - (heights[b] as number) || a - b);
    const clusters = new Clusters(leaves);
    for (const [at, merge] of order.entries()) {
      const a = clusters.of(this.rows[merge] as number);
      const b = clusters.of(this.others[merge] as number);
      table.set([Math.min(a, b), Math.max(a, b), heights[merge] as number, clusters.join(a, b)], 4 * at);
    }
    return table;
  }
}

const REPORTED_AT_ONCE = 64;

/** The cluster of each row. Rows have the first numbers, and each merge gets the next one. */
class Clusters {
  private readonly parents: Uint32Array;
  private readonly sizes: Uint32Array;

  constructor(private next: number) {
    const most = Math.max(0, 2 * next - 1);
    this.parents = Uint32Array.from({ length: most }, (_, cluster) => cluster);
    this.sizes = new Uint32Array(most).fill(1);
  }

  of(row: number): number {
    const { parents } = this;
    let at = row;
    while (parents[at] !== at) {
      parents[at] = parents[parents[at] as number] as number;
      at = parents[at] as number;
    }
    return at;
  }

  /** Joins two clusters and returns their combined size. */
  join(a: number, b: number): number {
    const size = (this.sizes[a] as number) + (this.sizes[b] as number);
    this.parents[a] = this.next;
    this.parents[b] = this.next;
    this.sizes[this.next++] = size;
    return size;
  }
}
