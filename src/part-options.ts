// Options that only the command line and the cluster use. The calls accept them, but their public types omit them.

/**
 * A part of the work of `topK`, `pairs`, `streamPairs` or `streamMatrix`: rows [rowStart, rowEnd) of x against the rows from colStart. In a
 * self-comparison, each pair of rows belongs to one part, that of the lower row.
 *
 * For a part of a self-comparison, `topK` returns the lists of all rows in the part, because each of its scores counts for both of its
 * rows. If a part has fewer than k scores for a row, index 4294967295 with score -2 fills the end of the list.
 */
export interface PartOptions {
  /** The first row of x. Default: 0. */
  readonly rowStart?: number | undefined;
  /** The row of x after the last. Default: all rows. */
  readonly rowEnd?: number | undefined;
  /** The first row to compare with. In a self-comparison, it is at most rowStart (the default: all pairs), or at least rowEnd. */
  readonly colStart?: number | undefined;
}

/** A part of the work of `streamMatrix`, without blocks that have already been saved. */
export interface BlockPartOptions extends PartOptions {
  /** Returns whether to skip the block of this number. */
  readonly skip?: ((index: number) => boolean) | undefined;
}
