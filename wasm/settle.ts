// Decides which hits of a lowered threshold truly reach the threshold itself.
//
// Scores are rounded, so a pair near the threshold is decided by its packed rows, which contain the input's own digits. The
// cheapest proof that applies is used: the error bound of the score; the tile's own sum if the rows have so few digits that
// nothing was rounded; equal packed rows; a dot product in twice the precision of float64. If even that does not decide, the
// pair is marked for src/rows/exact-cosine.ts. docs/how-it-works.md derives the bounds.

import { loadPair } from './lane-moves';
import { DEPTH_BLOCK, lanes, panelRows } from './vector';

/**
 * Returns the largest difference between a score and the true cosine; twice as much if a guard turned the score into 1 or -1.
 */
export function scoreError<T>(depth: i32): f64 {
  // One rounding per product of the longest block, one per block, and those of norms, their product and the threshold.
  const roundings = min(depth, DEPTH_BLOCK) + depth / DEPTH_BLOCK + 9 + (sizeof<T>() == 8 ? 96 + depth / 256 : 0);
  return 1.01 * (roundings as f64) * (sizeof<T>() == 8 ? f64.EPSILON / 2 : 5.9604644775390625e-8);
}

const BELOW: i32 = 0;
const REACHED: i32 = 1;
const OPEN: i32 = 2;

/** Set in the row of a hit if only exact arithmetic can decide whether it reaches the threshold. */
export const OPEN_HIT: u32 = 0x80000000;

const LEARNED: u8 = 1;
const FEW_DIGITS: u8 = 2;
const NOT_NEGATIVE: u8 = 4;

/** Bytes of what is known of a row (its square in two words, traits, its twin), and bytes at `work`. */
export const FACT_BYTES: i32 = 19;
export const SETTLING_BYTES: i32 = 64;

/** Offsets at `work`: the number of undecided hits, and two lanes of a dot product with high, low and doubt. */
const HIGH: usize = 16;
const LOW: usize = 32;
const DOUBT: usize = 48;

/**
 * Keeps the hits of a tile whose cosine, rounded to the nearest float64, is at or above the threshold; returns their number.
 * Hits are ordered by row, with scores of at least `threshold - scoreError`. Rows of undecided hits have the bit OPEN_HIT and
 * are counted at `work` (scratch memory of SETTLING_BYTES). `a` and `b` are the panels in which the tile's rows and columns
 * begin; `rowFacts` and `colFacts` are scratch memory of FACT_BYTES each, up to whole panels.
 */
