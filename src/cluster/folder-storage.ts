// A job in a folder, of this machine or of a file server that all machines see. An object is a file; a '/' in its name is a folder.

import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { createAtomically, syncFolder } from '../io/atomic-file.js';
import { openBytes } from '../io/file-bytes.js';
import { placeExclusively } from './exclusive-place.js';
import type { JobStorage, StoredObject } from './storage.js';

/** Processes on several machines can have the same number, in containers even the same host name. */
const WRITER = `${hostname()}.${process.pid}.${Math.random().toString(36).slice(2)}`;
let written = 0;

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
      const whole = join(folder, `.${WRITER}.${++written}.tmp`);
      try {
        await createAtomically(whole, async ({ append }) => {
          for await (const piece of pieces) {
            signal?.throwIfAborted();
            await append(piece);
          }
          signal?.throwIfAborted();
        });
        if (!ifAbsent) await rename(whole, at(name));
        else if (!(await placeExclusively(whole, at(name)))) return false;
      } finally {
        await rm(whole, { force: true });
      }
      await syncFolder(folder);
      return true;
    },
    async list(prefix) {
      const found = await filesBelow(path, prefix.slice(0, prefix.lastIndexOf('/') + 1));
      return found.filter(({ name }) => name.startsWith(prefix)).sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    remove: (name) => rm(at(name), { force: true }),
    async close() {},
  };
}

/** Files in the folder `inside` of `root`; others may come and go meanwhile. */
async function filesBelow(root: string, inside: string): Promise<StoredObject[]> {
  const entries = await unlessMissing(readdir(join(root, inside), { withFileTypes: true }));
  const found = (entries ?? []).map(async (entry): Promise<StoredObject[]> => {
    const name = inside + entry.name;
    if (isTemporary(entry.name)) return [];
    if (entry.isDirectory()) return filesBelow(root, `${name}/`);
    const status = await unlessMissing(stat(join(root, name)));
    return status?.isFile() ? [{ name, bytes: status.size }] : [];
  });
  return (await Promise.all(found)).flat();
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
