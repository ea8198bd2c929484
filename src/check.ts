// Every check of every argument: what callers hand in becomes what the engine works on, or an ArgumentError that names the
// argument, what was expected and what came.

import { checkCount, describe, fail, refuse } from './argument.js';
import { NO_GROUP } from './backends/constants.js';
import { isRecordOfVectors } from './check-collections.js';
import { checkSameColumns } from './check-columns.js';
import { GroupNumbering } from './check-groups.js';
import { checkIds, checkSameOrder, rowsOfIds } from './check-ids.js';
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
  LinkageProblem,
  PairedProblem,
  PairsProblem,
  Problem,
  RowGrouping,
  TopKProblem,
} from './problem.js';
import { refuseLone } from './refuse-rows.js';
import { CsrRows, toCsrRows } from './rows/csr-rows.js';
import { type DType, isDetached, isNumericArray, type ScoreArray } from './rows/dtype.js';
import { withFewerColumns } from './rows/fewer-columns.js';
import { listRows } from './rows/listed-rows.js';
import { arraysOf, ContiguousRows } from './rows/row-source.js';
import { type AnyRows, fileOf, StoredRows } from './rows/stored-rows.js';
import type { Checkpoint } from './saved-state.js';
import {
  BACKEND_NAMES,
  type BestPairsOptions,
  type CosineSimilarityOptions,
  type DedupeOptions,
  type FitTransformOptions,
  type GroupingOptions,
  type GroupingOptionsOfBoth,
  type GroupsOptions,
  type HealthOptions,
  type HistogramOptions,
  type IdsOptions,
  type LinkageOptions,
  type MatrixBlockOptions,
  type Options,
  type PairedSimilarityOptions,
  type PairsOptions,
  type PruningOptions,
  type ScorePairsOptions,
  type TopKOptions,
  type TransformOptions,
  type ZeroRows,
} from './types.js';

const TRANSFORM_OPTIONS = { center: true, removeComponents: true, whiten: true } as const satisfies Record<
  keyof TransformOptions,
  true
>;
const COMMON_OPTIONS = {
  dtype: true,
  ...TRANSFORM_OPTIONS,
  transform: true,
  threads: true,
  backend: true,
  nonFinite: true,
  zeroRows: true,
  memoryBudget: true,
  signal: true,
  onProgress: true,
} as const satisfies Record<keyof Options, true>;
const IDS_OPTIONS = { ids: true, yIds: true } as const satisfies Record<keyof IdsOptions, true>;
const GROUPING_OPTIONS = { groupOf: true, across: true, within: true } as const satisfies Record<keyof GroupingOptions, true>;
const GROUPING_OPTIONS_OF_BOTH = { ...GROUPING_OPTIONS, groupOfY: true } as const satisfies Record<
  keyof GroupingOptionsOfBoth,
  true
