// The dense epilogue, applied to one tile of sums while it is in cache. Sums become scores, which are written once as they are
// and, if the tile is off the diagonal of a symmetric result (or is the diagonal tile itself), once transposed.

import { storeTransposed2, storeTransposed4 } from './lane-moves';
import { scoreOne, scoreVector } from './score';
import { lanes } from './vector';

/**
 * Writes scores[rows][cols] to `out`, and scoresᵀ[cols][rows] to `mirrored` unless that is 0. In a triangle, only sums on and
 * below the diagonal are read, and `mirrored` is `out`. Strides are in bytes.
 */
export function writeScores<T>(
  sums: usize, sumStride: usize, rowInverses: usize, colInverses: usize, rowGuards: usize, colGuards: usize,
  rows: i32, cols: i32, triangle: bool, out: usize, outStride: usize, mirrored: usize, mirroredStride: usize,
): void {
  const fullRows = rows & -lanes<T>();
  for (let row = 0; row < fullRows; row += lanes<T>()) {
    const colEnd = triangle ? row + lanes<T>() : cols;
    const fullCols = colEnd & -lanes<T>();
    const from = sums + (row as usize) * sumStride;
    const to = out + (row as usize) * outStride;
    const across = mirrored + (row as usize) * sizeof<T>();
    const down = (row as usize) * sizeof<T>();
    for (let col = 0; col < fullCols; col += lanes<T>()) {
      const shift = (col as usize) * sizeof<T>();
      const back = mirrored ? across + (col as usize) * mirroredStride : 0;
      writeBlock<T>(
        from + shift, sumStride, rowInverses + down, v128.load(colInverses + shift), rowGuards + down, v128.load(colGuards + shift),
        to + shift, outStride, back, mirroredStride,
      );
    }
    for (let i = 0; i < lanes<T>(); i++) {
      for (let col = fullCols; col < colEnd; col++) {
        writeOne<T>(sums, sumStride, rowInverses, colInverses, rowGuards, colGuards, row + i, col, out, outStride, mirrored, mirroredStride);
      }
    }
  }
  for (let row = fullRows; row < rows; row++) {
    const colEnd = triangle ? row + 1 : cols;
    for (let col = 0; col < colEnd; col++) {
      writeOne<T>(sums, sumStride, rowInverses, colInverses, rowGuards, colGuards, row, col, out, outStride, mirrored, mirroredStride);
    }
  }
}

/** Writes one square block: four rows of f32 or two of f64, one vector per row. */
// @ts-ignore: decorator
@inline function writeBlock<T>(
  sums: usize, sumStride: usize, rowInverses: usize, colInverses: v128, rowGuards: usize, colGuards: v128,
  out: usize, outStride: usize, mirrored: usize, mirroredStride: usize,
): void {
  const size = sizeof<T>();
  const a = scoreVector<T>(v128.load(sums), rowInverses, colInverses, rowGuards, colGuards);
  const b = scoreVector<T>(v128.load(sums + sumStride), rowInverses + size, colInverses, rowGuards + size, colGuards);
  v128.store(out, a);
  v128.store(out + outStride, b);
  if (size == 8) {
    if (mirrored) storeTransposed2(mirrored, mirroredStride, a, b);
    return;
  }
  const c = scoreVector<T>(v128.load(sums + 2 * sumStride), rowInverses + 2 * size, colInverses, rowGuards + 2 * size, colGuards);
  const d = scoreVector<T>(v128.load(sums + 3 * sumStride), rowInverses + 3 * size, colInverses, rowGuards + 3 * size, colGuards);
  v128.store(out + 2 * outStride, c);
  v128.store(out + 3 * outStride, d);
  if (mirrored) storeTransposed4(mirrored, mirroredStride, a, b, c, d);
}

// @ts-ignore: decorator
@inline function writeOne<T>(
  sums: usize, sumStride: usize, rowInverses: usize, colInverses: usize, rowGuards: usize, colGuards: usize, row: i32, col: i32,
  out: usize, outStride: usize, mirrored: usize, mirroredStride: usize,
): void {
  const r = row as usize, c = col as usize;
  const value = scoreOne<T>(
    load<T>(sums + r * sumStride + c * sizeof<T>()), load<T>(rowInverses + r * sizeof<T>()), load<T>(colInverses + c * sizeof<T>()),
    load<T>(rowGuards + r * sizeof<T>()), load<T>(colGuards + c * sizeof<T>()),
  );
  store<T>(out + r * outStride + c * sizeof<T>(), value);
  if (mirrored) store<T>(mirrored + c * mirroredStride + r * sizeof<T>(), value);
}
