// Reads the names of rows for --ids, --carry and --labels. An id or a carried column is a column of the input, or FILE:COLUMN as in
// --labels.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { COMMAND_WORDING } from '../command-wording.js';
import { messageIn } from '../errors.js';
import { type AllpairsError, ArgumentError, FormatError } from '../index.js';
import type { TextsOptions } from '../io/records/open-texts.js';
import { type RowValues, rowValues, type SeenValues } from '../io/records/row-values.js';
import { formatByExtension } from '../io/rows/row-formats.js';
import type { CallOptions } from './call-options.js';
import { InputError, UsageError } from './exit-codes.js';
import { hasInputColumn, type InputRows, readInputColumn } from './input-columns.js';
import { labelsPath, readLabels } from './labels.js';
import type { RowNames } from './result-names.js';
import { filesAsNames, namesInInput, rowsInInput } from './row-numbers.js';

/** The value of `--ids` that names rows by their file and their number in it. */
const BY_FILE = 'file:row';

type NameOptions = Pick<CallOptions, 'labels' | 'ids' | 'carry'>;

/** The options that name the rows of one input. */
interface NameFlags {
  readonly given: NameOptions;
  /** '--' or '--against-'. */
  readonly prefix: string;
}

/** Returns the names of the rows of x, and of the rows of `--against`. */
export function nameFlags(options: { readonly [name in keyof CallOptions]?: CallOptions[name] | undefined }): {
  readonly rows: NameFlags;
  readonly cols: NameFlags;
} {
  const { labels, ids, carry, againstLabels, againstIds, againstCarry } = options;
  const own = { ...(labels && { labels }), ...(ids && { ids }), ...(carry && { carry }) };
  const others = {
    ...(againstLabels && { labels: againstLabels }),
    ...(againstIds && { ids: againstIds }),
    ...(againstCarry && { carry: againstCarry }),
  };
  return { rows: { given: own, prefix: '--' }, cols: { given: others, prefix: '--against-' } };
}

/** Rows whose names are read: those of an input, or of a job, for which only their number is known. */
export type NamedInput = InputRows | { readonly rows: number };

/** Throws UsageError, InputError. */
export async function readNames(input: NamedInput, { given, prefix }: NameFlags, reading: TextsOptions): Promise<RowNames> {
  const { labels, ids, carry = [] } = given;
  const rows = 'file' in input ? rowsInInput(input.file) : input.rows;
  const twice = [...(labels ? ['label'] : []), ...carry.map(columnName)].find((name, at, all) => all.indexOf(name) < at);
  if (twice !== undefined) throw new UsageError(`${prefix}carry: two columns would be called ${twice}; carry one of them`);
  const carried: RowValues[] = [];
  for (const spec of carry) carried.push(await readValues(`${prefix}carry`, spec, input, rows, reading));
  return {
    ids: ids === undefined ? undefined : await readIds(`${prefix}ids`, ids, input, rows, reading),
    labels: labels === undefined ? ownLabels(input) : await readLabels(labels, rows, reading),
    labelsGiven: labels !== undefined,
    carried,
  };
}

function ownLabels(input: NamedInput): readonly string[] | undefined {
  return 'file' in input ? namesInInput(input.file, input.file.labels) : undefined;
}

async function readIds(
  option: string,
  spec: string,
  input: NamedInput,
  rows: number,
  reading: TextsOptions,
): Promise<RowValues> {
  if (spec === BY_FILE && 'file' in input) return { name: spec, type: 'text', texts: filesAsNames(input.file) };
  const values = await readValues(option, spec, input, rows, reading);
  // Rows that were left out are in no result.
  const left = new Set('file' in input && input.file.rowNumbers ? input.file.nullRows : []);
  const missing = values.texts.findIndex((text, row) => text === '' && !left.has(row));
  if (missing < 0) return values;
  throw new InputError(`${option} ${spec}: row ${missing} has no id (null, or an empty text); expected an id for each row`);
}

async function readValues(
  option: string,
  spec: string,
  input: NamedInput,
  rows: number,
  reading: TextsOptions,
): Promise<RowValues> {
  const seen: SeenValues = { texts: false };
  const file = fileOfSpec(spec);
  if (file === undefined && !('file' in input)) {
    refuseMissingFile(option, spec);
    throw new UsageError(
      `${option} ${spec}: a job does not hold the columns of its input; give FILE:COLUMN, for example rows.csv:id`,
    );
  }
  const texts =
    'file' in input
      ? await readColumnOf(option, spec, input, { ...reading, seen })
      : await readLabels(spec, rows, { ...reading, seen });
  return rowValues(columnName(spec), texts, seen);
}

