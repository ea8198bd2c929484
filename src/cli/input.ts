// Opens rows from files or from stdin.

import process from 'node:process';
import { addAbortSignal } from 'node:stream';
import type { OpenRowsOptions, RowFile } from '../index.js';
import { createAtomically } from '../io/bytes/atomic-file.js';
import type { ByteSource } from '../io/bytes/byte-source.js';
import { createRowStore } from '../io/bytes/temporary-file.js';
import { describeOrigin } from '../io/columns/choose.js';
import { openRowsAndPlaces } from '../io/rows/open-rows.js';
import { asInputError, UsageError } from './exit-codes.js';
import { formatCount, note } from './output.js';

export const STDIN = '-';

/** Returns '-' for all names of stdin, in a file or in FILE:COLUMN; a saved run keeps what was read from it. */
export function withStdinAsDash(name: string): string {
  return name.replace(/^\/dev\/(stdin|fd\/0)(?=:|$)/, STDIN);
}

/**
 * True if one of the inputs, keyed by what reads it (`--labels`, 'the input'), is stdin. Throws UsageError if several are, because each
 * needs the whole stream.
 */
export function checkStdin(inputs: Readonly<Record<string, string | undefined>>): boolean {
  const [first, second] = Object.keys(inputs).filter((name) => inputs[name] === STDIN);
  if (second === undefined) return first !== undefined;
  throw new UsageError(`${first} and ${second} cannot both be read from stdin; give one of them as a file`);
}

/** Returns how the command line says that files are to be read. */
export function readingOf({
  format,
  element,
  header,
  nulls,
  width,
  indexBase,
}: Pick<OpenRowsOptions, 'format' | 'element' | 'header' | 'nulls' | 'width' | 'indexBase'>): OpenRowsOptions {
  return { format, element, header, nulls, width, indexBase };
}

/** Opens the rows of files, folders or globs as one input, or of stdin if the name is '-'. */
export async function openInput(
  names: readonly string[],
  options: OpenRowsOptions,
  unseen?: Parameters<typeof openRowsAndPlaces>[2],
): Promise<RowFile> {
  const [name = '', ...more] = names;
  if (names.includes(STDIN)) {
    if (more.length > 0) throw new UsageError('stdin cannot be one of several inputs; save it in a file first');
    return openRowsAndPlaces(await keepStdin(options), options, unseen);
  }
  return openRowsAndPlaces(names, options, unseen).catch((error) => {
    throw asInputError(error, error.path ?? name);
  });
}

/** Formats inputs as the user typed them, for messages. */
export function nameInputs(names: readonly string[]): string {
  return names.join(' ');
}

/** Throws UsageError if row numbers would differ from those of the input and the command cannot show the latter. */
export function refuseSkip(command: string, nulls: OpenRowsOptions['nulls']): void {
  if (nulls !== 'skip') return;
  throw new UsageError(`--nulls skip changes the numbers of rows, which ${command} cannot show; use --nulls zero`);
}

/**
 * Describes an input that consists of several files, contains more than rows, or has rows without a vector. The columns `used` are read in
 * addition to the rows.
 */
export function noteOrigin(file: RowFile, used: readonly (string | undefined)[] = []): void {
  const { name, rows, depth, origin, nullRows, files } = file;
  if (files) note(`${files.length} files are read as one input of ${formatCount(rows)} rows; --against compares inputs`);
  const notUsed = origin?.notUsed.filter((column) => !used.includes(column)) ?? [];
  if (origin && origin.notUsed.length > 0) note(describeOrigin(name, rows, depth, { ...origin, notUsed }));
  if (nullRows.length === 0) return;
  const what = file.rowNumbers ? 'left out' : 'taken as zero rows';
  note(`${name}: ${formatCount(nullRows.length)} ${nullRows.length === 1 ? 'row' : 'rows'} without a vector ${what}`);
}

/** Reads all of stdin, because most formats are not read in order. */
async function keepStdin({ memoryBudget, signal }: OpenRowsOptions): Promise<ByteSource> {
  const store = createRowStore(memoryBudget);
  try {
    await readStdin((bytes) => store.append(bytes), signal);
    return await store.finish('stdin');
  } catch (error) {
    await store.discard();
    throw error;
  }
}

/** Saves all of stdin in a file, for a run that may have to read it again. */
export async function saveStdin(path: string, signal: AbortSignal): Promise<void> {
  await createAtomically(path, (file) => readStdin((bytes) => file.append(bytes), signal));
}

/** Reads all of stdin. */
export async function readStdinBytes(signal: AbortSignal | undefined): Promise<Uint8Array> {
  const all: Buffer[] = [];
  await readStdin(async (bytes) => void all.push(bytes), signal);
  return Buffer.concat(all);
}

async function readStdin(take: (bytes: Buffer) => Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  // The writer may keep the command waiting.
  const stdin = signal ? addAbortSignal(signal, process.stdin) : process.stdin;
  for await (const bytes of stdin) await take(bytes as Buffer);
}
