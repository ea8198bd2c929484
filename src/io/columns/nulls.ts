// Rows without a vector, such as a failed request, an empty cell or NULL.

import { FormatError } from '../../errors.js';
import { mention, say } from '../../message.js';

/** What to do with rows without a vector: refuse the file, skip them, or treat them as zero rows, which are similar to nothing. */
export type NullPolicy = 'throw' | 'skip' | 'zero';

export const NULL_POLICIES: readonly NullPolicy[] = ['throw', 'skip', 'zero'];

/** Collects the null rows of one file as a reader finds them. */
export class NullRows {
  /** Numbers of the null rows in the file, ascending. */
  readonly rows: number[] = [];

  constructor(
    private readonly file: string,
    readonly policy: NullPolicy = 'throw',
  ) {}

  /**
   * Records that row `row` of the file is null; `offset` is its position, if known. Returns false if it is skipped, true if it becomes a
   * zero row.
   */
  add(row: number, offset: number | 'whole', what = 'is null'): boolean {
    if (this.policy === 'throw') {
      const [skip, zero] = [mention.option('nulls', 'skip'), mention.option('nulls', 'zero')];
      const advice = say`leave such rows out with ${skip}, or take them as zero vectors with ${zero}`;
      throw new FormatError(this.file, offset, `row ${row} ${what}`, { advice });
    }
    this.rows.push(row);
    return this.policy === 'zero';
  }
}
