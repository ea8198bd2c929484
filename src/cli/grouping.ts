// Decides which pairs count, by a column of the input or of another file: --across and --within.

import type { GroupingOptionsOfBoth, RowFile } from '../index.js';
import type { Call } from './call.js';
import type { CallOptions } from './call-options.js';
import { UsageError } from './exit-codes.js';
import { fileOfSpec, readColumnOf } from './read-names.js';

/** Returns groups for a plan, which does not depend on which groups there are. */
export function planGrouping({ x, y }: Pick<Call, 'x' | 'y'>, options: CallOptions): GroupingOptionsOfBoth {
  if (columnOf(options) === undefined) return {};
  return { ...kindOf(options), groupOf: new Uint8Array(x.rows), ...(y && { groupOfY: new Uint8Array(y.rows) }) };
}

/**
 * Reads the groups of the rows. A column of the input has the same name in --against, unless --against-group names another. Throws
 * UsageError, InputError.
 */
export async function readGrouping(call: Call, options: CallOptions): Promise<GroupingOptionsOfBoth> {
  const { across, againstGroup, format, header } = options;
  const column = columnOf(options);
  if (column === undefined) return {};
  const name = across === undefined ? '--within' : '--across';
  const { x, y, files, otherFiles } = call;
  if (y && againstGroup === undefined && fileOfSpec(column) !== undefined) {
    throw new UsageError(
      `${name} ${column} has a group for each row of the input; give those of --against with --against-group FILE:COLUMN`,
    );
  }
  const groupsOf = async (
    option: string,
    spec: string,
    file: RowFile,
    names: readonly string[],
    vectors: string | undefined,
  ) => {
    const texts = await readColumnOf(
      option,
      spec,
      { file, names, format, header, column: vectors },
      { signal: call.options.signal },
    );
    // Python writes NaN for a missing number.
    const groups = texts.map((text) => (text === '' || text === 'NaN' ? null : text));
    const { rowNumbers } = file;
    return rowNumbers ? Array.from(rowNumbers, (row) => groups[row] as string | null) : groups;
  };
  const [otherName, otherColumn] = againstGroup === undefined ? [name, column] : ['--against-group', againstGroup];
  const ofOthers = y && (await groupsOf(otherName, otherColumn, y, otherFiles, options.againstColumn));
  return {
    ...kindOf(options),
    groupOf: await groupsOf(name, column, x, files, options.column),
    ...(ofOthers && { groupOfY: ofOthers }),
  };
}

/** Throws UsageError if only `--against` has groups. */
function columnOf({ across, within, againstGroup }: CallOptions): string | undefined {
  const column = across ?? within;
  if (column !== undefined || againstGroup === undefined) return column;
  throw new UsageError('--against-group needs --across or --within; add one of them');
}

function kindOf({ across, within }: Pick<CallOptions, 'across' | 'within'>): { across: true } | { within: true } {
  if (across !== undefined && within !== undefined) throw new UsageError('--across and --within exclude each other; give one');
  return across === undefined ? { within: true } : { across: true };
}
