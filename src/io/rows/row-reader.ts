// What the reader of a format makes of a file: rows that lie in it as they are, or that have to be decoded one after another.

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

/** Rows of `depth` elements, one after another from byte `offset` on, `rowBytes` from the start of one to the next. */
export interface FlatRows {
  readonly kind: 'flat';
  readonly rows: number;
  readonly depth: number;
  readonly type: ElementType;
  readonly littleEndian: boolean;
  readonly offset: number;
  readonly rowBytes: number;
  /** Where the first record begins, if the row in it is not its first part. */
  readonly recordOffset?: number;
  /** Where in the file they come from, where it holds more than them. */
  readonly origin?: Origin;
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
  /** Where in the file they come from, where it holds more than them. */
  readonly origin?: Origin;
  /** Rows without a vector, complete when `blocks` has ended; left out of the blocks, or zero rows in them. */
  readonly nulls?: NullRows;
  /** The same rows, where they are sparse ones: `blocks` has the zeros, too. */
  readonly sparse?: CsrRows;
  /** What the file says nothing about. */
  readonly openColumns?: OpenColumns;
  /** Names that stand beside the rows in the file, such as the words of GloVe; one a row, complete when `blocks` has ended. */
  readonly labels?: readonly string[];
}

/** Which part of a file holds the rows, and how to read it where the file does not say. */
export interface ReadOptions {
  /**
   * The column, tensor, array or dataset: a name; a path such as 'doc.embedding' of what is nested; or several columns of numbers:
   * 'd0,d1,d2', 'd*', 'd0..d767', or by their numbers from 1 on '3..18'.
   */
  readonly column?: string | undefined;
  /** The element type of vectors stored as bytes. Default: decided by what the bytes hold, or refused. */
  readonly element?: BytesElement | undefined;
  /** Whether the first line of a table as text names its columns. Default: decided by the types down the columns. */
  readonly header?: boolean | undefined;
  /**
   * The number of columns: of SVMlight's files, which only tell the last one that they store; rows of other formats are refused where they
   * have another.
   */
  readonly width?: number | undefined;
  /** What SVMlight's files call the first column. Default: 0, where one of them is 0; else refused when it matters. */
  readonly indexBase?: 0 | 1 | undefined;
  /** Rows without a vector: 'throw' (default), 'skip' to leave them out, or 'zero' for zero rows, which are similar to nothing. */
  readonly nulls?: NullPolicy | undefined;
}

/**
 * Finds the rows in a file of one format. Believes nothing that the file says before it has been checked: allocates no more
 * than some multiple of the bytes that are really there. Throws FormatError, with the byte where that showed; ArgumentError for
 * `column` where there is no such column, with the names there are.
 */
export type RowReader = (source: ByteSource, options: ReaderOptions) => Promise<FlatRows | RowStream>;

/** What `openRows` passes on to the reader of a format. */
export interface ReaderOptions extends ReadOptions {
  /** To be filled as rows are read, by readers of formats whose records can be copied. */
  readonly places?: RecordPlaces | undefined;
  /** Bytes that decoded rows may take in memory; what a reader holds of the file besides is about as much, and some MiB at least. */
  readonly memoryBudget?: number | undefined;
}

/** The names of rows: the text of one column, in order, some thousand at a time. */
export type TextReader = (
  source: ByteSource,
  column: string,
  /** What a record without such a field is, where records may differ in their fields. Default: an error. */
  missing?: 'throw' | 'empty',
  /** To be told what the values are. */
  seen?: SeenValues,
  /** To be filled as texts are read, by readers of formats that have records as text. */
  places?: RecordPlaces,
  header?: HeaderOfTexts,
) => AsyncGenerator<string[], void, undefined>;

/**
 * Whether the first line of a table as text names its columns. 'refuse' throws ArgumentError where that line may be a row as well, and the
 * column is given by its number. Default: the cell of such a line is the first text, for callers that know how many rows there are.
 */
export type HeaderOfTexts = boolean | 'refuse' | undefined;

/** DuckDB's name for a database that is in no file: its queries read other files. */
export const NO_FILE = ':memory:';

/** Blocks of a stream are about this large. */
export const STREAM_BLOCK_BYTES: number = 2 ** 20;

/** No row of any use is longer than this many elements. */
export const MAX_DEPTH: number = 2 ** 24;