>;
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
  names: { out: true, ...IDS_OPTIONS, ...COMMON_OPTIONS } satisfies Record<keyof CosineSimilarityOptions, true>,
};
const BLOCKS: CallSyntax = {
  call: 'streamMatrix',
  names: { blockRows: true, skip: false, ...PART_OPTIONS, ...IDS_OPTIONS, ...COMMON_OPTIONS } satisfies Record<
    keyof (MatrixBlockOptions & BlockPartOptions),
    boolean
  >,
};
const TOP_K: CallSyntax = {
  call: 'topK',
  names: {
    k: true,
    checkpoint: true,
    pruning: true,
    ...GROUPING_OPTIONS_OF_BOTH,
    ...PART_OPTIONS,
    ...IDS_OPTIONS,
    ...COMMON_OPTIONS,
  } satisfies Record<keyof (TopKOptions & PartOptions), boolean>,
  needed: 'k',
};
const PAIRS: CallSyntax = {
  call: 'pairs',
  names: {
    ...PART_OPTIONS,
    threshold: true,
    below: true,
    rowStart: true,
    pruning: true,
    ...GROUPING_OPTIONS_OF_BOTH,
    ...IDS_OPTIONS,
    ...COMMON_OPTIONS,
  } satisfies Record<keyof (PairsOptions & PartOptions), boolean>,
  needed: 'threshold',
};
const BEST_PAIRS: CallSyntax = {
  call: 'bestPairs',
  names: {
    count: true,
    below: true,
    pruning: true,
    ...GROUPING_OPTIONS_OF_BOTH,
    ...IDS_OPTIONS,
    ...COMMON_OPTIONS,
  } satisfies Record<keyof BestPairsOptions, true>,
  needed: 'count',
};
const HISTOGRAM: CallSyntax = {
  call: 'histogram',
  names: { bins: true, checkpoint: true, ...COMMON_OPTIONS } satisfies Record<keyof HistogramOptions, true>,
};
const PAIRED: CallSyntax = {
  call: 'pairedSimilarity',
  names: { ...IDS_OPTIONS, ...COMMON_OPTIONS } satisfies Record<keyof PairedSimilarityOptions, true>,
};
const SCORE_PAIRS: CallSyntax = {
  call: 'scorePairs',
  names: { rows: true, cols: true, by: true, ...IDS_OPTIONS, ...COMMON_OPTIONS } satisfies Record<
    keyof ScorePairsOptions,
    true
  >,
};
const DEDUPE: CallSyntax = {
  call: 'dedupe',
  names: {
    threshold: true,
    against: true,
    priority: true,
    method: true,
    pruning: true,
    groupOfAgainst: true,
    ...GROUPING_OPTIONS,
    ids: true,
    againstIds: true,
    ...COMMON_OPTIONS,
  } satisfies Record<keyof DedupeOptions, true>,
  needed: 'threshold',
};
const GROUPS: CallSyntax = {
  call: 'groups',
  names: {
    threshold: true,
    method: true,
    keep: true,
    explain: true,
    minimumSize: true,
    checkpoint: true,
    pruning: true,
    ...GROUPING_OPTIONS,
    ids: true,
    ...COMMON_OPTIONS,
  } satisfies Record<keyof GroupsOptions, true>,
  needed: 'threshold',
};
const LINKAGE: CallSyntax = {
  call: 'linkage',
  names: { method: true, ...COMMON_OPTIONS } satisfies Record<keyof LinkageOptions, true>,
};

const FIT: CallSyntax = {
  call: 'fitTransform',
  names: {
    ...TRANSFORM_OPTIONS,
    threads: true,
    backend: true,
    nonFinite: true,
    memoryBudget: true,
    signal: true,
  } satisfies Record<keyof FitTransformOptions, true>,
};

const { nonFinite: _, zeroRows: __, ...HEALTH_OPTIONS } = COMMON_OPTIONS;
const HEALTH: CallSyntax = {
  call: 'health',
  names: HEALTH_OPTIONS satisfies Record<keyof HealthOptions, true>,
};

/** cosineSimilarity; throws ArgumentError, as all of these do. */
export function checkDenseCall(xRows: unknown, yOrOptions?: unknown, lastOptions?: unknown): Problem {
  const { yRows, options } = sortOut<CosineSimilarityOptions>(DENSE, yOrOptions, lastOptions);
  return checkWithEveryPair('cosineSimilarity', checkCall(xRows, yRows, options, options.out));
}

/** A call whose result has a score for every pair. */
function checkWithEveryPair<T extends Problem>(name: string, call: T): T {
  if (call.zeroRows === 'exclude') {
    refuse(
      'zeroRows',
      say`${mention.option('zeroRows', 'exclude')} leaves pairs out, and ${mention.call(name)} gives a score for every pair`,
      say`use ${mention.option('zeroRows', 'throw')}, or leave the rows out`,
    );
  }
  return call;
}

/** cosineSimilaritySync. */
export function checkSyncCall(xRows: unknown, yOrOptions?: unknown, lastOptions?: unknown): Problem {
  const call = checkDenseCall(xRows, yOrOptions, lastOptions);
  if (call.x instanceof StoredRows) refuseStored('x');
  if (call.y instanceof StoredRows) refuseStored('y');
  if (call.transform) refuse('options', 'cosineSimilaritySync transforms no rows', 'use cosineSimilarity');
  return call;
}

