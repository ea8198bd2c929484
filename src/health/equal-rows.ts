// Counts rows that equal an earlier row, by a 64-bit hash. Two of a million different rows share a hash once in tens of millions of
// runs.

import type { StagedType } from '../rows/row-source.js';

export class EqualRows {
  /** Rows that equal an earlier row. */
  count = 0;
  private readonly slots: Uint32Array;
  private readonly mask: number;
  private readonly elements: Float32Array | Float64Array;
  private readonly words: Uint32Array;

  constructor(rows: number, depth: number, staged: StagedType) {
    this.slots = new Uint32Array(2 * slotsFor(rows));
    this.mask = slotsFor(rows) - 1;
    this.elements = staged === 'float32' ? new Float32Array(depth) : new Float64Array(depth);
    this.words = new Uint32Array(this.elements.buffer);
  }

  static bytesFor(rows: number): number {
    return 8 * slotsFor(rows);
  }

  add(row: Float64Array): void {
    const { elements, words, slots, mask } = this;
    // Adding 0 turns -0 into 0.
    for (let k = 0; k < row.length; k++) elements[k] = (row[k] as number) + 0;
    let a = 0x1b28c747;
    let b = 0x3c6ef372;
    for (let k = 0; k < words.length; k++) {
      const word = scrambled(words[k] as number);
      a = (Math.imul(rotate(a ^ word, 13), 5) + 0xe6546b64) | 0;
      b = (Math.imul(rotate(b + word, 17), 0x27d4eb2d) + 0x52dce729) | 0;
    }
    // Free slots are zeros.
    a = finished(a) || 1;
    b = finished(b);
    for (let slot = (a ^ b) & mask; ; slot = (slot + 1) & mask) {
      const [first, second] = [slots[2 * slot] as number, slots[2 * slot + 1] as number];
      if (first === a && second === b) {
        this.count++;
        return;
      }
      if (first !== 0) continue;
      slots[2 * slot] = a;
      slots[2 * slot + 1] = b;
      return;
    }
  }
}

/** Returns a power of two that leaves at least half of the slots free. */
function slotsFor(rows: number): number {
  return 2 ** Math.ceil(Math.log2(2 * Math.max(1, rows)));
}

/** The steps of MurmurHash3. */
function scrambled(word: number): number {
  return Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function finished(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
