// Computes a small dense problem at once: packs its rows, multiplies them, and writes all scores as one tile. The code is short
// because pages load it too: one function for both types of scores, and one call of each kernel.

import { writeScores } from './dense';
import { gramTile } from './gram';
import { packRows } from './pack';
import { V } from './vector';

const ALIGNMENT: usize = 64;

/** The end of the memory used so far. */
let top: usize = 0;

/** Returns the address of this many bytes. */
function take(bytes: usize): usize {
  const at = top;
  top += (bytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
  return at;
}

/**
 * Computes the scores of x with y, or with itself if `yRows` is 0, as float64 (`doubles`) or float32. The rows of x are at
 * `base`, and those of y follow from the next multiple of 64 bytes; `xDoubles` and `yDoubles` give their types. Returns the
 * address of the scores, row by row, or 0 if a row is not finite. `src/backends/wasm/small.ts` knows how much memory is used.
 */
export function computeSmall(
  base: usize, depth: i32, xRows: i32, yRows: i32, doubles: bool, xDoubles: bool, yDoubles: bool, zeroNonFinite: bool,
): usize {
  const symmetric = yRows == 0, cols = symmetric ? xRows : yRows;
  const size: usize = doubles ? 8 : 4;
  const width = ((V * 16) as usize) / size;
  const xPadded = ((xRows as usize) + width - 1) / width * width, yPadded = ((yRows as usize) + width - 1) / width * width;
  const depthBytes = (depth as usize) * size;
  top = base;
  const xRaw = take((xRows as usize) * (depth as usize) * (xDoubles ? 8 : 4));
  const yRaw = take((yRows as usize) * (depth as usize) * (yDoubles ? 8 : 4));
  const factors = take((max(xRows, yRows) as usize) * 8);
  const x = take(xPadded * depthBytes), xInverses = take(xPadded * size), xGuards = take(xPadded * size);
  if (pack(xRaw, xRows, depth, doubles, xDoubles, x, xInverses, xGuards, factors, zeroNonFinite) >= 0) return 0;
  let y = x, yInverses = xInverses, yGuards = xGuards;
  if (!symmetric) {
    y = take(yPadded * depthBytes);
    yInverses = take(yPadded * size);
    yGuards = take(yPadded * size);
    if (pack(yRaw, yRows, depth, doubles, yDoubles, y, yInverses, yGuards, factors, zeroNonFinite) >= 0) return 0;
  }
  const stride = (symmetric ? xPadded : yPadded) * size, outStride = (cols as usize) * size;
  const sums = take(xPadded * stride), out = take((xRows as usize) * outStride);
  const mirrored = symmetric ? out : 0;
  if (doubles) {
    gramTile<f64>(x, y, sums, stride, xRows, cols, depth, symmetric);
    writeScores<f64>(sums, stride, xInverses, yInverses, xGuards, yGuards, xRows, cols, symmetric, out, outStride, mirrored, outStride);
  } else {
    gramTile<f32>(x, y, sums, stride, xRows, cols, depth, symmetric);
    writeScores<f32>(sums, stride, xInverses, yInverses, xGuards, yGuards, xRows, cols, symmetric, out, outStride, mirrored, outStride);
  }
  return out;
}

function pack(
  rows: usize, count: i32, depth: i32, doubles: bool, rowDoubles: bool, panels: usize, inverses: usize, guards: usize, factors: usize,
  zeroNonFinite: bool,
): i32 {
  if (doubles) {
    return rowDoubles
      ? packRows<f64, f64>(rows, count, depth, panels, inverses, guards, factors, zeroNonFinite)
      : packRows<f32, f64>(rows, count, depth, panels, inverses, guards, factors, zeroNonFinite);
  }
  return rowDoubles
    ? packRows<f64, f32>(rows, count, depth, panels, inverses, guards, factors, zeroNonFinite)
    : packRows<f32, f32>(rows, count, depth, panels, inverses, guards, factors, zeroNonFinite);
}
