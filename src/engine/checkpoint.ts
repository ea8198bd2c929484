// When a call saves its state, and how another call resumes from it.

import { ArgumentError } from '../errors.js';
import { isShared } from '../rows/dtype.js';
import type { Checkpoint, SavedArrays } from '../saved-state.js';

/** Default interval between saves. */
const INTERVAL_MS = 2000;
/** Largest fraction of the time that saving may take. */
const TIME_FRACTION = 1 / 20;

/** Typical multiply-adds per millisecond on two cores. */
const WORK_PER_MS = 5e7;
/** Work of a window, which an interrupted call loses: long enough to make synchronising threads between windows negligible. */
const WINDOW_MS = 250;

/** The results of a call so far, which change while a window of rows is computed. */
export interface Resumable {
  /** Returns the results of all complete windows. */
  arrays(): SavedArrays;
  /** Called after each complete window, for `revert` to keep a copy. */
  mark?(): void;
  /** Removes the results of the incomplete window whose first row is `row`. */
  revert?(row: number): void;
}

/** Decides when to save. */
export class CheckpointClock {
  #last = performance.now();
  #interval: number;
  /** The first row that is not computed yet, now and at the last save. */
  #row: number;
  #savedRow: number;

  constructor(
    private readonly checkpoint: Checkpoint,
    private readonly found: Resumable,
    rowStart: number,
  ) {
    this.#interval = checkpoint.interval ?? INTERVAL_MS;
    this.#row = rowStart;
    this.#savedRow = rowStart;
    found.mark?.();
  }

  /** Multiply-adds per window. */
  get work(): number {
    return WORK_PER_MS * Math.min(WINDOW_MS, this.checkpoint.interval ?? INTERVAL_MS);
  }

  /** Called when all rows before `row` are computed; saves if it is time. */
  async tick(row: number): Promise<void> {
    this.#row = row;
    this.found.mark?.();
    const started = performance.now();
    if (started - this.#last < this.#interval) return;
    await this.#save();
    this.#last = performance.now();
    if (this.#interval > 0)
      this.#interval = Math.max(this.checkpoint.interval ?? INTERVAL_MS, (this.#last - started) / TIME_FRACTION);
  }

  /** Called when the call is aborted within a window; saves the windows before it. */
  async saveLast(): Promise<void> {
    if (this.#row === this.#savedRow) return;
    this.found.revert?.(this.#row);
    await this.#save();
  }

  async #save(): Promise<void> {
    await this.checkpoint.save({ row: this.#row, arrays: undetachable(this.found.arrays()) });
    this.#savedRow = this.#row;
  }
}

/** Returns arrays that `save` cannot take away from the call: shared ones cannot be detached, and others are copied. */
function undetachable(arrays: SavedArrays): SavedArrays {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => [name, isShared(array.buffer) ? array : array.slice()]),
  );
}

/** Returns the saved array `name`. It must have the length and type that this call would have saved. */
export function restore<T extends SavedArrays[string]>(saved: SavedArrays, name: string, into: T): T {
  const array = saved[name];
  if (!array || array.length !== into.length || array.constructor !== into.constructor) {
    throw new ArgumentError(
      'checkpoint',
      `expected ${into.length} elements of ${into.constructor.name} as \`checkpoint.saved.arrays.${name}\`, ` +
        `got ${array ? `${array.length} of ${array.constructor.name}` : 'none'}; resume with a state saved by a call with the same input`,
    );
  }
  (into as { set(from: unknown): void }).set(array);
  return into;
}
