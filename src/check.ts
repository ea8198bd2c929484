// Every check of every argument: what callers hand in becomes what the engine works on, or an ArgumentError that names the
// argument, what was expected and what came.

import { checkCount, describe, fail } from './argument.js';
import { isRecordOfVectors } from './check-collections.js';
import { checkApart, checkRows, resemblesRows } from './check-rows.js';
import { mention, say } from './message.js';
import { checkOptionNames, type OptionNames } from './option-names.js';
import type { BlockPartOptions, PartOptions } from './part-options.js';
import type {
  BestPairsProblem,
  BlocksProblem,
  DedupeProblem,
  GroupsProblem,
  HistogramProblem,
  PairedProblem,
  PairsProblem,
  Problem,
  TopKProblem,
} from './problem.js';
import { refuseLone } from './refuse-rows.js';
import { CsrRows, toCsrRows } from './rows/csr-rows.js';
import { type DType, isDetached, isNumericArray, type ScoreArray } from './rows/dtype.js';
import { listRows } from './rows/listed-rows.js';
import { arraysOf, ContiguousRows } from './rows/row-source.js';
import { type AnyRows, fileOf, StoredRows } from './rows/stored-rows.js';
import type { Checkpoint } from './saved-state.js';
import {
  BACKEND_NAMES,
  type BestPairsOptions,
  type CosineSimilarityOptions,
  type DedupeOptions,
  type GroupsOptions,
  type HistogramOptions,
  type MatrixBlockOptions,
  type Options,
  type PairsOptions,
  type PruningOptions,
  type ScorePairsOptions,
  type TopKOptions,
} from './types.js';

const COMMON_OPTIONS = {
  dtype: true,
  threads: true,
  backend: true,
  nonFinite: true,
  memoryBudget: true,
  signal: true,
  onProgress: true,
} as const satisfies Record<keyof Options, true>;
/** Accepted, but not offered. */
const PART_OPTIONS = { rowStart: false, rowEnd: false, colStart: false } as const satisfies Record<keyof PartOptions, false>;

/** What a call takes as options. */
interface CallSyntax {
  readonly call: string;
  readonly names: OptionNames;
  /** The one option that a call needs; a number in the place of the options stands for it. */
  readonly needed?: string;
}

const DENSE: CallSyntax = {
  call: 'cosineSimilarity',
  names: { out: true, ...COMMON_OPTIONS } satisfies Record<keyof CosineSimilarityOptions, true>,
};
const BLOCKS: CallSyntax = {
  call: 'streamMatrix',
  names: { blockRows: true, skip: false, ...PART_OPTIONS, ...COMMON_OPTIONS } satisfies Record<
    keyof (MatrixBlockOptions & BlockPartOptions),
    boolean
  >,
};
const TOP_K: CallSyntax = {
  call: 'topK',
  names: { k: true, checkpoint: true, pruning: true, ...PART_OPTIONS, ...COMMON_OPTIONS } satisfies Record<
    keyof (TopKOptions & PartOptions),
    boolean
  >,
  needed: 'k',
};
const PAIRS: CallSyntax = {
  call: 'pairs',
  names: { ...PART_OPTIONS, threshold: true, rowStart: true, pruning: true, ...COMMON_OPTIONS } satisfies Record<
    keyof (PairsOptions & PartOptions),
    boolean
  >,
  needed: 'threshold',
};
const BEST_PAIRS: CallSyntax = {
  call: 'bestPairs',
  names: { count: true, pruning: true, ...COMMON_OPTIONS } satisfies Record<keyof BestPairsOptions, true>,
  needed: 'count',
};
const HISTOGRAM: CallSyntax = {
  call: 'histogram',
  names: { bins: true, checkpoint: true, ...COMMON_OPTIONS } satisfies Record<keyof HistogramOptions, true>,
};
const PAIRED: CallSyntax = {
  call: 'pairedSimilarity',
  names: COMMON_OPTIONS,
};
const SCORE_PAIRS: CallSyntax = {
  call: 'scorePairs',
  names: { rows: true, cols: true, ...COMMON_OPTIONS } satisfies Record<keyof ScorePairsOptions, true>,
};
const DEDUPE: CallSyntax = {
  call: 'dedupe',
  names: {
    threshold: true,
    against: true,
    priority: true,
    method: true,
    pruning: true,
    ...COMMON_OPTIONS,
  } satisfies Record<keyof DedupeOptions, true>,
  needed: 'threshold',
};
const GROUPS: CallSyntax = {
  call: 'groups',
  names: {
    threshold: true,
    method: true,
    minimumSize: true,
    checkpoint: true,
    pruning: true,
    ...COMMON_OPTIONS,
  } satisfies Record<keyof GroupsOptions, true>,
  needed: 'threshold',
};

