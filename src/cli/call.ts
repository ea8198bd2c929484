// What the computing commands share: their options, opening their input, and a progress line around the call.

import { type DType, MemoryError, type Options, type RowFile, runtimeInfo } from '../index.js';
import type { CallOptions } from './call-options.js';
import { UsageError } from './exit-codes.js';
import { openInput, STDIN, saveStdin } from './input.js';
import { readLabels } from './labels.js';
import { dim, formatCount, formatSeconds } from './output.js';
import { ProgressLine } from './progress.js';
import { outputFormat, type ResultNames } from './records.js';
import { guarded, SavedRun } from './saved-run.js';

/** Input, opened, and what to pass on to the library. */
export interface Call {
  readonly x: RowFile;
  readonly y: RowFile | undefined;
  /** Names of the rows of x, and of what they are compared with. */
  readonly labels: readonly string[] | undefined;
  readonly otherLabels: readonly string[] | undefined;
  readonly options: Options;
  /** Begins a run on this input: from now on another process can go on with it. */
  readonly begin: (run: SavedRun | undefined, plan?: Readonly<Record<string, unknown>>) => Promise<void>;
  /** Ends the progress line, and closes the input. */
  readonly finish: () => Promise<void>;
  /** Whether a part of them was computed before. */
  readonly resumed: boolean;
  /** How many scores there are: of x with itself, each pair once. */
  readonly scores: number;
}

/** Of a memory budget, what decoded rows may take before they go to a temporary file. */
const SHARE_OF_DECODED = 1 / 8;

/**
 * Opens the input of a command, and where it has an output file the run that makes it, and does the work. `formats`: what the
 * output file may be.
 */
export async function withCall(
  command: string,
  formats: readonly string[],
  input: string,
  options: CallOptions,
  signal: AbortSignal,
  work: (call: Call, format: string | undefined, run: SavedRun | undefined) => Promise<void>,
): Promise<void> {
  const format = outputFormat(options.output, formats);
  const makesFile = format !== undefined;
  if (options.against === undefined) refuseWithoutAgainst(options);
  if (makesFile) await SavedRun.check(command, input, options);
  // A run of stdin begins by putting it down; else an earlier run is only given up for an input that can be opened.
  const readsStdin = input === STDIN || options.against === STDIN;
  const open = () => (makesFile && !options.dryRun ? SavedRun.open(command, options) : undefined);
  const early = readsStdin ? await open() : undefined;
  await guarded(early, signal, async () => {
    const call = await prepareCall(input, options, signal, early);
    try {
      const run = early ?? (await open());
      await (early ? work(call, format, run) : guarded(run, signal, () => work(call, format, run)));
    } finally {
      await call.finish();
    }
  });
}

export function refuseWithoutAgainst({ againstLabels, againstColumn, againstQuery }: CallOptions): void {
  const given = Object.entries({ labels: againstLabels, column: againstColumn, query: againstQuery });
  const [name] = given.find(([, value]) => value !== undefined) ?? [];
  if (name !== undefined) throw new UsageError(`--against-${name}: there is no --against that it could be of`);
}

/** Opens the input. With a `run` stdin is put down in its folder first: it may have to be read again. */
async function prepareCall(input: string, options: CallOptions, signal: AbortSignal, run: SavedRun | undefined): Promise<Call> {
  const copied = run && (input === STDIN || options.against === STDIN) ? run.stdinCopy : undefined;
  if (copied !== undefined) await saveStdin(copied, signal);
  const fileOf = (name: string) => (copied !== undefined && name === STDIN ? copied : name);
  const { column, query, againstColumn, againstQuery, format, memory, dtype, threads, nonFinite } = options;
  const reading = { format, signal, ...(memory && { memoryBudget: memory * SHARE_OF_DECODED }) };
  const x = await openInput(fileOf(input), { ...reading, column, query });
  const y =
    options.against === undefined
      ? undefined
      : await openInput(fileOf(options.against), { ...reading, column: againstColumn, query: againstQuery });
  const labels = options.labels === undefined ? undefined : await readLabels(options.labels, x.rows);
  const othersOf = options.againstLabels;
  const againstLabels = othersOf === undefined || !y ? undefined : await readLabels(othersOf, y.rows);
  const held = bytesOf(labels) + bytesOf(againstLabels) + x.heldBytes + (y?.heldBytes ?? 0);
  if (memory !== undefined && memory <= held) {
    throw new MemoryError(
      held,
      `--memory allows ${memory} bytes, and names and decoded rows take ${held} before the work begins`,
    );
  }
  const progress = new ProgressLine(options.quiet);
  const against = options.against && fileOf(options.against);
  const files = { ...options, ...(against && { against }) };
  return {
    x,
    y,
    labels,
    otherLabels: y ? againstLabels : labels,
    options: {
      dtype,
      threads,
      backend: options.backend,
      nonFinite,
      signal,
      onProgress: progress.update,
      memoryBudget: memory && memory - held,
    },
    begin: async (begun, plan) => begun?.begin(fileOf(input), files, signal, plan),
    finish: async () => {
      progress.finish();
      await x.close();
      await y?.close();
    },
    resumed: options.resume === true,
    scores: y ? x.rows * y.rows : (x.rows * Math.max(0, x.rows - 1)) / 2,
  };
}

/** About what names take in memory. */
function bytesOf(labels: readonly string[] | undefined): number {
  return labels?.reduce((sum, label) => sum + 2 * label.length + 40, 0) ?? 0;
}

/** The type of scores in records. */
export function scoreType({ x, y, options }: Call): 'f4' | 'f8' {
  return dtypeFor(x, y, options.dtype) === 'float64' ? 'f8' : 'f4';
}

/** What scores are computed in: as asked, or as exact as the rows are. */
export function dtypeFor(x: RowFile, y: RowFile | undefined, asked: DType | undefined): DType {
  const exact = [x, y].some((rows) => rows?.type === 'float64');
  return asked ?? (exact ? 'float64' : 'float32');
}

export function namesOf(call: Call): ResultNames {
  return { labels: call.labels, otherLabels: call.otherLabels, score: scoreType(call) };
}

/** '1,124,250 scores in 40 ms', with the backend. */
export function describeWork({ scores, resumed }: Call, seconds: number, backend: string | undefined): string {
  const name = backend ?? runtimeInfo().backend;
  const rate = formatCount(Math.round(scores / seconds / 1e6));
  if (resumed) return `${formatCount(scores)} scores, the rest of them in ${formatSeconds(seconds)}  ${dim(name)}`;
  return `${formatCount(scores)} scores in ${formatSeconds(seconds)}  ${dim(`${name}, ${rate} million/s`)}`;
}
