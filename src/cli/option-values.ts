// Parses the values of options. Each error states what is expected, with an example.

import { InvalidArgumentError } from 'commander';

export function parseCount(text: string): number {
  const count = wholeNumber(text);
  if (count >= 1) return count;
  throw new InvalidArgumentError('Expected a whole number from 1, for example 10.');
}

export function parseIndex(text: string): number {
  const index = wholeNumber(text);
  if (index >= 0) return index;
  throw new InvalidArgumentError('Expected a whole number from 0, for example 17.');
}

export function parseIndexBase(text: string): 0 | 1 {
  const index = wholeNumber(text);
  if (index === 0 || index === 1) return index;
  throw new InvalidArgumentError('Expected 0 or 1.');
}

export function parseScore(text: string): number {
  const score = decimal(text);
  if (score >= -1 && score <= 1) return score;
  throw new InvalidArgumentError('Expected a number from -1 to 1, for example 0.9.');
}

export function parseSeconds(text: string): number {
  const seconds = decimal(text);
  if (seconds >= 0) return seconds;
  throw new InvalidArgumentError('Expected a number of seconds from 0, for example 2.');
}

export function parsePatience(text: string): number {
  const seconds = decimal(text);
  if (seconds >= 0.1) return seconds;
  throw new InvalidArgumentError('Expected a number of seconds from 0.1, for example 30.');
}

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 };
const BINARY_UNITS: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
/** A smaller number without a unit is unlikely to be a number of bytes. */
const MIN_WITHOUT_UNIT = 2 ** 20;

/** Returns bytes. */
export function parseBytes(text: string): number {
  const [, number, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text) ?? [];
  const lower = unit.toLowerCase();
  const factor = UNITS[lower] ?? (/^[kmgt](ib)?$/.test(lower) ? BINARY_UNITS[lower[0] as string] : undefined);
  const bytes = Math.floor(Number(number) * (factor ?? Number.NaN));
  if (lower === '' && bytes >= 1 && bytes < MIN_WITHOUT_UNIT) {
    throw new InvalidArgumentError(`Expected a unit, for example ${number}MiB, ${number}GiB, or ${number}B for bytes.`);
  }
  if (bytes >= 1 && Number.isSafeInteger(bytes)) return bytes;
  throw new InvalidArgumentError('Expected a size, for example 500MB or 2GiB.');
}

/** Parses names separated by commas, in one option or in several. */
export function parseColumnNames(text: string, before: readonly string[] = []): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.every((name) => name !== '')) return [...before, ...names];
  throw new InvalidArgumentError('Expected names of columns, for example title,url.');
}

export function parsePort(text: string): number {
  const port = wholeNumber(text);
  if (port <= 65535) return port;
  throw new InvalidArgumentError('Expected a whole number from 0 to 65535, for example 8080.');
}

export function parseShape(text: string): [width: number, height: number] {
  const [, width, height] = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/i.exec(text) ?? [];
  if (width === undefined) throw new InvalidArgumentError('Expected width and height, for example 32x32.');
  return [Number(width), Number(height)];
}

function wholeNumber(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : Number.NaN;
}

function decimal(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}
