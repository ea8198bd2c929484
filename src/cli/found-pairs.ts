// Counts pairs and remembers the best of them as they pass.

import type { PairArrays } from '../cluster/merge/pairs-buffer.js';
import { dim, formatCount, formatScore, formatTable, note, print } from './output.js';
import { hasNames, nameOf, type ResultNames } from './result-names.js';

/** Number of pairs that are shown on a terminal. */
const SHOWN = 20;

export class FoundPairs {
  count = 0;
  private readonly best: { row: number; col: number; score: number }[] = [];

  /** Yields the same batches. */
  async *watch(batches: AsyncIterable<PairArrays>): AsyncGenerator<PairArrays> {
    for await (const batch of batches) {
      this.add(batch);
      yield batch;
    }
  }

  private add({ rows, cols, scores }: PairArrays): void {
    const { length } = rows;
    this.count += length;
    for (let at = 0; at < length; at++) {
      const score = scores[at] as number;
      if (this.best.length === SHOWN && score <= (this.best[SHOWN - 1]?.score as number)) continue;
      // After equal scores, because pairs arrive by (row, col).
      const place = this.best.findIndex((other) => other.score < score);
      this.best.splice(place < 0 ? this.best.length : place, 0, { row: rows[at] as number, col: cols[at] as number, score });
      this.best.length = Math.min(this.best.length, SHOWN);
    }
  }

  show({ rows, cols, distance }: ResultNames): void {
    if (this.count === 0) return;
    const lines = this.best.map(({ row, col, score }) => [
      formatScore(distance ? 1 - score : score),
      dim(`${row} ${col}`),
      hasNames(rows) ? nameOf(row, rows, 44) : '',
      hasNames(cols) ? nameOf(col, cols, 44) : '',
    ]);
    print(`\n${formatTable(lines, ['right', 'left', 'left', 'left'])}`);
    if (this.count > SHOWN)
      note(dim(`\nand ${formatCount(this.count - SHOWN)} more: -o pairs.csv (or .parquet, .arrow, .jsonl, .npy, .npz)`));
  }
}
