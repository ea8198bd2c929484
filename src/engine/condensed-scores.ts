// Scores of all pairs of clusters, each once: row i of a triangle holds those with j > i. As clusters join, the triangle shrinks in
// place. Once float64 fits in the same memory, scores become float64, so that means of many scores are hardly ever rounded to float32.

import { type DType, elementBytes, type ScoreArray, viewScores } from '../rows/dtype.js';
import { pairsOf } from './linkage-plan.js';
import type { Steps } from './turns.js';

/** The triangle shrinks when this fraction of its rows is left: float64 then fits in the memory of float32. */
const SHRINK_FRACTION = Math.SQRT1_2;

/** Rows moved, and scores converted to float64, between two turns of the event loop. */
const ROWS_AT_ONCE = 16;
const SCORES_AT_ONCE = 2 ** 17;

/** Returns the score with a third cluster after clusters of `a` and `b` rows have joined. */
export type JoinedScore = (scoreOfA: number, scoreOfB: number, a: number, b: number) => number;

export class CondensedScores {
  /** The remaining clusters in ascending order, as rows of the triangle. */
  alive: Uint32Array;
  private scores: ScoreArray;
  /** The pair (i, j) with i < j is at starts[i] + j. */
  private starts: Float64Array;
  /** The row of x that represents each row of the triangle. */
  private standIns: Uint32Array;

  /** Uses `buffer`, which must have at least `condensedBytes` bytes. */
  constructor(
    rows: number,
    private readonly buffer: ArrayBufferLike,
    dtype: DType,
  ) {
    this.scores = viewScores(dtype, buffer, 0, pairsOf(rows));
    this.starts = startsOf(rows);
    this.alive = ascending(rows);
    this.standIns = ascending(rows);
  }

  /** Adds scores of row `i` with the rows from `from` on; ignores those up to the diagonal. */
  fill(i: number, from: number, scores: ScoreArray): void {
    const passed = Math.max(0, i + 1 - from);
    if (passed < scores.length) this.scores.set(scores.subarray(passed), (this.starts[i] as number) + from + passed);
  }

  standIn(cluster: number): number {
    return this.standIns[cluster] as number;
  }

  get(i: number, j: number): number {
    return this.scores[i < j ? (this.starts[i] as number) + j : (this.starts[j] as number) + i] as number;
  }

  /**
   * Returns the lowest of the most similar clusters, if it is more similar to `cluster` than `least`; otherwise returns `otherwise`.
   */
  nearest(cluster: number, otherwise: number, least: number): number {
    const { scores, starts, alive } = this;
    let found = otherwise;
    let highest = least;
    let at = 0;
    for (; at < alive.length; at++) {
      const other = alive[at] as number;
      if (other >= cluster) break;
      const score = scores[(starts[other] as number) + cluster] as number;
      if (score > highest) {
        highest = score;
        found = other;
      }
    }
    const start = starts[cluster] as number;
    for (at++; at < alive.length; at++) {
      const other = alive[at] as number;
      const score = scores[start + other] as number;
      if (score > highest) {
        highest = score;
        found = other;
      }
    }
    return found;
  }

  /** Joins two clusters of `goneSize` and `keptSize` rows; `kept` then stands for both. */
  join(gone: number, kept: number, goneSize: number, keptSize: number, joined: JoinedScore): void {
    const { scores, starts, alive } = this;
    const [goneStart, keptStart] = [starts[gone] as number, starts[kept] as number];
    let left = 0;
    for (let at = 0; at < alive.length; at++) {
      const other = alive[at] as number;
      if (other === gone) continue;
      alive[left++] = other;
      if (other === kept) continue;
      const start = starts[other] as number;
      const goneAt = other < gone ? start + gone : goneStart + other;
      const keptAt = other < kept ? start + kept : keptStart + other;
      scores[keptAt] = joined(scores[goneAt] as number, scores[keptAt] as number, goneSize, keptSize);
    }
    this.alive = alive.subarray(0, left);
  }

  /** Returns whether `shrink` is worth its time. */
  get isSparse(): boolean {
    return this.alive.length <= SHRINK_FRACTION * this.starts.length;
  }

  /** Renumbers the remaining clusters from 0. Returns the new numbers, indexed by the old ones. */
  *shrink(): Steps<Uint32Array> {
    const { alive, scores, starts, standIns } = this;
    const count = alive.length;
    const numbers = new Uint32Array(starts.length);
    for (let at = 0; at < count; at++) numbers[alive[at] as number] = at;
    // Forwards, because scores only move down.
    let to = 0;
    for (let at = 0; at < count; at++) {
      const start = starts[alive[at] as number] as number;
      for (let other = at + 1; other < count; other++) scores[to++] = scores[start + (alive[other] as number)] as number;
      if (at % ROWS_AT_ONCE === 0) yield;
    }
    this.scores = yield* this.widened(to);
    this.starts = startsOf(count);
    this.standIns = alive.map((cluster) => standIns[cluster] as number);
    this.alive = ascending(count);
    return numbers;
  }

  /** The first scores, as float64 if that fits. */
  private *widened(count: number): Steps<ScoreArray> {
    const { scores, buffer } = this;
    const fits = count * elementBytes('float64') <= buffer.byteLength;
    if (scores instanceof Float64Array || !fits) return scores.subarray(0, count);
    const wide = new Float64Array(buffer, 0, count);
    // Backwards, because scores only move up.
    for (let at = count - 1; at >= 0; at--) {
      wide[at] = scores[at] as number;
      if (at % SCORES_AT_ONCE === 0) yield;
    }
    return wide;
  }
}

function startsOf(rows: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => (i * (2 * rows - i - 1)) / 2 - i - 1);
}

function ascending(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, number) => number);
}
