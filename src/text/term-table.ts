// Numbers n-grams in the order of their first appearance, with a hash table over UTF-16 units that creates no strings.

import { grown } from '../growing.js';

const FIRST_SLOTS = 2 ** 12;

export class TermTable {
  /** Number of terms. */
  size = 0;
  /** The units of all terms, stored consecutively. */
  #units = new Uint16Array(2 ** 12);
  /** The start of each term, and the end of the last one. */
  #starts = new Uint32Array(2 ** 10);
  /** Term + 1, or 0 for an empty slot. At least half of the slots are empty. */
  #slots = new Int32Array(FIRST_SLOTS);

  /** Returns the number of the term in units[start, end). If it has none, adds it with `adds`, otherwise returns -1. */
  find(units: Uint16Array, start: number, end: number, adds: boolean): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(units, start, end) & mask;
    for (;;) {
      const term = (this.#slots[slot] as number) - 1;
      if (term < 0) return adds ? this.#add(units, start, end, slot) : -1;
      if (this.#isTerm(term, units, start, end)) return term;
      slot = (slot + 1) & mask;
    }
  }

  /** Returns the text of each term. */
  terms(): string[] {
    return Array.from({ length: this.size }, (_, term) => {
      const units = this.#units.subarray(this.#starts[term], this.#starts[term + 1]);
      // Terms may be longer than the number of arguments a call accepts.
      let text = '';
      for (let at = 0; at < units.length; at += 2 ** 12) text += String.fromCharCode(...units.subarray(at, at + 2 ** 12));
      return text;
    });
  }

  #isTerm(term: number, units: Uint16Array, start: number, end: number): boolean {
    let at = this.#starts[term] as number;
    if ((this.#starts[term + 1] as number) - at !== end - start) return false;
    for (let i = start; i < end; i++) if (this.#units[at++] !== units[i]) return false;
    return true;
  }

  #add(units: Uint16Array, start: number, end: number, slot: number): number {
    const term = this.size++;
    const at = this.#starts[term] as number;
    const next = at + end - start;
    this.#units = grown(this.#units, next);
    for (let i = start; i < end; i++) this.#units[at + i - start] = units[i] as number;
    this.#starts = grown(this.#starts, term + 2);
    this.#starts[term + 1] = next;
    this.#slots[slot] = term + 1;
    if (2 * this.size > this.#slots.length) this.#rehash();
    return term;
  }

  #rehash(): void {
    const slots = grown(this.#slots, 2 * this.#slots.length).fill(0);
    const mask = slots.length - 1;
    for (let term = 0; term < this.size; term++) {
      let slot = hashOf(this.#units, this.#starts[term] as number, this.#starts[term + 1] as number) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = term + 1;
    }
    this.#slots = slots;
  }
}

function hashOf(units: Uint16Array, start: number, end: number): number {
  let hash = end - start;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (units[i] as number), 0x9e3779b1) ^ (hash >>> 15);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
