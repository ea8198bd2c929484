// Tells options from y, and checks the options that all calls have in common.

import { checkChoice, checkCount, describe, fail } from './argument.js';
import {
  BEST_PAIRS,
  BLOCKS,
  type CallSyntax,
  DEDUPE,
  DENSE,
  FIT,
  GROUPS,
  HISTOGRAM,
  LINKAGE,
  PAIRS,
  SCORE_PAIRS,
  TOP_K,
} from './call-syntax.js';
import { isRecordOfVectors } from './check-collections.js';
import { resemblesRows } from './check-rows.js';
import { checkOptionNames, type OptionNames } from './option-names.js';
import { isNumericArray } from './rows/dtype.js';
import { BACKEND_NAMES, type Options, type ZeroRows } from './types.js';

/** Throws ArgumentError for arguments behind the options, which no call has. */
export function refuseMore(call: string, more: readonly unknown[]): void {
  const extra = more.find((argument) => argument !== undefined);
  if (extra === undefined) return;
  fail('options', `all options of ${call} in one object, as its last argument`, `${describe(extra)} after them`);
}

/**
 * Tells y from options. Without a y, the options may be the second argument. A number there is the option that the call needs, and may be
 * followed by the other options.
 */
export function sortOut<T extends Options>(
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

/** Returns the options of a call that takes no y. */
export function sortOutWithoutY<T extends Options>(syntax: CallSyntax, options: unknown, lastOptions: unknown): T {
  const single = isNeeded(syntax, options, lastOptions);
  if (!single) refuseMore(syntax.call, [lastOptions]);
  return checkOptions<T>(syntax, single ? withNeeded(syntax, options, lastOptions) : options);
}

/**
 * Returns whether a value stands for the option that the call needs. A number does, and so does any other single value, such as '5', which
 * the check of that option then refuses as it was given. A string followed by options with the needed one is rows, such as a path.
 */
function isNeeded({ needed }: CallSyntax, value: unknown, behind: unknown): boolean {
  if (needed === undefined || value === undefined || value === null) return false;
  if (typeof value === 'number') return true;
  if (typeof value === 'object') return false;
  return !(typeof behind === 'number' || (typeof behind === 'object' && behind !== null && needed in behind));
}

/** Adds the option that the call needs to the others, as in `topK(x, 5, { dtype })`. */
function withNeeded({ call, needed }: CallSyntax, value: unknown, options: unknown): unknown {
  const name = needed as string;
  if (options === undefined || options === null) return { [name]: value };
  if (typeof options !== 'object' || resemblesRows(options)) fail('options', 'an object of options', describe(options));
  if (Object.hasOwn(options, name)) fail(name, `one ${name} for ${call}`, `${describe(value)} and another in its options`);
  return { ...options, [name]: value };
}

/** The options of all calls. An option of another call is refused as an option; it is not taken for the id of a vector. */
const ANY_OPTION: OptionNames = Object.assign(
  {},
  ...[DENSE, BLOCKS, TOP_K, PAIRS, BEST_PAIRS, SCORE_PAIRS, HISTOGRAM, GROUPS, DEDUPE, LINKAGE, FIT].map(({ names }) => names),
);

/** Returns whether a value in the place of y is options. Vectors by id are not, unless one of the ids is the name of an option. */
export function isOptions(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || resemblesRows(value)) return false;
  for (const name of Object.keys(value)) if (Object.hasOwn(ANY_OPTION, name)) return true;
  return !isRecordOfVectors(value);
}

export function checkOptions<T extends Options>({ call, names, needed }: CallSyntax, value: unknown): T {
  // The call's own checks refuse a missing option that it needs.
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
