// The template of commands whose answer is held whole: it is written to the output file, printed as records, or shown to a person.

import type { AtomicFile } from '../io/bytes/atomic-file.js';
import { RECORD_FORMATS } from '../io/records/record-file.js';
import { type Call, noteSummary, type Summary, type Task, withCall } from './call.js';
import type { CallOptions } from './call-options.js';
import { wantsJson } from './output.js';
import type { SavedRun } from './saved-run.js';

export interface AnswerTask<T> extends Pick<Task, 'command' | 'plan' | 'attempt' | 'places' | 'mayBeEmpty'> {
  /** Extensions of the output file. Default: those of records. */
  readonly formats?: readonly string[];
  /** Throws where the output could not hold the answer, before anything is computed. */
  readonly check?: (call: Call, format: string | undefined) => void;
  /** The answer, with the numbers that rows have in the input. */
  readonly compute: (call: Call, run: SavedRun | undefined) => Promise<T>;
  /** How many scores were computed, where they are not those of every pair of rows. */
  readonly scores?: (answer: T, call: Call) => number;
  /** What the answer is, for programs that read the summary. */
  readonly facts: (answer: T, call: Call) => Readonly<Record<string, unknown>>;
  /** The same for people, below the line that says what was computed. */
  readonly describe?: (answer: T, call: Call) => string;
  readonly write: (file: AtomicFile, format: string, answer: T, call: Call) => Promise<void>;
  /** To stdout, for programs. */
  readonly print: (answer: T, call: Call) => Promise<void>;
  /** On a terminal. */
  readonly show: (answer: T, call: Call) => void;
  /** Other outputs; returns the files that were written, by the option that names them. */
  readonly writeAside?: (answer: T, call: Call) => Promise<Summary['files']>;
  /** Whether one of them goes to stdout, where nothing else can then go. */
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