/** Returns the values of a column of the input, or of FILE:COLUMN, one for each row of the input. Throws UsageError, InputError. */
export async function readColumnOf(
  option: string,
  spec: string,
  input: InputRows,
  reading: TextsOptions,
): Promise<readonly string[]> {
  const { signal } = reading;
  const file = fileOfSpec(spec);
  if (file === undefined) {
    if (missingFileOf(spec) !== undefined && !(await hasInputColumn(input, spec, signal))) refuseMissingFile(option, spec);
    return readInputColumn(option, input, spec, reading).catch(explain(option, spec));
  }
  if (await hasInputColumn(input, spec, signal)) {
    throw new UsageError(
      `${option} ${spec}: the input has a column of that name, and ${file} is a file; for the file write ${option} ./${spec}`,
    );
  }
  return readLabels(spec, rowsInInput(input.file), reading);
}

/** Names the option in errors about its column, and suggests alternatives. */
function explain(option: string, spec: string): (error: unknown) => never {
  return (error) => {
    const isFault = error instanceof ArgumentError || error instanceof FormatError;
    if (!isFault) throw error;
    throw new InputError(`${option} ${spec}: ${messageIn(error, COMMAND_WORDING)}; ${remedyFor(error, spec)}`, {
      cause: error,
    });
  };
}

function remedyFor(error: AllpairsError, spec: string): string {
  if (error instanceof FormatError) return 'a column that cannot be read as numbers can be written as text';
  if (spec === 'file') return 'to name rows by their files use --ids file:row';
  return 'a column of another file is given as FILE:COLUMN';
}

/** Returns the file of FILE:COLUMN; undefined for a column of the input. */
export function fileOfSpec(spec: string): string | undefined {
  const path = spec === BY_FILE ? spec : labelsPath(spec);
  return path !== spec && existsSync(path) ? path : undefined;
}

/** Returns the file of FILE:COLUMN if it does not exist but its name looks like a file's; the names of columns may contain colons. */
function missingFileOf(spec: string): string | undefined {
  const path = labelsPath(spec);
  const isFileName = path !== spec && (formatByExtension(path) !== undefined || /[/\\]/.test(path));
  return isFileName && !existsSync(path) ? path : undefined;
}

/** Throws InputError. */
function refuseMissingFile(option: string, spec: string): void {
  const path = missingFileOf(spec);
  if (path !== undefined) throw new InputError(`${option} ${spec}: ${path}: no such file`);
}

function columnName(spec: string): string {
  const file = fileOfSpec(spec);
  return file === undefined ? spec : spec.slice(file.length + 1);
}

/** Returns the files other than the input from which names are read. */
export function filesOfNames(options: Partial<CallOptions>): string[] {
  const { labels, againstLabels } = options;
  return [
    ...[labels, againstLabels].flatMap((spec) => (spec === undefined ? [] : [labelsPath(spec)])),
    ...valueSpecs(options).flatMap((spec) => fileOfSpec(spec) ?? []),
  ];
}

/** Options that take a column of the input, or FILE:COLUMN. */
const COLUMN_OPTIONS = ['ids', 'againstIds', 'across', 'within', 'againstGroup', 'keepBy'] as const;

function valueSpecs(options: Partial<CallOptions>): string[] {
  const { carry = [], againstCarry = [] } = options;
  return [...COLUMN_OPTIONS.flatMap((name) => options[name] ?? []).map(withoutOrder), ...carry, ...againstCarry];
}

/** Returns the column of `--keep-by`, without its order. */
function withoutOrder(spec: string): string {
  return spec.replace(/:(asc|desc)$/, '');
}

/** Options whose files are stored as absolute paths, so that another process can continue from another folder. */
export function absoluteNames(options: Partial<CallOptions>): Partial<CallOptions> {
  const { carry, againstCarry } = options;
  const absolute = (spec: string) => (fileOfSpec(withoutOrder(spec)) === undefined ? spec : resolve(spec));
  const given = COLUMN_OPTIONS.flatMap((name) => {
    const spec = options[name];
    return spec === undefined ? [] : [[name, absolute(spec)] as const];
  });
  return {
    ...Object.fromEntries(given),
    ...(carry && { carry: carry.map(absolute) }),
    ...(againstCarry && { againstCarry: againstCarry.map(absolute) }),
  };
}
