// Collects rows from queries and texts into blocks, and formats values for messages.

import { ArgumentError } from '../../errors.js';
import { STREAM_BLOCK_BYTES } from '../rows/row-reader.js';

/** The size of the first block: small files fill no more. */
const FIRST_BLOCK_BYTES = 2 ** 12;

/** Collects rows of `depth` elements into blocks, each up to twice as large as the one before. */
export class RowBlocks<T extends Float32Array | Float64Array = Float32Array> {
  readonly #depth: number;
  readonly #most: number;
  #capacity: number;
  readonly #allocate: (length: number) => T;
  #block: T;
  #rows = 0;
  #full: T[] = [];
  /** The last block that was taken; the caller is done with it when it takes the next ones. */
  #taken: T | undefined;
  /** A block that is used again. */
  #spare: T | undefined;

  constructor(depth: number, allocate: (length: number) => T = (length) => new Float32Array(length) as T) {
    this.#depth = depth;
    this.#most = Math.max(1, Math.floor(STREAM_BLOCK_BYTES / (4 * depth)));
    this.#capacity = Math.max(1, Math.floor(FIRST_BLOCK_BYTES / (4 * depth)));
    this.#allocate = allocate;
    this.#block = allocate(this.#capacity * depth);
  }

  /** Bytes of a row, as float32. */
  get rowBytes(): number {
    return this.#depth * 4;
  }

  /** Returns the buffer of the next row, which holds anything, for the caller to fill. */
  nextRow(): T {
    if (this.#rows === this.#capacity) {
      this.#full.push(this.#block);
      this.#capacity = Math.min(this.#most, 2 * this.#capacity);
      const length = this.#capacity * this.#depth;
      this.#block = this.#spare?.length === length ? this.#spare : this.#allocate(length);
      this.#spare = undefined;
      this.#rows = 0;
    }
    return this.#block.subarray(this.#rows * this.#depth, ++this.#rows * this.#depth) as T;
  }

  /** Removes the last row. */
  dropRow(): void {
    this.#rows -= 1;
  }

  /** Returns the blocks that were filled since the last call; they are valid until the next call. */
  takeFull(): readonly T[] {
    const full = this.#full;
    this.#spare = this.#taken ?? this.#spare;
    this.#taken = full.at(-1);
    this.#full = [];
    return full;
  }

  /** Returns everything that is left, after the last row. */
  takeRest(): readonly T[] {
    return [...this.takeFull(), this.#block.subarray(0, this.#rows * this.#depth) as T];
  }
}

/** Copies a vector to `target`. Returns an error message if this fails. */
export function putVector(vector: unknown, target: Float32Array): string | undefined {
  if (!Array.isArray(vector)) return `expected an array of numbers, got ${nameValue(vector)}`;
  if (vector.length !== target.length) return `expected ${target.length} numbers, got ${vector.length}`;
  for (let i = 0; i < vector.length; i++) {
    const value: unknown = vector[i];
    if (typeof value !== 'number') return `expected a number as element ${i + 1}, got ${nameValue(value)}`;
    target[i] = value;
  }
  return undefined;
}

/** Formats a value for errors: short, whatever it is. */
export function nameValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Uint8Array) return `a BLOB of ${value.length} bytes`;
  return typeof value === 'object' ? 'an object' : String(value);
}

/** Formats names for errors, limited to as many as are readable. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => (name.length > 40 ? `${name.slice(0, 40)}…` : name));
  return shown.join(', ') + (names.length > shown.length ? `, and ${names.length - shown.length} more` : '');
}

/** Turns an engine's refusal of a query into an error of the caller. */
export function queryError(error: unknown): ArgumentError {
  return new ArgumentError('query', messageOf(error));
}

/** Returns an engine's error message on one line. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/(?<!\s)\s*\n\s*/g, ' ').trim();
}
