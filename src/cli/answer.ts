// The template of commands that hold their whole answer in memory: it is written to the output file, printed as records, or shown on a
// terminal.

import type { AtomicFile } from '../io/bytes/atomic-file.js';
import { RECORD_FORMATS } from '../io/records/record-file.js';
import { type Call, noteSummary, type Summary, type Task, withCall } from './call.js';
import type { CallOptions } from './call-options.js';
import { wantsJson } from './output.js';
import type { SavedRun } from './saved-run.js';

export interface AnswerTask<T> extends Pick<Task, 'command' | 'plan' | 'attempt' | 'places' | 'mayBeEmpty'> {
  /** Extensions of the output file. Default: those of records. */
  readonly formats?: readonly string[];
  /** Throws before anything is computed if the output could not hold the answer. */
  readonly check?: (call: Call, format: string | undefined) => void;
  /** Computes the answer, with the row numbers of the input. */
  readonly compute: (call: Call, run: SavedRun | undefined) => Promise<T>;
  /** The number of computed scores, if it is not that of all pairs of rows. */
  readonly scores?: (answer: T, call: Call) => number;
  /** Describes the answer to programs that read the summary. */
  readonly facts: (answer: T, call: Call) => Readonly<Record<string, unknown>>;
  /** Describes it to people, below the line that says what was computed. */
  readonly describe?: (answer: T, call: Call) => string;
  readonly write: (file: AtomicFile, format: string, answer: T, call: Call) => Promise<void>;
  /** Prints to stdout, for programs. */
  readonly print: (answer: T, call: Call) => Promise<void>;
  /** Shows the answer on a terminal. */
  readonly show: (answer: T, call: Call) => void;
  /** Writes other outputs; returns the written files by the option that names them. */
  readonly writeAside?: (answer: T, call: Call) => Promise<Summary['files']>;
  /** True if one of them goes to stdout, so nothing else can. */
  readonly stdoutTaken?: boolean;
}

/** Computes an answer, and writes, prints or shows it. */
export function withAnswer<T>(
  task: AnswerTask<T>,
  inputs: readonly string[],
  options: CallOptions,
  signal: AbortSignal,
): Promise<void> {
  const { command, plan, attempt = plan, places, mayBeEmpty = false, stdoutTaken = false } = task;
  const { formats = [...RECORD_FORMATS, '.npz'] } = task;
  const work: Task['work'] = async (call, format, run) => {
    task.check?.(call, format);
    await call.begin(run);
    const started = performance.now();
    const answer = await task.compute(call, run);
    await call.finish();
    const seconds = (performance.now() - started) / 1000;
    const aside = await task.writeAside?.(answer, call);
    const toStdout = format === undefined && !stdoutTaken;
    if (format !== undefined) await run?.finish((file) => task.write(file, format, answer, call));
    else if (toStdout && (options.output === '-' || wantsJson(options))) return task.print(answer, call);
    if (!options.quiet) {
      const files = { ...aside, output: format === undefined ? undefined : options.output };
      const facts = task.facts(answer, call);
      noteSummary(call, options, {
        seconds,
        scores: task.scores?.(answer, call),
        facts,
        line: task.describe?.(answer, call),
        files,
      });
    }
    if (toStdout) task.show(answer, call);
  };
  return withCall({ command, formats, plan, attempt, work, mayBeEmpty, ...(places && { places }) }, inputs, options, signal);
}
