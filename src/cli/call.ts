// What the computing commands share: opening their input, the plan, and a progress line around the call.

import { requireMemory } from '../cluster/job/least-memory.js';
import { DECODED_FRACTION } from '../command-wording.js';
import {
  cosineSimilarity,
  type DType,
  MemoryError,
  type Options,
  type PruningOptions,
  type RowFile,
  runtimeInfo,
  type WorkPlan,
} from '../index.js';
import { libraryBytes } from '../io/library-memory.js';
import { emptyPart } from '../io/rows/joined-rows.js';
import type { RecordPlaces } from '../io/rows/record-places.js';
import { SparseRoom } from '../io/rows/sparse-room.js';
import type { CallOptions } from './call-options.js';
import { UsageError } from './exit-codes.js';
import { refuseWithoutDriver } from './gpu-probe.js';
import { checkStdin, noteOrigin, openInput, readingOf, STDIN, saveStdin } from './input.js';
import { labelsPath } from './labels.js';
import { noteMostlyZeros } from './mostly-zeros.js';
import { NameRoom } from './name-room.js';
import { dim, formatCount, formatPercent, formatRate, formatSeconds, note } from './output.js';
import { printPlan } from './plan.js';
import { ProgressLine } from './progress.js';
import { nameFlags, readNames } from './read-names.js';
import { checkReadingOptions } from './reading-options.js';
import { outputFormat } from './records.js';
import { bytesOfNames, type ResultNames, type RowNames } from './result-names.js';
import { perform, SavedRun } from './saved-run.js';
import { checkSavedTransform, saveTransform, transformFor } from './saved-transform.js';

/** An open input, and the arguments for the library. */
export interface Call {
  /** The files that x was opened from. If the command makes a file, stdin was saved in one. */
  readonly files: readonly string[];
  /** The files that y was opened from. */
  readonly otherFiles: readonly string[];
  readonly x: RowFile;
  readonly y: RowFile | undefined;
  /** Names of the rows of x, and of the rows they are compared with: the same object if those are x itself. */
  readonly rowNames: RowNames;
  readonly colNames: RowNames;
  /** True if 1 - score is written. */
  readonly distance: boolean;
  readonly options: Options;
  /** Starts a run on this input; from then on another process can continue it. */
  readonly begin: (run: SavedRun | undefined, plan?: Readonly<Record<string, unknown>>) => Promise<void>;
  /** Ends the progress line and closes the input. */
  readonly finish: () => Promise<void>;
  /** True if part of the scores was computed earlier. */
  readonly resumed: boolean;
  /** The fraction of multiply-adds computed so far, if pairs were excluded. */
  readonly computed: () => number | undefined;
  /** The number of zero rows found so far. */
  readonly zeroRows: () => number;
  /** The number of scores; in a self-comparison, each pair counts once. */
  readonly scores: number;
  /** Returns the maximum number of bytes that names and decoded rows take with this `--memory`. */
  readonly heldWith: (memory: number) => number;
}

/** What a command computes. */
export interface Task {
  readonly command: string;
  /** Extensions of the output file. */
  readonly formats: readonly string[];
  /** Plans with `options`; throws MemoryError if they allow too little memory. */
  readonly plan: (call: Call, options: Options) => WorkPlan;
  /** Throws MemoryError like `plan`, if the work differs from what `plan` describes. */
  readonly attempt?: (call: Call, options: Options) => unknown;
  /** Filled with the positions of the records of x. */
  readonly places?: RecordPlaces;
  /** True if the file of `--against` may have no rows, in which case it is ignored. */
  readonly mayBeEmpty?: boolean;
  readonly work: (call: Call, format: string | undefined, run: SavedRun | undefined) => Promise<void>;
}

