// A small dense problem at once: packs its rows, multiplies them, and writes all scores, as one tile.

import { writeScores } from './dense';
import { gramTile } from './gram';
import { packRows } from './pack';
import { V, panelRows } from './vector';

const ALIGNMENT: usize = 64;

// @ts-ignore: decorator
@inline function after(address: usize, bytes: usize): usize {
  return address + ((bytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1));
}

/**
 * The scores of x with y, or with itself where `yRows` is 0. Rows lie at `base`, those of x and then, from the next multiple of 64 bytes on, those
 * of y; `xDoubles` and `yDoubles` say that they are float64 rather than float32. Returns the address of the scores, row after row, or 0 where a
 * row is not finite. `src/backends/wasm/small.ts` knows how much memory is used.
 */
export function computeSmall<T>(
  base: usize, depth: i32, xRows: i32, yRows: i32, xDoubles: bool, yDoubles: bool, zeroNonFinite: bool,
): usize {
  const symmetric = yRows == 0, cols = symmetric ? xRows : yRows;
  const size = sizeof<T>();
  const xRaw = base;
  const yRaw = after(xRaw, rowBytes(xRows, depth, xDoubles));
  const factors = after(yRaw, rowBytes(yRows, depth, yDoubles));
  const x = after(factors, (max(xRows, yRows) as usize) * 8);
  const xInverses = after(x, panelBytes<T>(xRows, depth)), xGuards = after(xInverses, padded<T>(xRows) * size);
  const y = after(xGuards, padded<T>(xRows) * size);
  const yInverses = after(y, panelBytes<T>(yRows, depth)), yGuards = after(yInverses, padded<T>(yRows) * size);
  const sums = after(yGuards, padded<T>(yRows) * size);
  const stride = padded<T>(cols) * size;
  const out = after(sums, padded<T>(xRows) * stride);
  if (pack<T>(xRaw, xRows, depth, xDoubles, x, xInverses, xGuards, factors, zeroNonFinite) >= 0) return 0;
  if (symmetric) {
    gramTile<T>(x, x, sums, stride, xRows, cols, depth, true);
    writeScores<T>(sums, stride, xInverses, xInverses, xGuards, xGuards, xRows, cols, true, out, (cols as usize) * size, out, (xRows as usize) * size);
    return out;
  }
  if (pack<T>(yRaw, yRows, depth, yDoubles, y, yInverses, yGuards, factors, zeroNonFinite) >= 0) return 0;
  gramTile<T>(x, y, sums, stride, xRows, cols, depth, false);
  writeScores<T>(sums, stride, xInverses, yInverses, xGuards, yGuards, xRows, cols, false, out, (cols as usize) * size, 0, (xRows as usize) * size);
  return out;
}

// @ts-ignore: decorator
@inline function pack<T>(
  rows: usize, count: i32, depth: i32, doubles: bool, panels: usize, inverses: usize, guards: usize, factors: usize, zeroNonFinite: bool,
): i32 {
  return doubles
    ? packRows<f64, T>(rows, count, depth, panels, inverses, guards, factors, zeroNonFinite)
    : packRows<f32, T>(rows, count, depth, panels, inverses, guards, factors, zeroNonFinite);
}

// @ts-ignore: decorator
@inline function rowBytes(rows: i32, depth: i32, doubles: bool): usize {
  return (rows as usize) * (depth as usize) * (doubles ? 8 : 4);
}

/** Rows, to whole panels. */
// @ts-ignore: decorator
@inline function padded<T>(rows: i32): usize {
  return (((rows + panelRows<T>() - 1) / panelRows<T>()) * panelRows<T>()) as usize;
}

// @ts-ignore: decorator
@inline function panelBytes<T>(rows: i32, depth: i32): usize {
  return (padded<T>(rows) / (panelRows<T>() as usize)) * (depth as usize) * ((V * 16) as usize);
}
