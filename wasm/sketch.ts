// Pruning by sketches. A sketch of a row contains its coordinates in a few orthonormal directions and, last, the length of the
// remainder, rounded up. By the Cauchy-Schwarz inequality, the product of two sketches is at least the score of the two rows.
// docs/how-it-works.md derives the bound and its errors.
//
// The product of the sketches is a bound for each pair of a tile. A block of the micro-kernel in which no bound reaches the
// threshold is skipped; the others are computed by the same kernel. Scores therefore have the same bits, whatever is skipped
// around them.

import { gramColumnF32, gramColumnF64, gramTile } from './gram';
import { DEPTH_BLOCK, MR, V, panelRows } from './vector';

/**
 * Writes the sketches of whole panels of rows, in panels of `directionCount` + 1, from packed directions. Squares of lengths
 * are rounded up by `squareSlack`. The sketch of a zero row is zero. `products` is scratch memory for whole panels of
 * directions times a panel's width.
 */
export function sketchRows<T>(
  panels: usize, count: i32, depth: i32, inverses: usize, directions: usize, directionCount: i32, squareSlack: T, products: usize,
  sketches: usize,
): void {
  const width = panelRows<T>();
  const stepBytes = (V * 16) as usize;
  for (let row = 0; row < count; row += width) {
    gramTile<T>(directions, panels, products, stepBytes, directionCount, width, depth, false);
    for (let v: usize = 0; v < stepBytes; v += 16) {
      sketchVector<T>(products + v, v128.load(inverses + v), directionCount, squareSlack, sketches + v);
    }
    panels += (depth as usize) * stepBytes;
    inverses += stepBytes;
    sketches += ((directionCount + 1) as usize) * stepBytes;
  }
}

/** Writes the sketches of one vector's width of rows. */
// @ts-ignore: decorator
@inline function sketchVector<T>(products: usize, inverses: v128, count: i32, squareSlack: T, sketch: usize): void {
  const zero = v128.splat<T>(0 as T);
  let squares = zero;
  for (let j = 0; j < count; j++, products += V * 16, sketch += V * 16) {
    const coordinates = v128.mul<T>(v128.load(products), inverses);
    v128.store(sketch, coordinates);
    squares = v128.add<T>(squares, v128.mul<T>(coordinates, coordinates));
  }
  const rest = v128.max<T>(v128.sub<T>(v128.splat<T>(1 as T), squares), zero);
  const length = v128.sqrt<T>(v128.add<T>(rest, v128.splat<T>(squareSlack)));
  v128.store(sketch, v128.andnot(length, v128.eq<T>(inverses, zero)));
}

/**
 * Turns bounds, the products of a tile's sketches at `sums`, into sums in every block in which a bound is >= `lowest` or,
 * unless `rowLimits` is 0, reaches the limit of its row or column (lists of T, up to whole blocks). All other sums become
 * -Infinity, which reaches no limit. Returns the number of computed sums. `blocks` is scratch memory for one u32 per block; the
 * other parameters are those of `gramTile`.
 */
export function sumSurvivors<T>(
  a: usize, b: usize, sums: usize, stride: usize, rows: i32, cols: i32, depth: i32, triangle: bool, lowest: T,
  rowLimits: usize, colLimits: usize, blocks: usize,
): i32 {
  const width = panelRows<T>();
  const stepBytes = (V * 16) as usize;
  const panelBytes = (depth as usize) * stepBytes;
  let end = blocks;
  for (let row = 0; row < rows; row += MR) {
    const colEnd = triangle ? row + MR : cols;
    const bounds = sums + (row as usize) * stride;
    end = rowLimits == 0
      ? findBlocks<T>(bounds, stride, row, colEnd, lowest, end)
      : findBlocksOfLists<T>(bounds, stride, row, colEnd, rowLimits + (row as usize) * sizeof<T>(), colLimits, end);
  }
  let k = 0;
  do {
    const block = min(DEPTH_BLOCK, depth - k);
    const offset = (k as usize) * stepBytes;
    for (let at = blocks; at < end; at += 4) {
      const row = load<u16>(at) as i32, col = load<u16>(at, 2) as i32;
      const ap = a + offset + ((row / width) as usize) * panelBytes + ((row % width) as usize) * sizeof<T>();
      const bp = b + offset + ((col / width) as usize) * panelBytes;
      const out = sums + (row as usize) * stride + (col as usize) * sizeof<T>();
      if (sizeof<T>() == 4) gramColumnF32(ap, bp, out, stride, MR, panelBytes, block, k > 0);
      else gramColumnF64(ap, bp, out, stride, MR, panelBytes, block, k > 0);
    }
    k += DEPTH_BLOCK;
  } while (k < depth);
  return (((end - blocks) >> 2) as i32) * MR * width;
}

