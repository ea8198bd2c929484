// Options of the calls that only the command line and the cluster use. The calls accept them, but their public types leave them out.

/**
 * A part of the work of `topK`, `pairs`, `streamPairs` or `streamMatrix`: rows [rowStart, rowEnd) of x against the rows from colStart on. In a
 * self-comparison each pair of rows belongs to one part, that of the lower row.
 *
 * Of a part of a self-comparison `topK` returns the lists of all rows that the part touches: each of its scores counts for both of its rows.
 * Where a part has no k scores for a row, index 4294967295 with score -2 fills the end of the list.
 */
export interface PartOptions {
  /** The first row of x. Default: 0. */
  readonly rowStart?: number | undefined;
  /** The row of x after the last. Default: all rows. */
  readonly rowEnd?: number | undefined;
  /** The first row to compare with: in a self-comparison up to rowStart (the default: all pairs), or from rowEnd on. */
  readonly colStart?: number | undefined;
}

/** A part of the work of `streamMatrix`, without blocks that are saved already. */
export interface BlockPartOptions extends PartOptions {
  /** Whether to leave out the block of this number. */
  readonly skip?: ((index: number) => boolean) | undefined;
}
