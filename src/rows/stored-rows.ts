// Rows in a file, read in blocks when they are needed.

import type { Message } from '../message.js';
import type { CsrRows } from './csr-rows.js';
import { elementBytes } from './dtype.js';
import { bytesOfElement, type ElementType, stagedTypeOfElement } from './element-type.js';
import type { RowSource, StagedType } from './row-source.js';

/** Reads blocks for one call. */
export interface BlockReader {
  /** Reads rows [from, to) into memory; they keep their numbers. A block is valid until the second next call of `read`. */
  read(from: number, to: number): Promise<RowSource>;
}

/** What to do about what a file does not state, because it only writes the numbers of stored columns (SVMlight). */
export interface OpenColumns {
  /** If its rows are to be as long as others, of `most` elements: they end with the last stored column. */
  readonly chooseWidth: (most: number) => Message;
  /** If its columns may be counted from 1; undefined if they are not. */
  readonly chooseBase?: Message | undefined;
}

/** `rows` vectors of `depth` elements, for asynchronous calls. */
export abstract class StoredRows {
  /** @internal */
  readonly staged: StagedType;
  /** The name of the file that contains the rows with the same numbers. */
  readonly name?: string;

  /** @internal */
  constructor(
    readonly rows: number,
    readonly depth: number,
    /** The type of the elements as they are stored. */
    readonly type: ElementType,
  ) {
    this.staged = stagedTypeOfElement(type);
  }

  /**
   * Creates a reader of blocks of up to `mostRows` rows.
   *
   * @internal
   */
  abstract createReader(mostRows: number): BlockReader;

  /**
   * The same rows if they are sparse; sparse rows are in memory.
   *
   * @internal
   */
  inMemory(): CsrRows | undefined {
    return undefined;
  }

  /**
   * What is unknown about the columns; undefined if everything is known.
   *
   * @internal
   */
  get openColumns(): OpenColumns | undefined {
    return undefined;
  }

  /**
   * Returns the bytes transferred for reading `rows` rows.
   *
   * @internal
   */
  storedBytes(rows: number): number {
    return rows * this.depth * bytesOfElement(this.type);
  }

  /**
   * Returns the maximum memory of a reader in bytes: two blocks, as stored and as staged.
   *
   * @internal
   */
  readerBytes(mostRows: number): number {
    return 2 * (this.storedBytes(mostRows) + mostRows * this.depth * elementBytes(this.staged));
  }
}

/** What calls compute from: rows in memory or in a file. */
export type AnyRows = RowSource | StoredRows;

/** Returns the name of the rows' file, for messages. */
export function fileOf(rows: AnyRows): string | undefined {
  return rows instanceof StoredRows ? rows.name : undefined;
}
