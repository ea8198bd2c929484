// 64-bit integers as float64, which holds them exactly up to 2^53.

/** The integers, or the index of the first one that float64 cannot hold. */
export type WideIntegers =
  | { readonly values: Float64Array<ArrayBuffer> }
  | { readonly inexact: number; readonly value: bigint };

/** Reads `count` 64-bit integers from `bytes`, which need not be aligned, into `values`, which may be the same memory. */
export function readWideIntegers(
  bytes: Uint8Array,
  signed: boolean,
  littleEndian: boolean,
  count: number,
  values: Float64Array<ArrayBuffer> = new Float64Array(count),
): WideIntegers {
  const view = new DataView(bytes.buffer, bytes.byteOffset, count * 8);
  const [lowAt, highAt] = littleEndian ? [0, 4] : [4, 0];
  for (let i = 0; i < count; i++) {
    const at = 8 * i;
    const high = signed ? view.getInt32(at + highAt, littleEndian) : view.getUint32(at + highAt, littleEndian);
    const value = high * 2 ** 32 + view.getUint32(at + lowAt, littleEndian);
    if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) {
      return { inexact: i, value: signed ? view.getBigInt64(at, littleEndian) : view.getBigUint64(at, littleEndian) };
    }
    values[i] = value;
  }
  return { values };
}

/** Returns why such an integer is refused, and what to do. */
export function inexactMessage(value: bigint): string {
  return `${value} is beyond 2^53 and has no exact float64; convert the numbers to floating point before they are written`;
}