export function checkFitCall(xRows: unknown, options?: unknown): Problem {
  const call = checkCall(xRows, undefined, checkOptions<FitTransformOptions>(FIT, options));
  const { transform } = call;
  if (transform) return call;
  return refuse('options', 'nothing is to be fitted', 'give center: true, removeComponents or whiten: true');
}

/** Rows that are not finite count as zero vectors where a transform is fitted. */
export function checkHealthCall(xRows: unknown, options?: unknown): Problem {
  const call = checkCall(xRows, undefined, checkOptions<HealthOptions>(HEALTH, options));
  return { ...checkIndexed(call), zeroNonFinite: true };
}

function refuseStored(argument: string): never {
  fail(argument, 'rows in memory (cosineSimilarity reads files)', 'an open file');
}

export function checkBlocksCall(xRows: unknown, yOrOptions?: unknown, lastOptions?: unknown): BlocksProblem {
  const { yRows, options } = sortOut<MatrixBlockOptions & BlockPartOptions>(BLOCKS, yOrOptions, lastOptions);
  const { blockRows, skip } = options;
  if (blockRows !== undefined) checkCount('blockRows', blockRows);
  if (skip !== undefined && typeof skip !== 'function') fail('skip', 'a function', describe(skip));
  return { ...checkPart(checkWithEveryPair('streamMatrix', checkCall(xRows, yRows, options)), options), blockRows, skip };
}

export function checkTopKCall(xRows: unknown, yOrOptions?: unknown, lastOptions?: unknown): TopKProblem {
  const { yRows, options } = sortOut<TopKOptions & PartOptions>(TOP_K, yOrOptions, lastOptions);
  checkCount('k', options.k);
  const call = checkPart(checkIndexed(checkCall(xRows, yRows, options)), options);
  const grouping = checkGrouping(call, options, options.groupOfY, 'groupOfY');
  return { ...checkSaved(call, options.checkpoint), k: options.k, pruning: checkPruning(options), grouping };
}

export function checkPairsCall(xRows: unknown, yOrOptions?: unknown, lastOptions?: unknown): PairsProblem {
  const { yRows, options } = sortOut<PairsOptions & PartOptions>(PAIRS, yOrOptions, lastOptions);
  checkThreshold(options.threshold, true);
  const pruning = checkPruning(options);
  const call = checkPart(checkIndexed(checkCall(xRows, yRows, options)), options);
  const limits = checkThresholds(options.threshold, call);
  const below = checkBelow(options.below, limits.threshold);
  return { ...call, ...limits, below, pruning, grouping: checkGrouping(call, options, options.groupOfY, 'groupOfY') };
}

export function checkBestPairsCall(xRows: unknown, yOrOptions?: unknown, lastOptions?: unknown): BestPairsProblem {
  const { yRows, options } = sortOut<BestPairsOptions>(BEST_PAIRS, yOrOptions, lastOptions);
  checkCount('count', options.count);
  const pruning = checkPruning(options);
  const call = checkIndexed(checkCall(xRows, yRows, options));
  const grouping = checkGrouping(call, options, options.groupOfY, 'groupOfY');
  return { ...call, count: options.count, below: checkBelow(options.below, -1), pruning, grouping };
}

export function checkPairedCall(xRows: unknown, yRows: unknown, lastOptions?: unknown): PairedProblem {
  if (lastOptions === undefined && isOptions(yRows)) fail('y', 'rows to compare with those of x', 'options');
  const call = checkWithEveryPair(
    'pairedSimilarity',
    checkCall(xRows, yRows ?? fail('y', 'rows', describe(yRows)), checkOptions<PairedSimilarityOptions>(PAIRED, lastOptions)),
  );
  const y = call.y as AnyRows;
  if (y.rows !== call.x.rows) {
    const expected = say`${call.x.rows} rows (as ${mention.argument('x', fileOf(call.x))} has)`;
    fail('y', expected, `${y.rows}`, { file: fileOf(y) });
  }
  checkSameOrder(call.rowIds, call.colIds);
  return { ...call, y };
}

