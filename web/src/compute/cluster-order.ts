// Rows in the order of a hierarchical clustering, so that similar ones lie beside each other: average linkage by chains of
// nearest neighbours (Murtagh 1983; Müllner 2011, arXiv 1109.2378), time and memory N²/2, and for each join the turn of its
// halves whose touching ends are most similar (Gruvaeus and Wainer 1972). Scores are held in 16 bits: only the order counts.

import { encodeScore } from './pyramid.js';

/** Beyond this the scores would take more than 400 MB. */
export const MOST_CLUSTERED = 20_000;

/** Scores of all pairs of different rows, two bytes each. */
export class PairScores {
  private readonly codes: Uint16Array;

  constructor(readonly rows: number) {
    this.codes = new Uint16Array((rows * (rows - 1)) / 2);
  }

  /** Where the pair lies; i < j. Pairs of one i lie one after another. */
  private place(i: number, j: number): number {
    return (i * (2 * this.rows - i - 1)) / 2 + (j - i - 1);
  }

  get(i: number, j: number): number {
    return this.codes[i < j ? this.place(i, j) : this.place(j, i)] as number;
  }

  set(i: number, j: number, code: number): void {
    this.codes[i < j ? this.place(i, j) : this.place(j, i)] = code;
  }

  /** Takes the scores of row i with rows `from` on that come after it. */
  fill(i: number, from: number, scores: ArrayLike<number>): void {
    for (let at = Math.max(0, i + 1 - from), to = this.place(i, from + at); at < scores.length; at++, to++) {
      this.codes[to] = encodeScore(scores[at] as number);
    }
  }
}

/** A cluster of several rows, or with left = right = -1 a row. */
interface Cluster {
  readonly left: number;
  readonly right: number;
  /** Its rows at either end. */
  readonly first: number;
  readonly last: number;
  readonly leftTurned: boolean;
  readonly rightTurned: boolean;
}

/** The four scores of the ends of two clusters with each other: [first-first, first-last, last-first, last-last]. */
export type EndScores = (a: readonly [number, number], b: readonly [number, number]) => ArrayLike<number>;

/**
 * Rows in the order of their clustering. `scores` is used up.
 *
 * @param breathe called now and then with the share of the work that is done
 */
export async function clusterOrder(
  scores: PairScores,
  endScores: EndScores,
  breathe: (done: number) => Promise<void>,
): Promise<Uint32Array<ArrayBuffer>> {
  const { rows } = scores;
  const clusters: Cluster[] = Array.from({ length: rows }, (_, row) => ({
    left: -1,
    right: -1,
    first: row,
    last: row,
    leftTurned: false,
    rightTurned: false,
  }));
  if (rows === 0) return new Uint32Array();
  const joining = new Joining(scores);
  const clusterOf = Uint32Array.from({ length: rows }, (_, row) => row);
  for (let joined = 1; joined < rows; joined++) {
    const [kept, gone] = joining.next();
    clusters.push(turn(clusters, clusterOf[kept] as number, clusterOf[gone] as number, endScores));
    clusterOf[kept] = clusters.length - 1;
    if (joined % 64 === 0) await breathe(1 - (1 - joined / rows) ** 2);
  }
  return leavesOf(clusters);
}

/** Finds which clusters join next, and what their joint scores are. A cluster goes by one of its rows. */
class Joining {
  private readonly sizes: Float64Array;
  private readonly chain: number[] = [];
  /** Clusters that are not yet joined. */
  private readonly alive: Uint32Array;
  private aliveCount: number;

  constructor(private readonly scores: PairScores) {
    this.sizes = new Float64Array(scores.rows).fill(1);
    this.alive = Uint32Array.from({ length: scores.rows }, (_, row) => row);
    this.aliveCount = scores.rows;
  }

  /** Joins two that are each other's nearest. The first stands for both from now on. */
  next(): readonly [kept: number, gone: number] {
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
      this.join(tip, nearest);
      return [tip, nearest];
    }
  }

  /** Of equals the one before in the chain, so that the chain ends. */
  private nearestOf(tip: number, before: number | undefined): number {
    let nearest = before ?? -1;
    let best = before === undefined ? -1 : this.scores.get(tip, before);
    for (let at = 0; at < this.aliveCount; at++) {
      const other = this.alive[at] as number;
      if (other === tip) continue;
      const score = this.scores.get(tip, other);
      if (score > best) {
        best = score;
        nearest = other;
      }
    }
    return nearest;
  }

  private join(kept: number, gone: number): void {
    const { scores, sizes, alive } = this;
    const [sizeKept, sizeGone] = [sizes[kept] as number, sizes[gone] as number];
    const size = sizeKept + sizeGone;
    let write = 0;
    for (let at = 0; at < this.aliveCount; at++) {
      const other = alive[at] as number;
      if (other === gone) continue;
      alive[write++] = other;
      if (other === kept) continue;
      const joint = (sizeKept * scores.get(kept, other) + sizeGone * scores.get(gone, other)) / size;
      scores.set(kept, other, Math.round(joint));
    }
    this.aliveCount = write;
    sizes[kept] = size;
  }
}

/** Joins two clusters so that their most similar ends touch. */
function turn(clusters: readonly Cluster[], left: number, right: number, endScores: EndScores): Cluster {
  const a = clusters[left] as Cluster;
  const b = clusters[right] as Cluster;
  const scores = endScores([a.first, a.last], [b.first, b.last]);
  let best = 2;
  for (const way of [0, 1, 3]) if ((scores[way] as number) > (scores[best] as number)) best = way;
  // Ways 0 and 1 touch with the first row of the left, so that it is turned; 1 and 3 with the last of the right.
  const leftTurned = best < 2;
  const rightTurned = best % 2 === 1;
  return {
    left,
    right,
    first: leftTurned ? a.last : a.first,
    last: rightTurned ? b.first : b.last,
    leftTurned,
    rightTurned,
  };
}

/** The rows under the last cluster, from left to right. */
function leavesOf(clusters: readonly Cluster[]): Uint32Array<ArrayBuffer> {
  const rows: number[] = [];
  const open: [cluster: number, turned: boolean][] = [[clusters.length - 1, false]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [number, turned] = next;
    const { left, right, first, leftTurned, rightTurned } = clusters[number] as Cluster;
    if (left < 0) {
      rows.push(first);
      continue;
    }
    const halves: [number, boolean][] = [
      [left, turned !== leftTurned],
      [right, turned !== rightTurned],
    ];
    // The last put down is taken first.
    open.push(...(turned ? halves : halves.reverse()));
  }
  return Uint32Array.from(rows);
}