/** cosineSimilarity; throws ArgumentError, as all of these do. */
export function checkDenseCall(xRows: unknown, yOrOptions?: unknown, lastOptions?: unknown): Problem {
  const { yRows, options } = sortOut<CosineSimilarityOptions>(DENSE, yOrOptions, lastOptions);
  return checkCall(xRows, yRows, options, options.out);
}

/** cosineSimilaritySync. */
export function checkSyncCall(xRows: unknown, yOrOptions?: unknown, lastOptions?: unknown): Problem {
  const call = checkDenseCall(xRows, yOrOptions, lastOptions);
  if (call.x instanceof StoredRows) refuseStored('x');
  if (call.y instanceof StoredRows) refuseStored('y');
  return call;
}

function refuseStored(argument: string): never {
  fail(argument, 'rows in memory (cosineSimilarity reads files)', 'an open file');
}

export function checkBlocksCall(xRows: unknown, yOrOptions?: unknown, lastOptions?: unknown): BlocksProblem {
  const { yRows, options } = sortOut<MatrixBlockOptions & BlockPartOptions>(BLOCKS, yOrOptions, lastOptions);
  const { blockRows, skip } = options;
  if (blockRows !== undefined) checkCount('blockRows', blockRows);
  if (skip !== undefined && typeof skip !== 'function') fail('skip', 'a function', describe(skip));
  return { ...checkPart(checkCall(xRows, yRows, options), options), blockRows, skip };
}

export function checkTopKCall(xRows: unknown, yOrOptions?: unknown, lastOptions?: unknown): TopKProblem {
  const { yRows, options } = sortOut<TopKOptions & PartOptions>(TOP_K, yOrOptions, lastOptions);
  checkCount('k', options.k);
  const call = checkPart(checkIndexed(checkCall(xRows, yRows, options)), options);
  return { ...checkSaved(call, options.checkpoint), k: options.k, pruning: checkPruning(options) };
}

export function checkPairsCall(xRows: unknown, yOrOptions?: unknown, lastOptions?: unknown): PairsProblem {
  const { yRows, options } = sortOut<PairsOptions & PartOptions>(PAIRS, yOrOptions, lastOptions);
  checkThreshold(options.threshold);
  const pruning = checkPruning(options);
  return { ...checkPart(checkIndexed(checkCall(xRows, yRows, options)), options), threshold: options.threshold, pruning };
}

export function checkBestPairsCall(xRows: unknown, yOrOptions?: unknown, lastOptions?: unknown): BestPairsProblem {
  const { yRows, options } = sortOut<BestPairsOptions>(BEST_PAIRS, yOrOptions, lastOptions);
  checkCount('count', options.count);
  const pruning = checkPruning(options);
  return { ...checkIndexed(checkCall(xRows, yRows, options)), count: options.count, pruning };
}

export function checkPairedCall(xRows: unknown, yRows: unknown, lastOptions?: unknown): PairedProblem {
  if (lastOptions === undefined && isOptions(yRows)) fail('y', 'rows to compare with those of x', 'options');
  const call = checkCall(xRows, yRows ?? fail('y', 'rows', describe(yRows)), checkOptions<Options>(PAIRED, lastOptions));
  const y = call.y as AnyRows;
  if (y.rows !== call.x.rows) {
    const expected = say`${call.x.rows} rows (as ${mention.argument('x', fileOf(call.x))} has)`;
    fail('y', expected, `${y.rows}`, { file: fileOf(y) });
  }
  return { ...call, y };
}

export function checkScorePairsCall(xRows: unknown, yOrOptions?: unknown, lastOptions?: unknown): PairedProblem {
  const { yRows, options } = sortOut<ScorePairsOptions>(SCORE_PAIRS, yOrOptions, lastOptions);
  const call = checkIndexed(checkCall(xRows, yRows, options));
  const { x, y = x } = call;
  const rows = checkRowNumbers('rows', options.rows, x.rows);
  const cols = checkRowNumbers('cols', options.cols, y.rows);
  if (cols.length !== rows.length) fail('cols', `${rows.length} row numbers (as \`rows\` has)`, `${cols.length}`);
  return { ...call, x: listRows(x, rows), y: listRows(y, cols), rowEnd: rows.length, colArgument: call.y ? 'y' : 'x' };
}

