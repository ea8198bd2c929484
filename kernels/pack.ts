// Packing: raw rows become unit rows in panels (depth-major, NR rows side by side), and each gets its guard.
//
// Norms are float64 sums whatever the input, so no float32 row overflows or underflows; float64 rows of extreme size are
// first scaled by a power of two, which changes no digit. A row is zero only if every element is. Rows that pad the last
// panel are zero. The guard of a row is its own product with itself as the micro-kernel computes it, at most 1: a score
// that reaches the guard of either row is 1 (epilogue.ts). Zero rows have guard 2, which no score reaches.

import { loadPair, narrow, storeTransposed2, storeTransposed4 } from './lane-moves';
import { DEPTH_BLOCK, V, lanes, multiplyAdd, panelRows } from './vector';

const ZERO_ROW_GUARD: f64 = 2;
/** Float64 rows whose largest element lies outside [1 / this, this] are scaled before their squares are summed. */
const SAFE_SIZE: f64 = 1.3407807929942597e154; // 2^512

/**
 * Packs `count` rows of S at `rows` (overwritten where they need scaling) into panels of T at `panels`, and writes a guard
 * of T for every row of those panels. `inverses` is scratch for one float64 a row.
 * Returns -1, or the first row with a NaN or an infinity; with `zeroNonFinite` such rows count as zero rows.
 */
export function packRows<S, T>(
  rows: usize, count: i32, depth: i32, panels: usize, guards: usize, inverses: usize, zeroNonFinite: bool,
): i32 {
  const rowBytes = (depth as usize) * sizeof<S>();
  for (let r = 0; r < count; r++) {
    const row = rows + (r as usize) * rowBytes;
    let inverse = inverseNorm<S>(row, depth);
    if (inverse < 0) {
      if (!zeroNonFinite) return r;
      memory.fill(row, 0, rowBytes);
      inverse = 0;
    }
    store<f64>(inverses + ((r as usize) << 3), inverse);
  }
  const width = panelRows<T>();
  const panelBytes = (depth as usize) * ((V * 16) as usize);
  for (let r = 0; r < count; r += width) {
    for (let group = 0; group < width; group += lanes<T>()) {
      packGroup<S, T>(rows, r + group, count, depth, panels + ((group * sizeof<T>()) as usize), inverses);
    }
    writeGuards<T>(panels, depth, guards);
    panels += panelBytes;
    guards += (width as usize) * sizeof<T>();
  }
  return -1;
}

/** 1 / |row|; 0 for a zero row; -1 where an element is not finite. Scales a float64 row of extreme size in place. */
function inverseNorm<S>(row: usize, depth: i32): f64 {
  if (sizeof<S>() == 8) {
    const largest = largestMagnitude(row, depth);
    if (!(largest < Infinity)) return -1;
    if (largest == 0) return 0;
    if (largest > SAFE_SIZE || largest < 1 / SAFE_SIZE) scaleRow(row, depth, largest);
  }
  const sum = sumOfSquares<S>(row, depth);
  if (!(sum < Infinity)) return -1;
  return sum == 0 ? 0 : 1 / sqrt(sum);
}

