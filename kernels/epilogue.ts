// The dense epilogue, on one tile of sums while it is in cache: sums become scores, written once as they stand and, where
// the tile lies off the diagonal of a symmetric result (or is the diagonal tile itself), once transposed.
//
// A sum that reaches the guard of either row is exactly 1 (or -1): by Cauchy and Schwarz only rows that are equal up to
// rounding get there, equal rows always do, and everything that rounding pushed past 1 is caught by the same comparison.

import { storeTransposed2, storeTransposed4 } from './lane-moves';
import { lanes } from './vector';

/**
 * scores[rows][cols] at `out`, and scoresᵀ[cols][rows] at `mirrored` unless that is 0. In a triangle only sums on and
 * below the diagonal are read, and `mirrored` is `out`. Strides are in bytes.
 */
export function writeScores<T>(
  sums: usize, sumStride: usize, rowGuards: usize, colGuards: usize, rows: i32, cols: i32, triangle: bool,
  out: usize, outStride: usize, mirrored: usize, mirroredStride: usize,
): void {
  const fullRows = rows & -lanes<T>();
  for (let row = 0; row < fullRows; row += lanes<T>()) {
    const colEnd = triangle ? row + lanes<T>() : cols;
    const fullCols = colEnd & -lanes<T>();
    const from = sums + (row as usize) * sumStride;
    const to = out + (row as usize) * outStride;
    const across = mirrored + (row as usize) * sizeof<T>();
    const g = rowGuards + (row as usize) * sizeof<T>();
    for (let col = 0; col < fullCols; col += lanes<T>()) {
      const shift = (col as usize) * sizeof<T>();
      writeBlock<T>(from + shift, sumStride, g, v128.load(colGuards + shift), to + shift, outStride);
      if (mirrored) mirrorBlock<T>(to + shift, outStride, across + (col as usize) * mirroredStride, mirroredStride);
    }
    for (let i = 0; i < lanes<T>(); i++) {
      for (let col = fullCols; col < colEnd; col++) {
        writeOne<T>(sums, sumStride, rowGuards, colGuards, row + i, col, out, outStride, mirrored, mirroredStride);
      }
    }
  }
  for (let row = fullRows; row < rows; row++) {
    const colEnd = triangle ? row + 1 : cols;
    for (let col = 0; col < colEnd; col++) {
      writeOne<T>(sums, sumStride, rowGuards, colGuards, row, col, out, outStride, mirrored, mirroredStride);
    }
  }
}

// @ts-ignore: decorator
@inline function score<T>(sum: v128, rowGuard: usize, colGuards: v128): v128 {
  const guard = v128.min<T>(v128.load_splat<T>(rowGuard), colGuards);
  const reached = v128.ge<T>(v128.abs<T>(sum), guard);
  const sign = v128.splat<T>((-0.0) as T);
  const unit = v128.or(v128.and(sum, sign), v128.splat<T>(1 as T));
  return v128.bitselect(unit, sum, reached);
}

/** One square block, a vector a row. */
// @ts-ignore: decorator
@inline function writeBlock<T>(sums: usize, sumStride: usize, rowGuards: usize, colGuards: v128, out: usize, outStride: usize): void {
  for (let i = 0; i < lanes<T>(); i++) {
    v128.store(out, score<T>(v128.load(sums), rowGuards, colGuards));
    sums += sumStride;
    out += outStride;
    rowGuards += sizeof<T>();
  }
}

// @ts-ignore: decorator
@inline function mirrorBlock<T>(from: usize, fromStride: usize, to: usize, toStride: usize): void {
  const a = v128.load(from), b = v128.load(from + fromStride);
  if (sizeof<T>() == 8) storeTransposed2(to, toStride, a, b);
  else storeTransposed4(to, toStride, a, b, v128.load(from + 2 * fromStride), v128.load(from + 3 * fromStride));
}

// @ts-ignore: decorator
@inline function writeOne<T>(
  sums: usize, sumStride: usize, rowGuards: usize, colGuards: usize, row: i32, col: i32,
  out: usize, outStride: usize, mirrored: usize, mirroredStride: usize,
): void {
  const r = row as usize, c = col as usize;
  const sum = load<T>(sums + r * sumStride + c * sizeof<T>());
  const guard = min<T>(load<T>(rowGuards + r * sizeof<T>()), load<T>(colGuards + c * sizeof<T>()));
  const value = abs<T>(sum) >= guard ? copysign<T>(1 as T, sum) : sum;
  store<T>(out + r * outStride + c * sizeof<T>(), value);
  if (mirrored) store<T>(mirrored + c * mirroredStride + r * sizeof<T>(), value);
}
