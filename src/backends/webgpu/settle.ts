// Whether a pair truly reaches a threshold: by its score where that is far enough away, else by the digits of its rows, on the processor.

import { areEqual, type PackedRow, reachesExactly } from '../../rows/exact-cosine.js';
import { DEPTH_BLOCK } from './shaders.js';

/**
 * The largest difference of a score from the true cosine; twice as much where a guard made 1 or -1 of it. One rounding for each product of
 * the longest block and one more where a driver does not fuse them, one for each block, and those of both rows. docs/how-it-works.md derives it.
 */
export function scoreError(depth: number): number {
  return 1.01 * 2 ** -24 * (Math.min(depth, DEPTH_BLOCK) + Math.ceil(depth / DEPTH_BLOCK) + 8);
}

/** The lowest score of a pair whose true cosine may reach a threshold. */
export function lowestScore(threshold: number, depth: number): number {
  const error = scoreError(depth);
  if (threshold - 2 * error <= -1) return -1;
  const lowest = Math.fround(threshold - error);
  return lowest > threshold - error ? lowest - 2 ** -23 : lowest;
}

/** Rows of `depth` elements, one after another: their digits, times a power of two. */
export function reachesThreshold(
  x: Float32Array,
  row: number,
  y: Float32Array,
  col: number,
  depth: number,
  score: number,
  threshold: number,
): boolean {
  const error = 2 * scoreError(depth);
  if (score >= threshold + error) return true;
  if (score < threshold - error) return false;
  const a: PackedRow = { values: x, at: row * depth, stride: 1 };
  const b: PackedRow = { values: y, at: col * depth, stride: 1 };
  if (areEqual(a, b, depth)) return true;
  const cosine = cosineOf(a, b, depth);
  // Sums of exact products in float64: one rounding each in the three of them, and some for the quotient.
  if (Math.abs(cosine - threshold) > (3 * depth + 16) * 2 ** -53) return cosine > threshold;
  return reachesExactly(a, b, depth, threshold);
}

function cosineOf(a: PackedRow, b: PackedRow, depth: number): number {
  let [dot, aSquare, bSquare] = [0, 0, 0];
  for (let k = 0; k < depth; k++) {
    const ofA = a.values[a.at + k] as number;
    const ofB = b.values[b.at + k] as number;
    dot += ofA * ofB;
    aSquare += ofA * ofA;
    bSquare += ofB * ofB;
  }
  return aSquare === 0 || bSquare === 0 ? 0 : dot / Math.sqrt(aSquare * bSquare);
}
