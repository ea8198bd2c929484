// What the WASM backend calls: each kernel for each element type. All addresses are bytes into the imported memory,
// multiples of 16; nothing here allocates, traps on good arguments, or keeps state between calls.

import { writeScores } from './epilogue';
import { gramTile } from './gram';
export { gramColumnF32, gramColumnF64 } from './gram';
import { packRows } from './pack';
import { V } from './vector';

/** Bytes of one depth step of a panel: the panel's rows times the element's size. */
export function panelStepBytes(): i32 {
  return V * 16;
}

export function packF32F32(rows: usize, count: i32, depth: i32, panels: usize, inverses: usize, guards: usize, factors: usize, zeroNonFinite: bool): i32 {
  return packRows<f32, f32>(rows, count, depth, panels, inverses, guards, factors, zeroNonFinite);
}

export function packF32F64(rows: usize, count: i32, depth: i32, panels: usize, inverses: usize, guards: usize, factors: usize, zeroNonFinite: bool): i32 {
  return packRows<f32, f64>(rows, count, depth, panels, inverses, guards, factors, zeroNonFinite);
}

export function packF64F32(rows: usize, count: i32, depth: i32, panels: usize, inverses: usize, guards: usize, factors: usize, zeroNonFinite: bool): i32 {
  return packRows<f64, f32>(rows, count, depth, panels, inverses, guards, factors, zeroNonFinite);
}

export function packF64F64(rows: usize, count: i32, depth: i32, panels: usize, inverses: usize, guards: usize, factors: usize, zeroNonFinite: bool): i32 {
  return packRows<f64, f64>(rows, count, depth, panels, inverses, guards, factors, zeroNonFinite);
}

/**
 * One finished tile: rows x cols scores at `out`, row-major without gaps, and unless `mirrored` is 0 the cols x rows
 * transpose there. `triangle`: b is a and `mirrored` is `out`. `sums` is scratch, `sumStride` bytes to a row.
 */
export function tileF32(
  a: usize, b: usize, aInverses: usize, bInverses: usize, aGuards: usize, bGuards: usize, rows: i32, cols: i32, depth: i32, triangle: bool,
  sums: usize, sumStride: usize, out: usize, mirrored: usize,
): void {
  tile<f32>(a, b, aInverses, bInverses, aGuards, bGuards, rows, cols, depth, triangle, sums, sumStride, out, mirrored);
}

export function tileF64(
  a: usize, b: usize, aInverses: usize, bInverses: usize, aGuards: usize, bGuards: usize, rows: i32, cols: i32, depth: i32, triangle: bool,
  sums: usize, sumStride: usize, out: usize, mirrored: usize,
): void {
  tile<f64>(a, b, aInverses, bInverses, aGuards, bGuards, rows, cols, depth, triangle, sums, sumStride, out, mirrored);
}

// @ts-ignore: decorator
@inline function tile<T>(
  a: usize, b: usize, aInverses: usize, bInverses: usize, aGuards: usize, bGuards: usize, rows: i32, cols: i32, depth: i32, triangle: bool,
  sums: usize, sumStride: usize, out: usize, mirrored: usize,
): void {
  gramTile<T>(a, b, sums, sumStride, rows, cols, depth, triangle);
  const outStride = (cols as usize) * sizeof<T>(), mirroredStride = (rows as usize) * sizeof<T>();
  writeScores<T>(sums, sumStride, aInverses, bInverses, aGuards, bGuards, rows, cols, triangle, out, outStride, mirrored, mirroredStride);
}
