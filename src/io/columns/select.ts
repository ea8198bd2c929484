// What `column` may say: a name, names separated by commas, 'd*', 'd0..d767', and numbers of columns as '3..18'.

import { ArgumentError } from '../../errors.js';
import { type Column, columnLabel, describeColumns } from './column.js';

/**
 * The columns that `selector` names, by index, in the order in which it names them. Names go before numbers of columns, which count
 * from 1. Throws ArgumentError with the names there are.
 */
export function selectColumns(file: string, columns: readonly Column[], selector: string): number[] {
  const whole = byName(columns, selector);
  if (whole !== undefined) return [whole];
  const selected = selector.split(',').flatMap((part) => {
    const found = selectPart(columns, part.trim());
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

function selectPart(columns: readonly Column[], part: string): number[] {
  const one = byName(columns, part) ?? byNumber(columns, part);
  if (one !== undefined) return [one];
  const [from, to, ...more] = part.split('..') as [string, ...string[]];
  if (to !== undefined && more.length === 0) return selectRange(columns, from, to);
  return part.includes('*') ? selectGlob(columns, part) : [];
}

/** 'd0..d767' in the order of their counters where both ends share a pattern, else everything between the two columns. */
function selectRange(columns: readonly Column[], from: string, to: string): number[] {
  const pattern = /^(.*?)(\d{1,9})(\D*)$/s;
  const [, before, low, after] = pattern.exec(from) ?? [];
  const [, beforeTo, high, afterTo] = pattern.exec(to) ?? [];
  const named = byName(columns, from) !== undefined && byName(columns, to) !== undefined;
  if (named && before === beforeTo && after === afterTo && low !== undefined && high !== undefined) {
    const range: number[] = [];
    const names = new Map(columns.map(({ name }, index) => [name, index]));
    for (let counter = Number(low); counter <= Number(high) && range.length <= columns.length; counter++) {
      const padded = String(counter).padStart(low.startsWith('0') ? low.length : 0, '0');
      const index = names.get(`${before}${padded}${after}`);
      if (index !== undefined) range.push(index);
    }
    return range;
  }
  const start = byName(columns, from) ?? byNumber(columns, from);
  const end = byName(columns, to) ?? byNumber(columns, to);
  if (start === undefined || end === undefined || end < start) return [];
  return Array.from({ length: end - start + 1 }, (_, at) => start + at);
}

function selectGlob(columns: readonly Column[], part: string): number[] {
  const escaped = part.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  const glob = new RegExp(`^${escaped}$`, 's');
  const found = columns.flatMap(({ name }, index) => (name !== '' && glob.test(name) ? [index] : []));
  return inOrderOfCounters(columns, found);
}

/** d0, d1, d10, d2 as d0, d1, d2, d10: two files whose columns are sorted in different ways then agree. */
function inOrderOfCounters(columns: readonly Column[], found: readonly number[]): number[] {
  const counterOf = (index: number) => Number(/(\d{1,9})\D*$/.exec(columns[index]?.name ?? '')?.[1] ?? Number.NaN);
  return found.some((index) => Number.isNaN(counterOf(index)))
    ? [...found]
    : [...found].sort((a, b) => counterOf(a) - counterOf(b));
}

function byName(columns: readonly Column[], name: string): number | undefined {
  const found = columns.findIndex((column) => column.name === name && name !== '');
  return found < 0 ? undefined : found;
}

function byNumber(columns: readonly Column[], text: string): number | undefined {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= columns.length ? number - 1 : undefined;
}
