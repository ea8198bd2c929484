// The bytes of a named pipe, as `<(...)` in a shell and mkfifo make them. They come once and in order, so they are put down in a store.

import { constants, open, stat } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import { promisify } from 'node:util';
import type { RowStore } from '../rows/row-store.js';
import type { ByteSource } from './byte-source.js';

/** True for a named pipe; false for a path that is missing, which whoever opens it reports. */
export async function isPipe(path: string): Promise<boolean> {
  return promisify(stat)(path).then(
    (status) => status.isFIFO(),
    () => false,
  );
}

/** All that comes through a pipe. Waits for the writer until `signal` is aborted. */
export async function readPipe(path: string, take: (bytes: Uint8Array) => Promise<void>, signal?: AbortSignal): Promise<void> {
  // Few programs read pipes: the others need not load this.
  const { Socket } = await import('node:net');
  // Opening would otherwise hold a thread of Node, and the end of the process, until a writer comes.
  const fd = await promisify(open)(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const socket = new Socket({ fd, readable: true, writable: false });
  for await (const bytes of signal ? addAbortSignal(signal, socket) : socket) await take(bytes);
}

/** All that comes through a pipe, to be read by position. */
export async function openPipe(path: string, store: RowStore, signal?: AbortSignal): Promise<ByteSource> {
  try {
    await readPipe(path, (bytes) => store.append(bytes), signal);
    return await store.finish(path);
  } catch (error) {
    await store.discard();
    throw error;
  }
}
