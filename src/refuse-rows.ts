// Values that are passed as rows by mistake, each with advice on what to pass instead.

import { describe, fail, refuse } from './argument.js';
import { isVector } from './check-collections.js';

const READINGS = 'an array of vectors, { data, shape: [rows, depth] }, or vectors by id (a Map or an object)';

/** Throws the ArgumentError for a value that is not rows. */
export function refuseRows(argument: string, value: unknown): never {
  const got = typeof value === 'object' && value !== null ? withArticle(describe(value)) : describe(value);
  const advice = remedyFor(argument, value) ?? `pass ${READINGS}`;
  return fail(argument, 'rows', got, { advice });
}

/** Throws the ArgumentError for row `row`, which is not a vector. */
export function refuseRow(argument: string, row: number, value: unknown): never {
  const advice = isPromise(value) ? 'await them: await Promise.all(rows)' : undefined;
  return fail(argument, `an array of numbers as row ${row}`, describe(value), { advice });
}

/** Throws the ArgumentError for a single vector that would only be compared with itself. */
export function refuseLone(argument: string): never {
  return refuse(
    argument,
    `\`${argument}\` is one vector, and there are no other rows to compare it with`,
    `pass a second argument, or ${READINGS}`,
  );
}

export function isPromise(value: unknown): boolean {
  return typeof (value as { readonly then?: unknown } | undefined)?.then === 'function';
}

function remedyFor(argument: string, value: unknown): string | undefined {
  if (typeof value === 'string') return `to read rows from a file, pass await openRows(${JSON.stringify(value)})`;
  if (typeof value !== 'object' || value === null) return undefined;
  if (isPromise(value)) return 'did you forget await?';
  if (Symbol.asyncIterator in value) return 'collect its rows first: for await (const row of source) rows.push(row)';
  if (value instanceof URL) return `to read rows from a file, pass await openRows(${argument})`;
  if ('size' in value && 'slice' in value) return `to read rows from a file, pass await openRows(${argument})`;
  if (Object.prototype.toString.call(value).endsWith('ArrayBuffer]')) {
    return 'pass { data: new Float32Array(buffer), shape: [rows, depth] }';
  }
  const member = Object.entries(value).find(([, part]) => Array.isArray(part) && part.length > 0 && isVector(part[0]));
  return member && `did you mean \`${argument}.${member[0]}\`?`;
}

function withArticle(name: string): string {
  return /^an? /.test(name) ? name : `${/^[AEIOU]/.test(name) && !/^U[RS]/.test(name) ? 'an' : 'a'} ${name}`;
}
