// A job in a folder, on this machine or on a file server that all machines see. An object is a file; a '/' in its name is a folder.

import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type AtomicFile, placeAtomically, replace } from '../../io/bytes/atomic-file.js';
import { openBytes } from '../../io/bytes/file-bytes.js';
import { placeExclusively } from './exclusive-place.js';
import type { JobStorage } from './storage.js';

/** Objects in the folder `path`, which is created when something is written. */
export function openFolder(path: string): JobStorage {
  const at = (name: string): string => join(path, name);
  return {
    name: path,
    read: (name) => unlessMissing(readFile(at(name))),
    open: (name) => unlessMissing(openBytes(at(name))),
    async write(name, pieces, { ifAbsent = false, signal } = {}) {
      await mkdir(dirname(at(name)), { recursive: true });
      const write = async ({ append }: AtomicFile) => {
        for await (const piece of pieces) {
          signal?.throwIfAborted();
          await append(piece);
        }
        signal?.throwIfAborted();
      };
      return placeAtomically(at(name), write, ifAbsent ? placeExclusively : replace);
    },
    list: async (prefix) => {
      const names = await filesBelow(path, prefix.slice(0, prefix.lastIndexOf('/') + 1));
      return names.filter((name) => name.startsWith(prefix)).sort();
    },
    remove: (name) => rm(at(name), { force: true }),
    async close() {},
  };
}

/** Yields the files in the folder `inside` of `root`. Other processes may add and remove files meanwhile. */
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
