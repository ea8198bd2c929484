// Rows from a file's name, or from stdin.

import process from 'node:process';
import { addAbortSignal } from 'node:stream';
import { type OpenRowsOptions, openRows, type RowFile } from '../index.js';
import { createAtomically } from '../io/atomic-file.js';
import type { ByteSource } from '../io/byte-source.js';
import { createRowStore } from '../io/temporary-file.js';
import { asInputError, UsageError } from './exit-codes.js';

export const STDIN = '-';

/**
 * Whether one of the inputs, by what reads it (`--labels`, 'the input'), is stdin. Throws UsageError if several are: each needs
 * the whole stream.
 */
export function checkStdin(inputs: Readonly<Record<string, string | undefined>>): boolean {
  const [first, second] = Object.keys(inputs).filter((name) => inputs[name] === STDIN);
  if (second === undefined) return first !== undefined;
  throw new UsageError(`${first} and ${second} cannot both be read from stdin; give one of them as a file`);
}

/** Opens the rows of a file, or of stdin where the name is '-'. */
export async function openInput(name: string, options: OpenRowsOptions): Promise<RowFile> {
  if (name === STDIN) return openRows(await keepStdin(options), options);
  return openRows(name, options).catch((error) => {
    throw asInputError(error, name);
  });
}

/** All of stdin: formats are not read in order. */
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

/** All of stdin as text. */
export async function readStdinText(signal: AbortSignal | undefined): Promise<string> {
  const all: Buffer[] = [];
  await readStdin(async (bytes) => void all.push(bytes), signal);
  return Buffer.concat(all).toString();
}

async function readStdin(take: (bytes: Buffer) => Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  // The writer may keep the command waiting.
  const stdin = signal ? addAbortSignal(signal, process.stdin) : process.stdin;
  for await (const bytes of stdin) await take(bytes as Buffer);
}