/** The squares of a row summed in blocks, four at a time; the order depends on `depth` alone. */
// @ts-ignore: decorator
@inline function sumOfSquares<S>(row: usize, depth: i32): f64 {
  let total: f64 = 0;
  let k = 0;
  while (k < depth) {
    const blockEnd = min(k + DEPTH_BLOCK, depth);
    let even = f64x2.splat(0), odd = even;
    for (; k + 4 <= blockEnd; k += 4) {
      const low = loadPair<S>(row), high = loadPair<S>(row + 2 * sizeof<S>());
      even = f64x2.add(even, f64x2.mul(low, low));
      odd = f64x2.add(odd, f64x2.mul(high, high));
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

/** NaN if any element is NaN. */
function largestMagnitude(row: usize, depth: i32): f64 {
  let largest = f64x2.splat(0);
  let k = 0;
  for (; k + 2 <= depth; k += 2, row += 16) largest = f64x2.max(largest, f64x2.abs(v128.load(row)));
  if (k < depth) largest = f64x2.max(largest, f64x2.splat(abs(load<f64>(row))));
  return max(f64x2.extract_lane(largest, 0), f64x2.extract_lane(largest, 1));
}

/** Multiplies a row by the power of two that brings its largest element near 1. */
function scaleRow(row: usize, depth: i32, largest: f64): void {
  let lift: f64 = 1;
  if (largest < 2.2250738585072014e-308) {
    lift = 1.8014398509481984e16; // 2^54: out of the subnormal range first
    largest *= lift;
  }
  const exponent = ((reinterpret<u64>(largest) >> 52) as i32) - 1023;
  const half = -exponent >> 1; // in two steps, since one factor alone can lie outside float64
  const first = lift * powerOfTwo(half), second = powerOfTwo(-exponent - half);
  for (let k = 0; k < depth; k++, row += 8) store<f64>(row, load<f64>(row) * first * second);
}

// @ts-ignore: decorator
@inline function powerOfTwo(exponent: i32): f64 {
  return reinterpret<f64>(((exponent + 1023) as u64) << 52);
}

/** One vector's width of rows, from row `first` on, into their lanes of a panel at `to`. */
function packGroup<S, T>(rows: usize, first: i32, count: i32, depth: i32, to: usize, inverses: usize): void {
  const rowBytes = (depth as usize) * sizeof<S>();
  const stepBytes = (V * 16) as usize;
  const p0 = first < count ? rows + (first as usize) * rowBytes : rows;
  const p1 = first + 1 < count ? p0 + rowBytes : rows;
  const i0 = inverseOf(inverses, first, count), i1 = inverseOf(inverses, first + 1, count);
  let k = 0;
  let at: usize = 0;
  if (sizeof<T>() == 4) {
    const p2 = first + 2 < count ? p1 + rowBytes : rows;
    const p3 = first + 3 < count ? p2 + rowBytes : rows;
    const i2 = inverseOf(inverses, first + 2, count), i3 = inverseOf(inverses, first + 3, count);
    for (; k + 4 <= depth; k += 4, at += 4 * sizeof<S>(), to += 4 * stepBytes) {
      storeTransposed4(to, stepBytes, unit4<S>(p0 + at, i0), unit4<S>(p1 + at, i1), unit4<S>(p2 + at, i2), unit4<S>(p3 + at, i3));
    }
    for (; k < depth; k++, at += sizeof<S>(), to += stepBytes) {
      storeUnit<S, T>(to, p0 + at, i0);
      storeUnit<S, T>(to + 4, p1 + at, i1);
      storeUnit<S, T>(to + 8, p2 + at, i2);
      storeUnit<S, T>(to + 12, p3 + at, i3);
    }
  } else {
    for (; k + 2 <= depth; k += 2, at += 2 * sizeof<S>(), to += 2 * stepBytes) {
      storeTransposed2(to, stepBytes, unit2<S>(p0 + at, i0), unit2<S>(p1 + at, i1));
    }
    if (k < depth) {
      storeUnit<S, T>(to, p0 + at, i0);
      storeUnit<S, T>(to + 8, p1 + at, i1);
    }
  }
}

/** 0 for rows that only pad the panel. */
// @ts-ignore: decorator
@inline function inverseOf(inverses: usize, row: i32, count: i32): f64 {
  return row < count ? load<f64>(inverses + ((row as usize) << 3)) : 0;
}

// @ts-ignore: decorator
@inline function unit2<S>(from: usize, inverse: f64): v128 {
  return f64x2.mul(loadPair<S>(from), f64x2.splat(inverse));
}

// @ts-ignore: decorator
@inline function unit4<S>(from: usize, inverse: f64): v128 {
  return narrow(unit2<S>(from, inverse), unit2<S>(from + 2 * sizeof<S>(), inverse));
}

// @ts-ignore: decorator
@inline function storeUnit<S, T>(to: usize, from: usize, inverse: f64): void {
  store<T>(to, ((load<S>(from) as f64) * inverse) as T);
}

/** Self-products of a panel's rows, added in the micro-kernel's order. */
function writeGuards<T>(panel: usize, depth: i32, guards: usize): void {
  const stepBytes = (V * 16) as usize;
  const one = v128.splat<T>(1 as T), none = v128.splat<T>(0 as T), zeroRow = v128.splat<T>(ZERO_ROW_GUARD as T);
  for (let v: usize = 0; v < stepBytes; v += 16) {
    let total = none;
    let from = panel + v;
    for (let k = 0; k < depth; k += DEPTH_BLOCK) {
      const end = from + (min(DEPTH_BLOCK, depth - k) as usize) * stepBytes;
      let sum = none;
      for (; from != end; from += stepBytes) {
        const unit = v128.load(from);
        sum = multiplyAdd<T>(unit, unit, sum);
      }
      total = v128.add<T>(total, sum);
    }
    const isZero = v128.eq<T>(total, none);
    v128.store(guards + v, v128.bitselect(zeroRow, v128.min<T>(total, one), isZero));
  }
}
