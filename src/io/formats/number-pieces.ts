// Numbers that are appended one at a time. They are kept in pieces, because an array that grows exists twice while it is copied.

import { newArray } from '../../growing.js';
import { freeBuffer } from '../bytes/free-buffer.js';

type Piece = Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

const FIRST_PIECE = 2 ** 10;
/** Pieces of 2 MiB and more have pages of their own, which go back to the system when they are freed. */
const LARGEST_PIECE = 2 ** 19;

/** Numbers of one type. Two of the same length have pieces of the same lengths. */
export class NumberPieces<T extends Piece> {
  readonly #pieces: T[] = [];
  #last: T;
  /** Numbers in the pieces before the last. */
  #before = 0;
  #used = 0;

  constructor(private readonly type: new (length: number) => T) {
    this.#last = new type(FIRST_PIECE);
  }

  get length(): number {
    return this.#before + this.#used;
  }

  push(value: number): void {
    if (this.#used === this.#last.length) {
      this.#pieces.push(this.#last);
      this.#before += this.#used;
      this.#used = 0;
      this.#last = newArray(this.type, Math.min(LARGEST_PIECE, this.#before));
    }
    this.#last[this.#used++] = value;
  }

  /** Returns the pieces, in order. */
  pieces(): T[] {
    return [...this.#pieces, this.#last.subarray(0, this.#used) as T];
  }

  /** Yields the pieces and frees each when the next is requested. */
  *drain(): Generator<T, void, undefined> {
    for (const piece of this.pieces()) {
      yield piece;
      freeBuffer(piece.buffer);
    }
  }

  /** Moves all numbers into one array. */
  finish(): T {
    const all = newArray(this.type, this.length);
    let at = 0;
    for (const piece of this.drain()) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }
}
