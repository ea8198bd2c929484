// Decides which of two near-duplicates is kept, by a column of the input or of another file: numbers, or dates and times in ISO 8601.

import type { Call } from './call.js';
import type { CallOptions } from './call-options.js';
import { comparableValues } from './comparable-values.js';
import { InputError, UsageError } from './exit-codes.js';
import { readColumnOf } from './read-names.js';

/** A column, and whether its lowest or its highest value is kept. */
export interface KeepBy {
  readonly column: string;
  readonly descending: boolean;
}

/** Parses COLUMN, COLUMN:asc or COLUMN:desc. */
export function parseKeepBy(text: string): KeepBy {
  const [, column, order] = /^(.+?)(?::(asc|desc))?$/s.exec(text) ?? [];
  if (column === undefined) throw new UsageError('--keep-by: expected the name of a column, for example date:desc');
  return { column, descending: order === 'desc' };
}

/** Returns a number for each row of x, the highest for the row that is kept first. Rows without a value come last. */
export async function readPriority(call: Call, keepBy: string, { format, header }: CallOptions): Promise<Float64Array> {
  const { x, files, options } = call;
  const { column, descending } = parseKeepBy(keepBy);
  const texts = await readColumnOf('--keep-by', column, { file: x, names: files, format, header }, { signal: options.signal });
  const values = valuesOf(texts, `${x.name}: column ${column}`);
  const sign = descending ? 1 : -1;
  const all = values.map((value) => (Number.isNaN(value) ? Number.NEGATIVE_INFINITY : sign * value));
  const { rowNumbers } = x;
  return rowNumbers ? Float64Array.from(rowNumbers, (row) => all[row] as number) : all;
}

/** Returns numbers that sort like the values; NaN for an empty value. Throws InputError if they are neither all numbers nor all times. */
export function valuesOf(texts: readonly string[], place: string): Float64Array {
  const found = comparableValues(texts);
  if ('values' in found) return found.values;
  const { odd } = found;
  throw new InputError(
    `${place}: expected only numbers, only ISO 8601 dates, or only times, all with a time zone or all without, got ${JSON.stringify(texts[odd]?.trim())} in row ${odd}`,
  );
}
