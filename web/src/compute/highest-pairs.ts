// Keeps the highest of more pairs than can be held: if there are too many, the floor rises.

interface Pairs {
  readonly rows: ArrayLike<number>;
  readonly cols: ArrayLike<number>;
  readonly scores: ArrayLike<number>;
}

export class HighestPairs {
  private length = 0;
  private rows = new Uint32Array(1024);
  private cols = new Uint32Array(1024);
  private scores = new Float32Array(1024);

  /**
   * @param floor the lowest score that is accepted
   * @param most maximum number of pairs held
   */
  constructor(
    private lowest: number,
    private readonly most: number,
  ) {}

  /** Every added pair with this score or a higher one is held. */
  get floor(): number {
    return this.lowest;
  }

  add({ rows, cols, scores }: Pairs): void {
    for (let pair = 0; pair < scores.length; pair++) {
      const score = scores[pair] as number;
      if (!(score >= this.lowest)) continue;
      if (this.length === this.most) this.raise();
      if (!(score >= this.lowest)) continue;
      if (this.length === this.scores.length) this.grow();
      this.rows[this.length] = rows[pair] as number;
      this.cols[this.length] = cols[pair] as number;
      this.scores[this.length++] = score;
    }
  }

  /** Returns the pairs held, in the order in which they were added. */
  unsorted(): { rows: Uint32Array<ArrayBuffer>; cols: Uint32Array<ArrayBuffer>; scores: Float32Array<ArrayBuffer> } {
    const { length } = this;
    return { rows: this.rows.slice(0, length), cols: this.cols.slice(0, length), scores: this.scores.slice(0, length) };
  }

  /** Drops the lower half, including all pairs that equal its highest score. */
  private raise(): void {
    const sorted = this.scores.slice(0, this.length).sort();
    const middle = sorted[this.length >> 1] as number;
    this.lowest = sorted.find((score) => score > middle) ?? Number.POSITIVE_INFINITY;
    let kept = 0;
    for (let pair = 0; pair < this.length; pair++) {
      if (!((this.scores[pair] as number) >= this.lowest)) continue;
      this.rows[kept] = this.rows[pair] as number;
      this.cols[kept] = this.cols[pair] as number;
      this.scores[kept++] = this.scores[pair] as number;
    }
    this.length = kept;
  }

  private grow(): void {
    const longer = Math.min(this.most, 2 * this.scores.length);
    const [rows, cols, scores] = [new Uint32Array(longer), new Uint32Array(longer), new Float32Array(longer)];
    rows.set(this.rows);
    cols.set(this.cols);
    scores.set(this.scores);
    Object.assign(this, { rows, cols, scores });
  }
}
