// Rows from columns that do not fit in memory together: each column is decoded once, from its first row to its last, and its numbers go to a
// store, from which rows are collected.

import type { NumericArray } from '../../rows/dtype.js';
import { bytesOfElement, type ElementType, STORED_ARRAYS } from '../../rows/element-type.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { freeBuffer } from '../bytes/free-buffer.js';
import type { CreateStore } from '../rows/row-store.js';
import { takeTurn } from '../turns.js';
import type { ScalarRows } from './scalar-rows.js';

/** Rows are collected this many bytes at a time, so that a round reads enough of each column. */
const ROUND_BYTES = 2 ** 23;

/** Consecutive numbers of one column, valid until the next are requested. */
export interface ColumnPart {
  readonly values: NumericArray;
  /** 1 for each null; undefined if there are none. */
  readonly missing: Uint8Array | undefined;
  /** Position of the nulls in the file. */
  readonly offset: number;
}

export interface StoredColumns {
  readonly source: ByteSource;
  readonly depth: number;
  readonly rows: number;
  /** Number of the first row in the file. */
  readonly row: number;
  readonly type: ElementType;
  readonly createStore: CreateStore;
  /** Returns the next `count` numbers of a column. */
  readPart(column: number, start: number, count: number): Promise<ColumnPart>;
  /** Called after the last number of a column. */
  finishColumn(column: number): Promise<void>;
}

/** Yields rows with one number from each column; a round is valid until the next is requested. */
export async function* readStoredColumns(columns: StoredColumns): AsyncGenerator<ScalarRows, void, undefined> {
  const { source, depth, rows, row, type } = columns;
  const bytes = bytesOfElement(type);
  const partRows = Math.max(1, Math.min(rows, Math.floor(ROUND_BYTES / (depth * bytes))));
  const store = columns.createStore();
  const nulls = new NullMarks();
  try {
    for (let column = 0; column < depth; column++) {
      for (let start = 0; start < rows; start += partRows) {
        const { values, missing, offset } = await columns.readPart(column, start, Math.min(partRows, rows - start));
        const { buffer, byteOffset, byteLength } = asType(values, type);
        await store.append(new Uint8Array(buffer, byteOffset, byteLength));
        if (missing) nulls.add(start, column, missing, offset);
      }
      await columns.finishColumn(column);
    }
  } catch (error) {
    await store.discard();
    throw error;
  }
  const stored = await store.finish(source.name);
  const values = new STORED_ARRAYS[type](partRows * depth);
  try {
    const part = new STORED_ARRAYS[type](partRows);
    const partBytes = new Uint8Array(part.buffer);
    for (let start = 0; start < rows; start += partRows) {
      const count = Math.min(partRows, rows - start);
      for (let column = 0; column < depth; column++) {
        await stored.read((column * rows + start) * bytes, count * bytes, partBytes);
        const turn = takeTurn(source, count);
        if (turn) await turn;
        for (let r = 0, at = column; r < count; r++, at += depth) values[at] = part[r] as number;
      }
      yield { values, rows: count, row: row + start, ...nulls.take(start, count) };
    }
  } finally {
    freeBuffer(values.buffer);
    await stored.close();
  }
}

function asType(values: NumericArray, type: ElementType): NumericArray {
  const ArrayType = STORED_ARRAYS[type];
  return values instanceof ArrayType ? values : new ArrayType(values);
}

/** The first null column of each row, for the rounds that have nulls. */
class NullMarks {
  readonly #rounds = new Map<number, { readonly first: Uint32Array; readonly offset: number }>();

  add(start: number, column: number, missing: Uint8Array, offset: number): void {
    let round = this.#rounds.get(start);
    if (!round) {
      round = { first: new Uint32Array(missing.length), offset };
      this.#rounds.set(start, round);
    }
    const { first } = round;
    for (let r = 0; r < missing.length; r++) if (missing[r]) first[r] ||= column + 1;
  }

  take(start: number, count: number): Pick<ScalarRows, 'missing' | 'offset'> {
    const round = this.#rounds.get(start);
    return { missing: round?.first.subarray(0, count), offset: round?.offset ?? 0 };
  }
}
