// Turns a sum into a score.
//
// A score is the sum times the product of the two inverse norms, which does not depend on which row comes first. A score that
// reaches the guard of either row becomes exactly 1 (or -1). By the Cauchy-Schwarz inequality, only rows that are parallel up
// to rounding reach it; equal rows always do, and the same comparison catches everything that rounding pushed past 1.

/** Returns the scores of one row with a vector of columns. */
// @ts-ignore: decorator
@inline export function scoreVector<T>(sums: v128, rowInverse: usize, colInverses: v128, rowGuard: usize, colGuards: v128): v128 {
  const scores = v128.mul<T>(sums, v128.mul<T>(v128.load_splat<T>(rowInverse), colInverses));
  const guard = v128.pmin<T>(v128.load_splat<T>(rowGuard), colGuards);
  const reached = v128.ge<T>(v128.abs<T>(scores), guard);
  const sign = v128.splat<T>((-0.0) as T);
  const unit = v128.or(v128.and(scores, sign), v128.splat<T>(1 as T));
  return v128.bitselect(unit, scores, reached);
}

/** Returns the score of one row and one column. */
// @ts-ignore: decorator
@inline export function scoreOne<T>(sum: T, rowInverse: T, colInverse: T, rowGuard: T, colGuard: T): T {
  const score = sum * (rowInverse * colInverse);
  return abs<T>(score) >= min<T>(rowGuard, colGuard) ? copysign<T>(1 as T, score) : score;
}
