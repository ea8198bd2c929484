// Finds a byte with Node's search, which takes a fifth of the time of the engine's own when the byte is several kilobytes away. The browser
// build uses find-byte-web.ts instead.

import { Buffer } from 'node:buffer';

/** Returns the index of the first `byte` in `bytes` from `start`, or -1. */
export function findByte(bytes: Uint8Array, byte: number, start: number): number {
  return Buffer.prototype.indexOf.call(bytes, byte, start);
}
