// Pairs that wait for a decision, up to a limit, indexed by the row that would be kept.

import { type DType, newScores, type ScoreArray } from '../rows/dtype.js';

const NONE = 0xffffffff;
const FIRST_CAPACITY = 1024;

export class HeldPairs {
  /** The last pair of each row, and for each pair the previous one of the same row. */
  private readonly last: Uint32Array;
  private before: Uint32Array;
  private others: Uint32Array;
  private scores: ScoreArray;
  private count = 0;

  constructor(
    rows: number,
    private readonly limit: number,
    private readonly dtype: DType,
  ) {
    this.last = new Uint32Array(rows).fill(NONE);
    const capacity = Math.min(limit, FIRST_CAPACITY);
    this.before = new Uint32Array(capacity);
    this.others = new Uint32Array(capacity);
    this.scores = newScores(dtype, capacity);
  }

  /** Returns false if there is no room. */
  add(keeper: number, other: number, score: number): boolean {
    if (this.count === this.limit) return false;
    if (this.count === this.others.length) this.grow();
    const at = this.count++;
    this.before[at] = this.last[keeper] as number;
    this.last[keeper] = at;
    this.others[at] = other;
    this.scores[at] = score;
    return true;
  }

  /** Passes on each pair in which `keeper` would be kept. */
  each(keeper: number, take: (other: number, score: number) => void): void {
    for (let at = this.last[keeper] as number; at !== NONE; at = this.before[at] as number) {
      take(this.others[at] as number, this.scores[at] as number);
    }
  }

  private grow(): void {
    const capacity = Math.min(this.limit, 2 * this.others.length);
    this.before = copied(this.before, new Uint32Array(capacity));
    this.others = copied(this.others, new Uint32Array(capacity));
    this.scores = copied(this.scores, newScores(this.dtype, capacity));
  }
}

function copied<T extends Uint32Array | ScoreArray>(from: T, longer: T): T {
  longer.set(from);
  return longer;
}
