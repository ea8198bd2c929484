// Reports errors of libraries and decoders as errors of the file, with their position.

import { AllpairsError, FormatError } from '../../errors.js';
import { isAbortReason } from '../turns.js';

/** Returns `error` itself if it is ours or the system's, otherwise a FormatError at `offset` with its message. */
export function formatFailure(name: string, offset: number, error: unknown): Error {
  if (error instanceof AllpairsError || isAbortReason(error)) return error as Error;
  // Failed system calls, such as unreadable disks, say nothing about the format.
  if (error instanceof Error && 'syscall' in error) return error;
  return new FormatError(name, offset, error instanceof Error ? error.message : String(error));
}

/** Calls `decode`; errors it throws become a FormatError at `offset`. */
export function decodeAt<T>(name: string, offset: number, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw formatFailure(name, offset, error);
  }
}

/** Returns a count or size that a file states, as a number. Throws a plain Error if it is not valid. */
export function statedCount(value: unknown, what: string, most: number = Number.MAX_SAFE_INTEGER): number {
  const count = typeof value === 'bigint' ? Number(value) : value;
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 0) throw new Error(`${what} is not a valid count`);
  if (count > most) throw new Error(`${what} is ${count}; expected at most ${most}`);
  return count;
}