/** A copy: the caller may change the list during the call. */
function checkRowNumbers(argument: string, list: unknown, count: number): Uint32Array {
  if (!Array.isArray(list) && !isNumericArray(list)) fail(argument, 'a list of row numbers', describe(list));
  checkAttached(argument, list);
  const bad = (list as readonly unknown[]).findIndex(
    (row) => !(Number.isInteger(row) && 0 <= Number(row) && Number(row) < count),
  );
  if (bad >= 0) fail(argument, `whole numbers below ${count}`, `${describe(list[bad])} at index ${bad}`);
  return Uint32Array.from(list as readonly number[]);
}

function checkAttached(argument: string, list: ArrayLike<unknown>): void {
  if (isDetached(list)) fail(argument, 'numbers', `a detached ${list.constructor.name}`);
}

export function checkHistogramCall(xRows: unknown, yOrOptions?: unknown, lastOptions?: unknown): HistogramProblem {
  const { yRows, options } = sortOut<HistogramOptions>(HISTOGRAM, yOrOptions, lastOptions);
  const { bins = DEFAULT_BINS } = options;
  checkCount('bins', bins);
  return { ...checkSaved(checkCall(xRows, yRows, options), options.checkpoint), bins };
}

export function checkDedupeCall(xRows: unknown, options?: unknown, lastOptions?: unknown): DedupeProblem {
  const checked = sortOutWithoutY<DedupeOptions>(DEDUPE, options, lastOptions);
  const { threshold, against, method = 'greedy' } = checked;
  checkThreshold(threshold);
  checkChoice('method', method, ['greedy', 'components']);
  const call = checkIndexed(checkCall(xRows, against ?? undefined, checked, undefined, 'against'));
  const priority = checkPriority(checked.priority, call.x.rows);
  return { ...call, threshold, method, priority, pruning: checkPruning(checked) };
}

/** A copy: the caller may change it during the call. */
function checkPriority(priority: DedupeOptions['priority'], rows: number): DedupeProblem['priority'] {
  if (priority === undefined) return undefined;
  const isWide = priority instanceof BigInt64Array || priority instanceof BigUint64Array;
  if (!isWide && !Array.isArray(priority) && !isNumericArray(priority)) {
    fail('priority', 'a number for each row', describe(priority));
  }
  checkAttached('priority', priority);
  if (priority.length !== rows) fail('priority', `${rows} numbers, one for each row`, `${priority.length}`);
  if (isWide) return priority.slice();
  const bad = (priority as readonly unknown[]).findIndex((value) => typeof value !== 'number' || Number.isNaN(value));
  if (bad >= 0) fail('priority', 'numbers that can be compared', `${describe(priority[bad])} for row ${bad}`);
  return Float64Array.from(priority as ArrayLike<number>);
}

export function checkGroupsCall(xRows: unknown, options?: unknown, lastOptions?: unknown): GroupsProblem {
  const checked = sortOutWithoutY<GroupsOptions>(GROUPS, options, lastOptions);
  const { threshold, method = 'components' } = checked;
  checkThreshold(threshold);
  checkChoice('method', method, ['components', 'community']);
  const minimumSize = checked.minimumSize ?? DEFAULT_MINIMUM_SIZE[method];
  checkCount('minimumSize', minimumSize);
  if (method === 'community' && checked.checkpoint !== undefined) fail('checkpoint', 'none with communities', 'one');
  const call = checkSaved(checkIndexed(checkCall(xRows, undefined, checked)), checked.checkpoint);
  return { ...call, threshold, method, minimumSize, pruning: checkPruning(checked) };
}

const DEFAULT_BINS = 100;
const DEFAULT_MINIMUM_SIZE = { components: 2, community: 10 };

/** Throws ArgumentError for arguments behind the options, which no call has. */
export function refuseMore(call: string, more: readonly unknown[]): void {
  const extra = more.find((argument) => argument !== undefined);
  if (extra === undefined) return;
  fail('options', `all options of ${call} in one object, as its last argument`, `${describe(extra)} behind them`);
}

/** Options may stand second where there is no y; a number in their place may have the other options behind it. */
function sortOut<T extends Options>(
  syntax: CallSyntax,
  yOrOptions: unknown,
  lastOptions: unknown,
): { yRows: unknown; options: T } {
  if (isNeeded(syntax, yOrOptions, lastOptions)) {
    return { yRows: undefined, options: checkOptions<T>(syntax, withNeeded(syntax, yOrOptions, lastOptions)) };
  }
  const optionsSecond = lastOptions === undefined && isOptions(yOrOptions);
  return {
    yRows: optionsSecond ? undefined : (yOrOptions ?? undefined),
    options: checkOptions<T>(syntax, optionsSecond ? yOrOptions : lastOptions),
  };
}

