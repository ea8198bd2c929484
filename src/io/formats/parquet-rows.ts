// Rows from one column of a Parquet file: lists of numbers, or bytes that are the float32 of a row. Levels are checked as they
// pass, so no nested array is ever built: in rows of equal length without nulls the values lie one after another anyway.

import { FormatError } from '../../errors.js';
import type { NumericArray } from '../../matrix/dtype.js';
import type { ByteSource } from '../byte-source.js';
import { MOST_DEPTH, STREAM_BLOCK_BYTES } from '../row-reader.js';
import { formatFailure } from './format-failure.js';
import type { ParquetChunk, ParquetColumn, ParquetFooter } from './parquet-footer.js';
import { type DataPage, PageWalker } from './parquet-pages.js';
import { BytesList, newElements, openBytes, openNumbers, plainNumbers } from './parquet-values.js';

/** Values are checked and copied this many at a time. */
const PIECE = 2 ** 16;
/** Names are handed out when they have this many characters together: of a dictionary, each may be as long as the file. */
const BATCH_CHARACTERS = 2 ** 20;
/** No row is larger, whatever a file says. */
const MOST_ROW_BYTES = 2 ** 26;

/** One column to read, with all that is needed to. */
export interface ColumnPages {
  readonly source: ByteSource;
  readonly footer: ParquetFooter;
  readonly column: ParquetColumn;
  readonly chunks: readonly ParquetChunk[];
}

/** A data page with the dictionary that was read before it. */
interface OpenPage {
  readonly page: DataPage;
  readonly numbers: NumericArray | undefined;
  readonly strings: BytesList | undefined;
}

/** The data pages of a chunk, in order. */
async function* openPages({ source, column }: ColumnPages, chunk: ParquetChunk): AsyncGenerator<OpenPage, void, undefined> {
  const walker = await PageWalker.open(source, chunk, column);
  let numbers: NumericArray | undefined;
  let strings: BytesList | undefined;
  for (let location = await walker.next(); location; location = await walker.next()) {
    if (location.header.type !== 'DICTIONARY_PAGE') {
      yield { page: await walker.load(location), numbers, strings };
      continue;
    }
    const bytes = await walker.loadDictionary(location);
    try {
      if (column.element) numbers = plainNumbers(bytes, column, location.count);
      else strings = new BytesList(bytes, column.fixedBytes, location.count);
    } catch (error) {
      throw formatFailure(source.name, location.offset, error);
    }
  }
}

/** Follows the levels of lists: which row a value belongs to, and whether all rows are as long. */
class ListLevels {
  #row = -1;
  /** Elements of the row so far. */
  #length = 0;
  readonly #definition = new Uint8Array(PIECE);
  readonly #repetition = new Uint8Array(PIECE);

  constructor(
    private readonly column: ParquetColumn,
    /** Undefined while it is looked for. */
    private readonly depth: number | undefined,
  ) {}

  get rows(): number {
    return this.#row + 1;
  }

  /** Elements of the last row so far. */
  get length(): number {
    return this.#length;
  }

