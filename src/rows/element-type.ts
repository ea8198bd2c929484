// The element types of files, and their conversion to numbers: read as stored, and widened one block at a time.

import type { NumericArray } from './dtype.js';
import type { StagedType } from './row-source.js';

/** Bytes of an element, and the type in which it is staged: float32 if that represents every value exactly. */
const ELEMENTS = {
  float16: { bytes: 2, staged: 'float32' },
  bfloat16: { bytes: 2, staged: 'float32' },
  float32: { bytes: 4, staged: 'float32' },
  float64: { bytes: 8, staged: 'float64' },
  int8: { bytes: 1, staged: 'float32' },
  uint8: { bytes: 1, staged: 'float32' },
  int16: { bytes: 2, staged: 'float32' },
  uint16: { bytes: 2, staged: 'float32' },
  int32: { bytes: 4, staged: 'float64' },
  uint32: { bytes: 4, staged: 'float64' },
} as const satisfies Record<string, { bytes: number; staged: StagedType }>;

/** An element type of a file. */
export type ElementType = keyof typeof ELEMENTS;

/** The 16-bit floating-point types, which JavaScript holds as bits in a Uint16Array. */
export type HalfType = 'float16' | 'bfloat16';

export function bytesOfElement(type: ElementType): number {
  return ELEMENTS[type].bytes;
}

export function stagedTypeOfElement(type: ElementType): StagedType {
  return ELEMENTS[type].staged;
}

/** True on little-endian machines, which are all that JavaScript runs on today. */
export const MACHINE_IS_LITTLE_ENDIAN: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * Widens `count` elements of `type` from `bytes` to `target` from index `at` on. Exact. `bytes` must begin at a multiple of the element
 * size in its buffer. Elements of the other byte order are swapped in place in `bytes`.
 */
export function widenElements(
  bytes: Uint8Array<ArrayBuffer>,
  type: ElementType,
  littleEndian: boolean,
  count: number,
  target: Float32Array | Float64Array,
  at: number,
): void {
  turnRound(bytes, type, littleEndian, count);
  const { buffer, byteOffset } = bytes;
  if (type === 'float16') lookUp(halfTable(), new Uint16Array(buffer, byteOffset, count), target, at);
  else if (type === 'bfloat16') widenBrains(new Uint16Array(buffer, byteOffset, count), target, at);
  else target.set(new ARRAY_TYPES[type](buffer, byteOffset, count), at);
}

/**
 * Returns the elements in `bytes` as a typed array over them if JavaScript has one of this type; otherwise widens them into a new
 * array.
 */
export function elementsOf(
  bytes: Uint8Array<ArrayBuffer>,
  type: ElementType,
  littleEndian: boolean,
  count: number,
): NumericArray {
  if (type === 'float16' || type === 'bfloat16') {
    const wide = new Float32Array(count);
    widenElements(bytes, type, littleEndian, count, wide, 0);
    return wide;
  }
  turnRound(bytes, type, littleEndian, count);
  return new ARRAY_TYPES[type](bytes.buffer, bytes.byteOffset, count);
}

function turnRound(bytes: Uint8Array, type: ElementType, littleEndian: boolean, count: number): void {
  const size = bytesOfElement(type);
  if (size === 1 || littleEndian === MACHINE_IS_LITTLE_ENDIAN) return;
  if (size === 2) {
    const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, count);
    for (let i = 0; i < count; i++) halves[i] = ((halves[i] as number) >>> 8) | ((halves[i] as number) << 8);
    return;
  }
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, (count * size) / 4);
  for (let i = 0; i < words.length; i++) words[i] = turnWord(words[i] as number);
  // Swaps the two words of each float64.
  for (let i = 0; size === 8 && i < words.length; i += 2) {
    const first = words[i] as number;
    words[i] = words[i + 1] as number;
    words[i + 1] = first;
  }
}

function turnWord(word: number): number {
  return (word >>> 24) | ((word >>> 8) & 0xff00) | ((word << 8) & 0xff0000) | (word << 24);
}

const ARRAY_TYPES = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
} as const;

/** Arrays for elements as they are stored; for float16 and bfloat16, their bits. */
export const STORED_ARRAYS = {
  ...ARRAY_TYPES,
  float16: Uint16Array,
  bfloat16: Uint16Array,
} as const satisfies Record<ElementType, unknown>;

let halfs: Float32Array | undefined;

/** Converts IEEE 754 half precision to single precision, exactly for all 65,536 bit patterns. */
function halfTable(): Float32Array {
  halfs ??= Float32Array.from({ length: 65536 }, (_, bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
  });
  return halfs;
}

/**
 * Replaces elements [from, to) of `target`, which hold the bits of 16-bit floating-point numbers as integers, by the numbers. Exact.
 */
export function decodeHalves(type: HalfType, target: Float32Array | Float64Array, from: number, to: number): void {
  if (type === 'float16') {
    const table = halfTable();
    for (let i = from; i < to; i++) target[i] = table[target[i] as number] as number;
    return;
  }
  const word = new Uint32Array(1);
  const value = new Float32Array(word.buffer);
  for (let i = from; i < to; i++) {
    word[0] = (target[i] as number) << 16;
    target[i] = value[0] as number;
  }
}

function lookUp(table: Float32Array, bits: Uint16Array, target: Float32Array | Float64Array, at: number): void {
  for (let i = 0; i < bits.length; i++) target[at + i] = table[bits[i] as number] as number;
}

/** bfloat16 is the upper half of a float32. */
function widenBrains(bits: Uint16Array, target: Float32Array | Float64Array, at: number): void {
  const word = new Uint32Array(1);
  const value = new Float32Array(word.buffer);
  for (let i = 0; i < bits.length; i++) {
    word[0] = (bits[i] as number) << 16;
    target[at + i] = value[0] as number;
  }
}
