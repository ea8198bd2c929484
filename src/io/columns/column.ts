// A column of a table, in the form that choosing the rows needs, whatever the format.

import type { Message } from '../../message.js';

/**
 * What a column can contribute to the rows:
 * - 'vector': each cell is a whole row (a list, a tensor, bytes of a known element type, or text that contains a vector)
 * - 'float': one element of a row; floating-point numbers, decimals, or text such as '0.5' in every sampled cell
 * - 'integer': integers, such as an id, a label or a year; an element only inside a run of floating-point columns, or by name
 * - 'null': all sampled cells are empty
 * - 'other': everything else (text, booleans, dates, maps, bytes of an unknown element type)
 */
export type ColumnKind = 'vector' | 'float' | 'integer' | 'null' | 'other';

export interface Column {
  /** The name by which `column` selects it, or a path such as 'doc.embedding' if it is nested. Empty if the table gives it no name. */
  readonly name: string;
  readonly kind: ColumnKind;
  /** Its type in the terms of the format, for messages: 'list<float>', 'int64', 'text'. */
  readonly type: string;
  /** For 'vector': number of elements per cell, if known. */
  readonly length?: number;
  /** What most of its sampled cells are, if some are damaged. */
  readonly mostly?: 'vector' | 'float';
  /** For 'other': bytes that may be vectors of an undeclared element type. */
  readonly undeclared?: boolean;
  /** For 'float': all sampled cells are NaN, which may also mean a missing value. */
  readonly onlyNaN?: boolean;
  /** For 'other': how to make rows of it, as the end of a message ("declare the element type with --element float32"). */
  readonly remedy?: Message;
}

/** Number of rows that are sampled to determine the types of columns. */
export const SAMPLE_ROWS = 1000;

/** True if more than half of the vectors have the same length; `counts` holds the number of vectors of each length. */
export function isMostlyEqual(counts: ReadonlyMap<number, number>): boolean {
  let most = 0;
  let all = 0;
  for (const [length, count] of counts) {
    if (length > 1) most = Math.max(most, count);
    all += count;
  }
  return most * 2 > all;
}

/** Returns a column's name, or its number, counted from 1, if it has none. */
export function columnLabel(columns: readonly Column[], index: number): string {
  return columns[index]?.name || String(index + 1);
}

/** Limit for the columns that a message lists. */
const MAX_LISTED = 12;
/** Limit for the characters of a name in such a list. */
const MAX_NAME = 80;

/** Lists columns for messages: 'a (list<float>, 384 numbers), b (int64)'. */
export function describeColumns(columns: readonly Column[], indices: readonly number[] = [...columns.keys()]): string {
  if (indices.length === 0) return 'none';
  const listed = indices.slice(0, MAX_LISTED).map((index) => describeColumn(columns, index));
  const rest = indices.length - listed.length;
  return listed.join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

function describeColumn(columns: readonly Column[], index: number): string {
  const { type, length } = columns[index] as Column;
  const label = columnLabel(columns, index);
  const name = label.length > MAX_NAME ? `${label.slice(0, MAX_NAME)}…` : label;
  return `${name} (${type}${length === undefined ? '' : `, ${length} ${length === 1 ? 'number' : 'numbers'}`})`;
}
