// What the process prints and returns when a command fails.

import process from 'node:process';
import { CommanderError } from 'commander';
import { JobError } from '../cluster/job/job-error.js';
import { COMMAND_WORDING } from '../command-wording.js';
import { AllpairsError, ArgumentError, FormatError, messageIn } from '../errors.js';
import { describeSystemError, isSystemError } from './system-error.js';

const FAILED = 1;
const WRONG_USAGE = 2;
const BAD_INPUT = 3;
const RESUMABLE = 4;
const INTERRUPTED = 130;

/** An input that cannot be used, with the reason, for cases in which the library has no error. */
export class InputError extends Error {}

/** An invalid command line. */
export class UsageError extends Error {}

/** Arguments that do not fit the command; its help explains them. */
export class CommandLineError extends UsageError {
  constructor(
    message: string,
    readonly help: string,
  ) {
    super(message);
  }
}

/** System errors that concern the path. */
const UNREADABLE = new Set(['ENOENT', 'EACCES', 'EPERM', 'EISDIR', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/** The command ended early and its results so far are saved. The cause is the reason. */
export class Stopped extends Error {
  constructor(output: string, cause: unknown) {
    super(`to continue: allpairs resume ${output}`, { cause });
  }
}

const BAD_INPUTS = [ArgumentError, FormatError, InputError, JobError];

/** 0 done, 1 failed, 2 wrong usage, 3 bad input, 4 stopped early and resumable, 130 interrupted. */
export function exitCodeOf(error: unknown, signal: AbortSignal): number {
  if (error instanceof Stopped) return RESUMABLE;
  if (signal.aborted) return INTERRUPTED;
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
  if (error instanceof UsageError) return WRONG_USAGE;
  if (BAD_INPUTS.some((kind) => error instanceof kind)) return BAD_INPUT;
  return FAILED;
}

/** Prints the error to stderr; commander has already printed its help. */
export function explain(error: unknown, signal: AbortSignal): void {
  if (error instanceof CommanderError) return;
  const stopped = error instanceof Stopped;
  const lines = [signal.aborted ? 'interrupted' : `error: ${messageOf(stopped ? error.cause : error)}`];
  if (stopped) lines.push(error.message);
  if (error instanceof CommandLineError) lines.push(`(see ${error.help})`);
  process.stderr.write(`${lines.join('\n')}\n`);
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AllpairsError) return messageIn(error, COMMAND_WORDING);
  if (isSystemError(error)) return error.path === undefined ? error.message : `${error.path}: ${describeSystemError(error)}`;
  const expected = error instanceof InputError || error instanceof UsageError || 'syscall' in error;
  return expected ? error.message : (error.stack ?? error.message);
}

/** Returns an error of opening `path` as an InputError, and any other error unchanged. */
export function asInputError(error: unknown, path: string): unknown {
  if (!isSystemError(error) || !UNREADABLE.has(error.code ?? '')) return error;
  if (error.code === 'ENOENT') return new InputError(`${path}: no such file`);
  if (error.code === 'EISDIR') return new InputError(`${path}: that is a folder; expected a file`);
  return new InputError(`${path}: ${describeSystemError(error)}`);
}
