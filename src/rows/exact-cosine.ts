// Decides without any rounding whether the cosine of two rows reaches a threshold, for the few pairs whose scores are too close to it.
// native/core/exact.cc does the same in C++.

/** Elements `at`, `at + stride`, ... of `values`, scaled by a power of two to a length near 1. */
export interface PackedRow {
  readonly values: ArrayLike<number>;
  readonly at: number;
  readonly stride: number;
}

/**
 * Returns true if the cosine of two rows of `depth` elements, rounded to the nearest float64, is at or above `threshold`. A zero
 * row has the cosine 0 with every row.
 */
export function reachesExactly(a: PackedRow, b: PackedRow, depth: number, threshold: number): boolean {
  // The squares of tiny thresholds would underflow.
  const factor = Math.abs(threshold) < 2 ** -300 ? 2 ** 500 : 1;
  const dot = dotOf(a, b, depth, factor);
  const squares = productOf(dotOf(a, a, depth), dotOf(b, b, depth));
  const sign = signOf(dot);
  if (squares.length === 0) return threshold <= 0;
  if (threshold >= 0 && sign < 0) return false;
  if (threshold <= 0 && sign >= 0) return true;
  if (sign !== Math.sign(threshold)) return threshold < 0;
  // Cosines above the midpoint between the threshold and the next lower float64 round up to the threshold.
  const middle = [((below(threshold) - threshold) / 2) * factor, threshold * factor];
  const difference = productOf(dot, dot);
  addProducts(difference, productOf(middle, middle), squares, -1);
  if (difference.length > 0) return signOf(difference) > 0 === threshold > 0;
  // A tie rounds to the neighbour whose last bit is 0.
  return (bitsOf(threshold) & 1n) === 0n;
}

/** Returns whether two non-zero rows have the same elements, and therefore the cosine 1. */
export function areEqual(a: PackedRow, b: PackedRow, depth: number): boolean {
  let isZero = true;
  for (let k = 0; k < depth; k++) {
    const value = a.values[a.at + k * a.stride];
    if (value !== b.values[b.at + k * b.stride]) return false;
    isZero &&= value === 0;
  }
  return !isZero;
}

/**
 * An exact sum of float64 numbers: non-overlapping, non-zero terms with the largest last. (Shewchuk: Adaptive Precision Floating-Point
 * Arithmetic and Fast Robust Geometric Predicates, 1997.)
 */
type Expansion = number[];

function add(terms: Expansion, value: number): void {
  let largest = value;
  let kept = 0;
  for (const term of terms) {
    const sum = largest + term;
    const back = sum - largest;
    const error = largest - (sum - back) + (term - back);
    if (error !== 0) terms[kept++] = error;
    largest = sum;
  }
  terms.length = kept;
  if (largest !== 0) terms.push(largest);
}

/** Dekker's product; the factors are far from the limits of float64. */
function addProduct(terms: Expansion, a: number, b: number): void {
  const product = a * b;
  const highA = upperHalf(a);
  const highB = upperHalf(b);
  const lowA = a - highA;
  const lowB = b - highB;
  add(terms, highA * highB - product + highA * lowB + lowA * highB + lowA * lowB);
  add(terms, product);
}

function upperHalf(value: number): number {
  const wider = value * 134217729;
  return wider - (wider - value);
}

function addProducts(terms: Expansion, a: Expansion, b: Expansion, factor: number): void {
  for (const x of a) for (const y of b) addProduct(terms, x, factor * y);
}

function productOf(a: Expansion, b: Expansion): Expansion {
  const product: Expansion = [];
  addProducts(product, a, b, 1);
  return product;
}

function dotOf(a: PackedRow, b: PackedRow, depth: number, factor = 1): Expansion {
  const dot: Expansion = [];
  for (let k = 0; k < depth; k++) {
    addProduct(dot, (a.values[a.at + k * a.stride] as number) * factor, b.values[b.at + k * b.stride] as number);
  }
  return dot;
}

function signOf(terms: Expansion): number {
  return Math.sign(terms.at(-1) ?? 0);
}

/** Returns the next lower float64 of a non-zero number. */
function below(value: number): number {
  return new Float64Array(BigInt64Array.of(bitsOf(value) + (value > 0 ? -1n : 1n)).buffer)[0] as number;
}

function bitsOf(value: number): bigint {
  return new BigInt64Array(Float64Array.of(value).buffer)[0] as bigint;
}
