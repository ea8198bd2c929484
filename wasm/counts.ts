// Decides which pairs count, by the groups of their rows.

/** The group of a row that belongs to no pair. */
export const NO_GROUP: u32 = 0xffffffff;

/**
 * Returns whether a row and a column of a tile count as a pair. Their u32 groups are at `rowGroups` and `colGroups`, or 0 if
 * every pair counts. With `within`, pairs in the same group count, otherwise pairs in different groups.
 */
// @ts-ignore: decorator
@inline export function counts(rowGroups: usize, colGroups: usize, within: bool, row: i32, col: i32): bool {
  if (rowGroups == 0) return true;
  const ofRow = load<u32>(rowGroups + ((row as usize) << 2)), ofCol = load<u32>(colGroups + ((col as usize) << 2));
  return (ofRow == ofCol) == within && ofRow != NO_GROUP && ofCol != NO_GROUP;
}
