// Parquet: rows from a column of lists, bytes or text, or from many columns of numbers, and names from a column of text. Files are read
// page by page.
//
// https://parquet.apache.org/docs/file-format/

import { ArgumentError } from '../../errors.js';
import type { NumericArray } from '../../rows/dtype.js';
import type { ElementType } from '../../rows/element-type.js';
import { type ChosenColumns, chooseColumns } from '../columns/choose.js';
import type { Column } from '../columns/column.js';
import { NullRows } from '../columns/nulls.js';
import { selectColumns } from '../columns/select.js';
import type { ReadOptions, RowReader, RowStream, TextReader } from '../rows/row-reader.js';
import { chunksOf, commonElement, readParquetFooter } from './parquet-footer.js';
import { type ColumnPages, readCells, readLists, readTexts, sampleCells, sampleLists } from './parquet-rows.js';
import { readScalars } from './parquet-scalars.js';
import type { ParquetColumn } from './parquet-schema.js';
import { sampleBytes, sampleTexts, type VectorCells } from './vector-cells.js';

/** Number of names delivered at a time. */
const TEXT_BATCH = 4096;

/** Reads the rows of a Parquet file; `chooseColumns` decides which columns they are. */
export const readParquet: RowReader = async (source, options) => {
  const footer = await readParquetFooter(source, options);
  if (options.places) options.places.isParquet = true;
  const pagesOf = (column: ParquetColumn): ColumnPages => ({
    source,
    footer,
    column,
    chunks: chunksOf(source, footer, column),
  });
  const { columns } = footer;
  const { column: selector } = options;
  // Columns that are not selected are described by their type alone.
  const sampled = new Set(selector === undefined ? columns.keys() : selectColumns(source.name, columns, selector));
  const described: Described[] = [];
  for (const [index, column] of columns.entries()) {
    described.push(sampled.has(index) ? await describe(pagesOf, column, options) : { column });
  }
  const question = { file: source.name, columns: described.map(({ column }) => column), named: true, selector };
  const chosen = chooseColumns(question);
  const nulls = new NullRows(source.name, options.nulls);
  const taken = chosen.columns.map((index) => columns[index] as ParquetColumn);
  if (chosen.kind === 'elements') {
    const pages = taken.map(pagesOf);
    return stream(chosen, taken.length, commonElement(taken), nulls, () => readScalars(pages, nulls));
  }
  const [column] = taken as [ParquetColumn];
  const { cells, column: described0 } = described[chosen.columns[0] as number] as Described;
  const pages = pagesOf(column);
  if (cells) return stream(chosen, cells.depth, cells.type, nulls, () => readCells(pages, cells, nulls));
  const depth = described0.length ?? 0;
  return stream(chosen, depth, column.element ?? 'float32', nulls, () => readLists(pages, depth, nulls));
};

function stream(
  { origin }: ChosenColumns,
  depth: number,
  type: ElementType,
  nulls: NullRows,
  blocks: () => AsyncGenerator<NumericArray, void, undefined>,
): RowStream {
  return { kind: 'stream', depth, type, blocks, nulls, origin };
}

interface Described {
  readonly column: Column;
  /** The rows of each column whose cells are whole vectors. */
  readonly cells?: VectorCells;
}

/** Describes a column by its type and a sample of its rows. */
async function describe(
  pagesOf: (column: ParquetColumn) => ColumnPages,
  column: ParquetColumn,
  { element }: ReadOptions,
): Promise<Described> {
  const { name, type, content, repetition } = column;
  if (content === 'number' && repetition > 0) {
    const { shortest, longest, mostlyEqual, nested } = await sampleLists(pagesOf(column));
    if (nested) return { column: { ...column, type: `${type} of several lists a row` } };
    if (shortest !== longest) {
      const unlike = { ...column, type: `${type} of ${shortest} to ${longest} numbers` };
      return { column: mostlyEqual ? { ...unlike, mostly: 'vector' } : unlike };
    }
    return { column: { ...column, kind: 'vector', ...(longest !== undefined && { length: longest }) } };
  }
  if (repetition > 0 || (content !== 'bytes' && content !== 'text')) return { column };
  const cells = await sampleCells(pagesOf(column));
  if (content === 'bytes') {
    const found = sampleBytes(name, type, cells, element);
    // Old writers do not mark text.
    if (found.cells || element !== undefined) return found;
    const text = sampleTexts(name, type, textsOf(cells), element);
    return text.cells ? text : found;
  }
  return sampleTexts(name, type, textsOf(cells), element);
}

function textsOf(cells: readonly Uint8Array[]): string[] {
  const decoder = new TextDecoder();
  return cells.map((cell) => decoder.decode(cell));
}

/** Yields the text (or the numbers) of one column of a Parquet file; nulls become empty. */
export const readParquetText: TextReader = async function* (source, name, _missing, seen) {
  const footer = await readParquetFooter(source);
  const [index] = selectColumns(source.name, footer.columns, name);
  const column = footer.columns[index as number] as ParquetColumn;
  const { valueText, repetition, content, fixedBytes } = column;
  const isText = repetition === 0 && (content === 'text' || (content === 'bytes' && fixedBytes === 0));
  if (!isText && !valueText)
    throw new ArgumentError(
      'column',
      `column ${name} holds ${column.type}, which is neither text nor a number, a truth value, a date or a timestamp`,
    );
  const pages: ColumnPages = { source, footer, column, chunks: chunksOf(source, footer, column) };
  if (seen && content !== 'number') seen.texts = true;
  yield* readTexts(pages, TEXT_BATCH);
};
