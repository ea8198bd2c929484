// Decimals as float64, from an unscaled integer of any width and the number of digits after the point.

/** Largest power of ten that float64 holds exactly. */
const MAX_EXACT_POWER = 22;

/** Returns unscaled / 10^scale, rounded once. */
export function decimalNumber(unscaled: bigint, scale: number): number {
  const number = Number(unscaled);
  // Both operands are exact, so the division rounds only once.
  if (scale >= 0 && scale <= MAX_EXACT_POWER && Number.isSafeInteger(number)) return number / 10 ** scale;
  return Number(`${unscaled}e${-scale}`);
}

/** Reads an integer in two's complement with any number of bytes. */
export function signedInteger(bytes: Uint8Array, littleEndian: boolean): bigint {
  let value = 0n;
  const { length } = bytes;
  for (let i = 0; i < length; i++) value = (value << 8n) | BigInt(bytes[littleEndian ? length - 1 - i : i] as number);
  return BigInt.asIntN(8 * length, value);
}