/** Opens the input of a command, and the run that makes its output file, if there is one, and does the work. */
export async function withCall(
  task: Task,
  inputs: readonly string[],
  options: CallOptions,
  signal: AbortSignal,
): Promise<void> {
  const { command, formats } = task;
  const format = outputFormat(options.output, formats);
  const makesFile = format !== undefined;
  if (options.against === undefined) refuseWithoutAgainst(options);
  const fromStdin = readsStdin(inputs, options);
  await checkSavedTransform(options, inputs);
  if (makesFile) await SavedRun.check(command, inputs, options);
  // A run on stdin begins by saving it. Otherwise, an earlier run is only discarded if the input can be opened.
  const open = () => (makesFile && !options.dryRun ? SavedRun.open(command, options) : undefined);
  const early = fromStdin ? await open() : undefined;
  await perform(early, signal, async () => {
    const call = await prepareCall(inputs, options, signal, early, task);
    try {
      await refuseWithoutDriver(options.backend);
      // A plan is made without waiting, so it needs a backend that is loaded.
      await cosineSimilarity([[1]], { backend: options.backend });
      await checkMemory(task, call, options);
      if (options.dryRun) return printPlan(task.plan(call, call.options), options);
      const run = early ?? (await open());
      const work = async () => {
        const transformed = { ...call, options: await saveTransform(call.x, call.options, options) };
        await task.work(transformed, format, run);
      };
      await (early ? work() : perform(run, signal, work));
    } finally {
      await call.finish();
    }
  });
}

type AgainstOption = 'Labels' | 'Ids' | 'Carry' | 'Column' | 'Query' | 'Text' | 'Group';

export function refuseWithoutAgainst(options: Pick<CallOptions, `against${AgainstOption}`>): void {
  const { againstLabels, againstIds, againstCarry, againstColumn, againstQuery, againstText, againstGroup } = options;
  const names = { labels: againstLabels, ids: againstIds, carry: againstCarry, group: againstGroup };
  const given = Object.entries({ ...names, column: againstColumn, query: againstQuery, text: againstText });
  const [name] = given.find(([, value]) => value !== undefined) ?? [];
  if (name !== undefined) throw new UsageError(`--against-${name} requires --against`);
}

/** True if stdin is read. Rows from stdin may be compared with themselves. */
function readsStdin(inputs: readonly string[], { against, labels, againstLabels }: CallOptions): boolean {
  return checkStdin({
    ...(inputs.includes(STDIN) ? { 'the input': STDIN } : { '--against': against }),
    '--labels': labels && labelsPath(labels),
    '--against-labels': againstLabels && labelsPath(againstLabels),
  });
}

/** Throws MemoryError, with an amount that suffices, if --memory is too small. */
function checkMemory({ plan, attempt = plan }: Task, call: Call, { memory }: CallOptions): Promise<void> {
  return requireMemory(memory, async (bytes) => {
    const held = call.heldWith(bytes);
    if (bytes <= held) throw new MemoryError(held, 'names, decoded rows and the libraries that read them take all of it');
    try {
      await attempt(call, { ...call.options, memoryBudget: bytes - held });
    } catch (error) {
      throw error instanceof MemoryError ? new MemoryError(error.bytes + held, error.message) : error;
    }
  });
}

