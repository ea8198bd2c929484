// Lets exactly one of several writers, on one machine or many, create a file of a given name. The file appears whole.

import { access, link, mkdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** Error codes of systems without hard links. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL']);

/** Gives the file `temporary` the name `path`; returns false if the name is taken. */
export async function placeExclusively(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (NO_LINKS.has(code)) return placeByTurns(temporary, path);
    // A file server that repeats the request because its first answer was lost reports that the name is taken, by this very file.
    if (code === 'EEXIST') return (await stat(temporary)).nlink > 1;
    throw error;
  }
  return true;
}

/** Age at which the lock of a writer counts as abandoned. */
const TURN_MS = 10_000;

/** Without hard links, the writer that creates a lock folder checks, renames and removes it. The others wait. */
export async function placeByTurns(temporary: string, path: string, turnMs = TURN_MS): Promise<boolean> {
  const turn = join(dirname(path), `.${basename(path)}.turn.tmp`);
  for (; ; await wait(10)) {
    try {
      await mkdir(turn);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const since = await stat(turn).then(
        ({ mtimeMs }) => mtimeMs,
        () => Date.now(),
      );
      if (Date.now() - since > turnMs) await rm(turn, { recursive: true, force: true });
      continue;
    }
    try {
      if (await isThere(path)) return false;
      await rename(temporary, path);
      return true;
    } finally {
      await rmdir(turn).catch(() => {});
    }
  }
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
