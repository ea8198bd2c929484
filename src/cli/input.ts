// Rows from a file's name, as the command line has it.

import process from 'node:process';
import { decodeNpy, type NpyRows, readNpy } from '../index.js';
import { asInputError } from './exit-codes.js';

/** Reads the rows of a .npy file, or of stdin where the name is '-'. */
export async function readRows(name: string): Promise<NpyRows> {
  try {
    return name === '-' ? decodeNpy(await readStdin(), 'stdin') : await readNpy(name);
  } catch (error) {
    throw asInputError(error, name);
  }
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