/** Opens the input. With a `run`, stdin is first saved in its folder, because it may have to be read again. */
async function prepareCall(
  inputs: readonly string[],
  options: CallOptions,
  signal: AbortSignal,
  run: SavedRun | undefined,
  { places, mayBeEmpty = false }: Pick<Task, 'places' | 'mayBeEmpty'>,
): Promise<Call> {
  const copied = run && readsStdin(inputs, options) ? run.stdinCopy : undefined;
  if (copied !== undefined) await saveStdin(copied, signal);
  const fileOf = (name: string) => (copied !== undefined && name === STDIN ? copied : name);
  const { column, query, againstColumn, againstQuery, format, memory, dtype, threads, nonFinite, zeroRows } = options;
  const reading = { ...readingOf(options), signal, ...(memory && { memoryBudget: memory * DECODED_FRACTION }) };
  const sparseRoom = new SparseRoom(reading.memoryBudget);
  const files = inputs.map(fileOf);
  const { text, againstText } = options;
  if (againstText !== undefined && text === undefined) throw new UsageError('--against-text requires --text');
  const other = options.against === undefined ? undefined : fileOf(options.against);
  if (text === undefined) checkReadingOptions([...inputs, options.against], options);
  const openOther = async (file: string): Promise<RowFile | undefined> => {
    const opened = openInput([file], { ...reading, column: againstColumn, query: againstQuery }, { sparseRoom });
    return mayBeEmpty ? opened.catch(nothingYet(options.quiet)) : opened;
  };
  const open = async (): Promise<[RowFile, RowFile | undefined]> => {
    if (text !== undefined) {
      return (await import('./text-input.js')).openTexts(files, other, { ...options, text }, places, signal);
    }
    const x = await openInput(files, { ...reading, column, query }, { places, sparseRoom });
    return [x, other === undefined ? undefined : await openOther(other)];
  };
  const [x, y] = await open();
  const specs = [options.labels, options.againstLabels].map((spec) => spec && specOf(spec, fileOf));
  const [ownSpec, otherSpec] = specs;
  if (!options.quiet) {
    const grouping = [options.across, options.within];
    noteOrigin(x, [options.ids, options.keepBy?.replace(/:(asc|desc)$/, ''), ...grouping, ...(options.carry ?? [])]);
    if (!options.json) await noteMostlyZeros([x, y]);
    if (y)
      noteOrigin(y, [
        options.againstIds,
        ...(options.againstGroup ? [options.againstGroup] : grouping),
        ...(options.againstCarry ?? []),
      ]);
  }
  const { header } = options;
  const own = { file: x, names: files, format, header, column };
  const flags = nameFlags({ ...options, labels: ownSpec, againstLabels: otherSpec });
  const namesReading = { signal, room: new NameRoom(memory) };
  const rowNames = await readNames(own, flags.rows, namesReading);
  const otherRows = y && { file: y, names: [other as string], format, header, column: againstColumn };
  const colNames = otherRows ? await readNames(otherRows, flags.cols, namesReading) : rowNames;
  const ofNames = bytesOfNames(rowNames) + (y ? bytesOfNames(colNames) : 0);
  const opened = [x, y].filter((rows) => rows !== undefined);
  const ofSparse = opened.reduce((sum, rows) => sum + (rows.inMemory() ? rows.heldBytes : 0), 0);
  const ofLibraries = Math.max(libraryBytes(), Math.min(ofSparse, MOST_KEPT_BYTES));
  const held = ofNames + ofLibraries + x.heldBytes + (y?.heldBytes ?? 0);
  const decoded = opened.filter((rows) => rows.decoded && !rows.inMemory()).length;
  const progress = new ProgressLine(options.quiet);
  const used: CallOptions = {
    ...options,
    ...(other && { against: other }),
    ...(ownSpec && { labels: ownSpec }),
    ...(otherSpec && { againstLabels: otherSpec }),
  };
  return {
    files,
    otherFiles: other === undefined ? [] : [other],
    x,
    y,
    rowNames,
    colNames,
    distance: options.distance === true,
    options: {
      dtype,
      threads,
      backend: options.backend,
      nonFinite,
      ...(await transformFor(options)),
      zeroRows,
      signal,
      onProgress: progress.update,
      memoryBudget: memory && Math.max(1, memory - held),
    },
    begin: async (begun, plan) => begun?.begin(files, used, signal, plan),
    finish: async () => {
      progress.finish();
      await x.close();
      await y?.close();
    },
    resumed: options.resume === true,
    computed: () => progress.computed,
    zeroRows: () => progress.zeroRows,
    scores: y ? x.rows * y.rows : (x.rows * Math.max(0, x.rows - 1)) / 2,
    heldWith: (bytes) =>
      bytes === memory ? held : ofNames + ofLibraries + ofSparse + decoded * Math.ceil(bytes * DECODED_FRACTION),
  };
}

/** The allocator and V8 keep up to this much of the memory that was freed while sparse rows were read. */
const MOST_KEPT_BYTES = 20 * 2 ** 20;