/** The options of a call that takes no y. */
function sortOutWithoutY<T extends Options>(syntax: CallSyntax, options: unknown, lastOptions: unknown): T {
  const single = isNeeded(syntax, options, lastOptions);
  if (!single) refuseMore(syntax.call, [lastOptions]);
  return checkOptions<T>(syntax, single ? withNeeded(syntax, options, lastOptions) : options);
}

/** `colArgument` is the argument that the rows of y come as. */
function checkCall(xRows: unknown, yRows: unknown, options: Options, outOption?: unknown, colArgument = 'y'): Problem {
  const { source: x, ids: rowIds, lone } = checkRows('x', xRows);
  const other = yRows === undefined ? undefined : checkRows(colArgument, yRows);
  const y = other?.source;
  // A flat array whose shape was forgotten would be one row, which has 1 with itself.
  if (lone && !y) refuseLone('x');
  if (y && y.rows > 0 && x.rows > 0 && y.depth !== x.depth) {
    const expected = say`rows of length ${x.depth} (as ${mention.argument('x', fileOf(x))} has)`;
    fail(colArgument, expected, `rows of length ${y.depth}`, { file: fileOf(y) });
  }
  const out = checkOut(outOption, x.rows * (y ?? x).rows, options.dtype);
  if (out) {
    checkApart(out, 'x', x);
    if (y) checkApart(out, 'y', y);
  }
  return {
    x: y instanceof CsrRows ? besideSparse(x) : x,
    y: y && (x instanceof CsrRows ? besideSparse(y) : y),
    colArgument,
    rowIds,
    colIds: other ? other.ids : rowIds,
    rowStart: 0,
    rowEnd: x.rows,
    colStart: 0,
    dtype: options.dtype ?? (out ? dtypeOf(out) : isFloat64(x) || (y && isFloat64(y)) ? 'float64' : 'float32'),
    out,
    threads: options.threads,
    backend: options.backend,
    zeroNonFinite: options.nonFinite === 'zero',
    memoryBudget: options.memoryBudget ?? Number.POSITIVE_INFINITY,
    signal: options.signal,
    onProgress: options.onProgress,
  };
}

/** Rows that are compared with sparse ones: as such, too, where they are in memory. (Else both are computed as dense rows.) */
function besideSparse(rows: AnyRows): AnyRows {
  return rows instanceof CsrRows || rows instanceof StoredRows ? rows : toCsrRows(rows);
}

function checkPruning({ pruning }: PruningOptions): boolean {
  checkChoice('pruning', pruning, ['auto', 'off']);
  return pruning !== 'off';
}

/** Results with row numbers hold them in 32 bits. */
function checkIndexed(call: Problem): Problem {
  for (const [argument, source] of Object.entries({ x: call.x, [call.colArgument]: call.y })) {
    if (source && source.rows > MAX_ROWS) {
      fail(argument, `at most ${MAX_ROWS} rows`, `${source.rows}`, { file: fileOf(source) });
    }
  }
  return call;
}

const MAX_ROWS = 2 ** 32 - 2;

/** A call that goes on where it was saved. */
function checkSaved<T extends Problem>(call: T, checkpoint: Checkpoint | undefined) {
  if (checkpoint === undefined) return { ...call, checkpoint };
  if (typeof checkpoint?.save !== 'function') fail('checkpoint', 'an object with a function `save`', describe(checkpoint));
  const { interval, saved } = checkpoint;
  if (interval !== undefined && !(typeof interval === 'number' && interval >= 0)) {
    fail('checkpoint.interval', 'a number of milliseconds', describe(interval));
  }
  if (!saved) return { ...call, checkpoint };
  checkRow('checkpoint.saved.row', saved.row, call.rowStart, call.rowEnd);
  return { ...call, checkpoint, rowStart: saved.row };
}

/** A call that computes a part. */
function checkPart<T extends Problem>(call: T, options: PartOptions): T {
  const { x, y } = call;
  const { rowStart = 0, rowEnd = x.rows, colStart = 0 } = options;
  checkRow('rowStart', rowStart, 0, x.rows);
  checkRow('rowEnd', rowEnd, rowStart, x.rows);
  checkRow('colStart', colStart, 0, (y ?? x).rows);
  if (!y && colStart > rowStart && colStart < rowEnd) {
    fail('colStart', `a row up to rowStart (${rowStart}), or from rowEnd (${rowEnd}) on`, describe(colStart));
  }
  return { ...call, rowStart, rowEnd, colStart };
}

function checkRow(argument: string, row: unknown, least: number, most: number): void {
  if (Number.isSafeInteger(row) && (row as number) >= least && (row as number) <= most) return;
  fail(argument, `a whole number from ${least} to ${most}`, describe(row));
}