export function checkScorePairsCall(xRows: unknown, yOrOptions?: unknown, lastOptions?: unknown): PairedProblem {
  const { yRows, options } = sortOut<ScorePairsOptions>(SCORE_PAIRS, yOrOptions, lastOptions);
  const call = checkWithEveryPair('scorePairs', checkIndexed(checkCall(xRows, yRows, options)));
  const { x, y = x } = call;
  checkChoice('by', options.by, ['number', 'id']);
  const { by } = options;
  const rows = checkListedRows('rows', options.rows, x.rows, call.rowIds, by);
  const cols = checkListedRows('cols', options.cols, y.rows, call.colIds, by);
  if (cols.length !== rows.length) fail('cols', `${rows.length} row numbers (as \`rows\` has)`, `${cols.length}`);
  return { ...call, x: listRows(x, rows), y: listRows(y, cols), rowEnd: rows.length, colArgument: call.y ? 'y' : 'x' };
}

/** The numbers of `count` rows, as a copy: the caller may change the list during the call. */
function checkListedRows(
  argument: string,
  list: unknown,
  count: number,
  ids: Problem['rowIds'],
  by: ScorePairsOptions['by'],
): Uint32Array {
  const isWide = ids !== undefined && (list instanceof BigInt64Array || list instanceof BigUint64Array);
  if (!isWide && !Array.isArray(list) && !isNumericArray(list)) fail(argument, 'a list of row numbers', describe(list));
  checkAttached(argument, list);
  if (by === undefined) refuseMixed(argument, list);
  const named = rowsOfIds(argument, list, ids, by);
  if (named) return named;
  const bad = (list as readonly unknown[]).findIndex(
    (row) => !(Number.isInteger(row) && 0 <= Number(row) && Number(row) < count),
  );
  if (bad >= 0) fail(argument, `whole numbers below ${count}`, `${describe(list[bad])} at index ${bad}`);
  return Uint32Array.from(list as readonly number[]);
}

/** Without `by`, the first of a list says what all are. */
function refuseMixed(argument: string, list: ArrayLike<unknown>): void {
  const firstOf = (kinds: readonly string[]) => Array.prototype.findIndex.call(list, (each) => kinds.includes(typeof each));
  const number = firstOf(['number']);
  const id = firstOf(['string', 'bigint']);
  if (number < 0 || id < 0) return;
  refuse(
    argument,
    `\`${argument}\` mixes row numbers and ids: ${describe(list[number])} at index ${number}, ${describe(list[id])} at index ${id}`,
    'give numbers alone or ids alone',
  );
}

function checkAttached(argument: string, list: ArrayLike<unknown>): void {
  if (isDetached(list)) fail(argument, 'numbers', `a detached ${list.constructor.name}`);
}

export function checkHistogramCall(xRows: unknown, yOrOptions?: unknown, lastOptions?: unknown): HistogramProblem {
  const { yRows, options } = sortOut<HistogramOptions>(HISTOGRAM, yOrOptions, lastOptions);
  const { bins = DEFAULT_BINS } = options;
  checkCount('bins', bins);
  const call = checkWithEveryPair('histogram', checkCall(xRows, yRows, options));
  return { ...checkSaved(call, options.checkpoint), bins };
}

