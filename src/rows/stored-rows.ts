// Rows that lie in a file and are read a block at a time, when they are needed.

import type { Message } from '../message.js';
import type { CsrRows } from './csr-rows.js';
import { elementBytes } from './dtype.js';
import { bytesOfElement, type ElementType, stagedTypeOfElement } from './element-type.js';
import type { RowSource, StagedType } from './row-source.js';

/** Reads blocks for one call. */
export interface BlockReader {
  /** Rows [from, to) in memory, under their own numbers. They stay until the second next call of `read`. */
  read(from: number, to: number): Promise<RowSource>;
}

/** What to do about what a file says nothing of, because it only writes the numbers of the columns that it stores (SVMlight). */
export interface OpenColumns {
  /** Where its rows are to be as long as others, of `most` elements: they end with the last column that is stored. */
  readonly chooseWidth: (most: number) => Message;
  /** Where its columns may be counted from 1; undefined where they are not. */
  readonly chooseBase?: Message | undefined;
}

/** `rows` vectors of `depth` elements, to be read by calls that do not hold the thread. */
export abstract class StoredRows {
  /** @internal */
  readonly staged: StagedType;
  /** The name of the file whose rows they are, by the same numbers. */
  readonly name?: string;

  /** @internal */
  constructor(
    readonly rows: number,
    readonly depth: number,
    /** Of the elements as they are stored. */
    readonly type: ElementType,
  ) {
    this.staged = stagedTypeOfElement(type);
  }

  /**
   * A reader of blocks of up to `mostRows` rows.
   *
   * @internal
   */
  abstract createReader(mostRows: number): BlockReader;

  /**
   * The same rows, where they are sparse: those are in memory.
   *
   * @internal
   */
  inMemory(): CsrRows | undefined {
    return undefined;
  }

  /**
   * What is not known of the columns; undefined where all is.
   *
   * @internal
   */
  get openColumns(): OpenColumns | undefined {
    return undefined;
  }

  /**
   * Bytes that reading `rows` rows moves.
   *
   * @internal
   */
  storedBytes(rows: number): number {
    return rows * this.depth * bytesOfElement(this.type);
  }

  /**
   * Bytes of memory that a reader takes at most: two blocks, as stored and as staged.
   *
   * @internal
   */
  readerBytes(mostRows: number): number {
    return 2 * (this.storedBytes(mostRows) + mostRows * this.depth * elementBytes(this.staged));
  }
}

/** What calls compute from: rows in memory, or rows to be read. */
export type AnyRows = RowSource | StoredRows;

/** The file of rows, for messages. */
export function fileOf(rows: AnyRows): string | undefined {
  return rows instanceof StoredRows ? rows.name : undefined;
}
