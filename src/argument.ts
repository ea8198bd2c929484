// What every check of an argument says: what was expected, and what came.

import { ArgumentError } from './errors.js';
import { inWords, type Phrase } from './words.js';

/** `file`: where rows lie in one. */
export function fail(argument: string, expected: Phrase, got: string, file?: string): never {
  throw new ArgumentError(
    argument,
    (words) => `expected ${inWords(expected, words)} for ${words.argument(argument, file)}, got ${got}`,
  );
}

/** Refuses an argument in a message of its own: what is wrong, what was given, what to do. */
export function refuse(argument: string, message: Phrase): never {
  throw new ArgumentError(argument, message);
}

export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object') return value.constructor?.name || 'an object';
  return `${typeof value === 'function' ? 'a function' : String(value)}`;
}

export function describeShape(value: unknown): string {
  return Array.isArray(value) || ArrayBuffer.isView(value) ? `[${Array.from(value as number[]).join(', ')}]` : describe(value);
}

/** A positive integer. */
export function checkCount(argument: string, value: unknown): void {
  if (!(Number.isSafeInteger(value) && (value as number) >= 1)) fail(argument, 'a positive integer', describe(value));
}
