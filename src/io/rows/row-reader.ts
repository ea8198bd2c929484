// What the reader of a format returns: rows that are stored in the file as numbers, or rows that have to be decoded in order.

import type { CsrRows } from '../../rows/csr-rows.js';
import type { NumericArray } from '../../rows/dtype.js';
import type { ElementType } from '../../rows/element-type.js';
import type { OpenColumns } from '../../rows/stored-rows.js';
import type { ByteSource } from '../bytes/byte-source.js';
import type { Origin } from '../columns/choose.js';
import type { BytesElement } from '../columns/declared-elements.js';
import type { NullPolicy, NullRows } from '../columns/nulls.js';
import type { SeenValues } from '../records/row-values.js';
import type { RecordPlaces } from './record-places.js';
import type { CreateStore } from './row-store.js';
import type { SparseRoom } from './sparse-room.js';

/** Rows of `depth` elements from byte `offset`, `rowBytes` apart. */
export interface FlatRows {
  readonly kind: 'flat';
  readonly rows: number;
  readonly depth: number;
  readonly type: ElementType;
  readonly littleEndian: boolean;
  readonly offset: number;
  readonly rowBytes: number;
  /** Position of the first record, if its row is not its first part. */
  readonly recordOffset?: number;
  /** Which part of the file the rows come from, if they are not all of it. */
  readonly origin?: Origin;
}

/** Rows that must be decoded from the beginning. */
export interface RowStream {
  readonly kind: 'stream';
  readonly depth: number;
  /** Element type of `blocks`. */
  readonly type: ElementType;
  /**
   * Yields blocks of whole rows in order, without gaps: typed arrays of `type` (Uint16Array with the bits for float16 and bfloat16), of at
   * most a few MiB, or of one row if that is larger. A block is valid until the next is requested. May be called once. Throws FormatError.
   */
  blocks(): AsyncGenerator<NumericArray, void, undefined>;
  /** Which part of the file the rows come from, if they are not all of it. */
  readonly origin?: Origin;
  /** Rows without a vector, complete when `blocks` has ended; they are skipped, or are zero rows. */
  readonly nulls?: NullRows;
  /** The same rows in sparse form, if they are sparse; `blocks` includes the zeros. */
  readonly sparse?: CsrRows;
  /** Properties of the columns that the file does not state. */
  readonly openColumns?: OpenColumns;
  /** Names of the rows in the file, such as the words of GloVe: one per row, complete when `blocks` has ended. */
  readonly labels?: readonly string[];
}

/** Which part of a file holds the rows, and how to read it if the file does not say. */
export interface ReadOptions {
  /**
   * The column, tensor, array or dataset: a name; a path such as 'doc.embedding' for nested fields; or several numeric columns: 'd0,d1,d2',
   * 'd*', 'd0..d767', or '3..18' by number, counted from 1.
   */
  readonly column?: string | undefined;
  /** The element type of vectors stored as bytes. Default: detected from the bytes if it is certain; otherwise the file is refused. */
  readonly element?: BytesElement | undefined;
  /** True if the first line of a text table names its columns. Default: decided by the types in the columns. */
  readonly header?: boolean | undefined;
  /**
   * The number of columns. SVMlight files need it if they do not use the last column; rows of other formats are refused if their number
   * differs.
   */
  readonly width?: number | undefined;
  /** The number of the first column in SVMlight files. Default: 0 if an index is 0; otherwise the file is refused if it matters. */
  readonly indexBase?: 0 | 1 | undefined;
  /**
   * What to do with rows without a vector: 'throw' (default), 'skip' to leave them out, or 'zero' to treat them as zero rows, which are
   * similar to nothing.
   */
  readonly nulls?: NullPolicy | undefined;
}

/**
 * Finds the rows in a file of one format. Nothing the file states is trusted before it has been checked, and no more is allocated than a
 * multiple of its size. Throws FormatError with a position, and ArgumentError, listing the columns, if `column` does not exist.
 */
export type RowReader = (source: ByteSource, options: ReaderOptions) => Promise<FlatRows | RowStream>;

/** What `openRows` passes to the reader of a format. */
export interface ReaderOptions extends ReadOptions {
  /** Filled while rows are read, by readers of formats whose records can be copied. */
  readonly places?: RecordPlaces | undefined;
  /** How many bytes of decoded rows may be in memory; the reader may use about as much for its own buffers, and at least a few MiB. */
  readonly memoryBudget?: number | undefined;
  /** Memory for sparse rows. Default: unlimited. */
  readonly sparseRoom?: SparseRoom | undefined;
  /** Creates a store for what is decoded out of order and exceeds that. Default: it is held in memory. */
  readonly createStore?: CreateStore | undefined;
}

/** Yields the names of rows: the text of one column, in order, a few thousand at a time. */
export type TextReader = (
  source: ByteSource,
  column: string,
  /** What to do if a record has no such field, in formats whose records can differ. Default: throw an error. */
  missing?: 'throw' | 'empty',
  /** Receives information on the types of the values. */
  seen?: SeenValues,
  /** Filled while texts are read, by readers of formats whose records are text. */
  places?: RecordPlaces,
  header?: HeaderOfTexts,
) => AsyncGenerator<string[], void, undefined>;

/**
 * Whether the first line of a text table names its columns. 'refuse' throws ArgumentError if that line may also be a row and the column is
 * given by number. Default: in that case its cell is the first text, for callers that know the number of rows.
 */
export type HeaderOfTexts = boolean | 'refuse' | undefined;

/** DuckDB's name for a database without a file; its queries read other files. */
export const NO_FILE = ':memory:';

/** Approximate size of the blocks of a stream. */
export const STREAM_BLOCK_BYTES: number = 2 ** 20;

/** Limit for the elements of a row. */
export const MAX_DEPTH: number = 2 ** 24;
