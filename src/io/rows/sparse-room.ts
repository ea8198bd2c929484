// How much memory sparse rows may take while they are read. Unlike dense rows, they cannot go to a temporary file.

import { MemoryError } from '../../errors.js';
import { mention, say } from '../../message.js';
import type { CsrRows } from '../../rows/csr-rows.js';
import { libraryBytes } from '../library-memory.js';

/** Sparse rows, with the buffers that arrange them, may take this many times the memory budget of decoded rows. */
const SPARSE_FACTOR = 5;
/** Together with the libraries that read them, they may take this many times the budget. */
const FACTOR_WITH_LIBRARIES = 8;
/** Files this small are read within any budget. */
const FREE_BYTES = 2 ** 22;
/** Added to an estimate from part of a file. */
const MARGIN = 1.05;

/** Memory for the sparse rows of all inputs of a call. */
export class SparseRoom {
  #held = 0;

  /** There is no limit if `memoryBudget` is undefined. */
  constructor(private readonly memoryBudget: number | undefined) {}

  /**
   * Throws MemoryError if `bytes` for the rows of `file` do not fit next to the rows that are held. `fraction` is the fraction of the file
   * that has been read, from which the error estimates how much all of it needs.
   */
  check(file: string, bytes: number, fraction = 1): void {
    const budget = this.memoryBudget;
    if (budget === undefined || bytes <= FREE_BYTES) return;
    const libraries = libraryBytes();
    const room = Math.min(SPARSE_FACTOR * budget, FACTOR_WITH_LIBRARIES * budget - libraries);
    if (this.#held + bytes <= room) return;
    const needed = Math.ceil(this.#held + (fraction < 1 ? (MARGIN * bytes) / fraction : bytes));
    const enough = Math.ceil(Math.max(needed / SPARSE_FACTOR, (needed + libraries) / FACTOR_WITH_LIBRARIES));
    const amount = `${fraction < 1 ? 'about' : 'at least'} ${Math.ceil(needed / MIB)} MiB`;
    throw new MemoryError(needed, say`${file}: sparse rows are held in memory, and these need ${amount}`, {
      advice: say`pass ${mention.option('memoryBudget', enough)} or more`,
    });
  }

  /** Counts rows that have been read. */
  hold({ starts, columns, values }: CsrRows): void {
    this.#held += starts.byteLength + columns.byteLength + values.byteLength;
  }
}

const MIB = 2 ** 20;
