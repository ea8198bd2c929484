// Keeps the k best scores of each row: a binary heap in place in the result arrays, with the worst entry at the root. Equal scores rank
// by lower index, so the order in which scores arrive does not matter.

import { NO_INDEX, NO_SCORE } from '../backends/constants.js';
import type { ScoreArray } from '../rows/dtype.js';

export class BestLists {
  constructor(
    readonly k: number,
    readonly indices: Uint32Array,
    readonly scores: ScoreArray,
  ) {}

  /** Resets all lists. */
  clear(): void {
    this.indices.fill(NO_INDEX);
    this.scores.fill(NO_SCORE);
  }

  /** The score below which list `row` accepts nothing. */
  bound(row: number): number {
    return this.scores[row * this.k] as number;
  }

  offer(row: number, index: number, score: number): void {
    const root = row * this.k;
    if (this.ranksBelow(root, score, index)) this.siftDown(root, this.k, score, index);
  }

  /** Empties the lists from `row` on. With `keepsLower`, keeps their entries with indices below `row`. */
  dropFrom(row: number, keepsLower: boolean): void {
    const { k, indices, scores } = this;
    for (let root = row * k; root < indices.length; root += k) {
      const oldIndices = indices.slice(root, root + k);
      const oldScores = scores.slice(root, root + k);
      indices.fill(NO_INDEX, root, root + k);
      scores.fill(NO_SCORE, root, root + k);
      if (!keepsLower) continue;
      for (let at = 0; at < k; at++) {
        const index = oldIndices[at] as number;
        if (index < row) this.offer(root / k, index, oldScores[at] as number);
      }
    }
  }

  /** Sorts list `row`, best first. */
  sort(row: number): void {
    const { k, scores, indices } = this;
    const root = row * k;
    for (let last = k - 1; last > 0; last--) {
      const score = scores[root + last] as number;
      const index = indices[root + last] as number;
      scores[root + last] = scores[root] as number;
      indices[root + last] = indices[root] as number;
      this.siftDown(root, last, score, index);
    }
  }

  /** Replaces the root of the heap of `count` entries that begins at `root`. */
  private siftDown(root: number, count: number, score: number, index: number): void {
    const { scores, indices } = this;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= count) break;
      const other = root + child + 1;
      if (child + 1 < count && !this.ranksBelow(root + child, scores[other] as number, indices[other] as number)) child++;
      if (!this.ranksBelow(root + child, score, index)) break;
      scores[root + at] = scores[root + child] as number;
      indices[root + at] = indices[root + child] as number;
      at = child;
    }
    scores[root + at] = score;
    indices[root + at] = index;
  }

  private ranksBelow(at: number, score: number, index: number): boolean {
    const other = this.scores[at] as number;
    return other < score || (other === score && (this.indices[at] as number) > index);
  }
}
