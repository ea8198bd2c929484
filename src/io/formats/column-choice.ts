// Which columns of a table are the rows: one column of lists or bytes, or many of numbers. The same rules for every format.

import { ArgumentError } from '../../errors.js';

/** A column of a table: can it be the rows (a list or bytes a row), one element of them, or neither. */
export interface ColumnCandidate {
  readonly name: string;
  readonly kind: 'rows' | 'number' | 'other';
  /** Its type in the format's own words, for errors. */
  readonly type: string;
}

/** Names of columns that number rows: those are never a part of them. pandas stores the index of a data frame so. */
const KEY = /^(_?id|idx|index|row|key|__index_level_\d+__)$/i;

/** Of the columns of numbers, by index, those that are elements of rows: all but such as number them. */
export function withoutKeys(numbers: readonly number[], nameOf: (index: number) => string | undefined): number[] {
  const elements = numbers.filter((index) => !KEY.test(nameOf(index) ?? ''));
  return elements.length > 0 ? elements : [...numbers];
}

/**
 * The columns that make up the rows, by index: one of kind 'rows', or some of kind 'number'. Without `column`, the only one
 * that can be the rows, else every column of numbers but those called id, index and the like. Throws ArgumentError with the names there are.
 */
export function chooseColumns(file: string, columns: readonly ColumnCandidate[], column: string | undefined): number[] {
  if (column !== undefined) return namedColumns(file, columns, column);
  const rows = indices(columns, ({ kind }) => kind === 'rows');
  if (rows.length === 1) return rows;
  if (rows.length > 1) {
    throw new ArgumentError(
      'column',
      `${file}: several columns can be the rows: ${describe(rows.map((i) => at(columns, i)))}; name one as column`,
    );
  }
  const numbers = indices(columns, ({ kind }) => kind === 'number');
  if (numbers.length > 0) return withoutKeys(numbers, (index) => columns[index]?.name);
  throw new ArgumentError('column', `${file}: no column of lists, bytes or numbers; there are ${describe(columns)}`);
}

function namedColumns(file: string, columns: readonly ColumnCandidate[], column: string): number[] {
  // A name may hold a comma itself.
  const whole = columns.findIndex(({ name }) => name === column);
  const names = whole >= 0 ? [column] : column.split(',').map((name) => name.trim());
  const chosen = names.map((name) => findColumn(file, columns, name));
  for (const i of chosen) {
    const { name, kind, type } = at(columns, i);
    if (kind === 'other') throw new ArgumentError('column', `${file}: column ${name} holds ${type}, which cannot be rows`);
    if (kind === 'rows' && chosen.length > 1) {
      throw new ArgumentError('column', `${file}: column ${name} holds whole rows (${type}) and cannot be joined with others`);
    }
  }
  return chosen;
}

/** The index of the column called `name`. Throws ArgumentError with the names there are. */
export function findColumn(file: string, columns: readonly ColumnCandidate[], name: string): number {
  const found = columns.findIndex((column) => column.name === name);
  if (found < 0)
    throw new ArgumentError('column', `${file}: no column ${JSON.stringify(name)}; there are ${describe(columns)}`);
  return found;
}

/** As many names as a message can hold. */
const MOST_NAMED = 20;

function describe(columns: readonly ColumnCandidate[]): string {
  if (columns.length === 0) return 'none';
  const named = columns.slice(0, MOST_NAMED).map(({ name, type }) => `${name} (${type})`);
  return named.join(', ') + (columns.length > MOST_NAMED ? ` and ${columns.length - MOST_NAMED} more` : '');
}

function indices(columns: readonly ColumnCandidate[], test: (column: ColumnCandidate) => boolean): number[] {
  return columns.flatMap((column, i) => (test(column) ? [i] : []));
}

function at(columns: readonly ColumnCandidate[], index: number): ColumnCandidate {
  return columns[index] as ColumnCandidate;
}
