// Refusals of arguments, which state what was expected and what was given.

import { ArgumentError } from './errors.js';
import { type Message, mention, say } from './message.js';
import { isDetached } from './rows/dtype.js';

interface Circumstances {
  /** The file that contains the rows of the argument. */
  readonly file?: string | undefined;
  /** What to do. */
  readonly advice?: Message | undefined;
}

/** Refuses an argument, stating what was expected and what was given. */
export function fail(argument: string, expected: Message, received: string, { file, advice }: Circumstances = {}): never {
  const message = say`expected ${expected} for ${mention.argument(argument, file)}, got ${received}`;
  throw new ArgumentError(argument, message, { expected, received, advice });
}

/** Refuses an argument with a specific message: what is wrong and what was given, then what to do. */
export function refuse(argument: string, message: Message, advice?: Message): never {
  throw new ArgumentError(argument, message, { advice });
}

export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'object') return value.constructor?.name || 'an object';
  return `${typeof value === 'function' ? 'a function' : String(value)}`;
}

export function describeShape(value: unknown): string {
  return Array.isArray(value) || ArrayBuffer.isView(value) ? `[${Array.from(value as number[]).join(', ')}]` : describe(value);
}

/** Requires a positive integer. */
export function checkCount(argument: string, value: unknown): void {
  if (!(Number.isSafeInteger(value) && (value as number) >= 1)) fail(argument, 'a positive integer', describe(value));
}

export function checkChoice(argument: string, value: unknown, choices: readonly string[]): void {
  if (value === undefined || choices.includes(value as string)) return;
  fail(argument, choices.map((choice) => `'${choice}'`).join(' or '), describe(value));
}

export function checkAttached(argument: string, list: ArrayLike<unknown>): void {
  if (isDetached(list)) fail(argument, 'numbers', `a detached ${list.constructor.name}`);
}
