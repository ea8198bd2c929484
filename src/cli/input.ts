// Rows from a file's name, as the command line has it.

import process from 'node:process';
import { addAbortSignal } from 'node:stream';
import { type OpenRowsOptions, openRows, type RowFile } from '../index.js';
import { createAtomically } from '../io/atomic-file.js';
import type { ByteSource } from '../io/byte-source.js';
import { createRowStore } from '../io/temporary-file.js';
import { asInputError } from './exit-codes.js';

export const STDIN = '-';

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

/** Puts all of stdin down in a file, for a run that may have to read it again. */
export async function saveStdin(path: string, signal: AbortSignal): Promise<void> {
  await createAtomically(path, (file) => readStdin((bytes) => file.append(bytes), signal));
}

async function readStdin(take: (bytes: Buffer) => Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  // Whoever writes may keep us waiting.
  const stdin = signal ? addAbortSignal(signal, process.stdin) : process.stdin;
  for await (const bytes of stdin) await take(bytes as Buffer);
}
