// Orders rows by a hierarchical clustering, so that similar ones are neighbours: average linkage by nearest-neighbour chains (Murtagh 1983;
// Müllner 2011, arXiv 1109.2378) in N²/2 time and memory. At each join, the halves are turned so that their most similar ends touch
// (Gruvaeus and Wainer 1972). Scores are held in 16 bits, so joins are accurate to about 1e-4.

import { decodeScore, encodeScore } from './pyramid.js';

/** For more rows, the scores would take more than 400 MB. */
export const MAX_CLUSTERED = 20_000;
/** So many rows are clustered in under a second. */
export const CLUSTERED_AT_ONCE = 2_000;

/** Scores of all pairs of different rows, two bytes each. */
export class PairScores {
  private readonly codes: Uint16Array;
  /** The pair (i, j) with i < j is at starts[i] + j. */
  private readonly starts: Float64Array;

  constructor(readonly rows: number) {
    this.codes = new Uint16Array((rows * (rows - 1)) / 2);
    this.starts = Float64Array.from({ length: rows }, (_, i) => (i * (2 * rows - i - 1)) / 2 - i - 1);
  }

  get(i: number, j: number): number {
    return this.codes[i < j ? (this.starts[i] as number) + j : (this.starts[j] as number) + i] as number;
  }

  /** Stores the scores of row i with the rows after it, starting at `from`. */
  fill(i: number, from: number, scores: ArrayLike<number>): void {
    const start = (this.starts[i] as number) + from;
    for (let at = Math.max(0, i + 1 - from); at < scores.length; at++) {
      this.codes[start + at] = encodeScore(scores[at] as number);
    }
  }

  /** Returns the first of `others`, which ascend, that is most similar to `row` if it is more similar than `best`; otherwise `nearest`. */
  nearest(row: number, others: Uint32Array, nearest: number, best: number): number {
    const { codes, starts } = this;
    let found = nearest;
    let highest = best;
    let at = 0;
    for (; at < others.length; at++) {
      const other = others[at] as number;
      if (other >= row) break;
      const code = codes[(starts[other] as number) + row] as number;
      if (code > highest) {
        highest = code;
        found = other;
      }
    }
    const start = starts[row] as number;
    for (; at < others.length; at++) {
      const other = others[at] as number;
      const code = codes[start + other] as number;
      if (code > highest && other !== row) {
        highest = code;
        found = other;
      }
    }
    return found;
  }

  /** Gives `kept` the joint scores of both with all others: a mean in which its own have the weight `share`. */
  join(kept: number, gone: number, share: number, others: Uint32Array): void {
    const { codes, starts } = this;
    const [keptStart, goneStart] = [starts[kept] as number, starts[gone] as number];
    for (const other of others) {
      if (other === kept || other === gone) continue;
      const start = starts[other] as number;
      const keptAt = other < kept ? start + kept : keptStart + other;
      const goneAt = other < gone ? start + gone : goneStart + other;
      codes[keptAt] = share * (codes[keptAt] as number) + (1 - share) * (codes[goneAt] as number) + 0.5;
    }
  }
}

/** A clustering: its rows in order, and the whole tree as the scores between neighbours in this order. */
export interface Clustering {
  readonly order: Uint32Array<ArrayBuffer>;
  /** For each position but the last, the score at which the row there and the next one are in the same cluster. */
  readonly joins: Float32Array<ArrayBuffer>;
}

/** A cluster of several rows; with left = right = -1, a single row. */
interface Cluster {
  readonly left: number;
  readonly right: number;
  /** Its rows at both ends. */
  readonly first: number;
  readonly last: number;
  /** The score at which its halves join, never higher than theirs. */
  readonly score: number;
  readonly leftTurned: boolean;
  readonly rightTurned: boolean;
}

/** The four scores between the ends of two clusters: [first-first, first-last, last-first, last-last]. */
export type EndScores = (a: readonly [number, number], b: readonly [number, number]) => ArrayLike<number>;

/**
 * Returns the clustering of the rows, and consumes `scores`.
 *
 * @param breathe called from time to time with the fraction of the work that is done
 */
