// Where the next byte of a value is, by the search of Node, which finds it some kilobytes away in a fifth of the time that the engine's own takes.
// The build for browsers takes find-byte-web.ts in its place.

import { Buffer } from 'node:buffer';

/** The index of the first `byte` in `bytes` from `start` on, or -1. */
export function findByte(bytes: Uint8Array, byte: number, start: number): number {
  return Buffer.prototype.indexOf.call(bytes, byte, start);
}
