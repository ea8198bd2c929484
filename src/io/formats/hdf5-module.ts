// Starts h5wasm and opens files with it: takes what HDF5 prints as the reason of a refusal, and starts h5wasm again after a file that ended it.

import { closeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { FormatError, UnsupportedError } from '../../errors.js';
import { ownPath } from '../../platform/own-path.js';
import { countLibrary } from '../library-memory.js';

type Engine = typeof import('h5wasm/node');
type Module = Awaited<Engine['ready']>;
export type Hdf5File = InstanceType<Engine['File']>;

/** An instance of h5wasm: its classes, and the module of WebAssembly that they use. */
export interface Hdf5 {
  readonly engine: Engine;
  readonly module: Module;
  /** Whether a file has ended it. Its memory is then in an unknown state, in which it may read wrong numbers or never return. */
  ended: boolean;
}

/** An open file of Emscripten. */
interface OpenFile {
  readonly nfd: number;
  readonly path: string;
  readonly position: number;
}

/** The used part of Emscripten's file system, which HDF5 reads through, and prints through. */
export interface FileSystem {
  read(file: OpenFile, into: Int8Array, offset: number, length: number, position?: number): number;
  write(file: OpenFile, from: Int8Array, offset: number, length: number, position?: number): number;
  readonly streams: readonly (OpenFile | null | undefined)[];
  readonly ErrnoError: new (errno: number) => Error;
}

export function fileSystemOf(module: Module): FileSystem {
  return module.FS as unknown as FileSystem;
}

/** Each leaves 2 MiB behind. In CommonJS bundles there is no address for another one. */
const MAX_INSTANCES = typeof import.meta.resolve === 'function' ? 32 : 1;

/** Memory of h5wasm outside its heap, which is mainly its code. */
const OUTSIDE_BYTES = 20 * 2 ** 20;

let instances = 0;
let current: Promise<Hdf5> | undefined;

/**
 * Returns h5wasm; another instance after a file that ended the last one. Throws UnsupportedError if the package is not installed, and
 * FormatError if files have ended too many instances.
 */
export async function loadHdf5(path: string): Promise<Hdf5> {
  if (!current && instances === MAX_INSTANCES) {
    const reason = 'damaged files have ended h5wasm, so that this process can read no other HDF5 files';
    throw new FormatError(path, 'whole', reason, { advice: 'start another process' });
  }
  current ??= start();
  return current;
}

async function start(): Promise<Hdf5> {
  const number = instances++;
  let engine: Engine;
  try {
    // Each address is a module of its own.
    engine = number === 0 ? await import('h5wasm/node') : await import(`${import.meta.resolve('h5wasm/node')}?${number}`);
  } catch {
    throw new UnsupportedError('reading HDF5 needs the package h5wasm:', { advice: 'npm install h5wasm' });
  }
  const module = await engine.ready;
  // An instance that a file has ended has freed its memory.
  countLibrary('h5wasm', () => OUTSIDE_BYTES + (module.HEAPU8?.length ?? 0));
  if (pluginFolder !== undefined) module.insert_plugin_search_path(pluginFolder, 0);
  return { engine, module, ended: false };
}

/** The folder of h5wasm-plugins' files, if it is installed. */
export const pluginFolder: string | undefined = findPlugins();

function findPlugins(): string | undefined {
  try {
    return join(dirname(createRequire(ownPath() ?? '').resolve('h5wasm-plugins')), 'plugins');
  } catch {
    return undefined;
  }
}

/**
 * Calls `use` with the open file, and closes it. Throws an Error with what HDF5 printed if it printed anything, because h5wasm ignores most
 * errors. With its throwing error handler, exceptions would pass through HDF5's own code, which would leave the file open for ever.
 */
export function useHdf5<T>(hdf5: Hdf5, path: string, use: (file: Hdf5File) => T): T {
  const { engine, module } = hdf5;
  const { outcome, printed } = printedBy(module, () => {
    const file = new engine.File(path, 'r');
    if (file.file_id < 0n) throw new Error('HDF5 does not open it');
    const outcome = outcomeOf(() => use(file));
    if (!isEnd(outcome)) file.close();
    return resultOf(outcome);
  });
  const failed = printed !== '' || 'thrown' in outcome;
  if (isEnd(outcome) || (failed && module.HEAPU8.length > MAX_KEPT_BYTES)) abandon(hdf5);
  if (printed !== '') throw new Error(printed);
  return resultOf(outcome);
}

/** A damaged file can make h5wasm allocate up to 2 GiB, which an instance never gives back. */
const MAX_KEPT_BYTES = 2 ** 28;

/** Closes the files of an instance, and frees its memory: its module stays loaded, but its parts no longer refer to each other. */
function abandon(hdf5: Hdf5): void {
  const files = fileSystemOf(hdf5.module);
  for (const file of files.streams) if (file && file.nfd > STDERR) closeSync(file.nfd);
  hdf5.ended = true;
  current = undefined;
  for (const part of [hdf5.module, files]) for (const name of Reflect.ownKeys(part)) Reflect.deleteProperty(part, name);
}

/** Returns what `use` returns; undefined if HDF5 prints an error meanwhile. */
export function lookUp<T>({ module }: Hdf5, use: () => T): T | undefined {
  const { outcome, printed } = printedBy(module, use);
  return printed === '' || isEnd(outcome) ? resultOf(outcome) : undefined;
}

const STDERR = 2;

type Outcome<T> = { readonly result: T } | { readonly thrown: unknown };

/** Calls `use`, and keeps what HDF5 prints meanwhile from stderr. */
function printedBy<T>(module: Module, use: () => T): { readonly outcome: Outcome<T>; readonly printed: string } {
  const files = fileSystemOf(module);
  const { write } = files;
  let printed = '';
  files.write = (file, from, offset, length, position) => {
    if (file.nfd !== STDERR) return write(file, from, offset, length, position);
    printed += Buffer.from(from.buffer, from.byteOffset + offset, length).toString('latin1');
    return length;
  };
  // What it prints when it ends goes to the console, and is also the error that it throws.
  const { stderr } = process;
  const { write: toStderr } = stderr;
  stderr.write = () => true;
  const outcome = outcomeOf(use);
  stderr.write = toStderr;
  files.write = write;
  return { outcome, printed };
}

function outcomeOf<T>(use: () => T): Outcome<T> {
  try {
    return { result: use() };
  } catch (thrown) {
    return { thrown };
  }
}

/** Whether this ended h5wasm. */
function isEnd<T>(outcome: Outcome<T>): boolean {
  if (!('thrown' in outcome)) return false;
  const { thrown } = outcome;
  return thrown instanceof WebAssembly.RuntimeError || (thrown instanceof RangeError && /call stack/.test(thrown.message));
}

function resultOf<T>(outcome: Outcome<T>): T {
  if ('thrown' in outcome) throw outcome.thrown;
  return outcome.result;
}
