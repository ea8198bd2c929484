// The interface of the WASM backend: each kernel for each element type. All addresses are in bytes in the imported memory, and
// multiples of 16. No function allocates, traps on valid arguments, or keeps state between calls.

import { findBest } from './best';
import { writeScores } from './dense';
import { gramTile } from './gram';
export { gramColumnF32, gramColumnF64 } from './gram';
import { countScores } from './histogram';
import { packRows } from './pack';
import { findPairs } from './pairs';
import { filterPairs } from './row-filter';
import { scoreError, settlePairs } from './settle';
export { computeSmall } from './small';
import { sketchRows, sumSurvivors } from './sketch';
import { indexRows, sumSparse } from './sparse';
import { DEPTH_BLOCK as BLOCK, V } from './vector';

// These must agree with src/backends/wasm/constants.ts and src/backends/constants.ts.
/** Bytes of one depth step of a panel: the panel's rows times the element's size. */
export const PANEL_STEP_BYTES: i32 = V * 16;
export const DEPTH_BLOCK: i32 = BLOCK;
export { FILTER_TABLE_BYTES } from './row-filter';
export { FACT_BYTES, OPEN_HIT, SETTLING_BYTES } from './settle';
export { SUM_ROUNDER } from './histogram';
export { NO_SCORE } from './reach';
export { NO_GROUP } from './counts';

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

/** See sketchRows. */
export function sketchF32(
  panels: usize, count: i32, depth: i32, inverses: usize, directions: usize, directionCount: i32, squareSlack: f32, products: usize, sketches: usize,
): void {
  sketchRows<f32>(panels, count, depth, inverses, directions, directionCount, squareSlack, products, sketches);
}

export function sketchF64(
  panels: usize, count: i32, depth: i32, inverses: usize, directions: usize, directionCount: i32, squareSlack: f64, products: usize, sketches: usize,
): void {
  sketchRows<f64>(panels, count, depth, inverses, directions, directionCount, squareSlack, products, sketches);
}

/** See sumSurvivors. */
export function survivorsF32(
  a: usize, b: usize, sums: usize, stride: usize, rows: i32, cols: i32, depth: i32, triangle: bool, lowest: f32,
  rowLimits: usize, colLimits: usize, blocks: usize,
): i32 {
  return sumSurvivors<f32>(a, b, sums, stride, rows, cols, depth, triangle, lowest, rowLimits, colLimits, blocks);
}

export function survivorsF64(
  a: usize, b: usize, sums: usize, stride: usize, rows: i32, cols: i32, depth: i32, triangle: bool, lowest: f64,
  rowLimits: usize, colLimits: usize, blocks: usize,
): i32 {
  return sumSurvivors<f64>(a, b, sums, stride, rows, cols, depth, triangle, lowest, rowLimits, colLimits, blocks);
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

/** See findPairs. */
export function pairsF32(
  sums: usize, sumStride: usize, rowInverses: usize, colInverses: usize, rowGuards: usize, colGuards: usize, rows: i32, cols: i32, triangle: bool,
  rowGroups: usize, colGroups: usize, within: bool, threshold: f32, limits: usize, hitRows: usize, hitCols: usize, hitScores: usize,
): i32 {
  return findPairs<f32>(sums, sumStride, rowInverses, colInverses, rowGuards, colGuards, rows, cols, triangle, rowGroups, colGroups, within, threshold, limits, hitRows, hitCols, hitScores);
}

export function pairsF64(
  sums: usize, sumStride: usize, rowInverses: usize, colInverses: usize, rowGuards: usize, colGuards: usize, rows: i32, cols: i32, triangle: bool,
  rowGroups: usize, colGroups: usize, within: bool, threshold: f64, limits: usize, hitRows: usize, hitCols: usize, hitScores: usize,
): i32 {
  return findPairs<f64>(sums, sumStride, rowInverses, colInverses, rowGuards, colGuards, rows, cols, triangle, rowGroups, colGroups, within, threshold, limits, hitRows, hitCols, hitScores);
}

/** See scoreError. */
export function scoreErrorF32(depth: i32): f64 {
  return scoreError<f32>(depth);
}

export function scoreErrorF64(depth: i32): f64 {
  return scoreError<f64>(depth);
}

/** See settlePairs. */
export function settleF32(
  sums: usize, sumStride: usize, rows: i32, cols: i32, a: usize, b: usize, depth: i32, threshold: f64,
  count: i32, hitRows: usize, hitCols: usize, hitScores: usize, rowFacts: usize, colFacts: usize, work: usize,
): i32 {
  return settlePairs<f32>(sums, sumStride, rows, cols, a, b, depth, threshold, count, hitRows, hitCols, hitScores, rowFacts, colFacts, work);
}

export function settleF64(
  sums: usize, sumStride: usize, rows: i32, cols: i32, a: usize, b: usize, depth: i32, threshold: f64,
  count: i32, hitRows: usize, hitCols: usize, hitScores: usize, rowFacts: usize, colFacts: usize, work: usize,
): i32 {
  return settlePairs<f64>(sums, sumStride, rows, cols, a, b, depth, threshold, count, hitRows, hitCols, hitScores, rowFacts, colFacts, work);
}

/** See findBest. */
export function bestF32(
  sums: usize, sumStride: usize, rowInverses: usize, colInverses: usize, rowGuards: usize, colGuards: usize, rows: i32, cols: i32, triangle: bool,
  rowGroups: usize, colGroups: usize, within: bool, lists: usize, capacity: i32,
): void {
  findBest<f32>(sums, sumStride, rowInverses, colInverses, rowGuards, colGuards, rows, cols, triangle, rowGroups, colGroups, within, lists, capacity);
}

export function bestF64(
  sums: usize, sumStride: usize, rowInverses: usize, colInverses: usize, rowGuards: usize, colGuards: usize, rows: i32, cols: i32, triangle: bool,
  rowGroups: usize, colGroups: usize, within: bool, lists: usize, capacity: i32,
): void {
  findBest<f64>(sums, sumStride, rowInverses, colInverses, rowGuards, colGuards, rows, cols, triangle, rowGroups, colGroups, within, lists, capacity);
}

/** See countScores. */
export function countF32(
  scores: usize, rows: i32, cols: i32, triangle: bool, edges: usize, bins: i32, table: usize, tableBytes: usize, totals: usize,
): void {
  countScores<f32>(scores, rows, cols, triangle, edges, bins, table, tableBytes, totals);
}

export function countF64(
  scores: usize, rows: i32, cols: i32, triangle: bool, edges: usize, bins: i32, table: usize, tableBytes: usize, totals: usize,
): void {
  countScores<f64>(scores, rows, cols, triangle, edges, bins, table, tableBytes, totals);
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

/** See filterPairs. */
export function filterF32(
  table: usize, sums: usize, stride: usize, rowInverses: usize, colInverses: usize, rowGuards: usize, colGuards: usize,
  rowGroups: usize, colGroups: usize, within: bool,
): i32 {
  return filterPairs<f32>(table, sums, stride, rowInverses, colInverses, rowGuards, colGuards, rowGroups, colGroups, within);
}

/** See filterPairs. */
export function filterF64(
  table: usize, sums: usize, stride: usize, rowInverses: usize, colInverses: usize, rowGuards: usize, colGuards: usize,
  rowGroups: usize, colGroups: usize, within: bool,
): i32 {
  return filterPairs<f64>(table, sums, stride, rowInverses, colInverses, rowGuards, colGuards, rowGroups, colGroups, within);
}
