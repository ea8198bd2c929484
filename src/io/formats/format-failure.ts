// What goes wrong inside a library or a decoder shows as the file's fault, with the byte where it lies.

import { AllpairsError, FormatError } from '../../errors.js';
import { isAbortReason } from '../turns.js';

/** `error` itself if it is one of ours or the system's, else a FormatError at `offset` with its message. */
export function formatFailure(name: string, offset: number, error: unknown): Error {
  if (error instanceof AllpairsError || isAbortReason(error)) return error as Error;
  // Failed calls of the system (a disk that cannot be read) say nothing about the format.
  if (error instanceof Error && 'syscall' in error) return error;
  return new FormatError(name, offset, error instanceof Error ? error.message : String(error));
}

/** `decode()`; what it throws becomes a FormatError at `offset`. */
export function decodeAt<T>(name: string, offset: number, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw formatFailure(name, offset, error);
  }
}

/** A count or size that a file states, as a number. Throws a plain Error if it is no such number. */
export function statedCount(value: unknown, what: string, most: number = Number.MAX_SAFE_INTEGER): number {
  const count = typeof value === 'bigint' ? Number(value) : value;
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 0) throw new Error(`${what} is no count`);
  if (count > most) throw new Error(`${what} is ${count}, at most ${most} can be`);
  return count;
}
