// Decisions on near-duplicates in a file, which is read when the page is opened and written when the page sends new ones.

import { readFile } from 'node:fs/promises';
import { createAtomically } from '../../io/bytes/atomic-file.js';
import { asInputError, InputError } from '../exit-codes.js';
import type { SavedDecisions } from './page-data.js';

/**
 * Reads the decisions in a file; null if the file does not exist yet. The page checks each of them, and that they concern these rows.
 * Throws InputError if the file contains anything else, or decisions on other rows.
 */
export async function readDecisions(path: string, name: string, rows: number, depth: number): Promise<SavedDecisions | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw asInputError(error, path);
  });
  if (text === undefined) return null;
  const saved = parse(text);
  if (!saved) {
    throw new InputError(`${path}: not a file of decisions; name a new file, or one that the page of allpairs view saved`);
  }
  const { input } = saved;
  if (input.rows === rows && input.depth === depth) return saved;
  throw new InputError(
    `${path}: its decisions are about ${input.rows} rows of ${input.depth} numbers, but ${name} has ${rows} rows of ${depth}; give the input that they were made for`,
  );
}

/** Replaces the file by what the page sent, completely or not at all. Returns false if that is not a file of decisions. */
export async function writeDecisions(path: string, body: Uint8Array): Promise<boolean> {
  const saved = parse(Buffer.from(body).toString());
  if (!saved) return false;
  await createAtomically(path, (file) => file.append(Buffer.from(`${JSON.stringify(saved, null, 1)}\n`)));
  return true;
}

function parse(text: string): SavedDecisions | undefined {
  try {
    const saved = JSON.parse(text) as SavedDecisions;
    const { kind, version, input, decisions } = saved;
    const isRight = kind === 'allpairs-decisions' && version === 1 && input instanceof Object && Array.isArray(decisions);
    return isRight ? saved : undefined;
  } catch {
    return undefined;
  }
}
