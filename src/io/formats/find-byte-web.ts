// Finds a byte, in browsers.

/** Returns the index of the first `byte` in `bytes` from `start`, or -1. */
export function findByte(bytes: Uint8Array, byte: number, start: number): number {
  return bytes.indexOf(byte, start);
}
