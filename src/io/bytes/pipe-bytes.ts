// The bytes of a named pipe, created by `<(...)` in a shell or by mkfifo. They arrive once and in order, so they are put in a store.

import { constants, open, stat } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import { promisify } from 'node:util';
import type { RowStore } from '../rows/row-store.js';
import type { ByteSource } from './byte-source.js';

/** True for a named pipe; false for a missing path, which is reported when it is opened. */
export async function isPipe(path: string): Promise<boolean> {
  return promisify(stat)(path).then(
    (status) => status.isFIFO(),
    () => false,
  );
}

/** Reads everything from a pipe. Waits for the writer until `signal` is aborted. */
export async function readPipe(path: string, take: (bytes: Uint8Array) => Promise<void>, signal?: AbortSignal): Promise<void> {
  // Loaded on demand, because few programs read pipes.
  const { Socket } = await import('node:net');
  // Opening it would otherwise block a thread of Node, and the end of the process, until there is a writer.
  const fd = await promisify(open)(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const socket = new Socket({ fd, readable: true, writable: false });
  for await (const bytes of signal ? addAbortSignal(signal, socket) : socket) await take(bytes);
}

/** Reads everything from a pipe, so that it can be read by position. */
export async function openPipe(path: string, store: RowStore, signal?: AbortSignal): Promise<ByteSource> {
  try {
    await readPipe(path, (bytes) => store.append(bytes), signal);
    return await store.finish(path);
  } catch (error) {
    await store.discard();
    throw error;
  }
}