  /** Takes the levels of `count` values. Stops before the second row and gives true if the depth is being looked for. */
  take(page: DataPage, count: number): boolean {
    const { column, depth } = this;
    page.repetition?.read(this.#repetition, count);
    if (page.definition) page.definition.read(this.#definition, count);
    else this.#definition.fill(column.definition, 0, count);
    for (let i = 0; i < count; i++) {
      if (this.#repetition[i] === 0) {
        if (this.#row >= 0) {
          if (depth === undefined) return true;
          this.#checkLength(depth);
        }
        this.#row++;
        this.#length = 0;
      } else if (this.#row < 0) throw new Error(`column ${column.name} begins in the middle of a row`);
      if (this.#definition[i] !== column.definition) this.#refuseNull(this.#definition[i] as number);
      // A row that is too long is told by its length.
      if (++this.#length > MOST_DEPTH)
        throw new Error(`row ${this.#row} of column ${column.name} has more than ${MOST_DEPTH} elements`);
      if (depth !== undefined && this.#length > depth) this.#refuseLonger(depth);
    }
    return false;
  }

  /** After the last value of a row group. */
  end(): void {
    if (this.depth !== undefined && this.#row >= 0) this.#checkLength(this.depth);
  }

  #checkLength(depth: number): void {
    if (this.#length === depth) return;
    throw new Error(`row ${this.#row} of column ${this.column.name} has ${this.#length} elements, row 0 has ${depth}`);
  }

  #refuseLonger(depth: number): never {
    throw new Error(`row ${this.#row} of column ${this.column.name} has more elements than the ${depth} of row 0`);
  }

  #refuseNull(level: number): never {
    const { name, definition, repeated } = this.column;
    if (level > definition) throw new Error(`a definition level of ${level} where ${definition} is the highest`);
    if (level >= repeated) throw new Error(`element ${this.#length} of row ${this.#row} of column ${name} is null`);
    throw new Error(`row ${this.#row} of column ${name} is ${level === repeated - 1 ? 'empty' : 'null'}`);
  }
}

/** How many elements the first row has; 0 where there is none. */
export async function findListDepth(pages: ColumnPages): Promise<number> {
  const levels = new ListLevels(pages.column, undefined);
  for (const chunk of pages.chunks) {
    for await (const { page } of openPages(pages, chunk)) {
      try {
        for (let done = 0; done < page.count; done += PIECE) {
          if (levels.take(page, Math.min(PIECE, page.count - done))) return levels.length;
        }
      } catch (error) {
        throw formatFailure(pages.source.name, page.offset, error);
      }
    }
    // A row ends with its row group.
    if (levels.rows > 0) return levels.length;
  }
  return 0;
}

/** Rows in a block, and the room for them. */
export function openBlock(depth: number, bytes: number): number {
  return Math.max(1, Math.floor(STREAM_BLOCK_BYTES / (depth * bytes)));
}

/** The rows of a column of lists, each of `depth` elements. */
export async function* readLists(pages: ColumnPages, depth: number): AsyncGenerator<NumericArray, void, undefined> {
  const { source, column, footer } = pages;
  if (depth === 0) return;
  const element = column.element ?? 'float32';
  const bytes = newElements(element, 1).BYTES_PER_ELEMENT;
  if (depth * bytes > MOST_ROW_BYTES)
    throw new FormatError(source.name, footer.offset, `rows of ${depth} elements are too long`);
  const block = newElements(element, openBlock(depth, bytes) * depth);
  let filled = 0;
  const levels = new ListLevels(column, depth);
  let rows = 0;
  for (const [i, chunk] of pages.chunks.entries()) {
    let offset = chunk.offset;
    for await (const { page, numbers } of openPages(pages, chunk)) {
      offset = page.offset;
      try {
        const values = openNumbers(page, column, numbers);
        for (let done = 0; done < page.count; ) {
          const count = Math.min(PIECE, page.count - done, block.length - filled);
          levels.take(page, count);
          values.read(block, filled, count);
          done += count;
          filled += count;
          if (filled < block.length) continue;
          yield block;
          filled = 0;
        }
      } catch (error) {
        throw formatFailure(source.name, offset, error);
      }
    }
    try {
      levels.end();
      rows += Number(footer.groups[i]?.num_rows);
      if (levels.rows !== rows) throw new Error(`column ${column.name} has ${levels.rows} rows where ${rows} are stated`);
    } catch (error) {
      throw formatFailure(source.name, offset, error);
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}

/** The byte strings of a column that has one, or null, for each row. */
async function* readStrings(
  pages: ColumnPages,
): AsyncGenerator<{ page: DataPage; row: number; value: Uint8Array | null }, void, undefined> {
  const { source, column, footer } = pages;
  const definition = new Uint8Array(PIECE);
  let row = 0;
  let stated = 0;
  for (const [i, chunk] of pages.chunks.entries()) {
    for await (const { page, strings } of openPages(pages, chunk)) {
      try {
        const values = openBytes(page, column, strings);
        for (let done = 0; done < page.count; done += PIECE) {
          const count = Math.min(PIECE, page.count - done);
          page.definition?.read(definition, count);
          for (let k = 0; k < count; k++) {
            const there = !page.definition || definition[k] === column.definition;
            yield { page, row: row++, value: there ? values.next() : null };
          }
        }
      } catch (error) {
        throw formatFailure(source.name, page.offset, error);
      }
    }
    stated += Number(footer.groups[i]?.num_rows);
    if (row !== stated) {
      throw new FormatError(source.name, chunk.offset, `column ${column.name} has ${row} rows where ${stated} are stated`);
    }
  }
}

/** How many float32 the bytes of the first row are; 0 where there is none. */
export async function findBytesDepth(pages: ColumnPages): Promise<number> {
  const { column } = pages;
  if (column.fixedBytes > 0) return column.fixedBytes / 4;
  for await (const { page, value } of readStrings(pages)) {
    if (value && value.length > 0 && value.length % 4 === 0) return value.length / 4;
    const what = value ? `${value.length} bytes, no multiple of the 4 of a float32` : 'null';
    throw new FormatError(pages.source.name, page.offset, `row 0 of column ${column.name} is ${what}`);
  }
  return 0;
}

/** The rows of a column of bytes, each the little-endian float32 of a row. */
export async function* readBytesRows(pages: ColumnPages, depth: number): AsyncGenerator<NumericArray, void, undefined> {
  const { source, column, footer } = pages;
  if (depth === 0) return;
  const rowBytes = depth * 4;
  if (rowBytes > MOST_ROW_BYTES) throw new FormatError(source.name, footer.offset, `rows of ${depth} elements are too long`);
  const block = new Float32Array(openBlock(depth, 4) * depth);
  const bytes = new Uint8Array(block.buffer);
  let filled = 0;
  for await (const { page, row, value } of readStrings(pages)) {
    if (value?.length !== rowBytes) {
      const what = value ? `${value.length} bytes, row 0 has ${rowBytes}` : 'null';
      throw new FormatError(source.name, page.offset, `row ${row} of column ${column.name} is ${what}`);
    }
    bytes.set(value, filled);
    filled += rowBytes;
    if (filled < bytes.length) continue;
    yield block;
    filled = 0;
  }
  if (filled > 0) yield block.subarray(0, filled / 4);
}

/** The text of a column, `batch` values at a time or fewer; nulls are empty. */
export async function* readTexts(pages: ColumnPages, batch: number): AsyncGenerator<string[], void, undefined> {
  const decoder = new TextDecoder();
  let texts: string[] = [];
  let characters = 0;
  for await (const { value } of readStrings(pages)) {
    const text = value ? decoder.decode(value) : '';
    texts.push(text);
    characters += text.length;
    if (texts.length < batch && characters < BATCH_CHARACTERS) continue;
    yield texts;
    texts = [];
    characters = 0;
  }
  if (texts.length > 0) yield texts;
}
