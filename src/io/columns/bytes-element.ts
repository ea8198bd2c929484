// Detects the element type of vectors stored as bytes: float32, if the bytes can hardly be anything else.

import type { NumericArray } from '../../rows/dtype.js';
import { bytesOfElement, elementsOf } from '../../rows/element-type.js';
import type { BytesElement } from './declared-elements.js';

/** Returns the numbers in `bytes`, which are little-endian in all common tools; undefined if the bytes end within a number. */
export function decodeElements(bytes: Uint8Array, element: BytesElement): NumericArray | undefined {
  const count = bytes.length / bytesOfElement(element);
  return Number.isInteger(count) ? elementsOf(Uint8Array.from(bytes), element, true, count) : undefined;
}

/** Elements of real vectors are within this factor of the largest; misread bytes span many more orders of magnitude. */
const MAX_SPREAD = 2 ** 26;
const LARGEST = 1e6;
const SMALLEST_LARGEST = 1e-6;
/** The fraction of elements that must be plausible, because a few may be near zero by chance. */
const PLAUSIBLE = 0.97;

/**
 * True if `cells`, the bytes of some rows, are little-endian float32 with enough certainty to read them undeclared: as float32, all values
 * are finite and of similar magnitude, and neither float64 nor bfloat16 explains the bytes as well.
 */
export function areFloat32(cells: readonly Uint8Array[]): boolean {
  if (cells.length === 0 || cells.some(({ length }) => length === 0 || length % 4 !== 0)) return false;
  if (!arePlausible(cells, 4, asFloat32)) return false;
  if (cells.every(({ length }) => length % 8 === 0) && mayBeFloat64(cells)) return false;
  // Two bfloat16 read as one float32 give the second with digits of the first: plausible, but wrong.
  return !arePlausible(cells, 4, asBfloat16);
}

/**
 * True if `cells` may be vectors of an undeclared floating-point type: all of equal length, and plausible as at least one type. Hashes are
 * not, unless there are few of them.
 */
export function mayBeFloats(cells: readonly Uint8Array[]): boolean {
  const [first] = cells;
  if (!first || first.length < MIN_BYTES || cells.some(({ length }) => length !== first.length)) return false;
  const readings: [bytes: number, read: Read][] = [
    [4, asFloat32],
    [8, asFloat64],
    [2, asBfloat16],
    [2, (view, at) => float16(view.getUint16(at, true))],
  ];
  return readings.some(([bytes, read]) => first.length % bytes === 0 && arePlausible(cells, bytes, read));
}

/** Shorter cells are more likely numbers or words. */
const MIN_BYTES = 16;

function float16(bits: number): number {
  return decodeElements(Uint8Array.of(bits & 255, bits >> 8), 'float16')?.[0] ?? Number.NaN;
}

/** Number of values that are examined; the rest of a long row is similar. */
const MAX_VALUES = 4096;

type Read = (view: DataView, at: number) => number;

const asFloat32: Read = (view, at) => view.getFloat32(at, true);
const asFloat64: Read = (view, at) => view.getFloat64(at, true);
const asBfloat16: Read = (view, at) => bfloat16(view.getUint16(at, true));

/** Calls `visit` with the elements of each cell, of `bytes` bytes each, until it returns false; returns false in that case. */
function everyElement(cells: readonly Uint8Array[], bytes: number, read: Read, visit: (value: number) => boolean): boolean {
  return cells.every((cell) => {
    const view = new DataView(cell.buffer, cell.byteOffset, cell.byteLength);
    const count = Math.floor(Math.min(MAX_VALUES, cell.length / bytes));
    for (let i = 0; i < count; i++) if (!visit(read(view, i * bytes))) return false;
    return true;
  });
}

/** True if the elements are finite and of similar magnitude. They are read twice, because arrays of them all would be large. */
function arePlausible(cells: readonly Uint8Array[], bytes: number, read: Read): boolean {
  let largest = 0;
  const areFinite = everyElement(cells, bytes, read, (value) => {
    largest = Math.max(largest, Math.abs(value));
    return Number.isFinite(value);
  });
  if (!areFinite || largest > LARGEST || largest < SMALLEST_LARGEST) return false;
  let count = 0;
  let inScale = 0;
  everyElement(cells, bytes, read, (value) => {
    count += 1;
    if (value === 0 || Math.abs(value) * MAX_SPREAD >= largest) inScale += 1;
    return true;
  });
  return inScale >= PLAUSIBLE * count;
}

/** Recognises float64 with few digits, whose lower words are zero; other float64 are not plausible as float32 anyway. */
function mayBeFloat64(cells: readonly Uint8Array[]): boolean {
  let count = 0;
  let zeros = 0;
  everyElement(
    cells,
    8,
    (view, at) => view.getUint32(at, true),
    (low) => {
      count += 1;
      if (low === 0) zeros += 1;
      return true;
    },
  );
  return zeros * 2 >= count && arePlausible(cells, 8, asFloat64);
}

const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);

function bfloat16(bits: number): number {
  word[0] = bits << 16;
  return single[0] as number;
}
