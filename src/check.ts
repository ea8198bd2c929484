// Checks the arguments of each call. They become the problem that the engine works on, or an ArgumentError that names the argument, what
// was expected and what was given.

import { checkAttached, checkChoice, checkCount, describe, fail, refuse } from './argument.js';
import {
  BEST_PAIRS,
  BLOCKS,
  DEDUPE,
  DENSE,
  FIT,
  GROUPS,
  HEALTH,
  HISTOGRAM,
  LINKAGE,
  PAIRED,
  PAIRS,
  SCORE_PAIRS,
  TOP_K,
} from './call-syntax.js';
import { checkGrouping } from './check-groups.js';
import { checkSameOrder } from './check-ids.js';
import { checkListedRows } from './check-listed.js';
import { checkOptions, isOptions, sortOut, sortOutWithoutY } from './check-options.js';
import { checkIndexed, checkPart, checkSaved } from './check-part.js';
import { checkCall } from './check-problem.js';
import { checkBelow, checkThreshold, checkThresholds } from './check-thresholds.js';
import { mention, say } from './message.js';
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
  TopKProblem,
} from './problem.js';
import { isNumericArray } from './rows/dtype.js';
import { listRows } from './rows/listed-rows.js';
import { type AnyRows, fileOf, StoredRows } from './rows/stored-rows.js';
import type {
  BestPairsOptions,
  CosineSimilarityOptions,
  DedupeOptions,
  FitTransformOptions,
  GroupsOptions,
  HealthOptions,
  HistogramOptions,
  LinkageOptions,
  MatrixBlockOptions,
  PairedSimilarityOptions,
  PairsOptions,
  PruningOptions,
  ScorePairsOptions,
  TopKOptions,
} from './types.js';

/** Checks the arguments of `cosineSimilarity`. Like all functions here, it throws ArgumentError. */
export function checkDenseCall(xRows: unknown, yOrOptions?: unknown, lastOptions?: unknown): Problem {
  const { yRows, options } = sortOut<CosineSimilarityOptions>(DENSE, yOrOptions, lastOptions);
  return checkWithEveryPair('cosineSimilarity', checkCall(xRows, yRows, options, options.out));
}

/** Refuses to exclude zero rows from a result that has a score for every pair. */
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

export function checkSyncCall(xRows: unknown, yOrOptions?: unknown, lastOptions?: unknown): Problem {
  const call = checkDenseCall(xRows, yOrOptions, lastOptions);
  if (call.x instanceof StoredRows) refuseStored('x');
  if (call.y instanceof StoredRows) refuseStored('y');
  if (call.transform) refuse('options', 'cosineSimilaritySync does not transform rows', 'use cosineSimilarity');
  return call;
}

export function checkFitCall(xRows: unknown, options?: unknown): Problem {
  const call = checkCall(xRows, undefined, checkOptions<FitTransformOptions>(FIT, options));
  const { transform } = call;
  if (transform) return call;
  return refuse('options', 'there is nothing to fit', 'give center: true, removeComponents or whiten: true');
}

/** `health` counts rows that are not finite and treats them as zero rows. */
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

/** Returns a copy, because the caller may change the priorities during the call. */
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

function checkPruning({ pruning }: PruningOptions): boolean {
  checkChoice('pruning', pruning, ['auto', 'off']);
  return pruning !== 'off';
}
