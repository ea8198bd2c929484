// Packing: raw rows are arranged in panels (depth-major, NR rows side by side), and each row gets its inverse norm and its
// guard.
//
// Packed rows are the input times a power of two that brings their norm into [1, 2): no digit changes, and no product or sum
// can overflow, or underflow with any effect. Norms are float64 sums whatever the input. A row is zero only if every element is
// zero; its inverse norm is 0. Rows that pad the last panel are zero.
//
// The guard of a row is its score with itself as the kernels compute it, at most 1. A score that reaches the guard of either
// row becomes 1 (score.ts). Zero rows have guard 2, which no score reaches.

import { loadPair, narrow, storeTransposed2, storeTransposed4 } from './lane-moves';
import { DEPTH_BLOCK, V, lanes, multiplyAdd, panelRows } from './vector';

const ZERO_ROW_GUARD: f64 = 2;
/** Float64 rows whose largest element lies outside [1 / SAFE_SIZE, SAFE_SIZE] are scaled before their squares are summed. */
const SAFE_SIZE: f64 = 1.3407807929942597e154; // 2^512
/** Float32 rows whose norm lies outside [1 / SAFE_NORM, SAFE_NORM] are scaled before they are packed. */
const SAFE_NORM: f64 = 1.329227995784916e36; // 2^120

/**
 * Packs `count` rows of S at `rows` (overwritten if they need scaling) into panels of T at `panels`, and writes an inverse norm
 * and a guard of T for every row of those panels. `factors` is scratch memory for one value of S per row. Returns -1, or the
 * first row that contains a NaN or an infinity; with `zeroNonFinite`, such rows are zero rows.
 */
export function packRows<S, T>(
  rows: usize, count: i32, depth: i32, panels: usize, inverses: usize, guards: usize, factors: usize, zeroNonFinite: bool,
): i32 {
  const rowBytes = (depth as usize) * sizeof<S>();
  for (let r = 0; r < count; r++) {
    const row = rows + (r as usize) * rowBytes;
    let norm = rowNorm<S>(row, depth);
    if (norm < 0) {
      if (!zeroNonFinite) return r;
      memory.fill(row, 0, rowBytes);
      norm = 0;
    }
    const exponent = norm == 0 ? 0 : exponentOf(norm);
    store<S>(factors + (r as usize) * sizeof<S>(), powerOfTwo(-exponent) as S);
    store<T>(inverses + (r as usize) * sizeof<T>(), (norm == 0 ? 0 : powerOfTwo(exponent) / norm) as T);
  }
  const width = panelRows<T>();
  const panelBytes = (depth as usize) * ((V * 16) as usize);
  for (let r = count; r % width != 0; r++) store<T>(inverses + (r as usize) * sizeof<T>(), 0 as T);
  for (let r = 0; r < count; r += width) {
    for (let group = 0; group < width; group += lanes<T>()) {
      packGroup<S, T>(rows, r + group, count, depth, panels + ((group * sizeof<T>()) as usize), factors);
    }
    writeGuards<T>(panels, depth, inverses, guards);
    panels += panelBytes;
    inverses += (width as usize) * sizeof<T>();
    guards += (width as usize) * sizeof<T>();
  }
  return -1;
}

/**
 * Returns the norm of a row; -1 if an element is not finite. A row so large or small that its norm, or the factor to undo it,
 * lies outside S is first scaled in place, which changes no digit.
 */
function rowNorm<S>(row: usize, depth: i32): f64 {
  if (sizeof<S>() == 8) {
    const largest = largestMagnitude(row, depth);
    if (!(largest < Infinity)) return -1;
    if (largest == 0) return 0;
    if (largest > SAFE_SIZE || largest < 1 / SAFE_SIZE) scaleRow<f64>(row, depth, largest);
    return sqrt(sumOfSquares<f64>(row, depth));
  }
  const norm = sqrt(sumOfSquares<f32>(row, depth));
  if (!(norm < Infinity)) return -1;
  if (norm == 0 || (norm < SAFE_NORM && norm > 1 / SAFE_NORM)) return norm;
  scaleRow<f32>(row, depth, norm);
  return sqrt(sumOfSquares<f32>(row, depth));
}

