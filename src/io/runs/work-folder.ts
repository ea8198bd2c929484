// The folder beside an output that is being made: what the run is (the manifest), what it has so far, and at last the output,
// which goes to its place by one rename. A process may end at any moment: a file in here is either whole, or not there, and the
// folder goes as one: by another name first, so that its remains cannot be taken for a run.

import { mkdir, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { FormatError } from '../../errors.js';
import type { SavedArrays } from '../../saved-state.js';
import { type AtomicFile, createAtomically, syncFolder } from '../bytes/atomic-file.js';
import { forgetLock, lockFolder, unlockFolder } from './folder-lock.js';
import { encodeSaved, readSaved, type SavedFile } from './saved-arrays.js';

const MANIFEST = 'manifest.json';
const OUTPUT = 'output';
/** What is in such a folder, by how its names begin. */
const OURS = /^\.?(manifest\.json|lock|output|state|pairs-|block-|matrix\.npy|stdin)/;

/** Something else has the name of the folder. */
export class NotAWorkFolder extends Error {}

export function workFolderOf(output: string): string {
  return join(dirname(resolve(output)), `${basename(output)}.partial`);
}

let discarded = 0;

export class WorkFolder {
  private constructor(
    readonly output: string,
    readonly path: string,
  ) {}

  /** Makes the folder for `output`, empty. What was there of an earlier run goes. Throws FolderInUse, NotAWorkFolder. */
  static async create(output: string): Promise<WorkFolder> {
    const folder = new WorkFolder(resolve(output), workFolderOf(output));
    await folder.removeLeftovers();
    if (await folder.holdsARun()) {
      await lockFolder(folder.path);
      await folder.remove();
    }
    await mkdir(folder.path).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
    try {
      await lockFolder(folder.path);
    } catch (error) {
      // Not where another process has put something into it meanwhile.
      await rmdir(folder.path).catch(() => {});
      throw error;
    }
    return folder;
  }

  /** The folder that an earlier run left. Throws FolderInUse. */
  static async open(output: string): Promise<WorkFolder> {
    const folder = new WorkFolder(resolve(output), workFolderOf(output));
    await lockFolder(folder.path);
    await folder.removeLeftovers();
    // What was being written when the process ended.
    for (const name of await readdir(folder.path)) if (name.endsWith('.tmp')) await rm(folder.at(name));
    return folder;
  }

  /** The manifest of the folder for `output`, or undefined if there is no folder. Throws FormatError where it is damaged. */
  static async readManifest(output: string): Promise<unknown> {
    const path = join(workFolderOf(output), MANIFEST);
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
      throw error;
    }
    try {
      return JSON.parse(text);
    } catch {
      throw new FormatError(path, 0, 'damaged: no JSON. Begin the run anew, with --restart');
    }
  }

  /** Writes down what the run is: from now on it can be continued. */
  async writeManifest(manifest: unknown): Promise<void> {
    await this.writeJson(MANIFEST, manifest);
    await syncFolder(dirname(this.path));
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

  async removeFile(name: string): Promise<void> {
    await rm(this.at(name), { force: true });
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

  /** Gives the folder another name at once, and then removes it. */
  async remove(): Promise<void> {
    const gone = `${this.path}.${process.pid}.${++discarded}.old`;
    await rename(this.path, gone);
    forgetLock(this.path);
    await syncFolder(dirname(this.path));
    await rm(gone, { recursive: true, force: true });
  }

  /** Folders whose removal was cut short. Whoever still removes one does not mind. */
  private async removeLeftovers(): Promise<void> {
    const begin = `${basename(this.path)}.`;
    for (const name of await readdir(dirname(this.path))) {
      const isLeft = name.startsWith(begin) && /^\d+\.\d+\.old$/.test(name.slice(begin.length));
      if (isLeft) await rm(join(dirname(this.path), name), { recursive: true, force: true });
    }
  }

  /** Lets others have the folder. */
  async release(): Promise<void> {
    await unlockFolder(this.path);
  }

  /** Whether there is a folder with something in it, all of it a run's. Throws NotAWorkFolder for anything else. */
  private async holdsARun(): Promise<boolean> {
    let names: string[];
    try {
      names = await readdir(this.path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return false;
      if (code === 'ENOTDIR') throw new NotAWorkFolder(`${this.path} is in the way: it is no folder`);
      throw error;
    }
    const other = names.find((name) => !OURS.test(name));
    if (other === undefined) return names.length > 0;
    throw new NotAWorkFolder(`${this.path} is in the way: it holds ${other}, which no run has put there`);
  }
}
