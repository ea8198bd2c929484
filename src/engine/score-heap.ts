// Rows by falling score, equal scores by lower row.

export class ScoreHeap {
  private scores: Float64Array;
  private rows: Uint32Array;
  private count = 0;

  constructor(capacity: number) {
    this.scores = new Float64Array(Math.max(1, capacity));
    this.rows = new Uint32Array(Math.max(1, capacity));
  }

  push(score: number, row: number): void {
    if (this.count === this.rows.length) this.grow();
    let at = this.count++;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.isBefore(score, row, above)) break;
      this.move(above, at);
      at = above;
    }
    this.put(at, score, row);
  }

  pop(): number | undefined {
    if (this.count === 0) return undefined;
    const first = this.rows[0] as number;
    const last = --this.count;
    const [score, row] = [this.scores[last] as number, this.rows[last] as number];
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= last) break;
      if (below + 1 < last && this.isBefore(this.scores[below + 1] as number, this.rows[below + 1] as number, below)) below++;
      if (this.isBefore(score, row, below)) break;
      this.move(below, at);
      at = below;
    }
    this.put(at, score, row);
    return first;
  }

  private isBefore(score: number, row: number, at: number): boolean {
    const other = this.scores[at] as number;
    return score > other || (score === other && row < (this.rows[at] as number));
  }

  private move(from: number, to: number): void {
    this.put(to, this.scores[from] as number, this.rows[from] as number);
  }

  private put(at: number, score: number, row: number): void {
    this.scores[at] = score;
    this.rows[at] = row;
  }

  private grow(): void {
    const [scores, rows] = [this.scores, this.rows];
    this.scores = new Float64Array(2 * scores.length);
    this.rows = new Uint32Array(2 * rows.length);
    this.scores.set(scores);
    this.rows.set(rows);
  }
}
