// Decides which of two near-duplicates is kept, by a column of the input or of another file: numbers, or dates and times in ISO 8601.

import type { Call } from './call.js';
import type { CallOptions } from './call-options.js';
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
  const texts = await readColumnOf('--keep-by', column, { file: x, names: files, format, header }, options.signal);
  const values = valuesOf(texts, `${x.name}: column ${column}`);
  const sign = descending ? 1 : -1;
  const all = values.map((value) => (Number.isNaN(value) ? Number.NEGATIVE_INFINITY : sign * value));
  const { rowNumbers } = x;
  return rowNumbers ? Float64Array.from(rowNumbers, (row) => all[row] as number) : all;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const WHOLE_NUMBER = /^[+-]?\d+$/;
/** Seconds go up to 60, because of leap seconds. */
const TIME =
  /^(\d{4}-\d\d-\d\d)(?:[T ]((?:[01]\d|2[0-3]):[0-5]\d)(?::([0-5]\d|60)(?:\.(\d+))?)?(Z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)?)?$/;

interface Time {
  /** Sorts like the times, however many digits of the second are written. */
  readonly key: string;
  readonly hasTime: boolean;
  readonly hasZone: boolean;
}

function parseTime(text: string): Time | undefined {
  const [whole, date = '', minute, second = '00', fraction = '', zone = ''] = TIME.exec(text) ?? [];
  if (whole === undefined || !isDate(date)) return undefined;
  const start = new Date(Date.parse(`${date}T${minute ?? '00:00'}:00Z`) - MINUTE_MS * offsetMinutes(zone));
  return {
    key: `${start.toISOString().slice(0, -':00.000Z'.length)}:${second}.${fraction.replace(/0+$/, '')}`,
    hasTime: minute !== undefined,
    hasZone: zone !== '',
  };
}

const MINUTE_MS = 60_000;

/** Returns how far a time zone is ahead of UTC, from an offset such as +02:00. */
function offsetMinutes(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  return (sign === '-' ? -1 : 1) * (60 * Number(hours ?? 0) + Number(minutes ?? 0));
}

/** True if the day exists: a Date of 30 February would be a day in March. */
function isDate(date: string): boolean {
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}

/** Returns numbers that sort like the values; NaN for an empty value. Throws InputError if they are neither all numbers nor all times. */
export function valuesOf(texts: readonly string[], place: string): Float64Array {
  const given = texts.map((text) => text.trim());
  const some = given.filter((text) => text !== '');
  const isLarge = (text: string) => Math.abs(Number(text)) > Number.MAX_SAFE_INTEGER;
  if (some.every((text) => WHOLE_NUMBER.test(text)) && some.some(isLarge)) {
    return ranksOf(given.map((text) => (text === '' ? undefined : BigInt(text.replace('+', '')))));
  }
  if (some.every((text) => NUMBER.test(text))) {
    return Float64Array.from(given, (text) => (text === '' ? Number.NaN : Number(text)));
  }
  const times = given.map(parseTime);
  const first = times.find((time) => time !== undefined);
  const isNumbers = NUMBER.test(some[0] as string);
  const odd = given.findIndex((text, row) => {
    const time = times[row];
    if (text === '') return false;
    if (isNumbers) return !NUMBER.test(text);
    return !time || time.hasTime !== first?.hasTime || time.hasZone !== first.hasZone;
  });
  if (odd >= 0) {
    throw new InputError(
      `${place}: expected numbers alone, ISO 8601 dates alone, or times that all have a time zone or all have none, got ${JSON.stringify(given[odd])} in row ${odd}`,
    );
  }
  return ranksOf(times.map((time) => time?.key));
}

/** Returns numbers in the order of the keys; NaN for an undefined key. */
function ranksOf<T extends string | bigint>(keys: readonly (T | undefined)[]): Float64Array {
  const sorted = [...new Set(keys.filter((key) => key !== undefined))].sort((a, b) => (a < b ? -1 : 1));
  const ranks = new Map(sorted.map((key, rank) => [key, rank]));
  return Float64Array.from(keys, (key) => (key === undefined ? Number.NaN : (ranks.get(key) as number)));
}
