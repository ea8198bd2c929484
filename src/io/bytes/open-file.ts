// A file that stays open as long as it is referenced. Node's own FileHandle ends the process (from Node 26; older versions warn) if it is
// collected before it is closed, and callers who open rows may forget to close them.

import { close, fstat, open, read, type Stats, write } from 'node:fs';
import { promisify } from 'node:util';

const [openAsync, closeAsync, statAsync, readAsync, writeAsync] = [open, close, fstat, read, write].map((call) =>
  promisify(call as never),
) as unknown as [
  (path: string, flags: string | number, mode?: number) => Promise<number>,
  (descriptor: number) => Promise<void>,
  (descriptor: number) => Promise<Stats>,
  typeof read.__promisify__,
  typeof write.__promisify__,
];

/** Closes files that were forgotten. */
const forgotten = new FinalizationRegistry<number>((descriptor) => close(descriptor, () => {}));

export class OpenFile {
  /** Number of reads and writes in progress. */
  private pending = 0;
  private onIdle: (() => void) | undefined;

  private constructor(private descriptor: number | undefined) {}

  /** Rejects with the error of the operating system. */
  static async open(path: string, flags: string | number, mode?: number): Promise<OpenFile> {
    const descriptor = await openAsync(path, flags, mode);
    const file = new OpenFile(descriptor);
    forgotten.register(file, descriptor, file);
    return file;
  }

  stat(): Promise<Stats> {
    return this.with(statAsync);
  }

  read(into: Uint8Array, at: number, length: number, position: number): Promise<{ bytesRead: number }> {
    return this.with((descriptor) => readAsync(descriptor, into, at, length, position));
  }

  /** Writes some of `length` bytes after everything written before. */
  write(bytes: Uint8Array, at: number, length: number): Promise<{ bytesWritten: number }> {
    return this.with((descriptor) => writeAsync(descriptor, bytes, at, length, null));
  }

  /** Waits for reads and writes in progress, because afterwards the descriptor may belong to another file. May be called twice. */
  async close(): Promise<void> {
    const { descriptor } = this;
    if (descriptor === undefined) return;
    this.descriptor = undefined;
    forgotten.unregister(this);
    if (this.pending > 0) {
      await new Promise<void>((resolve) => {
        this.onIdle = resolve;
      });
    }
    await closeAsync(descriptor);
  }

  /** Keeps the file referenced while it is in use. */
  private async with<T>(use: (descriptor: number) => Promise<T>): Promise<T> {
    if (this.descriptor === undefined) throw new Error('the file is closed');
    this.pending++;
    try {
      return await use(this.descriptor);
    } finally {
      if (--this.pending === 0) this.onIdle?.();
    }
  }
}