function checkThreshold(value: unknown): void {
  if (typeof value === 'number' && value >= -1 && value <= 1) return;
  fail('threshold', 'a number from -1 to 1', describe(value));
}

/**
 * True for a value that stands for the option that the call needs: a number, and any other single value, such as '5', which the check of
 * that option then refuses as it came. A string before options that hold the needed one is rows, such as the path of a file.
 */
function isNeeded({ needed }: CallSyntax, value: unknown, behind: unknown): boolean {
  if (needed === undefined || value === undefined || value === null) return false;
  if (typeof value === 'number') return true;
  if (typeof value === 'object') return false;
  return !(typeof behind === 'number' || (typeof behind === 'object' && behind !== null && needed in behind));
}

/** `topK(x, 5, { dtype })`: the number is the option that the call needs. */
function withNeeded({ call, needed }: CallSyntax, value: unknown, options: unknown): unknown {
  const name = needed as string;
  if (options === undefined || options === null) return { [name]: value };
  if (typeof options !== 'object' || resemblesRows(options)) fail('options', 'an object of options', describe(options));
  if (Object.hasOwn(options, name)) fail(name, `one ${name} for ${call}`, `${describe(value)} and another in its options`);
  return { ...options, [name]: value };
}

/** The options of every call: one that another call takes is refused as an option, not taken for the id of a vector. */
const ANY_OPTION: OptionNames = Object.assign(
  {},
  ...[DENSE, BLOCKS, TOP_K, PAIRS, BEST_PAIRS, SCORE_PAIRS, HISTOGRAM, GROUPS, DEDUPE].map(({ names }) => names),
);

/** True for what stands for options in the place of y. Vectors by id do not, unless one of the ids is the name of an option. */
function isOptions(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || resemblesRows(value)) return false;
  for (const name of Object.keys(value)) if (Object.hasOwn(ANY_OPTION, name)) return true;
  return !isRecordOfVectors(value);
}

function checkOptions<T extends Options>({ call, names, needed }: CallSyntax, value: unknown): T {
  // What a call cannot do without is missed by its own checks.
  if (value === undefined || value === null) return {} as T;
  if (typeof value !== 'object' && needed !== undefined) return { [needed]: value } as unknown as T;
  if (typeof value !== 'object' || resemblesRows(value)) fail('options', 'an object of options', describe(value));
  const options = value as T;
  checkOptionNames(call, options, names);
  const { dtype, threads, backend, nonFinite, memoryBudget, signal, onProgress } = options;
  checkChoice('dtype', dtype, DTYPES);
  checkChoice('backend', backend, BACKEND_NAMES);
  checkChoice('nonFinite', nonFinite, NON_FINITE);
  if (threads !== undefined) checkCount('threads', threads);
  if (memoryBudget !== undefined && !(typeof memoryBudget === 'number' && memoryBudget > 0)) {
    fail('memoryBudget', 'a positive number of bytes', describe(memoryBudget));
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) fail('signal', 'an AbortSignal', describe(signal));
  if (onProgress !== undefined && typeof onProgress !== 'function') fail('onProgress', 'a function', describe(onProgress));
  return options;
}

const DTYPES = ['float32', 'float64'] as const;
const NON_FINITE = ['throw', 'zero'] as const;

function checkChoice(argument: string, value: unknown, choices: readonly string[]): void {
  if (value === undefined || choices.includes(value as string)) return;
  fail(argument, choices.map((choice) => `'${choice}'`).join(' or '), describe(value));
}

function checkOut(out: unknown, length: number, dtype: DType | undefined): ScoreArray | undefined {
  if (out === undefined) return undefined;
  const float32 = out instanceof Float32Array;
  if (!float32 && !(out instanceof Float64Array)) fail('out', 'a Float32Array or a Float64Array', describe(out));
  if (dtype && dtypeOf(out) !== dtype) fail('out', dtype === 'float32' ? 'a Float32Array' : 'a Float64Array', describe(out));
  if (out.length !== length) fail('out', `exactly ${length} elements`, `${out.length}`);
  return out;
}

function dtypeOf(scores: ScoreArray): DType {
  return scores instanceof Float32Array ? 'float32' : 'float64';
}

/** True for rows of which some are float64 as they are: everything else becomes float32. */
function isFloat64(rows: AnyRows): boolean {
  if (rows instanceof CsrRows) return rows.isFloat64;
  if (rows instanceof ContiguousRows) return rows.data instanceof Float64Array;
  if (rows instanceof StoredRows) return rows.type === 'float64';
  return arraysOf(rows).some((array) => array instanceof Float64Array);
}
