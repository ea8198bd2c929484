// The vectors that a second model made of the same rows, which the page compares with the first.

import { basename } from 'node:path';
import type { OpenRowsOptions, RowFile } from '../../index.js';
import type { ReadOptions } from '../../io/rows/row-reader.js';
import { InputError, UsageError } from '../exit-codes.js';
import { nameInputs, openInput, STDIN } from '../input.js';
import { formatCount } from '../output.js';
import type { ComparedModel } from './page-data.js';

export interface ComparedOptions extends Pick<ReadOptions, 'column'> {
  readonly query?: string;
  readonly compare?: string;
  readonly compareColumn?: string;
  readonly compareQuery?: string;
}

export interface ComparedRows extends Pick<ComparedModel, 'names'> {
  readonly file: string;
  readonly rows: RowFile;
}

export function refuseWithoutCompare({ compare, compareColumn, compareQuery }: ComparedOptions): void {
  if (compare !== undefined) return;
  const given = Object.entries({ column: compareColumn, query: compareQuery });
  const [name] = given.find(([, value]) => value !== undefined) ?? [];
  if (name !== undefined) throw new UsageError(`--compare-${name} requires --compare`);
}

/** Opens the second model's vectors of `rows`; undefined without --compare. */
export async function openCompared(
  inputs: readonly string[],
  rows: RowFile,
  options: ComparedOptions,
  reading: OpenRowsOptions,
): Promise<ComparedRows | undefined> {
  const { compare: file, compareColumn: column, compareQuery: query } = options;
  if (file === undefined) return undefined;
  if (rows.rows < 2) throw new InputError(`--compare needs at least two rows, and ${rows.name} has one`);
  const compared = await openInput([file], { ...reading, column, query });
  if (compared.rows !== rows.rows) {
    await compared.close();
    throw new InputError(
      `--compare needs the same rows in both files, but ${rows.name} has ${formatCount(rows.rows)} rows and ` +
        `${compared.name} has ${formatCount(compared.rows)}; --against compares different rows`,
    );
  }
  const parts = [options.column ?? options.query, column ?? query] as const;
  return { file, rows: compared, names: namesOfTwo([nameInputs(inputs), file], parts) };
}

/** Returns names that differ: file names, or else with `parts`, which are columns or queries, the paths, or their order. */
export function namesOfTwo(
  inputs: readonly [string, string],
  parts: readonly (string | undefined)[],
): readonly [first: string, second: string] {
  const both = inputs.map((name) => (name === STDIN ? 'stdin' : name)) as [string, string];
  const short = both.map((path) => basename(path)) as [string, string];
  const withParts = short.map((name, at) => (parts[at] === undefined ? name : `${name}, ${parts[at]}`)) as [string, string];
  const ordered: [string, string] = [`${short[0]} (first)`, `${short[1]} (second)`];
  return [short, withParts, both].find(([first, second]) => first !== second) ?? ordered;
}
