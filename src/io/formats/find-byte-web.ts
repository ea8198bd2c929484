// Where the next byte of a value is, for browsers.

/** The index of the first `byte` in `bytes` from `start` on, or -1. */
export function findByte(bytes: Uint8Array, byte: number, start: number): number {
  return bytes.indexOf(byte, start);
}
