// What a query gives as rows of numbers: each result row is one cell that holds a vector, or many cells that hold a number each.
// Rows are gathered into blocks as they come; no more than a block of them is held.

import { ArgumentError, FormatError } from '../../errors.js';
import { MOST_DEPTH, type RowStream, STREAM_BLOCK_BYTES } from '../row-reader.js';

/**
 * The rows that `query` gives on the database at `path`, which is opened for reading only: one cell with a vector (a BLOB of
 * little-endian float32, JSON text, or a list where the database has lists), or cells with a number each; as float32. Throws
 * UnsupportedError where the engine is not installed, ArgumentError for a query that the engine refuses, FormatError for a file
 * that is no database and for rows that are none.
 */
export type QueryReader = (path: string, query: string) => Promise<RowStream>;

/** Some result rows, in order; cells by column. Lists are arrays. */
export type ResultRows = readonly (readonly unknown[])[];

/** Gathers rows of `depth` float32 elements into blocks. */
export class RowBlocks {
  readonly #depth: number;
  readonly #capacity: number;
  #block: Float32Array;
  #rows = 0;
  #full: Float32Array[] = [];

  constructor(depth: number) {
    this.#depth = depth;
    this.#capacity = Math.max(1, Math.floor(STREAM_BLOCK_BYTES / (4 * depth)));
    this.#block = new Float32Array(this.#capacity * depth);
  }

  /** The place of the next row, for the caller to fill. */
  nextRow(): Float32Array {
    if (this.#rows === this.#capacity) {
      this.#full.push(this.#block);
      this.#block = new Float32Array(this.#capacity * this.#depth);
      this.#rows = 0;
    }
    return this.#block.subarray(this.#rows * this.#depth, ++this.#rows * this.#depth);
  }

  /** The blocks that have become full since the last call. */
  takeFull(): Float32Array[] {
    const full = this.#full;
    this.#full = [];
    return full;
  }

  /** All that is left, after the last row. */
  takeRest(): Float32Array[] {
    return [...this.takeFull(), this.#block.subarray(0, this.#rows * this.#depth)];
  }
}

/** Copies a vector to its place. What is wrong with it, if anything. */
export function putVector(vector: unknown, target: Float32Array): string | undefined {
  if (!Array.isArray(vector)) return `expected an array of numbers, got ${nameValue(vector)}`;
  if (vector.length !== target.length) return `expected ${target.length} numbers, got ${vector.length}`;
  for (let i = 0; i < vector.length; i++) {
    const value: unknown = vector[i];
    if (typeof value !== 'number') return `element ${i + 1} is no number but ${nameValue(value)}`;
    target[i] = value;
  }
  return undefined;
}

/** A value as errors show it: short, whatever it is. */
export function nameValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Uint8Array) return `a BLOB of ${value.length} bytes`;
  return typeof value === 'object' ? 'an object' : String(value);
}

/** Names as errors list them: not more than a reader takes in. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => (name.length > 40 ? `${name.slice(0, 40)}…` : name));
  return shown.join(', ') + (names.length > shown.length ? `, and ${names.length - shown.length} more` : '');
}

/** A stream of what a query gives. `results` is begun here, and ended here where nothing comes of it. */
export async function streamResults(path: string, results: AsyncGenerator<ResultRows, void, undefined>): Promise<RowStream> {
  let batch: IteratorResult<ResultRows, void>;
  do batch = await results.next();
  while (!batch.done && batch.value.length === 0);
  if (batch.done) throw new FormatError(path, 0, 'the query gives no rows');
  const first = batch.value;
  try {
    const depth = checkDepth(path, cellsOf(first[0] as readonly unknown[]));
    return { kind: 'stream', depth, type: 'float32', blocks: () => blocksOfResults(path, depth, first, results) };
  } catch (error) {
    await results.return();
    throw error;
  }
}

async function* blocksOfResults(
  path: string,
  depth: number,
  first: ResultRows,
  results: AsyncGenerator<ResultRows, void, undefined>,
): AsyncGenerator<Float32Array, void, undefined> {
  const blocks = new RowBlocks(depth);
  let number = 0;
  const put = (batch: ResultRows): void => {
    for (const row of batch) {
      number += 1;
      const fault = putCells(row, blocks.nextRow());
      if (fault) throw new FormatError(path, 0, `row ${number} of the query: ${fault}`);
    }
  };
  try {
    put(first);
    for await (const batch of results) {
      yield* blocks.takeFull();
      put(batch);
    }
    yield* blocks.takeRest();
  } finally {
    await results.return();
  }
}

function checkDepth(path: string, cells: readonly unknown[] | Float32Array | string): number {
  if (typeof cells === 'string') throw new FormatError(path, 0, `row 1 of the query: ${cells}`);
  if (cells.length === 0) throw new FormatError(path, 0, 'row 1 of the query: a vector without numbers');
  if (cells.length > MOST_DEPTH) {
    throw new FormatError(path, 0, `row 1 of the query: ${cells.length} numbers; at most ${MOST_DEPTH} make sense`);
  }
  return cells.length;
}

function putCells(row: readonly unknown[], target: Float32Array): string | undefined {
  const cells = cellsOf(row);
  if (typeof cells === 'string') return cells;
  if (cells.length !== target.length) return `expected ${target.length} numbers, got ${cells.length}`;
  if (cells instanceof Float32Array) {
    target.set(cells);
    return undefined;
  }
  for (let i = 0; i < cells.length; i++) {
    const value = cells[i];
    if (typeof value !== 'number' && typeof value !== 'bigint') {
      return `${row.length > 1 ? 'cell' : 'element'} ${i + 1} is no number but ${nameValue(value)}`;
    }
    target[i] = Number(value);
  }
  return undefined;
}

/** The numbers of a row, unchecked one by one; or what is wrong. */
function cellsOf(row: readonly unknown[]): readonly unknown[] | Float32Array | string {
  if (row.length !== 1) return row;
  const [cell] = row;
  if (typeof cell === 'number' || typeof cell === 'bigint' || Array.isArray(cell)) return Array.isArray(cell) ? cell : row;
  if (cell instanceof Uint8Array) return cell.length % 4 === 0 ? floatsOf(cell) : `${nameValue(cell)} holds no whole float32`;
  if (typeof cell === 'string') {
    try {
      const value: unknown = JSON.parse(cell);
      if (Array.isArray(value)) return value;
    } catch {} // Said below.
  }
  return `expected a vector or numbers, got ${nameValue(cell)}`;
}

function floatsOf(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

/** What an engine refused in a query, as the caller's mistake. */
export function queryError(error: unknown): ArgumentError {
  return new ArgumentError('query', messageOf(error));
}

/** What an engine says is wrong, on one line. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, ' ').trim();
}