/** Sums the squares of a row in blocks, four at a time; the order depends only on `depth`. */
// @ts-ignore: decorator
@inline function sumOfSquares<S>(row: usize, depth: i32): f64 {
  let total: f64 = 0;
  let k = 0;
  while (k < depth) {
    const blockEnd = min(k + DEPTH_BLOCK, depth);
    let even = f64x2.splat(0), odd = even;
    for (; k + 4 <= blockEnd; k += 4) {
      const low = loadPair<S>(row), high = loadPair<S>(row + 2 * sizeof<S>());
      even = multiplyAdd<f64>(low, low, even);
      odd = multiplyAdd<f64>(high, high, odd);
      row += 4 * sizeof<S>();
    }
    even = f64x2.add(even, odd);
    let sum = f64x2.extract_lane(even, 0) + f64x2.extract_lane(even, 1);
    for (; k < blockEnd; k++) {
      const value = load<S>(row) as f64;
      sum += value * value;
      row += sizeof<S>();
    }
    total += sum;
  }
  return total;
}

/** Returns NaN if any element is NaN. */
function largestMagnitude(row: usize, depth: i32): f64 {
  let largest = f64x2.splat(0);
  let k = 0;
  for (; k + 2 <= depth; k += 2, row += 16) largest = f64x2.max(largest, f64x2.abs(v128.load(row)));
  if (k < depth) largest = f64x2.max(largest, f64x2.splat(abs(load<f64>(row))));
  return max(f64x2.extract_lane(largest, 0), f64x2.extract_lane(largest, 1));
}

/** Multiplies a row by the power of two that brings `size`, its norm or largest element, near 1. */
function scaleRow<S>(row: usize, depth: i32, size: f64): void {
  let lift: f64 = 1;
  if (size < 2.2250738585072014e-308) {
    lift = 1.8014398509481984e16; // 2^54: first out of float64's subnormal range.
    size *= lift;
  }
  const exponent = exponentOf(size);
  const half = -exponent >> 1; // In two steps, because a single factor can lie outside float64.
  const first = lift * powerOfTwo(half), second = powerOfTwo(-exponent - half);
  for (let k = 0; k < depth; k++, row += sizeof<S>()) store<S>(row, ((load<S>(row) as f64) * first * second) as S);
}

/** Returns the binary exponent of a normal, positive float64. */
// @ts-ignore: decorator
@inline function exponentOf(value: f64): i32 {
  return ((reinterpret<u64>(value) >> 52) as i32) - 1023;
}

// @ts-ignore: decorator
@inline function powerOfTwo(exponent: i32): f64 {
  return reinterpret<f64>(((exponent + 1023) as u64) << 52);
}

/** Packs one vector's width of rows, from row `first`, into their lanes of a panel at `to`. */
function packGroup<S, T>(rows: usize, first: i32, count: i32, depth: i32, to: usize, factors: usize): void {
  const rowBytes = (depth as usize) * sizeof<S>();
  const stepBytes = (V * 16) as usize;
  const p0 = first < count ? rows + (first as usize) * rowBytes : rows;
  const p1 = first + 1 < count ? p0 + rowBytes : rows;
  const f0 = factorOf<S>(factors, first, count), f1 = factorOf<S>(factors, first + 1, count);
  let k = 0;
  let at: usize = 0;
  if (sizeof<T>() == 4) {
    const p2 = first + 2 < count ? p1 + rowBytes : rows;
    const p3 = first + 3 < count ? p2 + rowBytes : rows;
    const f2 = factorOf<S>(factors, first + 2, count), f3 = factorOf<S>(factors, first + 3, count);
    for (; k + 4 <= depth; k += 4, at += 4 * sizeof<S>(), to += 4 * stepBytes) {
      storeTransposed4(to, stepBytes, scaled4<S>(p0 + at, f0), scaled4<S>(p1 + at, f1), scaled4<S>(p2 + at, f2), scaled4<S>(p3 + at, f3));
    }
    for (; k < depth; k++, at += sizeof<S>(), to += stepBytes) {
      storeScaled<S, T>(to, p0 + at, f0);
      storeScaled<S, T>(to + 4, p1 + at, f1);
      storeScaled<S, T>(to + 8, p2 + at, f2);
      storeScaled<S, T>(to + 12, p3 + at, f3);
    }
  } else {
    for (; k + 2 <= depth; k += 2, at += 2 * sizeof<S>(), to += 2 * stepBytes) {
      storeTransposed2(to, stepBytes, scaled2<S>(p0 + at, f0), scaled2<S>(p1 + at, f1));
    }
    if (k < depth) {
      storeScaled<S, T>(to, p0 + at, f0);
      storeScaled<S, T>(to + 8, p1 + at, f1);
    }
  }
}

