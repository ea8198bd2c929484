// Files that appear whole or not at all: written beside their place, flushed to disk, then renamed into it.

import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { namingFile } from './file-error.js';

/** A file being written. */
export interface AtomicFile {
  /** Writes `bytes` after everything before. */
  append(bytes: Uint8Array): Promise<void>;
  /** Writes `bytes` over the beginning of what there is. */
  replaceStart(bytes: Uint8Array): Promise<void>;
}

/** One call of the system moves at most this many bytes; it takes no more than 2 GiB. */
const CHUNK_BYTES = 64 * 2 ** 20;

/** Temporary files of this process so far: with its number, a name of its own for each. */
let created = 0;

/** Creates (or replaces) `path` with what `write` appends. If anything fails, `path` is as it was and nothing is left. */
export async function createAtomically(path: string, write: (file: AtomicFile) => Promise<void>): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${process.pid}.${++created}.tmp`);
  const handle = await open(temporary, 'w');
  try {
    try {
      await write({
        append: (bytes) => writeFully(handle, bytes),
        replaceStart: (bytes) => writeFully(handle, bytes, 0),
      });
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw namingFile(error, path);
  }
  await syncFolder(folder);
}

/** From byte `at` of the file on, or after all that was written before. */
async function writeFully(handle: FileHandle, bytes: Uint8Array, at?: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const length = Math.min(CHUNK_BYTES, bytes.length - done);
    const { bytesWritten } = await handle.write(bytes, done, length, at === undefined ? null : at + done);
    done += bytesWritten;
  }
}

/** So that the new name survives a power cut; not every system lets folders be opened. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