export function settlePairs<T>(
  sums: usize, sumStride: usize, rows: i32, cols: i32, a: usize, b: usize, depth: i32, threshold: f64,
  count: i32, hitRows: usize, hitCols: usize, hitScores: usize, rowFacts: usize, colFacts: usize, work: usize,
): i32 {
  store<i32>(work, 0);
  // Every cosine reaches -1.
  if (threshold <= -1) return count;
  const error = 2 * scoreError<T>(depth);
  const sure = (threshold + error) as T;
  let at: i32 = 0;
  while (at < count && scoreAt<T>(hitScores, at) >= sure) at++;
  if (at == count) return count;

  const paddedRows = padded<T>(rows), paddedCols = padded<T>(cols);
  memory.fill(rowFacts + 16 * paddedRows, 0, 3 * paddedRows);
  memory.fill(colFacts + 16 * paddedCols, 0, 3 * paddedCols);
  // Cosines round up to the threshold from the midpoint between it and the float64 below it.
  const below = reinterpret<f64>(reinterpret<i64>(threshold) + (threshold > 0 ? -1 : 1));
  const bar = multiply(threshold, (below - threshold) / 2, threshold, (below - threshold) / 2), barRest = rest;
  const doubtFactor = (2 * (depth as f64) + 4) * f64.EPSILON;
  const squareDoubt = (depth as f64) * (depth as f64) * 1.9721522630525295e-31; // 2^-102
  const rowTwins = rowFacts + 17 * paddedRows, colTwins = colFacts + 17 * paddedCols;
  let dotRow: i32 = -1, dotCol: i32 = -1;
  let kept = at;
  for (; at < count; at++) {
    const row = load<i32>(hitRows + ((at as usize) << 2)), col = load<i32>(hitCols + ((at as usize) << 2));
    const score = scoreAt<T>(hitScores, at);
    let verdict = score >= sure ? REACHED : OPEN;
    if (verdict == OPEN && score == 1) {
      // Each distinct row is compared with all others once.
      const twin = rowTwins + ((row as usize) << 1);
      if (load<u16>(twin) == 0) {
        markTwins<T>(a, row, a, rows, depth, rowTwins);
        markTwins<T>(a, row, b, cols, depth, colTwins);
      }
      if (load<u16>(twin) == load<u16>(colTwins + ((col as usize) << 1))) verdict = REACHED;
    }
    if (verdict == OPEN) {
      const both = learn<T>(a, row, depth, rowFacts, paddedRows) & learn<T>(b, col, depth, colFacts, paddedCols);
      if (both & NOT_NEGATIVE) verdict = judgeNotNegative(score as f64, threshold, error);
      if (verdict == OPEN) {
        let dot: f64, low: f64 = 0, doubt: f64 = 0;
        if (both & FEW_DIGITS) {
          dot = load<T>(sums + (row as usize) * sumStride + (col as usize) * sizeof<T>()) as f64;
        } else {
          const first = col & ~1;
          if (row != dotRow || first != dotCol) {
            multiplyRows<T>(element<T>(a, row, depth), element<T>(b, first, depth), depth, work);
            dotRow = row;
            dotCol = first;
          }
          const lane = ((col - first) as usize) << 3;
          dot = add(load<f64>(work + lane, HIGH), load<f64>(work + lane, LOW));
          low = rest;
          doubt = load<f64>(work + lane, DOUBT) * doubtFactor;
        }
        const rowSquare = rowFacts + ((row as usize) << 3), colSquare = colFacts + ((col as usize) << 3);
        const squares = multiply(
          load<f64>(rowSquare), load<f64>(rowSquare + 8 * paddedRows), load<f64>(colSquare), load<f64>(colSquare + 8 * paddedCols),
        );
        const wanted = multiply(bar, barRest, squares, rest);
        verdict = squares == 0 ? ((threshold <= 0) as i32) : judge(threshold, dot, low, doubt, wanted, rest, squareDoubt);
      }
    }
    if (verdict == BELOW) continue;
    const to = (kept as usize) << 2;
    store<u32>(hitRows + to, verdict == OPEN ? (row as u32) | OPEN_HIT : (row as u32));
    store<i32>(hitCols + to, col);
    store<T>(hitScores + (kept as usize) * sizeof<T>(), score);
    if (verdict == OPEN) store<i32>(work, load<i32>(work) + 1);
    kept++;
  }
  return kept;
}

/** If no two terms cancel, the error is relative to the score. (Below 2^-90, products may underflow.) */
function judgeNotNegative(score: f64, threshold: f64, error: f64): i32 {
  if (threshold <= 0) return REACHED;
  if (threshold <= 8.077935669463161e-28) return OPEN; // 2^-90
  if (score >= threshold * (1 + error)) return REACHED;
  return score <= threshold * (1 - error) ? BELOW : OPEN;
}

/**
 * `doubt` is the largest error of the dot product; its square is compared with `wanted`, whose relative error is at most 3 *
 * `squareDoubt`.
 */
