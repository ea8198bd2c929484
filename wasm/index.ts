// The interface of the WASM backend: each kernel for each element type. search.ts has those that only calls without a matrix need. All
// addresses are in bytes in the imported memory, and multiples of 16. No function allocates, traps on valid arguments, or keeps state
// between calls.

import { writeScores } from './dense';
import { gramTile } from './gram';
export { gramColumnF32, gramColumnF64 } from './gram';
import { packRows } from './pack';
export { computeSmall } from './small';
import { indexRows, sumSparse } from './sparse';
import { DEPTH_BLOCK as BLOCK, V } from './vector';

// These must agree with src/backends/wasm/constants.ts.
/** Bytes of one depth step of a panel: the panel's rows times the element's size. */
export const PANEL_STEP_BYTES: i32 = V * 16;
export const DEPTH_BLOCK: i32 = BLOCK;

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
 * Computes rows x cols sums at `sums`, `stride` bytes per row. `triangle`: b is a, and only sums on and below the diagonal are
 * computed.
 */
export function gramF32(a: usize, b: usize, sums: usize, stride: usize, rows: i32, cols: i32, depth: i32, triangle: bool): void {
  gramTile<f32>(a, b, sums, stride, rows, cols, depth, triangle);
}

export function gramF64(a: usize, b: usize, sums: usize, stride: usize, rows: i32, cols: i32, depth: i32, triangle: bool): void {
  gramTile<f64>(a, b, sums, stride, rows, cols, depth, triangle);
}

/**
 * Writes rows x cols scores to `out`, row-major without gaps, and, unless `mirrored` is 0, the cols x rows transpose there.
 * `triangle`: `mirrored` is `out`.
 */
export function scoresF32(
  sums: usize, sumStride: usize, rowInverses: usize, colInverses: usize, rowGuards: usize, colGuards: usize, rows: i32, cols: i32, triangle: bool,
  out: usize, mirrored: usize,
): void {
  writeScores<f32>(sums, sumStride, rowInverses, colInverses, rowGuards, colGuards, rows, cols, triangle, out, (cols as usize) * 4, mirrored, (rows as usize) * 4);
}

export function scoresF64(
  sums: usize, sumStride: usize, rowInverses: usize, colInverses: usize, rowGuards: usize, colGuards: usize, rows: i32, cols: i32, triangle: bool,
  out: usize, mirrored: usize,
): void {
  writeScores<f64>(sums, sumStride, rowInverses, colInverses, rowGuards, colGuards, rows, cols, triangle, out, (cols as usize) * 8, mirrored, (rows as usize) * 8);
}

/** See indexRows. */
export function indexF32(starts: usize, columns: usize, values: usize, count: i32, slots: usize, entries: usize, postings: usize): u32 {
  return indexRows<f32>(starts, columns, values, count, slots, entries, postings);
}

/** See sumSparse. */
export function sparseF32(
  starts: usize, columns: usize, values: usize, rows: i32, slots: usize, entries: usize, last: u32, postings: usize,
  accumulators: usize, sums: usize, stride: usize, cols: i32, triangle: bool,
): void {
  sumSparse<f32>(starts, columns, values, rows, slots, entries, last, postings, accumulators, sums, stride, cols, triangle);
}

/** See indexRows. */
export function indexF64(starts: usize, columns: usize, values: usize, count: i32, slots: usize, entries: usize, postings: usize): u32 {
  return indexRows<f64>(starts, columns, values, count, slots, entries, postings);
}

/** See sumSparse. */
export function sparseF64(
  starts: usize, columns: usize, values: usize, rows: i32, slots: usize, entries: usize, last: u32, postings: usize,
  accumulators: usize, sums: usize, stride: usize, cols: i32, triangle: bool,
): void {
  sumSparse<f64>(starts, columns, values, rows, slots, entries, last, postings, accumulators, sums, stride, cols, triangle);
}