/** Returns 0 for rows that only pad the panel. */
// @ts-ignore: decorator
@inline function factorOf<S>(factors: usize, row: i32, count: i32): S {
  return row < count ? load<S>(factors + (row as usize) * sizeof<S>()) : (0 as S);
}

/** Loads two scaled elements as f64x2. */
// @ts-ignore: decorator
@inline function scaled2<S>(from: usize, factor: S): v128 {
  return f64x2.mul(loadPair<S>(from), f64x2.splat(factor as f64));
}

/** Loads four scaled elements as f32x4. */
// @ts-ignore: decorator
@inline function scaled4<S>(from: usize, factor: S): v128 {
  if (sizeof<S>() == 4) return f32x4.mul(v128.load(from), f32x4.splat(factor as f32));
  return narrow(scaled2<S>(from, factor), scaled2<S>(from + 2 * sizeof<S>(), factor));
}

// @ts-ignore: decorator
@inline function storeScaled<S, T>(to: usize, from: usize, factor: S): void {
  store<T>(to, (load<S>(from) * factor) as T);
}

/** Writes the scores of a panel's rows with themselves, added in the micro-kernel's order; side by side, to hide latency. */
function writeGuards<T>(panel: usize, depth: i32, inverses: usize, guards: usize): void {
  const stepBytes = (V * 16) as usize;
  const none = v128.splat<T>(0 as T);
  let t0 = none, t1 = none, t2 = none;
  for (let k = 0; k < depth; k += DEPTH_BLOCK) {
    const end = panel + (min(DEPTH_BLOCK, depth - k) as usize) * stepBytes;
    let s0 = none, s1 = none, s2 = none;
    for (; panel != end; panel += stepBytes) {
      const u0 = v128.load(panel), u1 = v128.load(panel, 16), u2 = v128.load(panel, 32);
      s0 = multiplyAdd<T>(u0, u0, s0);
      s1 = multiplyAdd<T>(u1, u1, s1);
      s2 = multiplyAdd<T>(u2, u2, s2);
    }
    t0 = v128.add<T>(t0, s0);
    t1 = v128.add<T>(t1, s1);
    t2 = v128.add<T>(t2, s2);
  }
  v128.store(guards, guardOf<T>(t0, v128.load(inverses)));
  v128.store(guards, guardOf<T>(t1, v128.load(inverses, 16)), 16);
  v128.store(guards, guardOf<T>(t2, v128.load(inverses, 32)), 32);
}

// @ts-ignore: decorator
@inline function guardOf<T>(selfProducts: v128, inverses: v128): v128 {
  const own = v128.mul<T>(selfProducts, v128.mul<T>(inverses, inverses));
  const isZero = v128.eq<T>(inverses, v128.splat<T>(0 as T));
  return v128.bitselect(v128.splat<T>(ZERO_ROW_GUARD as T), v128.min<T>(own, v128.splat<T>(1 as T)), isZero);
}
