// The kernels of calls that find pairs or count scores, a module of their own that such a call loads. The rules are those of index.ts, and
// both modules share a memory.

import { findBest } from './best';
export { gramColumnF32, gramColumnF64 } from './gram';
import { countScores } from './histogram';
import { findPairs } from './pairs';
import { filterPairs } from './row-filter';
import { scoreError, settlePairs } from './settle';
import { sketchRows, sumSurvivors } from './sketch';

// These must agree with src/backends/wasm/constants.ts and src/backends/constants.ts.
export { FILTER_TABLE_BYTES } from './row-filter';
export { FACT_BYTES, OPEN_HIT, SETTLING_BYTES } from './settle';
export { SUM_ROUNDER } from './histogram';
export { NO_SCORE } from './reach';
export { NO_GROUP } from './counts';

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