function judge(threshold: f64, dot: f64, low: f64, doubt: f64, wanted: f64, wantedLow: f64, squareDoubt: f64): i32 {
  const positive = dot > doubt, negative = dot < -doubt;
  if (threshold >= 0 && negative) return BELOW;
  if (threshold <= 0 && (positive || (dot == 0 && doubt == 0))) return REACHED;
  if (threshold == 0) return OPEN;
  const own = multiply(dot, low, dot, low);
  const difference = (own - wanted) + (rest - wantedLow);
  // 2^-96 and 2^-900
  const margin = 1.262177448353619e-29 * (own + wanted) + doubt * (2 * abs(dot) + doubt) + 3 * squareDoubt * wanted + 1.1830521861667747e-271;
  if (!(abs(difference) > margin)) return OPEN;
  if (difference < 0) return threshold > 0 ? BELOW : REACHED;
  if (threshold > 0) return positive ? REACHED : OPEN;
  return negative ? BELOW : OPEN;
}

/** The remainder of the last `add` or `multiply`: its result plus this is the sum or product in twice the precision. */
let rest: f64 = 0;

// @ts-ignore: decorator
@inline function add(a: f64, b: f64): f64 {
  const sum = a + b, back = sum - a;
  rest = (a - (sum - back)) + (b - back);
  return sum;
}

// @ts-ignore: decorator
@inline function multiply(a: f64, aLow: f64, b: f64, bLow: f64): f64 {
  const product = a * b;
  const widerA = a * 134217729, widerB = b * 134217729;
  const highA = widerA - (widerA - a), highB = widerB - (widerB - b);
  const lowA = a - highA, lowB = b - highB;
  const error = ((highA * highB - product) + highA * lowB + lowA * highB) + lowA * lowB;
  return add(product, error + (a * bLow + aLow * b));
}

// @ts-ignore: decorator
@inline function sumError(a: v128, b: v128, sum: v128): v128 {
  const back = f64x2.sub(sum, a);
  return f64x2.add(f64x2.sub(a, f64x2.sub(sum, back)), f64x2.sub(b, back));
}

/** Dekker's algorithm: exact for factors far from float64's limits. */
// @ts-ignore: decorator
@inline function productError(a: v128, b: v128, product: v128): v128 {
  const splitter = f64x2.splat(134217729);
  const widerA = f64x2.mul(a, splitter), widerB = f64x2.mul(b, splitter);
  const highA = f64x2.sub(widerA, f64x2.sub(widerA, a)), highB = f64x2.sub(widerB, f64x2.sub(widerB, b));
  const lowA = f64x2.sub(a, highA), lowB = f64x2.sub(b, highB);
  const high = f64x2.add(f64x2.sub(f64x2.mul(highA, highB), product), f64x2.mul(highA, lowB));
  return f64x2.add(f64x2.add(high, f64x2.mul(lowA, highB)), f64x2.mul(lowA, lowB));
}

/**
 * Writes the product of a row with two columns to `work`: `high + low`, with an error of at most `doubt` times the factor for
 * the depth.
 */
function multiplyRows<T>(a: usize, b: usize, depth: i32, work: usize): void {
  const step = (panelRows<T>() as usize) * sizeof<T>();
  let high = f64x2.splat(0), low = high, doubt = high;
  for (let k = 0; k < depth; k++, a += step, b += step) {
    const left = f64x2.splat(load<T>(a) as f64), right = loadPair<T>(b);
    const product = f64x2.mul(left, right), sum = f64x2.add(high, product);
    let error = sumError(high, product, sum);
    // Products of floats are exact.
    if (sizeof<T>() == 8) error = f64x2.add(error, productError(left, right, product));
    high = sum;
    low = f64x2.add(low, error);
    doubt = f64x2.add(doubt, f64x2.abs(error));
  }
  v128.store(work, high, HIGH);
  v128.store(work, low, LOW);
  v128.store(work, doubt, DOUBT);
}

/**
 * Learns the properties of a row, which are 0 before. Rows with few digits are multiples of 2^-11 (2^-25 in float64). Sums of
 * their products are multiples of its square and, because norms are below 2, at most 4. They have 24 bits (52), so no order of
 * summing rounds them.
 */
