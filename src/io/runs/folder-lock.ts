// A lock file that names the process that owns a folder. It appears complete or not at all. If its process has ended, one of the waiting
// processes takes it over.

import { link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { namingFile } from '../bytes/file-error.js';

export const LOCK = 'lock';

/** Another process owns the folder. */
export class FolderInUse extends Error {}

/** Folders that this process has locked. */
const locked = new Set<string>();
let tries = 0;

/** Throws FolderInUse. */
export async function lockFolder(folder: string): Promise<void> {
  const lock = join(folder, LOCK);
  const own = join(folder, `${LOCK}.${process.pid}.${++tries}`);
  try {
    await writeFile(own, JSON.stringify({ process: process.pid, host: hostname() })).catch((error) => {
      throw namingFile(error, lock);
    });
    while (!(await take(lock, own))) await breakStale(folder, lock, own);
    locked.add(folder);
  } finally {
    await rm(own, { force: true });
  }
}

export async function unlockFolder(folder: string): Promise<void> {
  locked.delete(folder);
  await rm(join(folder, LOCK), { force: true });
}

/** Forgets the lock of a folder that was renamed or removed. */
export function forgetLock(folder: string): void {
  locked.delete(folder);
}

async function take(lock: string, own: string): Promise<boolean> {
  try {
    await link(own, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Age at which an interrupted attempt to break a lock is ignored. */
const BREAKING_MS = 10_000;

/**
 * Removes the lock of a process that has ended. Only one process at a time checks and removes, because the lock could already be the next
 * owner's.
 */
async function breakStale(folder: string, lock: string, own: string): Promise<void> {
  const breaking = `${lock}.breaking`;
  if (!(await take(breaking, own))) {
    const since = await stat(breaking).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (since > BREAKING_MS) await rm(breaking, { force: true });
    else await wait(10);
    return;
  }
  try {
    const owner = await readFile(lock, 'utf8').catch(() => undefined);
    if (owner === undefined) return;
    if (locked.has(folder) || isRunning(owner)) throw new FolderInUse(inUse(folder, owner));
    await rm(lock, { force: true });
  } finally {
    await rm(breaking, { force: true });
  }
}

function inUse(folder: string, owner: string): string {
  const { process: pid, host } = JSON.parse(owner);
  return `${folder} belongs to a run in progress: process ${pid} on ${host}. If that process has ended, remove ${join(folder, LOCK)}`;
}

function isRunning(owner: string): boolean {
  try {
    const { process: pid, host } = JSON.parse(owner);
    if (host !== hostname()) return true;
    // The process id was reused, which is common in containers.
    if (pid === process.pid) return false;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
