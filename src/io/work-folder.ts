// The folder beside an output that is being made: what the run is (the manifest), what it has so far, and at last the output,
// which goes to its place by one rename. A process may end at any moment: a file in here is either whole, or not there.

import { mkdir, open, readdir, readFile, rename, rm, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import process from 'node:process';
import type { SavedArrays } from '../saved-state.js';
import { type AtomicFile, createAtomically, syncFolder } from './atomic-file.js';
import { namingFile } from './file-error.js';
import { encodeSaved, readSaved, type SavedFile } from './saved-arrays.js';

const MANIFEST = 'manifest.json';
const LOCK = 'lock';
const OUTPUT = 'output';

/** Folders that runs of this process have locked. */
const locked = new Set<string>();

/** Another process is writing the same output. */
export class WorkFolderInUse extends Error {}

export function workFolderOf(output: string): string {
  return join(dirname(resolve(output)), `${basename(output)}.partial`);
}

export class WorkFolder {
  private constructor(
    readonly output: string,
    readonly path: string,
  ) {}

  /** Makes the folder for `output`, empty. What was there of an earlier run goes. */
  static async create(output: string): Promise<WorkFolder> {
    const folder = new WorkFolder(resolve(output), workFolderOf(output));
    const isNew = await mkdir(folder.path).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
        return false;
      },
    );
    try {
      await folder.lock();
      for (const name of await readdir(folder.path)) if (name !== LOCK) await rm(join(folder.path, name));
      return folder;
    } catch (error) {
      if (isNew) await folder.remove();
      throw error;
    }
  }

  /** Writes down what the run is: from now on it can be continued. */
  async writeManifest(manifest: unknown): Promise<void> {
    await this.writeJson(MANIFEST, manifest);
    await syncFolder(dirname(this.path));
  }

  /** The folder that an earlier run left. */
  static async open(output: string): Promise<WorkFolder> {
    const folder = new WorkFolder(resolve(output), workFolderOf(output));
    await folder.lock();
    // What was being written when the process ended.
    for (const name of await readdir(folder.path)) if (name.endsWith('.tmp')) await rm(folder.at(name));
    return folder;
  }

  /** The manifest of the folder for `output`, or undefined where there is no such folder. */
  static async readManifest(output: string): Promise<unknown> {
    try {
      return JSON.parse(await readFile(join(workFolderOf(output), MANIFEST), 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  at(name: string): string {
    return join(this.path, name);
  }

  /** Names of the files that begin with `prefix`, in order. */
  async list(prefix: string): Promise<string[]> {
    return (await readdir(this.path)).filter((name) => name.startsWith(prefix)).sort();
  }

  writeJson(name: string, value: unknown): Promise<void> {
    return createAtomically(this.at(name), (file) => file.append(Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`)));
  }

  async readJson(name: string): Promise<unknown> {
    return JSON.parse(await readFile(this.at(name), 'utf8'));
  }

  writeArrays(name: string, meta: Readonly<Record<string, unknown>>, arrays: SavedArrays): Promise<void> {
    return createAtomically(this.at(name), async (file) => {
      for (const bytes of encodeSaved(meta, arrays)) await file.append(bytes);
    });
  }

  /** Throws FormatError where the file is damaged. */
  readArrays(name: string): Promise<SavedFile> {
    return readSaved(this.at(name));
  }

  /** Writes the output, puts it in its place, and removes the folder. */
  async finish(write: (file: AtomicFile) => Promise<void>): Promise<void> {
    await createAtomically(this.at(OUTPUT), write);
    await this.finishWith(OUTPUT);
  }

  /** Puts the file `name`, which is complete and on disk, in the output's place, and removes the folder. */
  async finishWith(name: string): Promise<void> {
    await rename(this.at(name), this.output);
    await syncFolder(dirname(this.output));
    await this.remove();
  }

  async remove(): Promise<void> {
    locked.delete(this.path);
    await rm(this.path, { recursive: true, force: true });
  }

  /** Lets others have the folder. */
  async release(): Promise<void> {
    locked.delete(this.path);
    await unlink(this.at(LOCK)).catch(() => {});
  }

  /** Keeps other processes out; one that is gone, on this machine, does not count. */
  private async lock(): Promise<void> {
    const mine = JSON.stringify({ process: process.pid, host: hostname() });
    for (let tries = 0; ; tries++) {
      try {
        const handle = await open(this.at(LOCK), 'wx');
        await handle
          .writeFile(mine)
          .catch((error) => {
            throw namingFile(error, this.at(LOCK));
          })
          .finally(() => handle.close());
        locked.add(this.path);
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const owner = await readFile(this.at(LOCK), 'utf8').catch(() => '');
      if (tries > 1 || locked.has(this.path) || isRunning(owner)) {
        throw new WorkFolderInUse(
          `${this.path} belongs to a run that goes on (${owner || 'its lock is being written'}); ` +
            `if it does not, remove ${this.at(LOCK)}`,
        );
      }
      await rm(this.at(LOCK), { force: true });
    }
  }
}

function isRunning(owner: string): boolean {
  try {
    const { process: pid, host } = JSON.parse(owner);
    if (host !== hostname()) return true;
    // The number came round again, as it does in containers.
    if (pid === process.pid) return false;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
