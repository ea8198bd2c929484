// Opens files with h5wasm: takes what HDF5 prints as the reason of a refusal, and notices when a file ends the library.

import { FormatError } from '../../errors.js';

type Engine = typeof import('h5wasm/node');
type Module = Awaited<Engine['ready']>;
export type Hdf5File = InstanceType<Engine['File']>;

/** An open file of Emscripten. */
interface OpenFile {
  readonly nfd: number;
  readonly position: number;
}

/** The used part of Emscripten's file system, which HDF5 reads through, and prints through. */
export interface FileSystem {
  read(file: OpenFile, into: Int8Array, offset: number, length: number, position?: number): number;
  write(file: OpenFile, from: Int8Array, offset: number, length: number, position?: number): number;
  readonly ErrnoError: new (errno: number) => Error;
}

export function fileSystemOf(module: Module): FileSystem {
  return module.FS as unknown as FileSystem;
}

/** The file that ended h5wasm. Its memory is in an unknown state, in which it may read wrong numbers or never return. */
let endedBy: string | undefined;

/** Throws FormatError if a file has ended h5wasm in this process. */
export function checkRunning(path: string): void {
  if (endedBy === undefined) return;
  throw new FormatError(
    path,
    'whole',
    `h5wasm ended while it read ${endedBy}, so that this process can read no other HDF5 files`,
    {
      advice: 'start another process',
    },
  );
}

/** Calls `use`, and remembers the file if h5wasm ends. */
export function watchForEnd<T>(module: Module, path: string, use: () => T): T {
  const end = () => {
    endedBy ??= path;
  };
  Object.assign(module, { onAbort: end });
  try {
    return use();
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) end();
    throw error;
  }
}

const STDERR = 2;

/**
 * Opens a file. Throws an Error with what HDF5 printed if it cannot be opened. With h5wasm's throwing error handler, the exception would pass
 * through HDF5's own code, which would leave the file open for ever.
 */
export function openHdf5(engine: Engine, module: Module, path: string): Hdf5File {
  module.deactivate_throwing_error_handler();
  let file: Hdf5File | undefined;
  const printed = printedBy(fileSystemOf(module), () => {
    file = new engine.File(path, 'r');
  });
  if (!file || file.file_id < 0n) throw new Error(printed || 'HDF5 does not open it');
  return file;
}

/** Returns what `use` prints to stderr, which then does not appear there. */
function printedBy(files: FileSystem, use: () => void): string {
  const { write } = files;
  let printed = '';
  files.write = (file, from, offset, length, position) => {
    if (file.nfd !== STDERR) return write(file, from, offset, length, position);
    printed += Buffer.from(from.buffer, from.byteOffset + offset, length).toString('latin1');
    return length;
  };
  try {
    use();
  } finally {
    files.write = write;
  }
  return printed;
}
