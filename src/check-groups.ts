// Checks the groups of rows: the numbers or strings that callers pass become numbers from 0, which kernels compare.

import { describe, fail, refuse } from './argument.js';
import { NO_GROUP } from './backends/constants.js';
import { mention, say } from './message.js';
import type { Problem, RowGrouping } from './problem.js';
import { isDetached, isNumericArray } from './rows/dtype.js';
import type { GroupingOptions } from './types.js';

/** Numbers the groups of x and y consistently. */
export class GroupNumbering {
  private readonly numbers = new Map<unknown, number>();
  private next = 0;
  private readonly types = new Set<string>();

  /** `lone` is the number of a row without a group; if undefined, each such row gets a new number. */
  constructor(private readonly lone: number | undefined) {}

  /** Returns a number for each of `rows` rows. Throws ArgumentError. */
  number(argument: string, list: unknown, rows: number): Uint32Array {
    const isWide = list instanceof BigInt64Array || list instanceof BigUint64Array;
    if (!isWide && !Array.isArray(list) && !isNumericArray(list)) fail(argument, 'the group of each row', describe(list));
    const values = list as ArrayLike<unknown>;
    if (isDetached(list)) fail(argument, 'the group of each row', `a detached ${(list as object).constructor.name}`);
    if (values.length !== rows) fail(argument, `${rows} groups, one for each row`, `${values.length}`);
    const numbers = new Uint32Array(rows);
    for (let row = 0; row < rows; row++) numbers[row] = this.numberOf(argument, values[row], row);
    return numbers;
  }

  private numberOf(argument: string, value: unknown, row: number): number {
    if (value === null || value === -1 || value === -1n) return this.lone ?? this.next++;
    const isWhole = Number.isSafeInteger(value) || typeof value === 'bigint';
    if (!(typeof value === 'string' || (isWhole && (value as number | bigint) >= 0))) {
      fail(argument, 'strings, or whole numbers from 0, and -1 or null for no group', `${describe(value)} for row ${row}`);
    }
    this.types.add(typeof value === 'string' ? 'string' : 'number');
    if (this.types.size > 1) fail(argument, 'only numbers or only strings', `both, ${describe(value)} for row ${row}`);
    // 7n is 7.
    const key = typeof value === 'bigint' && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.next++;
      this.numbers.set(key, number);
    }
    return number;
  }
}

/**
 * Returns which pairs count, or undefined if all do. `ofCols` are the groups of the rows of y, given as the option `nameOfCols`. If only zero
 * rows are excluded, all other rows form one group.
 */
export function checkGrouping(
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