export function checkDedupeCall(xRows: unknown, options?: unknown, lastOptions?: unknown): DedupeProblem {
  const checked = sortOutWithoutY<DedupeOptions>(DEDUPE, options, lastOptions);
  const { threshold, against, method = 'greedy' } = checked;
  checkThreshold(threshold);
  checkChoice('method', method, ['greedy', 'components']);
  const call = checkIndexed(checkCall(xRows, against ?? undefined, checked, undefined, 'against'));
  const priority = checkPriority(checked.priority, call.x.rows);
  const grouping = checkGrouping(call, checked, checked.groupOfAgainst, 'groupOfAgainst');
  const below = Number.POSITIVE_INFINITY;
  return { ...call, threshold, below, method, priority, pruning: checkPruning(checked), grouping };
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
  checkThreshold(threshold, true);
  checkChoice('method', method, ['components', 'complete', 'community']);
  const minimumSize = checked.minimumSize ?? DEFAULT_MINIMUM_SIZE[method];
  checkCount('minimumSize', minimumSize);
  const { keep, explain = false } = checked;
  if (keep !== undefined) {
    checkCount('keep', keep);
    if (method !== 'components') refuseWithMethod('keep', method);
    if (minimumSize > 2) fail('minimumSize', say`at most 2 with ${mention.option('keep')}`, `${minimumSize}`);
  }
  if (typeof explain !== 'boolean') fail('explain', 'true or false', describe(explain));
  if (method !== 'components' && checked.checkpoint !== undefined) refuseWithMethod('checkpoint', method);
  const call = checkSaved(checkIndexed(checkCall(xRows, undefined, checked)), checked.checkpoint);
  const limits = { ...checkThresholds(threshold, call), below: Number.POSITIVE_INFINITY };
  const pruning = checkPruning(checked);
  return { ...call, ...limits, method, minimumSize, keep, explain, pruning, grouping: checkGrouping(call, checked) };
}

function refuseWithMethod(option: string, method: GroupsProblem['method']): never {
  const components = mention.option('method', 'components');
  refuse(option, say`${mention.option(option)} works with ${components}, and ${mention.option('method', method)} was given`);
}

export function checkLinkageCall(xRows: unknown, options?: unknown, lastOptions?: unknown): LinkageProblem {
  const checked = sortOutWithoutY<LinkageOptions>(LINKAGE, options, lastOptions);
  const { method = 'average' } = checked;
  checkChoice('method', method, ['average', 'complete', 'single']);
  return { ...checkWithEveryPair('linkage', checkIndexed(checkCall(xRows, undefined, checked))), method };
}

const DEFAULT_BINS = 100;
const DEFAULT_MINIMUM_SIZE = { components: 2, complete: 2, community: 10 };

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
  if (syntax.needed !== undefined && lastOptions === undefined && !optionsSecond) {
    refuseListAlone(syntax.needed, yOrOptions);
  }
  return {
    yRows: optionsSecond ? undefined : (yOrOptions ?? undefined),
    options: checkOptions<T>(syntax, optionsSecond ? yOrOptions : lastOptions),
  };
}

/** Refuses a list of numbers where one number or options are expected, which would be taken for y. */
function refuseListAlone(needed: string, list: unknown): void {
  const isList = isNumericArray(list) || (Array.isArray(list) && list.length > 0 && typeof list[0] === 'number');
  if (!isList) return;
  const advice = needed === 'threshold' ? 'pass a threshold for each row as an option, { threshold: [...] }' : undefined;
  fail(needed, 'one number', `a list of ${(list as ArrayLike<unknown>).length}`, { advice });
}

/** The options of a call that takes no y. */
function sortOutWithoutY<T extends Options>(syntax: CallSyntax, options: unknown, lastOptions: unknown): T {
  const single = isNeeded(syntax, options, lastOptions);
  if (!single) refuseMore(syntax.call, [lastOptions]);
  return checkOptions<T>(syntax, single ? withNeeded(syntax, options, lastOptions) : options);
}

