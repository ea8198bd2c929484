// Decimals as float64: the unscaled whole number of any width, and the digits after the point.

/** Powers of ten that float64 holds exactly. */
const MAX_EXACT_POWER = 22;

/** unscaled / 10^scale, rounded once. */
export function decimalNumber(unscaled: bigint, scale: number): number {
  const number = Number(unscaled);
  // Both exact: the division rounds once.
  if (scale >= 0 && scale <= MAX_EXACT_POWER && Number.isSafeInteger(number)) return number / 10 ** scale;
  return Number(`${unscaled}e${-scale}`);
}

/** A whole number as two's complement of any number of bytes. */
export function signedInteger(bytes: Uint8Array, littleEndian: boolean): bigint {
  let value = 0n;
  const { length } = bytes;
  for (let i = 0; i < length; i++) value = (value << 8n) | BigInt(bytes[littleEndian ? length - 1 - i : i] as number);
  return BigInt.asIntN(8 * length, value);
}
