// Files that appear complete or not at all: written under a temporary name in the same folder, flushed to disk, then renamed.

import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { ArgumentError } from '../../errors.js';
import { namingFile } from './file-error.js';

/** A file being written. */
export interface AtomicFile {
  /** Appends `bytes`. */
  append(bytes: Uint8Array): Promise<void>;
  /** Overwrites the beginning of the file with `bytes`. */
  replaceStart(bytes: Uint8Array): Promise<void>;
}

/** Maximum number of bytes per system call, which accepts no more than 2 GiB. */
const CHUNK_BYTES = 64 * 2 ** 20;

/** Renames the file `temporary` to `path`; resolves to false if it did not get the name. */
export type PlaceFile = (temporary: string, path: string) => Promise<boolean>;

export const replace: PlaceFile = async (temporary, path) => {
  await rename(temporary, path);
  return true;
};

/**
 * Returns a unique name next to `path`. Process ids are not enough: processes on several machines, or in containers with the same host
 * name, can share one.
 */
export function temporaryBeside(path: string): string {
  return join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}.tmp`);
}

/** Creates (or replaces) `path` with what `write` appends. If anything fails, `path` is unchanged and nothing is left behind. */
export async function createAtomically(path: string, write: (file: AtomicFile) => Promise<void>): Promise<void> {
  await placeAtomically(path, write, replace);
}

/** Like `createAtomically`, but `place` gives the name and may leave an existing file alone; then it resolves to false. */
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
    // After a rename it no longer exists; after a link it does.
    await rm(temporary, { force: true });
  }
  await named(syncFolder(dirname(target)));
  return true;
}

/**
 * Returns where a file goes, so that a link stays a link. Throws ArgumentError for a pipe or device, which a file of its name would
 * replace.
 */
async function placeOf(path: string): Promise<string> {
  const there = await stat(path).catch(() => undefined);
  if (!there) return path;
  if (!there.isFile() && !there.isDirectory()) {
    throw new ArgumentError('path', `${path}: expected a file name, got the name of a pipe or a device`);
  }
  return realpath(path);
}

/** Writes at byte `at` of the file, or after everything written before. */
async function writeFully(handle: FileHandle, bytes: Uint8Array, at?: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const length = Math.min(CHUNK_BYTES, bytes.length - done);
    const { bytesWritten } = await handle.write(bytes, done, length, at === undefined ? null : at + done);
    done += bytesWritten;
  }
}

/** Makes the new name survive a power cut. Some systems cannot open folders. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