function learn<T>(panels: usize, row: i32, depth: i32, facts: usize, count: usize): u8 {
  const traits = facts + 16 * count + (row as usize);
  if (load<u8>(traits) != 0) return load<u8>(traits);
  const first = (row & ~1) as usize;
  const step = (panelRows<T>() as usize) * sizeof<T>();
  let at = element<T>(panels, row & ~1, depth);
  // Adding and subtracting it rounds to multiples of the unit.
  const rounder = f64x2.splat(sizeof<T>() == 4 ? 3298534883328.0 : 201326592.0); // 1.5 * 2^52 * 2^-11, 2^-25
  let high = f64x2.splat(0), low = high, signs = high, more = high;
  for (let k = 0; k < depth; k++, at += step) {
    const values = loadPair<T>(at);
    const product = f64x2.mul(values, values), sum = f64x2.add(high, product);
    low = f64x2.add(low, sumError(high, product, sum));
    if (sizeof<T>() == 8) low = f64x2.add(low, productError(values, values, product));
    high = sum;
    signs = v128.or(signs, values);
    more = f64x2.add(more, f64x2.abs(f64x2.sub(f64x2.sub(f64x2.add(values, rounder), rounder), values)));
  }
  const square = facts + (first << 3);
  const sum = f64x2.add(high, low);
  v128.store(square, sum);
  v128.store(square + 8 * count, sumError(high, low, sum));
  const negative = i64x2.bitmask(signs);
  store<u8>(facts + 16 * count + first, traitsOf(f64x2.extract_lane(more, 0), negative & 1));
  store<u8>(facts + 16 * count + first + 1, traitsOf(f64x2.extract_lane(more, 1), negative & 2));
  return load<u8>(traits);
}

// @ts-ignore: decorator
@inline function traitsOf(more: f64, negative: i32): u8 {
  return LEARNED | (more == 0 ? FEW_DIGITS : 0) | (negative ? 0 : NOT_NEGATIVE);
}

/** Writes row + 1 for each of `count` rows of `panels` that has the same bits as a row of `a`. */
function markTwins<T>(a: usize, row: i32, panels: usize, count: i32, depth: i32, twins: usize): void {
  for (let first = 0; first < count; first += lanes<T>()) {
    let equal = equalRows<T>(element<T>(a, row, depth), element<T>(panels, first, depth), depth);
    for (; equal != 0; equal &= equal - 1) store<u16>(twins + ((first + ctz(equal)) as usize << 1), (row + 1) as u16);
  }
}

/** Returns bit i for each row of a vector's width at `b` that has the same bits as row `a`. */
function equalRows<T>(a: usize, b: usize, depth: i32): i32 {
  const step = (panelRows<T>() as usize) * sizeof<T>();
  let different = i32x4.splat(0);
  let equal: i32 = (1 << lanes<T>()) - 1;
  let k = 0;
  // Most rows differ at the beginning.
  let end = min(depth, 16);
  while (k < depth && equal != 0) {
    for (; k < end; k++, a += step, b += step) different = v128.or(different, v128.xor(v128.load_splat<T>(a), v128.load(b)));
    const zero = i32x4.splat(0);
    equal = sizeof<T>() == 4 ? i32x4.bitmask(i32x4.eq(different, zero)) : i64x2.bitmask(i64x2.eq(different, zero));
    end = min(depth, end + DEPTH_BLOCK);
  }
  return equal;
}

/** Returns where a row of panels begins. */
// @ts-ignore: decorator
@inline function element<T>(panels: usize, row: i32, depth: i32): usize {
  const width = panelRows<T>();
  return panels + ((row / width) as usize) * (depth as usize) * (width as usize) * sizeof<T>() + ((row % width) as usize) * sizeof<T>();
}

// @ts-ignore: decorator
@inline function scoreAt<T>(scores: usize, at: i32): T {
  return load<T>(scores + (at as usize) * sizeof<T>());
}

// @ts-ignore: decorator
@inline function padded<T>(count: i32): usize {
  const width = panelRows<T>();
  return (((count + width - 1) / width) * width) as usize;
}