/** Accepts the error of a file without rows as an empty file. */
function nothingYet(quiet: boolean | undefined): (error: unknown) => undefined {
  return (error) => {
    const { file } = emptyPart(error);
    if (!quiet) note(`${file}: no rows, so nothing is dropped for them`);
    return undefined;
  };
}

/** Returns FILE[:COLUMN] with another file. */
function specOf(spec: string, fileOf: (name: string) => string): string {
  const path = labelsPath(spec);
  return fileOf(path) + spec.slice(path.length);
}

/** Returns the type of scores in records. */
export function scoreType({ x, y, options }: Call): 'f4' | 'f8' {
  return dtypeFor(x, y, options.dtype) === 'float64' ? 'f8' : 'f4';
}

/** Returns the type in which scores are computed: the requested one, or one as precise as the rows. */
export function dtypeFor(x: RowFile, y: RowFile | undefined, asked: DType | undefined): DType {
  const exact = [x, y].some((rows) => rows?.type === 'float64');
  return asked ?? (exact ? 'float64' : 'float32');
}

export function namesOf(call: Call): ResultNames {
  const { rowNames: rows, colNames: cols, distance } = call;
  return { rows, cols, score: scoreType(call), distance };
}

/** What a command found, for its summary. */
export interface Summary {
  readonly seconds: number;
  /** The number of computed scores, if it is not that of all pairs of rows. */
  readonly scores?: number | undefined;
  /** The answer for programs, and a line for people. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly line?: string | undefined;
  /** Files that were written, by the option that names them. */
  readonly files: Readonly<Record<string, string | undefined>>;
}

/** Prints the summary of a command to stderr: as one line of JSON with --json, otherwise for people. */
export function noteSummary(call: Call, options: CallOptions, { seconds, scores, facts, line, files }: Summary): void {
  const { backend, json } = options;
  const { x, y } = call;
  const shape = { rows: x.rows, cols: (y ?? x).rows };
  const work = {
    dtype: dtypeFor(x, y, call.options.dtype),
    backend: backend ?? runtimeInfo().backend,
    seconds,
    computed: call.computed(),
    zeroRows: call.zeroRows() || undefined,
  };
  const wrote = Object.values(files).flatMap((file) => (file === undefined ? [] : [`wrote ${file}`]));
  const lines = [
    describeWork(scores === undefined ? call : { ...call, scores }, seconds, backend),
    ...(line === undefined ? [] : [line]),
    ...describeZeroRows(call, options),
    ...wrote,
  ];
  note(json ? JSON.stringify({ ...shape, ...work, ...facts, ...files }) : lines.join('\n'));
}

/** Returns a line about zero rows, if there are any. */
export function describeZeroRows(call: Pick<Call, 'zeroRows'>, { zeroRows }: CallOptions): string[] {
  const count = call.zeroRows();
  if (count === 0) return [];
  const [rows, score, are] = count === 1 ? ['zero row', 'scores', 'is'] : ['zero rows', 'score', 'are'];
  const effect =
    zeroRows === 'exclude' ? `${are} in no pair (--zero-rows exclude)` : `${score} 0 with everything (--zero-rows)`;
  return [`${formatCount(count)} ${rows} ${effect}`];
}

/** Returns for example '1,124,250 scores in 40 ms', with the backend and the fraction of the work that was necessary. */
function describeWork({ scores, resumed, computed }: Call, seconds: number, backend: string | undefined): string {
  const name = backend ?? runtimeInfo().backend;
  const part = computed();
  const pruned = part === undefined ? '' : `, ${formatPercent(part)} of the multiply-adds`;
  if (resumed) return `${formatCount(scores)} scores, the remaining ones in ${formatSeconds(seconds)}  ${dim(name + pruned)}`;
  return `${formatCount(scores)} scores in ${formatSeconds(seconds)}  ${dim(`${name}, ${formatRate(scores, seconds)}${pruned}`)}`;
}

/** Returns the library's option for whether pairs may be excluded without computing them. */
export function pruningOf({ pruning }: CallOptions): PruningOptions {
  return pruning === false ? { pruning: 'off' } : {};
}
