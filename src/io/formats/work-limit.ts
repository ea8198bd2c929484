// How much work a file may ask for. Compression, dictionaries and views let a few bytes stand for any number of others, and lists of pages or
// batches may name the same ones again and again: what is decoded is counted against the bytes that there are.

/** Every file may ask for this much. */
const FREE_WORK = 2 ** 32;
const WORK_A_BYTE = 4096;

export class WorkLimit {
  readonly #most: number;
  #spent = 0;

  /** `size` is that of the file in bytes. */
  constructor(private readonly size: number) {
    this.#most = FREE_WORK + WORK_A_BYTE * size;
  }

  /** Counts `amount` bytes that are decoded, or steps that take as long. Throws an Error where the file asks for too many. */
  spend(amount: number): void {
    this.#spent += amount;
    if (this.#spent <= this.#most) return;
    throw new Error(
      `decoding takes more than ${this.#most} steps, the limit for a file of ${this.size} bytes; the file repeats itself, or is damaged`,
    );
  }
}

const MIN_HELD_BYTES = 2 ** 23;
const MAX_HELD_BYTES = 2 ** 26;

/** Bytes of decoded pages or buffers that a reader may hold at once, where decoded rows may take `memoryBudget`. */
export function heldBytesFor(memoryBudget: number = MAX_HELD_BYTES): number {
  return Math.min(MAX_HELD_BYTES, Math.max(MIN_HELD_BYTES, memoryBudget));
}

const MIN_ROUND_BYTES = 2 ** 24;
const MAX_ROUND_BYTES = 2 ** 25;

/** Bytes of rows to gather at a time where columns do not fit together, so that each is decoded as few times as may be. */
export function roundBytesFor(heldBytes: number): number {
  return Math.min(MAX_ROUND_BYTES, Math.max(MIN_ROUND_BYTES, heldBytes));
}

/** Part of a file. */
export interface FileRange {
  readonly offset: number;
  readonly bytes: number;
}

/** Throws an Error where two of `ranges` have a byte in common. */
export function checkApart(ranges: readonly FileRange[], what: string): void {
  const sorted = ranges.filter(({ bytes }) => bytes > 0).sort((a, b) => a.offset - b.offset);
  for (const [i, { offset, bytes }] of sorted.entries()) {
    const next = sorted[i + 1];
    if (next && next.offset < offset + bytes) throw new Error(`${what} overlap at byte ${next.offset}`);
  }
}

/** Rows or values that come from no bytes at all, all the same, are of no use: beyond this many a byte a count is not believed. */
export const MAX_VALUES_A_BYTE: number = 2 ** 16;
