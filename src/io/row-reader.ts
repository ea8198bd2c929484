// What the reader of a format makes of a file: rows that lie in it as they are, or that have to be decoded one after another.

import type { NumericArray } from '../matrix/dtype.js';
import type { ElementType } from '../matrix/element-type.js';
import type { ByteSource } from './byte-source.js';

/** Rows of `depth` elements, one after another from byte `offset` on, `rowBytes` from the start of one to the next. */
export interface FlatRows {
  readonly kind: 'flat';
  readonly rows: number;
  readonly depth: number;
  readonly type: ElementType;
  readonly littleEndian: boolean;
  readonly offset: number;
  readonly rowBytes: number;
}

/** Rows that must be decoded from the beginning on. */
export interface RowStream {
  readonly kind: 'stream';
  readonly depth: number;
  /** Of the elements of `blocks`. */
  readonly type: ElementType;
  /**
   * Blocks of whole rows in order, row after row without gaps: typed arrays of `type` (of float16 and bfloat16 their bits, as
   * Uint16Array), each of some MiB at most, or of one row where that is more. The receiver is done with a block when it asks
   * for the next. May be called once. Throws FormatError.
   */
  blocks(): AsyncGenerator<NumericArray, void, undefined>;
}

/** Which part of a file holds the rows, where it has several. */
export interface ReadOptions {
  /** The column, tensor, array or dataset; names of several numeric columns are separated by commas. */
  readonly column?: string | undefined;
}

/**
 * Finds the rows in a file of one format. Believes nothing that the file says before it has been checked: allocates no more
 * than some multiple of the bytes that are really there. Throws FormatError, with the byte where that showed; ArgumentError for
 * `column` where there is no such column, with the names there are.
 */
export type RowReader = (source: ByteSource, options: ReadOptions) => Promise<FlatRows | RowStream>;

/** The names of rows: the text of one column, in order, some thousand at a time. */
export type TextReader = (source: ByteSource, column: string) => AsyncGenerator<string[], void, undefined>;

/** DuckDB's name for a database that is in no file: its queries read other files. */
export const NO_FILE = ':memory:';

/** Blocks of a stream are about this large. */
export const STREAM_BLOCK_BYTES: number = 2 ** 20;

/** No row of any use is longer than this many elements. */
export const MOST_DEPTH: number = 2 ** 24;
