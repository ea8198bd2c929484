// True cosines by integer arithmetic: no rounding before the last step, and no code shared with the library.

import type { DType, Rows } from 'allpairs';
import { checkDenseCall } from '#src/check.js';
import type { AnyRows } from '#src/rows/stored-rows.js';

/** Scores are closer than this to the true cosine, so all others can be decided without exact arithmetic. */
const SCORE_ERROR = 1e-5;
const MAX_ROWS = 2 ** 20;

export class TrueCosines {
  private readonly x: readonly ExactRow[];
  private readonly y: readonly ExactRow[];
  private readonly known = new Map<number, number>();

  /** Elements as a call of this `dtype` reads them: float32 keeps 24 binary digits. */
  constructor(x: Rows, y: Rows | undefined, dtype: DType) {
    const call = checkDenseCall(x, y);
    this.x = exactRows(call.x, dtype);
    this.y = call.y ? exactRows(call.y, dtype) : this.x;
  }

  get rows(): number {
    return this.x.length;
  }

  get cols(): number {
    return this.y.length;
  }

  /** The cosine of a row of x and a row of y (or of x), rounded once to the nearest float64. */
  cosine(row: number, col: number): number {
    const a = this.x[row] as ExactRow;
    const b = this.y[col] as ExactRow;
    const key = a.id * MAX_ROWS + b.id;
    let value = this.known.get(key);
    if (value === undefined) {
      value = cosineOf(a, b);
      this.known.set(key, value);
    }
    return value;
  }

  /** Whether a pair reaches the threshold; `score` is its stored score. */
  reaches(row: number, col: number, score: number, threshold: number): boolean {
    if (Math.abs(score - threshold) > SCORE_ERROR) return score > threshold;
    return this.cosine(row, col) >= threshold;
  }
}

/** A row times a power of two; most rows are never near a threshold, so that is computed when it is asked for. */
class ExactRow {
  private computed: { readonly elements: readonly bigint[]; readonly square: bigint } | undefined;

  /** Rows with the same numbers have the same `id`. */
  constructor(
    readonly id: number,
    private readonly numbers: Float64Array,
    private readonly dtype: DType,
  ) {}

  get elements(): readonly bigint[] {
    return this.exact.elements;
  }

  get square(): bigint {
    return this.exact.square;
  }

  private get exact() {
    if (!this.computed) {
      const elements = wholeNumbers(this.numbers, this.dtype);
      this.computed = { elements, square: dot(elements, elements) };
    }
    return this.computed;
  }
}

function exactRows(source: AnyRows, dtype: DType): ExactRow[] {
  if (!('copyRows' in source)) throw new Error('these rows are not in memory');
  const { rows, depth } = source;
  const values = new Float64Array(rows * depth);
  source.copyRows(0, rows, values, 0);
  const latin1 = new TextDecoder('latin1');
  const distinct = new Map<string, ExactRow>();
  return Array.from({ length: rows }, (_, row) => {
    const numbers = values.subarray(row * depth, (row + 1) * depth);
    // Their bytes: printing the numbers would take longer than all the rest.
    const text = latin1.decode(new Uint8Array(values.buffer, row * depth * 8, depth * 8));
    const exact = distinct.get(text) ?? new ExactRow(distinct.size, numbers, dtype);
    distinct.set(text, exact);
    return exact;
  });
}

/** The numbers times the power of two that makes all of them integers. */
function wholeNumbers(numbers: Float64Array, dtype: DType): bigint[] {
  const parts = Array.from(numbers, (number) => mantissaAndExponent(number, dtype));
  const least = parts.reduce((lowest, { mantissa, exponent }) => (mantissa ? Math.min(lowest, exponent) : lowest), 1e9);
  return parts.map(({ mantissa, exponent }) => (mantissa ? mantissa << BigInt(exponent - least) : 0n));
}

function mantissaAndExponent(number: number, dtype: DType): { mantissa: bigint; exponent: number } {
  const bits = new BigUint64Array(Float64Array.of(Math.abs(number)).buffer)[0] as bigint;
  const biased = Number(bits >> 52n);
  let mantissa = (bits & (2n ** 52n - 1n)) | (biased === 0 ? 0n : 2n ** 52n);
  let exponent = Math.max(biased, 1) - 1075;
  const dropped = dtype === 'float32' ? mantissa.toString(2).length - 24 : 0;
  if (dropped > 0) {
    const unit = 1n << BigInt(dropped);
    const rest = mantissa % unit;
    mantissa /= unit;
    exponent += dropped;
    if (rest * 2n > unit || (rest * 2n === unit && mantissa % 2n === 1n)) mantissa++;
  }
  return { mantissa: number < 0 ? -mantissa : mantissa, exponent };
}

function dot(a: readonly bigint[], b: readonly bigint[]): bigint {
  return a.reduce((sum, value, k) => sum + value * (b[k] as bigint), 0n);
}

function cosineOf(a: ExactRow, b: ExactRow): number {
  const product = dot(a.elements, b.elements);
  const squares = a.square * b.square;
  if (product === 0n || squares === 0n) return 0;
  // The root of product² / squares in units of 2^-shift: at least 60 bits, and whether there is a remainder.
  const shift = 64 + Math.max(0, (bitLength(squares) - 2 * bitLength(product)) >> 1);
  const scaled = (product * product) << BigInt(2 * shift);
  const root = squareRoot(scaled / squares);
  const isExact = root * root * squares === scaled;
  // Converting a BigInt to a number rounds to nearest, ties to even.
  const size = Number(root * 2n + (isExact ? 0n : 1n)) * 2 ** -33 * 2 ** (32 - shift);
  return product < 0n ? -size : size;
}

function bitLength(value: bigint): number {
  return (value < 0n ? -value : value).toString(16).length * 4;
}

/** Integer square root, rounded down. */
function squareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt((bitLength(value) >> 1) + 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
