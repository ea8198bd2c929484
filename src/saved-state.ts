// How far a call is, in a form from which another process can go on. Types only.

/** Arrays by name that a call can go on from: those of `topK`, `groups` and `histogram`, each its own. */
export type SavedArrays = Readonly<Record<string, Uint32Array | Float32Array | Float64Array | BigInt64Array>>;

/** All that was found in the rows of x before `row`. */
export interface SavedState {
  readonly row: number;
  /** Asked for once, when a call continues: they may be given away then. */
  readonly arrays: SavedArrays;
}

/** Lets a call save how far it is, and go on from there. */
export interface Checkpoint {
  /** What `save` was last given in an earlier call with the same input and options, or undefined to begin. */
  readonly saved?: SavedState | undefined;
  /**
   * Called every `interval`, and once more when the call is aborted; the call waits for it. Arrays over a SharedArrayBuffer change
   * afterwards: write them to disk or copy them. A continued call computes again what followed the last `save`.
   */
  readonly save: (state: SavedState) => Promise<void> | void;
  /** Minimum number of milliseconds between two saves. Default: 2000. */
  readonly interval?: number | undefined;
}
