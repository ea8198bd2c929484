// A job in a folder, of this machine or of a file server that all machines see. An object is a file; a '/' in its name is a folder.

import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder } from '../io/atomic-file.js';
import { openBytes } from '../io/file-bytes.js';
import { placeExclusively } from './exclusive-place.js';
import type { JobStorage, WriteOptions } from './storage.js';

/** Objects in the folder `path`, which is made when something is written. */
export function openFolder(path: string): JobStorage {
  const at = (name: string): string => join(path, name);
  return {
    name: path,
    read: (name) => unlessMissing(readFile(at(name))),
    open: (name) => unlessMissing(openBytes(at(name))),
    async write(name, pieces, { ifAbsent = false, signal } = {}) {
      const folder = dirname(at(name));
      await mkdir(folder, { recursive: true });
      // Of a name of its own: processes on several machines can have the same number, in containers even the same host name.
      const temporary = join(folder, `.${basename(name)}.${randomUUID()}.tmp`);
      try {
        await writeWhole(temporary, pieces, signal);
        if (!ifAbsent) await rename(temporary, at(name));
        else if (!(await placeExclusively(temporary, at(name)))) return false;
      } finally {
        await rm(temporary, { force: true });
      }
      await syncFolder(folder);
      return true;
    },
    list: async (prefix) => {
      const names = await filesBelow(path, prefix.slice(0, prefix.lastIndexOf('/') + 1));
      return names.filter((name) => name.startsWith(prefix)).sort();
    },
    remove: (name) => rm(at(name), { force: true }),
    async close() {},
  };
}

async function writeWhole(path: string, pieces: Parameters<JobStorage['write']>[1], signal: WriteOptions['signal']) {
  const file = await open(path, 'wx');
  try {
    for await (const piece of pieces) {
      signal?.throwIfAborted();
      await file.writeFile(piece);
    }
    signal?.throwIfAborted();
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Files in the folder `inside` of `root`; others may come and go meanwhile. */
async function filesBelow(root: string, inside: string): Promise<string[]> {
  const entries = await unlessMissing(readdir(join(root, inside), { withFileTypes: true }));
  const found: string[] = [];
  for (const entry of entries ?? []) {
    const name = inside + entry.name;
    if (isTemporary(entry.name)) continue;
    if (entry.isDirectory()) for (const below of await filesBelow(root, `${name}/`)) found.push(below);
    else if (entry.isFile()) found.push(name);
  }
  return found;
}

const isTemporary = (name: string): boolean => name.startsWith('.') && name.endsWith('.tmp');

async function unlessMissing<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
