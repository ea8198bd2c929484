// The quick test that dismisses almost every score of a tile: it compares one panel's width of sums with the limits of their
// row and their columns.
//
// Sums are compared before guards make some of them exact, and rounding may leave them below -1. The limit is therefore the
// lower of a bound and the row's guard, and lower than anything if the bound is -1. A sum that does not reach its limit cannot
// reach the bound.

import { lanes, panelRows } from './vector';

/** Lower than every score. */
export const NO_SCORE: f64 = -2;

/** Returns the limit of a row or column with this bound and guard. */
// @ts-ignore: decorator
@inline export function limitOf<T>(bound: T, guard: T): T {
  return bound <= (-1 as T) ? (NO_SCORE as T) : min<T>(bound, guard);
}

/** Returns whether any of a panel's width of sums at `sums` may be a score that reaches the bound of its row or column. */
// @ts-ignore: decorator
@inline export function mayReach<T>(sums: usize, rowInverse: v128, colInverses: usize, rowLimit: v128, colLimits: usize): bool {
  let reached = reachedBy<T>(sums, rowInverse, colInverses, rowLimit, colLimits);
  reached = v128.or(reached, reachedBy<T>(sums + 16, rowInverse, colInverses + 16, rowLimit, colLimits + 16));
  reached = v128.or(reached, reachedBy<T>(sums + 32, rowInverse, colInverses + 32, rowLimit, colLimits + 32));
  return v128.any_true(reached);
}

// @ts-ignore: decorator
@inline function reachedBy<T>(sums: usize, rowInverse: v128, colInverses: usize, rowLimit: v128, colLimits: usize): v128 {
  const scores = v128.mul<T>(v128.load(sums), v128.mul<T>(rowInverse, v128.load(colInverses)));
  return v128.ge<T>(scores, v128.pmin<T>(rowLimit, v128.load(colLimits)));
}

/** Returns which of these sums may reach a bound: bit c for the c-th. */
// @ts-ignore: decorator
@inline export function whichReach<T>(sums: usize, rowInverse: v128, colInverses: usize, rowLimit: v128, colLimits: usize): i32 {
  let which = laneBits<T>(reachedBy<T>(sums, rowInverse, colInverses, rowLimit, colLimits));
  which |= laneBits<T>(reachedBy<T>(sums + 16, rowInverse, colInverses + 16, rowLimit, colLimits + 16)) << lanes<T>();
  which |= laneBits<T>(reachedBy<T>(sums + 32, rowInverse, colInverses + 32, rowLimit, colLimits + 32)) << (2 * lanes<T>());
  return which;
}

// @ts-ignore: decorator
@inline function laneBits<T>(mask: v128): i32 {
  return sizeof<T>() == 4 ? v128.bitmask<i32>(mask) : v128.bitmask<i64>(mask);
}

/** Sets the limits of the padding in the last panel of `count` rows, so that nothing reaches them. */
// @ts-ignore: decorator
@inline export function padLimits<T>(limits: usize, count: i32): void {
  for (let i = count; i % panelRows<T>() != 0; i++) store<T>(limits + (i as usize) * sizeof<T>(), Infinity as T);
}
