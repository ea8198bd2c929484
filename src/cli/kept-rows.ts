// Writes --keep: the numbers or ids of the rows to keep, one per line.

import { createAtomically } from '../io/bytes/atomic-file.js';
import type { CallOptions } from './call-options.js';
import { UsageError } from './exit-codes.js';
import { checkFilesBeside } from './output-place.js';
import { idOf, type RowNames } from './result-names.js';
import { writeStdout } from './stdout.js';

export const STDOUT = '-';

/** Throws UsageError if the file of --keep cannot be made, or if two results would go to stdout. */
export async function checkKeep(inputs: readonly string[], options: CallOptions & { readonly keep?: string }): Promise<void> {
  const { keep, output, json } = options;
  if (keep === STDOUT) {
    const other = output === STDOUT ? '-o -' : json && output === undefined ? '--json' : undefined;
    if (other) throw new UsageError(`--keep - and ${other} both write to stdout; give one of them a file`);
    return;
  }
  await checkFilesBeside({ keep }, inputs, options);
}

/** Writes the rows. Returns the file, if it is one. */
export async function writeKept(
  keep: string | undefined,
  rows: Iterable<number>,
  names: RowNames,
): Promise<string | undefined> {
  if (keep === undefined) return undefined;
  const text = Array.from(rows, (row) => `${idOf(row, names)}\n`).join('');
  if (keep === STDOUT) await writeStdout(text);
  else await createAtomically(keep, (file) => file.append(Buffer.from(text)));
  return keep === STDOUT ? undefined : keep;
}
