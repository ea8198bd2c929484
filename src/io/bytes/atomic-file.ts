// Files that appear whole or not at all: written beside their place, flushed to disk, then renamed into it.

import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { ArgumentError } from '../../errors.js';
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

/** Gives the file `temporary` the name `path`; false where it did not get it. */
export type PlaceFile = (temporary: string, path: string) => Promise<boolean>;

export const replace: PlaceFile = async (temporary, path) => {
  await rename(temporary, path);
  return true;
};

/** A name beside `path`, of nobody else: processes on several machines, in containers even of one host name, can have one number. */
export function temporaryBeside(path: string): string {
  return join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}.tmp`);
}

/** Creates (or replaces) `path` with what `write` appends. If anything fails, `path` is as it was and nothing is left. */
export async function createAtomically(path: string, write: (file: AtomicFile) => Promise<void>): Promise<void> {
  await placeAtomically(path, write, replace);
}

/** The same, with the name given by `place`, which may leave a file that is there: then false. */
export async function placeAtomically(
  path: string,
  write: (file: AtomicFile) => Promise<void>,
  place: PlaceFile,
): Promise<boolean> {
  const target = await placeOf(path);
  const temporary = temporaryBeside(target);
  // Errors of `write` may be about other files.
  const named = <T>(step: Promise<T>): Promise<T> =>
    step.catch((error) => {
      throw namingFile(error, path);
    });
  const handle = await named(open(temporary, 'wx'));
  try {
    try {
      await write({
        append: (bytes) => named(writeFully(handle, bytes)),
        replaceStart: (bytes) => named(writeFully(handle, bytes, 0)),
      });
      await named(handle.sync());
    } finally {
      await named(handle.close());
    }
    if (!(await named(place(temporary, target)))) return false;
  } finally {
    // It is there no more where it was renamed; a link leaves it.
    await rm(temporary, { force: true });
  }
  await named(syncFolder(dirname(target)));
  return true;
}

/** Where a file goes: a link stays one. Throws ArgumentError for a pipe or a device, which a file with its name would replace. */
async function placeOf(path: string): Promise<string> {
  const there = await stat(path).catch(() => undefined);
  if (!there) return path;
  if (!there.isFile() && !there.isDirectory()) {
    throw new ArgumentError('path', `${path}: expected a file name, got the name of a pipe or a device`);
  }
  return realpath(path);
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