export async function clusterOrder(
  scores: PairScores,
  endScores: EndScores,
  breathe: (done: number) => Promise<void>,
): Promise<Clustering> {
  const { rows } = scores;
  const clusters: Cluster[] = Array.from({ length: rows }, (_, row) => ({
    left: -1,
    right: -1,
    first: row,
    last: row,
    score: 1,
    leftTurned: false,
    rightTurned: false,
  }));
  if (rows === 0) return { order: new Uint32Array(), joins: new Float32Array() };
  const joining = new ClusterJoining(scores);
  const clusterOf = Uint32Array.from({ length: rows }, (_, row) => row);
  for (let joined = 1; joined < rows; joined++) {
    const [kept, gone, score] = joining.next();
    clusters.push(turn(clusters, clusterOf[kept] as number, clusterOf[gone] as number, score, endScores));
    clusterOf[kept] = clusters.length - 1;
    if (joined % 64 === 0) await breathe(1 - (1 - joined / rows) ** 2);
  }
  return leavesOf(clusters);
}

/** Determines which clusters join next, and their joint scores. One of its rows represents a cluster. */
class ClusterJoining {
  private readonly sizes: Float64Array;
  private readonly chain: number[] = [];
  /** Clusters that have not been joined, ascending. */
  private alive: Uint32Array;

  constructor(private readonly scores: PairScores) {
    this.sizes = new Float64Array(scores.rows).fill(1);
    this.alive = Uint32Array.from({ length: scores.rows }, (_, row) => row);
  }

  /** Joins two clusters that are each other's nearest. The first represents both from now on. */
  next(): readonly [kept: number, gone: number, score: number] {
    const { chain } = this;
    if (chain.length === 0) chain.push(this.alive[0] as number);
    for (;;) {
      const tip = chain.at(-1) as number;
      const before = chain.at(-2);
      const nearest = this.nearestOf(tip, before);
      if (nearest !== before) {
        chain.push(nearest);
        continue;
      }
      chain.length -= 2;
      const score = decodeScore(this.scores.get(tip, nearest));
      this.join(tip, nearest);
      return [tip, nearest, score];
    }
  }

  /** Of equal scores, prefers the previous cluster in the chain, so that the chain ends. */
  private nearestOf(tip: number, before: number | undefined): number {
    const best = before === undefined ? -1 : this.scores.get(tip, before);
    return this.scores.nearest(tip, this.alive, before ?? -1, best);
  }

  private join(kept: number, gone: number): void {
    const { scores, sizes, alive } = this;
    const size = (sizes[kept] as number) + (sizes[gone] as number);
    scores.join(kept, gone, (sizes[kept] as number) / size, alive);
    sizes[kept] = size;
    // Closes the gap that `gone` leaves.
    const at = alive.indexOf(gone);
    alive.copyWithin(at, at + 1);
    this.alive = alive.subarray(0, -1);
  }
}

/** Joins two clusters so that their most similar ends touch. */
function turn(clusters: readonly Cluster[], left: number, right: number, score: number, endScores: EndScores): Cluster {
  const a = clusters[left] as Cluster;
  const b = clusters[right] as Cluster;
  const scores = endScores([a.first, a.last], [b.first, b.last]);
  let best = 2;
  for (const way of [0, 1, 3]) if ((scores[way] as number) > (scores[best] as number)) best = way;
  // Ways 0 and 1 touch at the first row of the left cluster, so it is turned; ways 1 and 3 at the last row of the right one.
  const leftTurned = best < 2;
  const rightTurned = best % 2 === 1;
  return {
    left,
    right,
    first: leftTurned ? a.last : a.first,
    last: rightTurned ? b.first : b.last,
    // Rounding may put it above the scores of its halves.
    score: Math.min(score, a.score, b.score),
    leftTurned,
    rightTurned,
  };
}

/** Returns the rows below the last cluster from left to right, and the scores at which they join. */
function leavesOf(clusters: readonly Cluster[]): Clustering {
  const rows: number[] = [];
  const joins: number[] = [];
  type Half = readonly [cluster: number, turned: boolean];
  // A number is the score between two halves.
  const open: (Half | number)[] = [[clusters.length - 1, false]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next === 'number') {
      joins.push(next);
      continue;
    }
    const [number, turned] = next;
    const { left, right, first, score, leftTurned, rightTurned } = clusters[number] as Cluster;
    if (left < 0) {
      rows.push(first);
      continue;
    }
    const halves: [Half, Half] = [
      [left, turned !== leftTurned],
      [right, turned !== rightTurned],
    ];
    const [from, to] = turned ? [halves[1], halves[0]] : halves;
    // The last one pushed is popped first.
    open.push(to, score, from);
  }
  return { order: Uint32Array.from(rows), joins: Float32Array.from(joins) };
}
