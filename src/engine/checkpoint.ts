// When a call saves its state, and how another call continues from it.

import { ArgumentError } from '../errors.js';
import { isShared } from '../rows/dtype.js';
import type { Checkpoint, SavedArrays } from '../saved-state.js';

/** Without a word from the caller. */
const INTERVAL_MS = 2000;
/** Saving may take this part of the time. */
const TIME_FRACTION = 1 / 20;

/** Multiply-adds in a millisecond, of two cores or so. */
const WORK_PER_MS = 5e7;
/** A window's work, which an interrupted call loses: long enough that synchronising threads between windows costs nothing. */
const WINDOW_MS = 250;

/** The findings of a call, which change while a window of rows is computed. */
export interface Resumable {
  /** The findings of all complete windows. */
  arrays(): SavedArrays;
  /** Called after each complete window, if `revert` needs a copy. */
  mark?(): void;
  /** Removes the findings of the incomplete window whose first row is `row`. */
  revert?(row: number): void;
}

/** Decides when to save. */
export class CheckpointClock {
  private last = performance.now();
  private interval: number;
  /** The first row that is not computed, and the same of the last save. */
  private row: number;
  private savedRow: number;

  constructor(
    private readonly checkpoint: Checkpoint,
    private readonly found: Resumable,
    rowStart: number,
  ) {
    this.interval = checkpoint.interval ?? INTERVAL_MS;
    this.row = rowStart;
    this.savedRow = rowStart;
    found.mark?.();
  }

  /** Multiply-adds of a window. */
  get work(): number {
    return WORK_PER_MS * Math.min(WINDOW_MS, this.checkpoint.interval ?? INTERVAL_MS);
  }

  /** All rows before `row` are computed: saves, if it is time. */
  async tick(row: number): Promise<void> {
    this.row = row;
    this.found.mark?.();
    const started = performance.now();
    if (started - this.last < this.interval) return;
    await this.save();
    this.last = performance.now();
    if (this.interval > 0)
      this.interval = Math.max(this.checkpoint.interval ?? INTERVAL_MS, (this.last - started) / TIME_FRACTION);
  }

  /** The call was aborted within a window: saves the windows before it. */
  async saveLast(): Promise<void> {
    if (this.row === this.savedRow) return;
    this.found.revert?.(this.row);
    await this.save();
  }

  private async save(): Promise<void> {
    await this.checkpoint.save({ row: this.row, arrays: undetachable(this.found.arrays()) });
    this.savedRow = this.row;
  }
}

/** What `save` may do anything with: it is given copies of arrays that it could detach while the call still needs them. */
function undetachable(arrays: SavedArrays): SavedArrays {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => [name, isShared(array.buffer) ? array : array.slice()]),
  );
}

/** The saved array `name`, which is as long and of the type that a call in the same situation would have saved. */
export function restore<T extends SavedArrays[string]>(saved: SavedArrays, name: string, into: T): T {
  const array = saved[name];
  if (!array || array.length !== into.length || array.constructor !== into.constructor) {
    throw new ArgumentError(
      'checkpoint',
      `expected ${into.length} elements of ${into.constructor.name} as \`checkpoint.saved.arrays.${name}\`, ` +
        `got ${array ? `${array.length} of ${array.constructor.name}` : 'none'}: was it saved by a call with the same input?`,
    );
  }
  (into as { set(from: unknown): void }).set(array);
  return into;
}
