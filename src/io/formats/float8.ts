// 8-bit floating-point numbers as float32, which holds them exactly.

/** E4M3 without infinities ("fn" in PyTorch), and E5M2, which is truncated float16. */
export type Float8 = 'F8_E4M3' | 'F8_E5M2';

const tables = new Map<Float8, Float32Array>();

/** Returns the numbers in `bytes`. */
export function readFloat8(bytes: Uint8Array, type: Float8): Float32Array<ArrayBuffer> {
  let table = tables.get(type);
  if (!table) {
    const [exponentBits, bias] = type === 'F8_E4M3' ? [4, 7] : [5, 15];
    table = Float32Array.from({ length: 256 }, (_, bits) => numberOf(bits, exponentBits, bias, type === 'F8_E5M2'));
    tables.set(type, table);
  }
  const values = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) values[i] = table[bytes[i] as number] as number;
  return values;
}

function numberOf(bits: number, exponentBits: number, bias: number, infinities: boolean): number {
  const fractionBits = 7 - exponentBits;
  const sign = bits & 0x80 ? -1 : 1;
  const exponent = (bits & 0x7f) >> fractionBits;
  const fraction = bits & (2 ** fractionBits - 1);
  if (exponent === 2 ** exponentBits - 1) {
    if (infinities) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    if (fraction === 2 ** fractionBits - 1) return Number.NaN;
  }
  const scaled = fraction / 2 ** fractionBits;
  return exponent === 0 ? sign * scaled * 2 ** (1 - bias) : sign * (1 + scaled) * 2 ** (exponent - bias);
}
