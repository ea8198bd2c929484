// Which pairs count, by a column of the input: --across and --within.

import type { GroupingOptionsOfBoth, RowFile } from '../index.js';
import type { Call } from './call.js';
import type { CallOptions } from './call-options.js';
import { UsageError } from './exit-codes.js';
import { readInputColumn } from './input-columns.js';

/** As a plan needs it: which groups there are makes no difference. */
export function planGrouping({ x, y }: Pick<Call, 'x' | 'y'>, options: CallOptions): GroupingOptionsOfBoth {
  if (options.across === undefined && options.within === undefined) return {};
  return { ...kindOf(options), groupOf: new Uint8Array(x.rows), ...(y && { groupOfY: new Uint8Array(y.rows) }) };
}

/** The groups of the rows. Of --against the column has the same name. Throws UsageError, InputError. */
export async function readGrouping(call: Call, options: CallOptions): Promise<GroupingOptionsOfBoth> {
  const { across, within, format } = options;
  const column = across ?? within;
  if (column === undefined) return {};
  const name = across === undefined ? '--within' : '--across';
  const groupsOf = async (file: RowFile, names: readonly string[], vectors: string | undefined) => {
    const texts = await readInputColumn(name, { file, names, format, column: vectors }, column);
    // Python writes NaN where a number is missing.
    const groups = texts.map((text) => (text === '' || text === 'NaN' ? null : text));
    const { rowNumbers } = file;
    return rowNumbers ? Array.from(rowNumbers, (row) => groups[row] as string | null) : groups;
  };
  const { x, y, files, otherFiles } = call;
  return {
    ...kindOf(options),
    groupOf: await groupsOf(x, files, options.column),
    ...(y && { groupOfY: await groupsOf(y, otherFiles, options.againstColumn) }),
  };
}

function kindOf({ across, within }: Pick<CallOptions, 'across' | 'within'>): { across: true } | { within: true } {
  if (across !== undefined && within !== undefined) throw new UsageError('--across and --within exclude each other; give one');
  return across === undefined ? { within: true } : { across: true };
}
