// Parses `column`: a name, names separated by commas, 'd*', 'd0..d767', and column numbers such as '3..18'.

import { ArgumentError } from '../../errors.js';
import { chooseWith } from './choices.js';
import { type Column, columnLabel, describeColumns } from './column.js';

/**
 * Returns the indices of the columns that `selector` names, in its order. Names take precedence over column numbers, which count from 1.
 * Throws an ArgumentError that lists the names.
 */
export function selectColumns(file: string, columns: readonly Column[], selector: string): number[] {
  const whole = byName(file, columns, selector);
  if (whole !== undefined) return [whole];
  const selected = selector.split(',').flatMap((part) => {
    const found = selectPart(file, columns, part.trim());
    if (found.length > 0) return found;
    throw new ArgumentError(
      'column',
      `${file}: no column matches ${JSON.stringify(part.trim())}; there are ${describeColumns(columns)}`,
    );
  });
  const seen = new Set<number>();
  const twice = selected.find((index) => seen.size === seen.add(index).size);
  if (twice === undefined) return selected;
  throw new ArgumentError('column', `${file}: ${JSON.stringify(selector)} selects column ${columnLabel(columns, twice)} twice`);
}

function selectPart(file: string, columns: readonly Column[], part: string): number[] {
  const one = byName(file, columns, part) ?? byNumber(columns, part);
  if (one !== undefined) return [one];
  const [from, to, ...more] = part.split('..') as [string, ...string[]];
  if (to !== undefined && more.length === 0) return selectRange(file, columns, from, to);
  return part.includes('*') ? selectGlob(columns, part) : [];
}

const COUNTED = /^(.*?)(\d{1,9})(\D*)$/s;

/** Returns 'd0..d767' in the order of their counters if both ends share a pattern, otherwise all columns between the two. */
function selectRange(file: string, columns: readonly Column[], from: string, to: string): number[] {
  const [, before, low, after] = COUNTED.exec(from) ?? [];
  const [, beforeTo, high, afterTo] = COUNTED.exec(to) ?? [];
  const named = isNamed(columns, from) && isNamed(columns, to);
  if (named && before === beforeTo && after === afterTo && low !== undefined && high !== undefined) {
    return selectCounters(file, columns, [before as string, after as string], [Number(low), Number(high)]);
  }
  const start = byName(file, columns, from) ?? byNumber(columns, from);
  const end = byName(file, columns, to) ?? byNumber(columns, to);
  if (start === undefined || end === undefined || end < start) return [];
  return Array.from({ length: end - start + 1 }, (_, at) => start + at);
}

/** Returns the columns of one pattern with each counter from `low` to `high`, however the counters are padded. */
function selectCounters(
  file: string,
  columns: readonly Column[],
  [before, after]: readonly [string, string],
  [low, high]: readonly [number, number],
): number[] {
  const members = new Map<number, number[]>();
  for (const [index, { name }] of columns.entries()) {
    const [, start, counter, end] = COUNTED.exec(name) ?? [];
    if (start !== before || end !== after) continue;
    members.set(Number(counter), [...(members.get(Number(counter)) ?? []), index]);
  }
  const range: number[] = [];
  for (let counter = low; counter <= high; counter++) {
    const [index, another] = members.get(counter) ?? [];
    const name = `${before}${counter}${after}`;
    if (index === undefined) {
      const last = `${before}${high}${after}`;
      throw new ArgumentError(
        'column',
        `${file}: there is no column ${name}, which the range from ${before}${low}${after} to ${last} includes`,
        { advice: 'name the columns, separated by commas' },
      );
    }
    if (another !== undefined) throw severalNamed(file, columns, name, members.get(counter) as number[]);
    range.push(index);
  }
  return range;
}

function selectGlob(columns: readonly Column[], part: string): number[] {
  const escaped = part.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  const glob = new RegExp(`^${escaped}$`, 's');
  const found = columns.flatMap(({ name }, index) => (name !== '' && glob.test(name) ? [index] : []));
  return inOrderOfCounters(columns, found);
}

/** Sorts d0, d1, d10, d2 as d0, d1, d2, d10, so that two files with differently sorted columns agree. */
function inOrderOfCounters(columns: readonly Column[], found: readonly number[]): number[] {
  const counterOf = (index: number) => Number(/(\d{1,9})\D*$/.exec(columns[index]?.name ?? '')?.[1] ?? Number.NaN);
  return found.some((index) => Number.isNaN(counterOf(index)))
    ? [...found]
    : [...found].sort((a, b) => counterOf(a) - counterOf(b));
}

function isNamed(columns: readonly Column[], name: string): boolean {
  return name !== '' && columns.some((column) => column.name === name);
}

/** Throws ArgumentError if several columns have the name. */
function byName(file: string, columns: readonly Column[], name: string): number | undefined {
  if (name === '') return undefined;
  const found = [...columns.keys()].filter((index) => columns[index]?.name === name);
  if (found.length > 1) throw severalNamed(file, columns, name, found);
  return found[0];
}

function severalNamed(file: string, columns: readonly Column[], name: string, found: readonly number[]): ArgumentError {
  const places = found.map((index) => String(index + 1));
  // A number that is also a name stands for the name.
  const usable = places.every((place) => !isNamed(columns, place));
  const advice = usable ? chooseWith(places) : 'rename them';
  return new ArgumentError('column', `${file}: columns number ${places.join(' and ')} are both named ${name}`, { advice });
}

function byNumber(columns: readonly Column[], text: string): number | undefined {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= columns.length ? number - 1 : undefined;
}
