// The top-k epilogue: finds the best scores of each row and of each column in a tile of sums, as far as they can still matter.
//
// Each row and each column has a bound, below which a score is useless to it, and a list of at most `capacity` scores, kept as
// a binary heap with the worst score at the root. A full list raises the bound to its worst score. Equal scores rank by lower
// index; columns and rows arrive in ascending order, so a full list never takes an equal score.

import { counts } from './counts';
import { limitOf, mayReach, padLimits, whichReach } from './reach';
import { scoreOne } from './score';
import { panelRows } from './vector';

/** Lists of rows, or of columns: i32 counts and indices, and T for the rest. */
@unmanaged
class Lists {
  bounds!: usize;
  limits!: usize;
  counts!: usize;
  indices!: usize;
  scores!: usize;
}

/**
 * Fills the lists of every row (with column indices) and every column (with row indices) of a tile with the scores that reach
 * their bounds and whose pairs count; in a triangle, only with scores below the diagonal. `lists` is the address of two
 * `Lists`. Bounds are changed; limits are scratch memory, up to whole panels of columns.
 */
export function findBest<T>(
  sums: usize, sumStride: usize, rowInverses: usize, colInverses: usize, rowGuards: usize, colGuards: usize,
  rows: i32, cols: i32, triangle: bool, rowGroups: usize, colGroups: usize, within: bool, lists: usize, capacity: i32,
): void {
  const size = sizeof<T>();
  const width = panelRows<T>();
  const ofRows = changetype<Lists>(lists), ofCols = changetype<Lists>(lists + offsetof<Lists>());
  begin<T>(ofRows, rowGuards, rows);
  begin<T>(ofCols, colGuards, cols);
  const colLimits = ofCols.limits;
  for (let row = 0; row < rows; row++, sums += sumStride) {
    const down = (row as usize) * size;
    const inverse = load<T>(rowInverses + down), guard = load<T>(rowGuards + down);
    const inverses = v128.splat<T>(inverse);
    let limit = v128.load_splat<T>(ofRows.limits + down);
    const colEnd = triangle ? row : cols;
    for (let col = 0; col < colEnd; col += width) {
      const at = (col as usize) * size;
      if (!mayReach<T>(sums + at, inverses, colInverses + at, limit, colLimits + at)) continue;
      let which = whichReach<T>(sums + at, inverses, colInverses + at, limit, colLimits + at);
      for (; which != 0; which &= which - 1) {
        const c = col + ctz(which);
        if (c >= colEnd) break;
        if (!counts(rowGroups, colGroups, within, row, c)) continue;
        const shift = (c as usize) * size;
        const colGuard = load<T>(colGuards + shift);
        const score = scoreOne<T>(load<T>(sums + shift), inverse, load<T>(colInverses + shift), guard, colGuard);
        if (score >= load<T>(ofRows.bounds + down)) offer<T>(ofRows, row, capacity, guard, score, c);
        if (score >= load<T>(ofCols.bounds + shift)) offer<T>(ofCols, c, capacity, colGuard, score, row);
      }
      limit = v128.load_splat<T>(ofRows.limits + down);
    }
  }
}

/** Empties `count` lists and sets their limits. */
function begin<T>(lists: Lists, guards: usize, count: i32): void {
  memory.fill(lists.counts, 0, (count as usize) * 4);
  for (let owner = 0; owner < count; owner++) limitTo<T>(lists, owner, load<T>(guards + (owner as usize) * sizeof<T>()));
  padLimits<T>(lists.limits, count);
}

/** Sets the limit of list `owner` by its bound. */
// @ts-ignore: decorator
@inline function limitTo<T>(lists: Lists, owner: i32, guard: T): void {
  const at = (owner as usize) * sizeof<T>();
  store<T>(lists.limits + at, limitOf<T>(load<T>(lists.bounds + at), guard));
}

/** Offers a score that reaches the bound to list `owner`. */
function offer<T>(lists: Lists, owner: i32, capacity: i32, guard: T, score: T, index: i32): void {
  const from = (owner as usize) * (capacity as usize);
  const scores = lists.scores + from * sizeof<T>(), indices = lists.indices + from * 4;
  const counter = lists.counts + (owner as usize) * 4;
  const count = load<i32>(counter);
  if (count < capacity) {
    store<i32>(counter, count + 1);
    siftUp<T>(scores, indices, count, score, index);
    if (count + 1 < capacity) return;
  } else {
    if (score <= load<T>(scores)) return;
    siftDown<T>(scores, indices, capacity, score, index);
  }
  store<T>(lists.bounds + (owner as usize) * sizeof<T>(), load<T>(scores));
  limitTo<T>(lists, owner, guard);
}

/** Returns whether the entry at `at` ranks below `score`, `index`. */
// @ts-ignore: decorator
@inline function isWorse<T>(scores: usize, indices: usize, at: i32, score: T, index: i32): bool {
  const other = load<T>(scores + (at as usize) * sizeof<T>());
  return other < score || (other == score && load<i32>(indices + (at as usize) * 4) > index);
}

// @ts-ignore: decorator
@inline function put<T>(scores: usize, indices: usize, at: i32, score: T, index: i32): void {
  store<T>(scores + (at as usize) * sizeof<T>(), score);
  store<i32>(indices + (at as usize) * 4, index);
}

// @ts-ignore: decorator
@inline function move<T>(scores: usize, indices: usize, from: i32, to: i32): void {
  put<T>(scores, indices, to, load<T>(scores + (from as usize) * sizeof<T>()), load<i32>(indices + (from as usize) * 4));
}

/** Adds an entry at the free position `at`. */
function siftUp<T>(scores: usize, indices: usize, at: i32, score: T, index: i32): void {
  while (at > 0) {
    const parent = (at - 1) >> 1;
    // A parent ranks below its children, so stop as soon as it does.
    if (isWorse<T>(scores, indices, parent, score, index)) break;
    move<T>(scores, indices, parent, at);
    at = parent;
  }
  put<T>(scores, indices, at, score, index);
}

/** Replaces the root. */
function siftDown<T>(scores: usize, indices: usize, count: i32, score: T, index: i32): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= count) break;
    const other = child + 1;
    if (other < count) {
      const otherScore = load<T>(scores + (other as usize) * sizeof<T>());
      const otherIndex = load<i32>(indices + (other as usize) * 4);
      if (!isWorse<T>(scores, indices, child, otherScore, otherIndex)) child = other;
    }
    if (!isWorse<T>(scores, indices, child, score, index)) break;
    move<T>(scores, indices, child, at);
    at = child;
  }
  put<T>(scores, indices, at, score, index);
}