/**
 * Adds the blocks of MR rows in which a bound is >= `lowest` to a list, and excludes the others. Returns the new end of the
 * list.
 */
function findBlocks<T>(bounds: usize, stride: usize, row: i32, colEnd: i32, lowest: T, end: usize): usize {
  const limit = v128.splat<T>(lowest), excluded = v128.splat<T>(-Infinity as T);
  for (let col = 0; col < colEnd; col += panelRows<T>(), bounds += V * 16) {
    const second = bounds + stride, third = second + stride;
    const highest = v128.pmax<T>(highestIn<T>(bounds), v128.pmax<T>(highestIn<T>(second), highestIn<T>(third)));
    if (v128.any_true(v128.ge<T>(highest, limit))) {
      end = addBlock(row, col, end);
    } else {
      fill(bounds, excluded);
      fill(second, excluded);
      fill(third, excluded);
    }
  }
  return end;
}

/** The same if each row and each column has a limit, of which the lower counts. */
function findBlocksOfLists<T>(bounds: usize, stride: usize, row: i32, colEnd: i32, rowLimits: usize, colLimits: usize, end: usize): usize {
  const excluded = v128.splat<T>(-Infinity as T);
  const first = v128.load_splat<T>(rowLimits);
  const second = v128.load_splat<T>(rowLimits + sizeof<T>()), third = v128.load_splat<T>(rowLimits + 2 * sizeof<T>());
  for (let col = 0; col < colEnd; col += panelRows<T>(), bounds += V * 16, colLimits += V * 16) {
    let reached = reachedBy<T>(bounds, first, colLimits);
    reached = v128.or(reached, reachedBy<T>(bounds + stride, second, colLimits));
    reached = v128.or(reached, reachedBy<T>(bounds + 2 * stride, third, colLimits));
    if (v128.any_true(reached)) {
      end = addBlock(row, col, end);
    } else {
      fill(bounds, excluded);
      fill(bounds + stride, excluded);
      fill(bounds + 2 * stride, excluded);
    }
  }
  return end;
}

/** Returns the lanes in which one of a panel's width of bounds reaches its row's or its column's limit. */
// @ts-ignore: decorator
@inline function reachedBy<T>(bounds: usize, rowLimit: v128, colLimits: usize): v128 {
  let reached = v128.ge<T>(v128.load(bounds), v128.pmin<T>(rowLimit, v128.load(colLimits)));
  reached = v128.or(reached, v128.ge<T>(v128.load(bounds, 16), v128.pmin<T>(rowLimit, v128.load(colLimits, 16))));
  return v128.or(reached, v128.ge<T>(v128.load(bounds, 32), v128.pmin<T>(rowLimit, v128.load(colLimits, 32))));
}

// @ts-ignore: decorator
@inline function addBlock(row: i32, col: i32, end: usize): usize {
  store<u16>(end, row as u16);
  store<u16>(end, col as u16, 2);
  return end + 4;
}

/** Returns the highest bound of each lane in a panel's width. */
// @ts-ignore: decorator
@inline function highestIn<T>(bounds: usize): v128 {
  return v128.pmax<T>(v128.load(bounds), v128.pmax<T>(v128.load(bounds, 16), v128.load(bounds, 32)));
}

// @ts-ignore: decorator
@inline function fill(sums: usize, value: v128): void {
  v128.store(sums, value);
  v128.store(sums, value, 16);
  v128.store(sums, value, 32);
}
