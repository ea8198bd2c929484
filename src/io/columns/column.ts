// A column of a table as the choice of the rows sees it, whatever the format.

import type { Message } from '../../message.js';

/**
 * What a column can be in the rows:
 * - 'vector': each cell is a whole row (a list, a tensor, bytes of a known element type, or text that holds a vector)
 * - 'float': one element of a row; floating-point numbers, decimals, or text such as '0.5' in every sampled cell
 * - 'integer': whole numbers: an id, a label, a year; an element only inside a run of floating-point columns, or by name
 * - 'null': no sampled cell holds anything
 * - 'other': neither (text, booleans, dates, maps, bytes of an unknown element type)
 */
export type ColumnKind = 'vector' | 'float' | 'integer' | 'null' | 'other';

export interface Column {
  /** As `column` selects it; a path such as 'doc.embedding' where it is nested. Empty where the table gives it no name. */
  readonly name: string;
  readonly kind: ColumnKind;
  /** Its type in the words of the format, for messages: 'list<float>', 'int64', 'text'. */
  readonly type: string;
  /** Of a 'vector': elements of a cell, where they are known. */
  readonly length?: number;
  /** What most of its sampled cells are, where some are damaged. */
  readonly mostly?: 'vector' | 'float';
  /** Of 'other': bytes that may be vectors of an undeclared element type. */
  readonly undeclared?: boolean;
  /** Of a 'float': no sampled cell holds anything but NaN, which is a missing value as well. */
  readonly onlyNaN?: boolean;
  /** Of 'other': what would make rows of it, as the end of a message ("declare the element type with --element float32"). */
  readonly remedy?: Message;
}

/** How many rows of a file tell the types of its columns. */
export const SAMPLE_ROWS = 1000;

/** Whether more than half of the vectors have one length; `counts` says how many have which. */
export function isMostlyEqual(counts: ReadonlyMap<number, number>): boolean {
  let most = 0;
  let all = 0;
  for (const [length, count] of counts) {
    if (length > 1) most = Math.max(most, count);
    all += count;
  }
  return most * 2 > all;
}

/** Numbers from 1 on stand for the names of columns that have none. */
export function columnLabel(columns: readonly Column[], index: number): string {
  return columns[index]?.name || String(index + 1);
}

/** The most columns that a message lists. */
const MAX_LISTED = 12;

/** 'a (list<float>, 384 numbers), b (int64)', for messages. */
export function describeColumns(columns: readonly Column[], indices: readonly number[] = [...columns.keys()]): string {
  if (indices.length === 0) return 'none';
  const listed = indices.slice(0, MAX_LISTED).map((index) => describeColumn(columns, index));
  const rest = indices.length - listed.length;
  return listed.join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

function describeColumn(columns: readonly Column[], index: number): string {
  const { type, length } = columns[index] as Column;
  return `${columnLabel(columns, index)} (${type}${length === undefined ? '' : `, ${length} ${length === 1 ? 'number' : 'numbers'}`})`;
}
