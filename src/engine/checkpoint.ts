// When a call saves how far it is, and how it goes on from there.

import { ArgumentError } from '../errors.js';
import { isShared } from '../matrix/dtype.js';
import type { Checkpoint, SavedArrays } from '../saved-state.js';

/** Without a word from the caller. */
const INTERVAL_MS = 2000;
/** Saving may take this part of the time. */
const SHARE = 1 / 20;

/** Multiply-adds in a millisecond, of two cores or so: between two looks at the clock lies less than an interval. */
const WORK_PER_MS = 5e7;

/** Decides when to save. */
export class CheckpointClock {
  private last = performance.now();
  private interval: number;

  constructor(private readonly checkpoint: Checkpoint) {
    this.interval = checkpoint.interval ?? INTERVAL_MS;
  }

  /** Multiply-adds after which to look whether it is time: many, beside which threads that wait for each other are nothing. */
  get work(): number {
    return WORK_PER_MS * (this.checkpoint.interval ?? INTERVAL_MS);
  }

  /** Saves, if it is time. */
  async tick(row: number, arrays: () => SavedArrays): Promise<void> {
    const started = performance.now();
    if (started - this.last < this.interval) return;
    await this.checkpoint.save({ row, arrays: undetachable(arrays()) });
    this.last = performance.now();
    if (this.interval > 0) this.interval = Math.max(this.checkpoint.interval ?? INTERVAL_MS, (this.last - started) / SHARE);
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
