// Rows of length 1, made on the processor in float64 arithmetic, so that the GPU does nothing but multiply and add.

import type { RowSource } from '../../rows/row-source.js';

/** What becomes of rows, from row `at` on. */
export interface UnitRows {
  /** Rows of length 1, one after another, from its beginning. */
  readonly units: Float32Array;
  /** The digits of rows, times the power of two that brings their length into [1, 2), if they are kept. */
  readonly digits: Float32Array | undefined;
  /** 1 for zero rows. */
  readonly zeros: Uint8Array;
}

/**
 * Normalises rows [from, to) of a source to the beginning of `units`. Returns -1, or the first row with a NaN or an infinity; with
 * `zeroNonFinite` such rows become zero rows. `wide` holds as many float64 elements where the source needs them.
 */
export function writeUnitRows(
  source: RowSource,
  from: number,
  to: number,
  at: number,
  { units, digits, zeros }: UnitRows,
  wide: () => Float64Array,
  zeroNonFinite: boolean,
): number {
  const { depth } = source;
  if (source.staged === 'float32') source.copyRows(from, to, units, 0);
  else {
    const staged = wide();
    source.copyRows(from, to, staged, 0);
    for (let row = 0; row < to - from; row++) narrowRow(staged, units, row * depth, depth);
  }
  for (let row = 0; row < to - from; row++) {
    const start = row * depth;
    const norm = Math.sqrt(sumOfSquares(units, start, depth));
    const finite = norm < Number.POSITIVE_INFINITY;
    if (!finite && !zeroNonFinite) return from + row;
    const isZero = norm === 0 || !finite;
    zeros[at + row] = isZero ? 1 : 0;
    if (isZero) units.fill(0, start, start + depth);
    if (digits) {
      const factor = isZero ? 0 : 2 ** -exponentOf(norm);
      const kept = (at + row) * depth;
      for (let k = 0; k < depth; k++) digits[kept + k] = (units[start + k] as number) * factor;
    }
    if (isZero) continue;
    const inverse = 1 / norm;
    for (let k = start; k < start + depth; k++) units[k] = (units[k] as number) * inverse;
  }
  return -1;
}

/** NaN or infinite where an element is not finite: squares of float32 numbers do not overflow float64. */
function sumOfSquares(rows: Float32Array, start: number, depth: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  let k = start;
  const end = start + depth;
  for (; k + 4 <= end; k += 4) {
    const [p, q, r, s] = [rows[k] as number, rows[k + 1] as number, rows[k + 2] as number, rows[k + 3] as number];
    a += p * p;
    b += q * q;
    c += r * r;
    d += s * s;
  }
  for (; k < end; k++) a += (rows[k] as number) ** 2;
  return a + b + (c + d);
}

/** Rounds a row to float32, times the power of two that brings its largest element into [1, 2). */
function narrowRow(from: Float64Array, to: Float32Array, start: number, depth: number): void {
  const end = start + depth;
  let largest = 0;
  for (let k = start; k < end; k++) {
    const size = Math.abs(from[k] as number);
    if (!(size <= largest)) largest = size;
  }
  if (!(largest < Number.POSITIVE_INFINITY)) {
    to[start] = Number.NaN;
    return;
  }
  // In three steps: one factor can lie outside float64, and a subnormal element is lifted first.
  const lift = largest < 2 ** -1022 ? 2 ** 54 : 1;
  const exponent = largest === 0 ? 0 : exponentOf(largest * lift);
  const half = Math.floor(-exponent / 2);
  const [first, second] = [2 ** half, 2 ** (-exponent - half)];
  for (let k = start; k < end; k++) to[k] = (from[k] as number) * lift * first * second;
}

const bits = new DataView(new ArrayBuffer(8));

/** The binary exponent of a normal float64. */
function exponentOf(value: number): number {
  bits.setFloat64(0, value);
  return ((bits.getUint16(0) >> 4) & 0x7ff) - 1023;
}
