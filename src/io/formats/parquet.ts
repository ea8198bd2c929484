// Parquet: rows from a column of lists or bytes, or from many columns of numbers; names from a column of text. Read page by
// page.
//
// https://parquet.apache.org/docs/file-format/

import { ArgumentError } from '../../errors.js';
import type { NumericArray } from '../../matrix/dtype.js';
import type { ElementType } from '../../matrix/element-type.js';
import type { RowReader, RowStream, TextReader } from '../row-reader.js';
import { chooseColumns, findColumn } from './column-choice.js';
import { chunksOf, type ParquetColumn, readParquetFooter } from './parquet-footer.js';
import { type ColumnPages, findBytesDepth, findListDepth, readBytesRows, readLists, readTexts } from './parquet-rows.js';
import { commonElement, readNumberTexts, readScalars } from './parquet-scalars.js';

/** Names are handed out this many at a time. */
const TEXT_BATCH = 4096;

/** Rows of a Parquet file; see `chooseColumns` for which columns they are. */
export const readParquet: RowReader = async (source, options) => {
  const footer = await readParquetFooter(source);
  const chosen = chooseColumns(source.name, footer.columns, options.column).map((index) => {
    const column = footer.columns[index] as ParquetColumn;
    return { source, footer, column, chunks: chunksOf(source, footer, column) };
  });
  const [only] = chosen;
  if (only?.column.kind !== 'rows') {
    const type = commonElement(chosen.map(({ column }) => column));
    return stream(chosen.length, type, () => readScalars(chosen));
  }
  if (only.column.repetition > 0) {
    const depth = await findListDepth(only);
    return stream(depth, only.column.element ?? 'float32', () => readLists(only, depth));
  }
  const depth = await findBytesDepth(only);
  return stream(depth, 'float32', () => readBytesRows(only, depth));
};

function stream(depth: number, type: ElementType, blocks: () => AsyncGenerator<NumericArray, void, undefined>): RowStream {
  return { kind: 'stream', depth, type, blocks };
}

/** The text (or the numbers) of one column of a Parquet file; nulls are empty. */
export const readParquetText: TextReader = async function* (source, name) {
  const footer = await readParquetFooter(source);
  const column = footer.columns[findColumn(source.name, footer.columns, name)] as ParquetColumn;
  if (!column.text) throw new ArgumentError('column', `column ${name} holds ${column.type}, which cannot be names`);
  const pages: ColumnPages = { source, footer, column, chunks: chunksOf(source, footer, column) };
  yield* column.element ? readNumberTexts(pages) : readTexts(pages, TEXT_BATCH);
};
