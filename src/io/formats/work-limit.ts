// Limits the work that a file may demand. With compression, dictionaries and views, a few bytes can stand for any number of others, and
// lists of pages or batches can name the same ones repeatedly. What is decoded is therefore compared with the size of the file.

/** Work that every file may demand. */
const FREE_WORK = 2 ** 32;
const WORK_A_BYTE = 4096;

export class WorkLimit {
  readonly #most: number;
  #spent = 0;

  /** `size` is the size of the file in bytes. */
  constructor(private readonly size: number) {
    this.#most = FREE_WORK + WORK_A_BYTE * size;
  }

  /** Counts `amount` decoded bytes, or steps that take as long. Throws an Error if the file demands too much. */
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

/** Returns how many bytes of decoded pages or buffers a reader may hold at once, if decoded rows may take `memoryBudget`. */
export function heldBytesFor(memoryBudget: number = MAX_HELD_BYTES): number {
  return Math.min(MAX_HELD_BYTES, Math.max(MIN_HELD_BYTES, memoryBudget));
}

/** A range of bytes in a file. */
export interface FileRange {
  readonly offset: number;
  readonly bytes: number;
}

/** Throws an Error if two of `ranges` overlap. */
export function checkApart(ranges: readonly FileRange[], what: string): void {
  const sorted = ranges.filter(({ bytes }) => bytes > 0).sort((a, b) => a.offset - b.offset);
  for (const [i, { offset, bytes }] of sorted.entries()) {
    const next = sorted[i + 1];
    if (next && next.offset < offset + bytes) throw new Error(`${what} overlap at byte ${next.offset}`);
  }
}

/** Limit for identical rows or values that are encoded in no bytes; larger counts per byte of the file are not trusted. */
export const MAX_VALUES_A_BYTE: number = 2 ** 16;
