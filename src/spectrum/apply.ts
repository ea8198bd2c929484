// Applies a transform to rows, one at a time.

import { describe, fail, refuse } from '../argument.js';
import type { ApplyTransform } from '../rows/transformed-rows.js';
import type { Transform } from '../types.js';

/** The parts of a transform. */
export interface Parts {
  readonly mean: Float64Array;
  /** Orthonormal directions to project out, one after another. */
  readonly components: Float64Array;
  readonly whitening?: Whitening | undefined;
}

/** Whitening with the factor L of the covariance L Lᵀ of `elements`. The other elements depend on these. */
export interface Whitening {
  readonly elements: Uint32Array;
  /** Rows of L up to the diagonal, one after another. */
  readonly factor: Float64Array;
}

/** Rows are rescaled if their largest element is smaller than this or larger than its inverse. */
const LEAST_SIZE = 2 ** -60;
/** Fraction of a row below which what is left is rounding. */
const DUST = 1e-12;

/** Returns a function that transforms a row in place. Zero rows and non-finite rows stay as they are. */
export function applyOf({ mean, components, whitening }: Parts): ApplyTransform {
  const depth = mean.length;
  const largest = largestOf(mean);
  return (row, scratch) => {
    const before = largestOf(row);
    if (!(before > 0 && before < Number.POSITIVE_INFINITY)) return;
    for (let k = 0; k < depth; k++) row[k] = (row[k] as number) - (mean[k] as number);
    for (let at = 0; at < components.length; at += 2 * depth) takeOut(components, at, row);
    let after = largestOf(row);
    if (after <= DUST * Math.max(before, largest)) {
      row.fill(0);
      return;
    }
    if (whitening) {
      whitenRow(row, whitening, scratch);
      after = largestOf(row);
    }
    scaleBy(row, after);
  };
}

/**
 * Checks the parts of a transform given by the user, whose type and depth are already checked. Throws ArgumentError if a part is
 * damaged.
 */
export function partsOf({ depth, mean, components, whitening }: Transform): Parts {
  const parts = { mean: numbers('mean', mean, depth), components: numbers('components', components) };
  if (depth > 0 ? parts.components.length % depth !== 0 : parts.components.length > 0) {
    fail('transform.components', `a multiple of ${depth} numbers`, `${parts.components.length}`);
  }
  if (whitening === undefined) return parts;
  const given = numbers('whitening.elements', whitening?.elements);
  const elements = Uint32Array.from(given);
  if (given.length > depth || given.some((value, at) => value !== elements[at] || value >= depth)) {
    refuse('transform', `\`transform.whitening.elements\` does not number elements of rows of ${depth}`, REMEDY);
  }
  const rank = elements.length;
  const factor = numbers('whitening.factor', whitening.factor, (rank * (rank + 1)) / 2);
  for (let row = 0; row < rank; row++) {
    if ((factor[(row * (row + 3)) / 2] as number) > 0) continue;
    refuse('transform', '`transform.whitening.factor` has a diagonal that is not positive', REMEDY);
  }
  return { ...parts, whitening: { elements, factor } };
}

const REMEDY = 'fit it again with fitTransform';

function numbers(name: string, list: unknown, length?: number): Float64Array {
  const argument = `transform.${name}`;
  if (!Array.isArray(list)) fail(argument, 'a list of numbers', describe(list), { advice: REMEDY });
  const bad = list.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) fail(argument, 'finite numbers', `${describe(list[bad])} at index ${bad}`, { advice: REMEDY });
  if (length !== undefined && list.length !== length) fail(argument, `${length} numbers`, `${list.length}`, { advice: REMEDY });
  return Float64Array.from(list as number[]);
}

/** Projects out the direction at `at` and the next one. Two together take little longer than one. */
function takeOut(components: Float64Array, at: number, row: Float64Array): void {
  const depth = row.length;
  const next = at + depth;
  if (next === components.length) {
    const part = dot(components, at, row, depth);
    for (let k = 0; k < depth; k++) row[k] = (row[k] as number) - part * (components[at + k] as number);
    return;
  }
  let a0 = 0;
  let a1 = 0;
  let b0 = 0;
  let b1 = 0;
  let k = 0;
  for (; k + 1 < depth; k += 2) {
    const first = row[k] as number;
    const second = row[k + 1] as number;
    a0 += first * (components[at + k] as number);
    a1 += second * (components[at + k + 1] as number);
    b0 += first * (components[next + k] as number);
    b1 += second * (components[next + k + 1] as number);
  }
  if (k < depth) {
    a0 += (row[k] as number) * (components[at + k] as number);
    b0 += (row[k] as number) * (components[next + k] as number);
  }
  const a = a0 + a1;
  const b = b0 + b1;
  for (k = 0; k < depth; k++) {
    row[k] = (row[k] as number) - (a * (components[at + k] as number) + b * (components[next + k] as number));
  }
}

/** Solves L y = the listed elements. y goes to the start of the row, and zeros to the rest. */
function whitenRow(row: Float64Array, { elements, factor }: Whitening, scratch: Float64Array): void {
  const rank = elements.length;
  let at = 0;
  for (let i = 0; i < rank; i++) {
    const rest = (row[elements[i] as number] as number) - dot(factor, at, scratch, i);
    at += i + 1;
    scratch[i] = rest / (factor[at - 1] as number);
  }
  row.fill(0);
  row.set(scratch.subarray(0, rank));
}

/** Uses four sums, because each addition to one sum would wait for the previous one. */
function dot(a: Float64Array, from: number, b: Float64Array, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < length; k += 4) {
    s0 += (a[from + k] as number) * (b[k] as number);
    s1 += (a[from + k + 1] as number) * (b[k + 1] as number);
    s2 += (a[from + k + 2] as number) * (b[k + 2] as number);
    s3 += (a[from + k + 3] as number) * (b[k + 3] as number);
  }
  for (; k < length; k++) s0 += (a[from + k] as number) * (b[k] as number);
  return s0 + s1 + (s2 + s3);
}

/** Returns the largest absolute value, or NaN or infinity if the row contains one. */
function largestOf(row: Float64Array): number {
  let largest = 0;
  for (let k = 0; k < row.length; k++) largest = Math.max(largest, Math.abs(row[k] as number));
  return largest;
}

/** Rescales rows whose largest element is far from 1, so that float32 neither overflows nor loses digits. */
function scaleBy(row: Float64Array, largest: number): void {
  if (largest >= LEAST_SIZE && largest <= 1 / LEAST_SIZE) return;
  const exponent = Math.max(-1000, Math.min(1000, Math.floor(Math.log2(largest))));
  const factor = 2 ** -exponent;
  for (let k = 0; k < row.length; k++) row[k] = (row[k] as number) * factor;
}
