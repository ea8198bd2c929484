// The folder next to an unfinished output. It holds the description of the run (the manifest), partial results, and finally the output,
// which is moved into place by one rename. A process may end at any moment: files in the folder are complete or absent. Before the folder
// is removed, it is renamed, so that its remains are not mistaken for a run.

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
/** Prefixes of the names in such a folder. */
const OURS = /^\.?(manifest\.json|lock|output|state|pairs-|block-|matrix\.npy|stdin)/;

/** The name of the folder is taken by something else. */
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

  /** Creates an empty folder for `output` and removes that of an earlier run. Throws FolderInUse, NotAWorkFolder. */
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
      // Fails if another process has put something into it meanwhile.
      await rmdir(folder.path).catch(() => {});
      throw error;
    }
    return folder;
  }

  /** Opens the folder that an earlier run left. Throws FolderInUse. */
  static async open(output: string): Promise<WorkFolder> {
    const folder = new WorkFolder(resolve(output), workFolderOf(output));
    await lockFolder(folder.path);
    await folder.removeLeftovers();
    // Files that were being written when the process ended.
    for (const name of await readdir(folder.path)) if (name.endsWith('.tmp')) await rm(folder.at(name));
    return folder;
  }

  /** Returns the manifest of the folder for `output`, or undefined if there is no folder. Throws FormatError if it is damaged. */
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
      throw new FormatError(path, 0, 'damaged: not valid JSON. Start the run again with --restart');
    }
  }

  /** Writes the manifest; from then on the run can be continued. */
  async writeManifest(manifest: unknown): Promise<void> {
    await this.writeJson(MANIFEST, manifest);
    await syncFolder(dirname(this.path));
  }

  at(name: string): string {
    return join(this.path, name);
  }

  /** Returns the names of the files that begin with `prefix`, in order. */
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

  /** Throws FormatError if the file is damaged. */
  readArrays(name: string): Promise<SavedFile> {
    return readSaved(this.at(name));
  }

  async removeFile(name: string): Promise<void> {
    await rm(this.at(name), { force: true });
  }

  /** Writes the output, moves it into place and removes the folder. */
  async finish(write: (file: AtomicFile) => Promise<void>): Promise<void> {
    await createAtomically(this.at(OUTPUT), write);
    await this.finishWith(OUTPUT);
  }

  /** Moves the file `name`, which is complete and on disk, to the output's path and removes the folder. */
  async finishWith(name: string): Promise<void> {
    await rename(this.at(name), this.output);
    await syncFolder(dirname(this.output));
    await this.remove();
  }

  /** Renames the folder immediately and then removes it. */
  async remove(): Promise<void> {
    const gone = `${this.path}.${process.pid}.${++discarded}.old`;
    await rename(this.path, gone);
    forgetLock(this.path);
    await syncFolder(dirname(this.path));
    await rm(gone, { recursive: true, force: true });
  }

  /** Removes folders whose removal was interrupted; it does not matter if another process is removing them too. */
  private async removeLeftovers(): Promise<void> {
    const begin = `${basename(this.path)}.`;
    for (const name of await readdir(dirname(this.path))) {
      const isLeft = name.startsWith(begin) && /^\d+\.\d+\.old$/.test(name.slice(begin.length));
      if (isLeft) await rm(join(dirname(this.path), name), { recursive: true, force: true });
    }
  }

  /** Releases the folder for other processes. */
  async release(): Promise<void> {
    await unlockFolder(this.path);
  }

  /** True if the folder exists and contains only files of a run. Throws NotAWorkFolder for anything else. */
  private async holdsARun(): Promise<boolean> {
    let names: string[];
    try {
      names = await readdir(this.path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return false;
      if (code === 'ENOTDIR')
        throw new NotAWorkFolder(`${this.path} is in the way: it is not a folder. Move it away, or choose another output`);
      throw error;
    }
    const other = names.find((name) => !OURS.test(name));
    if (other === undefined) return names.length > 0;
    throw new NotAWorkFolder(
      `${this.path} is in the way: it holds ${other}, which no run wrote. Move it away, or choose another output`,
    );
  }
}
