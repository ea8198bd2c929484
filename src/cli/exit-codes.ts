// What the process says and returns when a command fails.

import process from 'node:process';
import { CommanderError } from 'commander';
import { JobError } from '../cluster/job-error.js';
import { COMMAND_WORDS } from '../command-words.js';
import { AllpairsError, ArgumentError, FormatError } from '../index.js';

const FAILED = 1;
const WRONG_USAGE = 2;
const BAD_INPUT = 3;
const RESUMABLE = 4;
const INTERRUPTED = 130;

/** An input that cannot be used, with the reason; for what the library has no error for. */
export class InputError extends Error {}

/** A command line that cannot be meant. */
export class UsageError extends Error {}

/** What keeps an input from being read. */
const UNREADABLE = new Set(['ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/** Ended part-way; what there is so far is kept. The cause is why. */
export class Stopped extends Error {
  constructor(output: string, cause: unknown) {
    super(`to go on: allpairs resume ${output}`, { cause });
  }
}

const BAD_INPUTS = [ArgumentError, FormatError, InputError, JobError];

/** 0 done, 1 failed, 2 wrong usage, 3 bad input, 4 stopped part-way and resumable, 130 interrupted. */
export function exitCodeOf(error: unknown, signal: AbortSignal): number {
  if (error instanceof Stopped) return RESUMABLE;
  if (signal.aborted) return INTERRUPTED;
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
  if (error instanceof UsageError) return WRONG_USAGE;
  if (BAD_INPUTS.some((kind) => error instanceof kind)) return BAD_INPUT;
  return FAILED;
}

/** Says on stderr what went wrong; commander has already said what it had to. */
export function explain(error: unknown, signal: AbortSignal): void {
  if (error instanceof CommanderError) return;
  const stopped = error instanceof Stopped;
  const reason = signal.aborted ? 'interrupted' : `error: ${messageOf(stopped ? error.cause : error)}`;
  process.stderr.write(`${reason}\n${stopped ? `${error.message}\n` : ''}`);
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AllpairsError) return error.messageIn(COMMAND_WORDS);
  const expected = error instanceof InputError || error instanceof UsageError || 'syscall' in error;
  return expected ? error.message : (error.stack ?? error.message);
}

/** An error of opening `path` as the InputError it means, anything else as it is. */
export function asInputError(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!UNREADABLE.has(code)) return error;
  if (code === 'ENOENT') return new InputError(`${path}: no such file`);
  if (code === 'EISDIR') return new InputError(`${path}: that is a folder; expected a file`);
  return new InputError(`${path}: ${(error as Error).message}`);
}