/** `colArgument` is the argument that the rows of y come as. */
function checkCall(
  xRows: unknown,
  yRows: unknown,
  options: Options & Partial<Record<keyof IdsOptions | 'againstIds', unknown>>,
  outOption?: unknown,
  colArgument: 'y' | 'against' = 'y',
): Problem {
  const { source: x, ids: ownIds, lone } = checkRows('x', xRows);
  const other = yRows === undefined ? undefined : checkRows(colArgument, yRows);
  const y = other?.source;
  // A flat array whose shape was forgotten would be one row, which has 1 with itself.
  if (lone && !y) refuseLone('x');
  if (y) checkSameColumns(colArgument, { given: xRows, rows: x }, { given: yRows, rows: y });
  const rowIds = checkIds('ids', options.ids, 'x', { rows: x.rows, ids: ownIds });
  const idsOption = `${colArgument}Ids` as const;
  const otherIds = options[idsOption];
  if (otherIds !== undefined && !y) fail(idsOption, `none without \`${colArgument}\``, describe(otherIds));
  const out = checkOut(outOption, x.rows * (y ?? x).rows, options.dtype);
  if (out) {
    checkApart(out, 'x', x);
    if (y) checkApart(out, 'y', y);
  }
  const transform = checkTransform(options, x);
  const rows = { x: y instanceof CsrRows ? besideSparse(x) : x, y: y && (x instanceof CsrRows ? besideSparse(y) : y) };
  return {
    ...(transform ? rows : withoutEmptyColumns(rows)),
    colArgument,
    rowIds,
    colIds: y ? checkIds(idsOption, otherIds, colArgument, { rows: y.rows, ids: other?.ids }) : rowIds,
    rowStart: 0,
    rowEnd: x.rows,
    colStart: 0,
    transform,
    dtype: options.dtype ?? (out ? dtypeOf(out) : isFloat64(x) || (y && isFloat64(y)) ? 'float64' : 'float32'),
    out,
    threads: options.threads,
    backend: options.backend,
    zeroNonFinite: options.nonFinite === 'zero',
    zeroRows: options.zeroRows,
    memoryBudget: options.memoryBudget ?? Number.POSITIVE_INFINITY,
    signal: options.signal,
    onProgress: options.onProgress,
  };
}

/** Rows that are compared with sparse ones: as such, too, where they are in memory. (Else both are computed as dense rows.) */
function besideSparse(rows: AnyRows): AnyRows {
  return rows instanceof CsrRows || rows instanceof StoredRows ? rows : toCsrRows(rows);
}

/** Where all rows are sparse, and few of many columns are stored. */
function withoutEmptyColumns(rows: Pick<Problem, 'x' | 'y'>): Pick<Problem, 'x' | 'y'> {
  const { x, y } = rows;
  return x instanceof CsrRows && (y === undefined || y instanceof CsrRows) ? withFewerColumns(x, y) : rows;
}

