// The progress of a call, in a form from which another process can continue. Types only.

/** Arrays by name from which a call can continue; they differ for `topK`, `groups` and `histogram`. */
export type SavedArrays = Readonly<Record<string, Uint32Array | Float32Array | Float64Array | BigInt64Array>>;

/** Everything found in the rows of x before `row`. */
export interface SavedState {
  readonly row: number;
  /** Read once, when a call continues; the call may then own them. */
  readonly arrays: SavedArrays;
}

/** Lets a call save its progress, and continue from saved progress. */
export interface Checkpoint {
  /** The last argument of `save` in an earlier call with the same input and options, or undefined to start from the beginning. */
  readonly saved?: SavedState | undefined;
  /**
   * Called every `interval`, and again when the call is aborted; the call waits for it. Arrays in a SharedArrayBuffer change afterwards, so
   * write them to disk or copy them. A continued call recomputes what followed the last `save`.
   */
  readonly save: (state: SavedState) => Promise<void> | void;
  /** Minimum number of milliseconds between two saves. Default: 2000. */
  readonly interval?: number | undefined;
}
