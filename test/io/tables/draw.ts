// Random choices for a table: the same for the same seed.

import { randomSource } from '../../random.js';

export class Draw {
  readonly #random: () => number;

  constructor(seed: number) {
    // Neighbouring seeds start far apart.
    this.#random = randomSource((Math.imul(seed + 1, 0x9e3779b1) ^ (seed >>> 3)) | 0);
    for (let i = 0; i < 8; i++) this.#random();
  }

  /** Uniform in [0, 1). */
  number(): number {
    return this.#random();
  }

  /** Returns an integer from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.#random() * (high - low + 1));
  }

  chance(share: number): boolean {
    return this.#random() < share;
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.whole(0, choices.length - 1)] as T;
  }

  /** Returns the same elements in another order. */
  shuffled<T>(elements: readonly T[]): T[] {
    const left = [...elements];
    return elements.map(() => left.splice(this.whole(0, left.length - 1), 1)[0] as T);
  }
}
