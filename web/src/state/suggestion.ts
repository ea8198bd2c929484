// Determines which row of a group to keep by default, as `dedupe` does with components.

import type { LabelColumn } from '../../../src/cli/view/page-data.js';
import type { Change, Decision } from './decisions.js';

/** A group of near-duplicates, as returned by `groups`. */
export interface ReviewGroup {
  /** Ascending. */
  readonly rows: readonly number[];
  /** The row that is most similar to the others on average. */
  readonly representative: number;
}

/** The representative, or the row with the highest or lowest value of a column. */
export interface Rule {
  readonly column: LabelColumn | null;
  readonly highest: boolean;
}

/** Returns the row of a group that the rule keeps: of equal values the lower row; a row without a value comes last. */
export function keeperOf({ rows, representative }: ReviewGroup, { column, highest }: Rule): number {
  if (!column?.order) return representative;
  const priority = (row: number) => {
    const value = column.order?.[row] ?? null;
    return value === null ? Number.NEGATIVE_INFINITY : highest ? value : -value;
  };
  return rows.reduce((best, row) => (priority(row) > priority(best) ? row : best));
}

/** Returns the rule's decisions on the undecided rows of a group: all are dropped if a row is already kept. */
export function suggestionsFor(group: ReviewGroup, rule: Rule, decisions: ReadonlyMap<number, Decision>): readonly Change[] {
  const undecided = group.rows.filter((row) => !decisions.has(row));
  const hasKept = group.rows.some((row) => decisions.get(row) === 'keep');
  const keeper = keeperOf({ ...group, ...keptAmong(group, undecided) }, rule);
  return undecided.map((row): Change => [row, !hasKept && row === keeper ? 'keep' : 'drop']);
}

/** Returns the group without the decided rows. If the representative is dropped, the lowest row represents the group. */
function keptAmong({ representative }: ReviewGroup, undecided: readonly number[]): ReviewGroup {
  const first = undecided[0] ?? representative;
  return {
    rows: undecided.length > 0 ? undecided : [representative],
    representative: undecided.includes(representative) ? representative : first,
  };
}

export function isDecided({ rows }: ReviewGroup, decisions: ReadonlyMap<number, Decision>): boolean {
  return rows.every((row) => decisions.has(row));
}