/** What the options say to do with the rows; undefined where that is nothing. */
function checkTransform(options: Options, { rows, depth }: AnyRows): Problem['transform'] {
  const { center, removeComponents = 0, whiten, transform } = options;
  for (const [name, value] of Object.entries({ center, whiten })) {
    if (value !== undefined && typeof value !== 'boolean') fail(name, 'true or false', describe(value));
  }
  if (!(Number.isSafeInteger(removeComponents) && removeComponents >= 0)) {
    fail('removeComponents', 'a whole number from 0', describe(removeComponents));
  }
  const fits = options.removeComponents !== undefined || whiten;
  if (transform !== undefined) {
    if (transform?.kind !== 'allpairs-transform' || transform.version !== 1) {
      fail('transform', 'what fitTransform returns', describe(transform));
    }
    const more = Object.keys(TRANSFORM_OPTIONS).find((name) => options[name as keyof TransformOptions] !== undefined);
    if (more !== undefined)
      refuse('transform', `\`transform\` is fitted already, so that \`${more}\` has no use`, 'leave one of them out');
    if (rows > 0 && transform.depth !== depth) {
      fail('transform', `a transform of rows of length ${depth} (as x has)`, `one of rows of length ${transform.depth}`);
    }
    return { given: transform };
  }
  if (center === false && fits) {
    refuse(
      'center',
      'removeComponents and whiten subtract the mean, so that center: false contradicts them',
      'leave center out',
    );
  }
  if (depth > 0 && removeComponents >= depth) {
    fail('removeComponents', `fewer than the ${depth} elements of a row`, `${removeComponents}`);
  }
  return center || fits ? { fit: { removeComponents, whiten: whiten === true } } : undefined;
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

/** A call that continues where it was saved. */
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

/** `orList`: a list of thresholds will be checked, once there are rows. */
function checkThreshold(value: unknown, orList = false): void {
  if (typeof value === 'number' && value >= -1 && value <= 1) return;
  if (orList && (Array.isArray(value) || isNumericArray(value))) return;
  fail('threshold', 'a number from -1 to 1', describe(value));
}

/** One threshold, or the lowest of a list and a copy of all: the caller may change it during the call. */
function checkThresholds(given: number | ArrayLike<number>, { x, y }: Problem): Pick<PairsProblem, 'threshold' | 'thresholds'> {
  if (typeof given === 'number') return { threshold: given };
  checkAttached('threshold', given);
  if (given.length !== x.rows) fail('threshold', `one number, or ${x.rows}, one for each row`, `${given.length}`);
  const bad = Array.prototype.findIndex.call(given, (value) => !(typeof value === 'number' && value >= -1 && value <= 1));
  if (bad >= 0) fail('threshold', 'numbers from -1 to 1', `${describe(given[bad])} for row ${bad}`);
  const thresholds = Float64Array.from(given);
  const threshold = thresholds.reduce((lowest, value) => Math.min(lowest, value), 1);
  return { threshold, thresholds: { x: thresholds, y: y && new Float64Array(y.rows).fill(-1) } };
}

function checkBelow(below: unknown, threshold: number): number {
  if (below === undefined) return Number.POSITIVE_INFINITY;
  if (typeof below === 'number' && below > threshold && below <= 1) return below;
  fail('below', `a number above ${threshold}, up to 1`, describe(below));
}

/** `ofCols` are the groups of the rows of y, which come as the option `nameOfCols`. Where zero rows are excluded, one group without them. */
function checkGrouping(
  { x, y, zeroRows }: Problem,
  { groupOf, across, within }: GroupingOptions,
  ofCols?: unknown,
  nameOfCols = 'groupOfY',
): RowGrouping | undefined {
  for (const [name, value] of Object.entries({ across, within })) {
    if (value !== undefined && typeof value !== 'boolean') fail(name, 'true or false', describe(value));
  }
  if (groupOf === undefined) {
    const needing = across ? 'across' : within ? 'within' : ofCols === undefined ? undefined : nameOfCols;
    if (needing)
      refuse('groupOf', say`${mention.option(needing)} needs the group of each row`, say`give ${mention.option('groupOf')}`);
    if (zeroRows !== 'exclude') return undefined;
    return { kind: 'within', x: new Uint32Array(x.rows), y: y && new Uint32Array(y.rows) };
  }
  if ((across ?? false) === (within ?? false)) {
    refuse(
      'groupOf',
      say`${mention.option('groupOf')} needs one of ${mention.option('across')} and ${mention.option('within')}, got ${across ? 'both' : 'neither'}`,
      say`\`across: true\` compares rows of different groups, \`within: true\` rows of the same group`,
    );
  }
  if (!y && ofCols !== undefined) fail(nameOfCols, 'none without rows to compare with', describe(ofCols));
  const numbering = new GroupNumbering(within ? NO_GROUP : undefined);
  const groups = numbering.number('groupOf', groupOf, x.rows);
  return { kind: within ? 'within' : 'across', x: groups, y: y && numbering.number(nameOfCols, ofCols, y.rows) };
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
  ...[DENSE, BLOCKS, TOP_K, PAIRS, BEST_PAIRS, SCORE_PAIRS, HISTOGRAM, GROUPS, DEDUPE, LINKAGE, FIT].map(({ names }) => names),
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
  const { dtype, threads, backend, nonFinite, zeroRows, memoryBudget, signal, onProgress } = options;
  checkChoice('dtype', dtype, DTYPES);
  checkChoice('backend', backend, BACKEND_NAMES);
  checkChoice('nonFinite', nonFinite, NON_FINITE);
  checkChoice('zeroRows', zeroRows, ZERO_ROWS);
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
const ZERO_ROWS = ['zero', 'exclude', 'throw'] as const satisfies readonly ZeroRows[];

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
