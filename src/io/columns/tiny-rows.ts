// Rows of text are read as float32. If all numbers of a row are smaller than its smallest normal number, digits would be lost, perhaps all
// of them: the row would silently become a zero row.

/** From here on, float32 has full precision. */
export const MIN_NORMAL: number = 2 ** -126;

/** The message for such a row. */
export const TINY_ROW: string =
  'every number is closer to zero than 1.2e-38, where float32 loses digits; scale the rows up, which changes no cosine';

/** True if float32 loses digits of `value` because it is so close to zero. */
export function isTinyNumber(value: number): boolean {
  return Math.abs(value) < MIN_NORMAL && Math.fround(value) !== value;
}

/** True if float32 would lose digits of all `values`; false if all are zero. */
export function isTinyRow(values: ArrayLike<number>): boolean {
  let isTiny = false;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!(Math.abs(value) < MIN_NORMAL)) return false;
    isTiny ||= isTinyNumber(value);
  }
  return isTiny;
}
