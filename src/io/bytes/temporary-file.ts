// Stores decoded rows that do not fit in memory.

import { rm, unlink } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { isAllowed } from '../../platform/permissions.js';
import { RowStore, type SpillFile } from '../rows/row-store.js';
import { OpenFile } from './open-file.js';

/** Used if the caller sets no limit. */
const MIN_STORE_BYTES = 2 ** 28;
const MAX_STORE_BYTES = 2 ** 30;
/** A fraction of the available memory, because the caller may also want the rows as one array, or open several files at once. */
const AVAILABLE_FRACTION = 1 / 4;

/** Number of temporary files this process has created. */
let created = 0;

/** Creates a store that holds up to `memoryBytes` in memory and moves to a temporary file beyond that. */
export function createRowStore(memoryBytes: number = storeBytesFor(availableBytes())): RowStore {
  return new RowStore(memoryBytes, TemporaryFile.create);
}

/** Returns the memory limit of a store if the caller sets none and `available` bytes are free. */
export function storeBytesFor(available: number): number {
  return Math.min(MAX_STORE_BYTES, Math.max(MIN_STORE_BYTES, Math.floor(available * AVAILABLE_FRACTION)));
}

/** Returns how many bytes this process may still allocate; 0 if the runtime does not report it. */
function availableBytes(): number {
  if (!isAllowed({ name: 'sys', kind: 'systemMemoryInfo' })) return 0;
  // Node before 20.13 reports only the free memory of the machine and the limit of its container.
  const { availableMemory } = process as { availableMemory?: () => number };
  return availableMemory?.call(process) ?? Math.min(freemem(), process.constrainedMemory?.() || Number.POSITIVE_INFINITY);
}

/** A temporary file that disappears when it is closed or the process ends. */
class TemporaryFile implements SpillFile {
  private constructor(
    private readonly handle: OpenFile,
    private readonly path: string,
    /** True if the name still exists; some systems keep it until the file is closed. */
    private readonly named: boolean,
  ) {}

  static async create(): Promise<TemporaryFile> {
    const path = join(tmpdir(), `allpairs-${process.pid}-${++created}.rows`);
    const handle = await OpenFile.open(path, 'wx+', 0o600);
    const named = process.platform === 'win32';
    if (!named) await unlink(path);
    return new TemporaryFile(handle, path, named);
  }

  async append(bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.length; ) {
        done += (await this.handle.write(bytes, done, bytes.length - done)).bytesWritten;
      }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const advice = code === 'ENOSPC' ? '; set the environment variable TMPDIR to another folder' : '';
      throw Object.assign(new Error(`cannot write decoded rows to ${tmpdir()}: ${message}${advice}`, { cause: error }), {
        code,
        syscall: 'write',
      });
    }
  }

  read(into: Uint8Array, at: number, length: number, position: number): Promise<{ bytesRead: number }> {
    return this.handle.read(into, at, length, position);
  }

  /** May be called twice. */
  async close(): Promise<void> {
    await this.handle.close();
    if (this.named) await rm(this.path, { force: true });
  }
}
