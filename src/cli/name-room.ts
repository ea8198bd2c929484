// How much memory the names of rows may take while they are read.

import { MemoryError } from '../index.js';
import type { TextRoom } from '../io/records/open-texts.js';
import { bytesOfTexts } from './result-names.js';

const MIB = 2 ** 20;
/** So many are left to the plan, which knows an amount that suffices. */
const FREE_BYTES = 16 * MIB;

/** Memory for all names of a call. */
export class NameRoom implements TextRoom {
  #held = 0;

  /** There is no limit if `memory` is undefined. */
  constructor(private readonly memory: number | undefined) {}

  take(path: string, texts: readonly string[]): void {
    if (this.memory === undefined) return;
    this.#held += bytesOfTexts(texts);
    if (this.#held <= Math.max(FREE_BYTES, this.memory)) return;
    const amount = `${Math.ceil(this.#held / MIB)} MiB`;
    throw new MemoryError(this.#held, `${path}: the names of rows do not fit in --memory; those read so far take ${amount}`, {
      advice: 'run it with a higher limit, or with shorter names',
    });
  }
}
