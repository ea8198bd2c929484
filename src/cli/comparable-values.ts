// Numbers that sort like the texts of a column. The command line and the page share this module.

export const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
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
    key: `${start.toISOString().slice(0, -':00.000Z'.length)}:${second}.${fraction.replace(/(?<!0)0+$/, '')}`,
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

/** `values`: NaN for a text that is empty; or the first row with a text that cannot be compared with the others. */
export type Comparable = { readonly values: Float64Array } | { readonly odd: number };

/** Returns numbers that sort like the texts, if these are all numbers, or all dates and times in ISO 8601. */
export function comparableValues(texts: readonly string[]): Comparable {
  const given = texts.map((text) => text.trim());
  const some = given.filter((text) => text !== '');
  const isLarge = (text: string) => Math.abs(Number(text)) > Number.MAX_SAFE_INTEGER;
  if (some.every((text) => WHOLE_NUMBER.test(text)) && some.some(isLarge)) {
    return { values: ranksOf(given.map((text) => (text === '' ? undefined : BigInt(text.replace('+', ''))))) };
  }
  if (some.every((text) => DECIMAL.test(text))) {
    return { values: Float64Array.from(given, (text) => (text === '' ? Number.NaN : Number(text))) };
  }
  const times = given.map(parseTime);
  const first = times.find((time) => time !== undefined);
  const isNumbers = DECIMAL.test(some[0] as string);
  const odd = given.findIndex((text, row) => {
    const time = times[row];
    if (text === '') return false;
    if (isNumbers) return !DECIMAL.test(text);
    return !time || time.hasTime !== first?.hasTime || time.hasZone !== first.hasZone;
  });
  return odd >= 0 ? { odd } : { values: ranksOf(times.map((time) => time?.key)) };
}

/** Returns numbers in the order of the keys; NaN for an undefined key. */
function ranksOf<T extends string | bigint>(keys: readonly (T | undefined)[]): Float64Array {
  const sorted = [...new Set(keys.filter((key) => key !== undefined))].sort((a, b) => (a < b ? -1 : 1));
  const ranks = new Map(sorted.map((key, rank) => [key, rank]));
  return Float64Array.from(keys, (key) => (key === undefined ? Number.NaN : (ranks.get(key) as number)));
}
