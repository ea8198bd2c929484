// Which pairs count, by the groups of their rows.

/** The group of a row that is in no pair. */
export const NO_GROUP: u32 = 0xffffffff;

/**
 * Whether a row and a column of a tile count as a pair, whose u32 groups are at `rowGroups` and `colGroups`, 0 where every pair counts: those of one group
 * where `within`, else those of two.
 */
// @ts-ignore: decorator
@inline export function counts(rowGroups: usize, colGroups: usize, within: bool, row: i32, col: i32): bool {
  if (rowGroups == 0) return true;
  const ofRow = load<u32>(rowGroups + ((row as usize) << 2)), ofCol = load<u32>(colGroups + ((col as usize) << 2));
  return (ofRow == ofCol) == within && ofRow != NO_GROUP && ofCol != NO_GROUP;
}
