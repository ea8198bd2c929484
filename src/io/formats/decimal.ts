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

/** Twice as wide as any writer needs. The cost of longer numbers grows with the square of their length. */
const MAX_INTEGER_BYTES = 64;
/** The number of digits in `MAX_INTEGER_BYTES` bytes. */
const MAX_SCALE = 155;

/** Throws an Error if `scale` is larger than any writer needs, because the text of such a decimal would be as long. */
export function checkScale(scale: number): void {
  if (Math.abs(scale) <= MAX_SCALE) return;
  throw new Error(`a decimal with a scale of ${scale}; expected ${-MAX_SCALE} to ${MAX_SCALE}`);
}

/** Reads an integer in two's complement. Throws an Error if it has more than `MAX_INTEGER_BYTES` bytes. */
export function signedInteger(bytes: Uint8Array, littleEndian: boolean): bigint {
  let value = 0n;
  const { length } = bytes;
  if (length > MAX_INTEGER_BYTES) throw new Error(`expected numbers of at most ${MAX_INTEGER_BYTES} bytes, got ${length}`);
  for (let i = 0; i < length; i++) value = (value << 8n) | BigInt(bytes[littleEndian ? length - 1 - i : i] as number);
  return BigInt.asIntN(8 * length, value);
}
