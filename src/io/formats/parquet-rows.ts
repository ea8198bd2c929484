// Rows from one column of a Parquet file: lists of numbers, or cells of bytes or text. Levels are checked as they are read and no nested
// array is built, because in rows of equal length the values follow each other anyway.

import { FormatError } from '../../errors.js';
import type { NumericArray } from '../../rows/dtype.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { isMostlyEqual, SAMPLE_ROWS } from '../columns/column.js';
import type { NullRows } from '../columns/nulls.js';
import { MAX_DEPTH, STREAM_BLOCK_BYTES } from '../rows/row-reader.js';
import { takeTurn } from '../turns.js';
import { decodeAt, formatFailure } from './format-failure.js';
import { openBooleans } from './parquet-booleans.js';
import type { ParquetChunk, ParquetFooter } from './parquet-footer.js';
import { type DataPage, PageWalker } from './parquet-pages.js';
import { type ParquetColumn, plainBytesOf } from './parquet-schema.js';
import { type BytesReader, type Dictionary, newElements, openBytes, openDictionary, openNumbers } from './parquet-values.js';
import { stringText } from './value-text.js';
import type { VectorCells } from './vector-cells.js';

/** Values are checked and copied this many at a time. */
const PIECE = 2 ** 16;
/** Names are delivered when they have this many characters in total. A dictionary can make each name as long as the file. */
const BATCH_CHARACTERS = 2 ** 20;
/** Limit for the size of a row, whatever the file states. */
const MAX_ROW_BYTES = 2 ** 26;
/** Limit for the total size of the cells that determine the type of a column. */
const SAMPLE_BYTES = 2 ** 21;
/** Number of list elements that are sampled to determine the length of lists. */
const SAMPLE_ELEMENTS = 2 ** 20;

/** One column to read, and everything needed to read it. */
export interface ColumnPages {
  readonly source: ByteSource;
  readonly footer: ParquetFooter;
  readonly column: ParquetColumn;
  readonly chunks: readonly ParquetChunk[];
}

/** A data page and the dictionary that precedes it. */
interface OpenPage {
  readonly page: DataPage;
  readonly dictionary: Dictionary | undefined;
}

/** Yields the data pages of a chunk, in order. */
async function* openPages({ source, column }: ColumnPages, chunk: ParquetChunk): AsyncGenerator<OpenPage, void, undefined> {
  if (chunk.values === 0) return;
  const walker = await PageWalker.open(source, chunk, column);
  let dictionary: Dictionary | undefined;
  for (let location = await walker.next(); location; location = await walker.next()) {
    if (location.header.type !== 'DICTIONARY_PAGE') {
      const page = await walker.load(location);
      try {
        yield { page, dictionary };
      } finally {
        await page.close();
      }
      continue;
    }
    const bytes = await walker.loadDictionary(location);
    try {
      dictionary = openDictionary(bytes, column, location.count);
    } catch (error) {
      throw formatFailure(source.name, location.offset, error);
    }
  }
}

/** Runs with at least this many equal levels are skipped without unpacking. */
const LONG_RUN = 32;
/** A value that no level has. */
const NO_LEVEL = 256;

/** The next part of a column of lists. */
interface ListPart {
  /** Number of elements. */
  readonly values: number;
  /** Set if a row without elements follows: null or empty. */
  readonly missing: 'null' | 'empty' | undefined;
}

/** Follows the levels of lists: which row a value belongs to and how long rows are. Throws plain Errors. */
class ListLevels {
  #row = -1;
  /** Number of elements of the row so far. */
  #length = 0;
  /** The one level at which nested lists repeat; all other lists must have one element. */
  #level = 0;
  readonly #definition = new Uint8Array(PIECE);
  readonly #repetition = new Uint8Array(PIECE);
  /** Number of levels read at once. */
  #unpacked = 1;
  /** Levels that have been read but not yet processed. */
  #at = 0;
  #end = 0;
  /** Number of levels left in the page. */
  #left = 0;
  #page: DataPage | undefined;

  constructor(
    private readonly column: ParquetColumn,
    /** Called with the length of each row when it ends; 0 for rows without elements. */
    private readonly onRow: (length: number, row: number) => void,
  ) {}

  /** The row of the most recent element. */
  get row(): number {
    return this.#row;
  }

  open(page: DataPage): void {
    this.#page = page;
    this.#left = page.count;
  }

  /** Returns the next elements, at most `most` and at most up to a row without any, or undefined at the end of the page. */
  next(most: number): ListPart | undefined {
    const { column } = this;
    const definition = this.#definition;
    const repetition = this.#repetition;
    let length = this.#length;
    let values = 0;
    while (values < most) {
      if (this.#at === this.#end) {
        const elements = this.#skipElements(most - values);
        length += elements;
        values += elements;
        if (elements > 0) continue;
        if (!this.#fill()) break;
      }
      const start = this.#at;
      const end = Math.min(this.#end, start + most - values);
      for (let at = start; at < end; at++) {
        // Most levels mean one more element.
        const from = at;
        const inner = this.#level || NO_LEVEL;
        while (at < end && repetition[at] === inner && definition[at] === column.definition) at++;
        if (this.#row >= 0) length += at - from;
        else if (at > from) throw new Error(`column ${column.name} begins in the middle of a row`);
        if (at === end) break;
        const level = repetition[at] as number;
        if (level === 0) {
          if (this.#row >= 0 && length > 0) this.onRow(length, this.#row);
          this.#row++;
          length = 0;
        } else if (this.#row < 0) throw new Error(`column ${column.name} begins in the middle of a row`);
        else if (level !== this.#level) this.#checkLevel(level);
        if (definition[at] === column.definition) {
          length++;
          continue;
        }
        this.#length = length;
        this.#at = at + 1;
        return { values: values + at - start, missing: this.#missing(definition[at] as number, level) };
      }
      values += end - start;
      this.#at = end;
    }
    // The message for a row that is too long states its length.
    if (length > MAX_DEPTH) throw new Error(`row ${this.#row} of column ${column.name} has more than ${MAX_DEPTH} elements`);
    this.#length = length;
    return values > 0 ? { values, missing: undefined } : undefined;
  }

  /** Called after the last value of a row group, where rows end. */
  end(): void {
    if (this.#row >= 0 && this.#length > 0) this.onRow(this.#length, this.#row);
    this.#length = 0;
  }

  /** Skips further elements of the row without unpacking their levels, at most `most`, and returns their number. */
  #skipElements(most: number): number {
    const page = this.#page;
    let count = 0;
    if (page?.repetition && page.definition && this.#left > 0 && this.#level > 0 && this.#row >= 0) {
      count = page.repetition.countEqual(this.#level, Math.min(most, this.#left));
      if (count > 0) count = page.definition.countEqual(this.column.definition, count);
      page.repetition.skip(count);
      page.definition.skip(count);
      this.#left -= count;
    }
    // If runs are short, it is faster to unpack many levels at a time.
    this.#unpacked = count >= LONG_RUN ? 1 : Math.min(PIECE, 2 * this.#unpacked);
    return count;
  }

  #fill(): boolean {
    const page = this.#page;
    const count = Math.min(this.#unpacked, this.#left);
    if (!page || count === 0) return false;
    page.repetition?.read(this.#repetition, count);
    if (page.definition) page.definition.read(this.#definition, count);
    else this.#definition.fill(this.column.definition, 0, count);
    this.#left -= count;
    this.#at = 0;
    this.#end = count;
    return true;
  }

  #checkLevel(level: number): void {
    if (this.#level === 0) this.#level = level;
    else throw new NestedLists(`row ${this.#row} of column ${this.column.name} holds more than one list`);
  }

  #missing(definition: number, repetition: number): 'null' | 'empty' {
    const { name, definition: highest, repeated } = this.column;
    if (definition > highest) throw new Error(`a definition level of ${definition} where ${highest} is the highest`);
    if (definition >= repeated) throw new Error(`element ${this.#length} of row ${this.#row} of column ${name} is null`);
    if (repetition > 0) throw new Error(`a part of row ${this.#row} of column ${name} is null or empty`);
    return definition === repeated - 1 ? 'empty' : 'null';
  }
}

/** Rows that consist of several lists are not supported. */
class NestedLists extends Error {}

/** Returns the range of row lengths in a sample; both ends are undefined if no row has elements. */
export interface SampledLists {
  readonly shortest: number | undefined;
  readonly longest: number | undefined;
  /** True if most of them have the same length. */
  readonly mostlyEqual: boolean;
  readonly nested: boolean;
}

/** Examines the first rows, or more until one of them has elements. */
export async function sampleLists(pages: ColumnPages): Promise<SampledLists> {
  let shortest: number | undefined;
  let longest: number | undefined;
  const counts = new Map<number, number>();
  let elements = 0;
  const levels = new ListLevels(pages.column, (length) => {
    shortest = Math.min(shortest ?? length, length);
    longest = Math.max(longest ?? 0, length);
    counts.set(length, (counts.get(length) ?? 0) + 1);
  });
  const sampled = (): SampledLists => ({ shortest, longest, mostlyEqual: isMostlyEqual(counts), nested: false });
  for (const chunk of pages.chunks) {
    for await (const { page } of openPages(pages, chunk)) {
      try {
        levels.open(page);
        for (let part = levels.next(PIECE); part; part = levels.next(PIECE)) {
          const turn = takeTurn(pages.source, part.values);
          if (turn) await turn;
          elements += part.values;
          if (longest !== undefined && (levels.row >= SAMPLE_ROWS || elements > SAMPLE_ELEMENTS)) return sampled();
        }
      } catch (error) {
        if (error instanceof NestedLists) return { ...sampled(), nested: true };
        throw formatFailure(pages.source.name, page.offset, error);
      }
    }
    levels.end();
    if (longest !== undefined && levels.row >= SAMPLE_ROWS) break;
  }
  return sampled();
}

/** Rows per block, and the buffers for them. */
export function openBlock(depth: number, bytes: number): number {
  return Math.max(1, Math.floor(STREAM_BLOCK_BYTES / (depth * bytes)));
}

/** The same, where a file may have fewer rows. */
function roomFor({ footer }: ColumnPages, depth: number, bytes: number): number {
  const rows = footer.groups.reduce((sum, group) => sum + group.rows, 0);
  return depth * Math.max(1, Math.min(rows, openBlock(depth, bytes)));
}

function checkRowBytes({ source, footer }: ColumnPages, depth: number, rowBytes: number): void {
  if (rowBytes > MAX_ROW_BYTES) throw new FormatError(source.name, footer.offset, `rows of ${depth} elements are too long`);
}

/** Yields the rows of a column of lists, each with `depth` elements or null. */
export async function* readLists(
  pages: ColumnPages,
  depth: number,
  nulls: NullRows,
): AsyncGenerator<NumericArray, void, undefined> {
  const { source, column, footer } = pages;
  const element = column.element ?? 'float32';
  const bytes = newElements(element, 1).BYTES_PER_ELEMENT;
  checkRowBytes(pages, depth, depth * bytes);
  const block = newElements(element, depth > 0 ? roomFor(pages, depth, bytes) : 0);
  let filled = 0;
  const levels = new ListLevels(column, (length, row) => {
    if (length === depth) return;
    throw new Error(`row ${row} of column ${column.name} has ${length} elements where others have ${depth}`);
  });
  let rows = 0;
  for (const [i, chunk] of pages.chunks.entries()) {
    let { offset } = chunk;
    for await (const { page, dictionary } of openPages(pages, chunk)) {
      offset = page.offset;
      try {
        const values = await openNumbers(page, column, dictionary);
        levels.open(page);
        // If no row has elements, no buffer is needed.
        const room = () => (depth > 0 ? block.length - filled : PIECE);
        for (let part = levels.next(room()); part; part = levels.next(room())) {
          const turn = takeTurn(source, part.values);
          if (turn) await turn;
          if (part.values > 0) {
            const reading = values.read(block, filled, part.values);
            if (reading instanceof Promise) await reading;
            filled += part.values;
          }
          if (filled === block.length && filled > 0) {
            yield block;
            filled = 0;
          }
          if (part.missing === undefined || !nulls.add(levels.row, offset, `of column ${column.name} is ${part.missing}`))
            continue;
          if (depth === 0) throw new Error(`column ${column.name} has no row with elements, so zero rows have no length`);
          if (filled % depth !== 0)
            throw new Error(`row ${levels.row - 1} of column ${column.name} has fewer elements than others`);
          block.fill(0, filled, filled + depth);
          filled += depth;
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
      rows += footer.groups[i]?.rows ?? 0;
      if (levels.row + 1 !== rows) throw new Error(`column ${column.name} has ${levels.row + 1} rows where ${rows} are stated`);
    } catch (error) {
      throw formatFailure(source.name, offset, error);
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}

function openStrings(page: DataPage, column: ParquetColumn, dictionary: Dictionary | undefined): Promise<BytesReader> {
  return column.physical === 'BOOLEAN' ? openBooleanBytes(page) : openBytes(page, column.fixedBytes, dictionary);
}

async function openBooleanBytes({ encoding, values }: DataPage): Promise<BytesReader> {
  const read = openBooleans(encoding, await values.rest());
  const one = new Uint8Array(1);
  return {
    next() {
      read(one);
      return one;
    },
  };
}

interface Cell {
  /** Position of the page. */
  readonly offset: number;
  readonly row: number;
  /** Valid until the next one is read; undefined if it is null. */
  readonly value: Uint8Array | undefined;
}

/** Yields the byte string of each row, or null. */
async function* readStrings(pages: ColumnPages): AsyncGenerator<Cell, void, undefined> {
  const { source, column, footer } = pages;
  const definition = new Uint8Array(PIECE);
  let row = 0;
  let stated = 0;
  for (const [i, chunk] of pages.chunks.entries()) {
    for await (const { page, dictionary } of openPages(pages, chunk)) {
      const { offset } = page;
      try {
        const values = await openStrings(page, column, dictionary);
        for (let done = 0; done < page.count; done += PIECE) {
          const count = Math.min(PIECE, page.count - done);
          await takeTurn(source, count);
          page.definition?.read(definition, count);
          for (let k = 0; k < count; k++) {
            const there = !page.definition || definition[k] === column.definition;
            const value = there ? values.next() : undefined;
            const bytes = value instanceof Promise ? await value : value;
            if (bytes) {
              chunk.work.spend(bytes.length);
              const turn = takeTurn(source, bytes.length);
              if (turn) await turn;
            }
            yield { offset, row: row++, value: bytes };
          }
        }
      } catch (error) {
        throw formatFailure(source.name, offset, error);
      }
    }
    stated += footer.groups[i]?.rows ?? 0;
    if (row !== stated) {
      throw new FormatError(source.name, chunk.offset, `column ${column.name} has ${row} rows where ${stated} are stated`);
    }
  }
}

/** Returns the first cells that are not null, as many as are needed to recognise their contents. */
export async function sampleCells(pages: ColumnPages): Promise<Uint8Array[]> {
  const cells: Uint8Array[] = [];
  let bytes = 0;
  for await (const { row, value } of readStrings(pages)) {
    if (value && value.length > 0) {
      cells.push(value.slice());
      bytes += value.length;
    }
    if (cells.length > 0 && (row >= SAMPLE_ROWS || bytes > SAMPLE_BYTES)) break;
  }
  return cells;
}

/** Yields the rows of a column in which each cell is a whole vector. */
export async function* readCells(
  pages: ColumnPages,
  { depth, type, decode }: VectorCells,
  nulls: NullRows,
): AsyncGenerator<NumericArray, void, undefined> {
  const { source, column } = pages;
  const rowBytes = newElements(type, depth).byteLength;
  checkRowBytes(pages, depth, rowBytes);
  const block = newElements(type, roomFor(pages, depth, rowBytes / depth));
  const bytes = new Uint8Array(block.buffer);
  let filled = 0;
  for await (const { offset, row, value } of readStrings(pages)) {
    let decoded: Uint8Array | undefined;
    try {
      decoded = value && decode(value);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new FormatError(source.name, offset, `row ${row} of column ${column.name} ${message}`);
    }
    if (decoded) bytes.set(decoded, filled);
    else if (nulls.add(row, offset, `of column ${column.name} is null`)) bytes.fill(0, filled, filled + rowBytes);
    else continue;
    filled += rowBytes;
    if (filled < bytes.length) continue;
    yield block;
    filled = 0;
  }
  if (filled > 0) yield block.subarray(0, (filled / rowBytes) * depth);
}

/** The same column with its values taken as plain byte strings. */
function asStored(pages: ColumnPages): ColumnPages {
  const { source, footer, column } = pages;
  const fixedBytes = decodeAt(source.name, footer.offset, () => plainBytesOf(column));
  return { ...pages, column: { ...column, element: undefined, fixedBytes } };
}

/** Yields the text of a column, at most `batch` values at a time; nulls become empty. */
export async function* readTexts(pages: ColumnPages, batch: number): AsyncGenerator<string[], void, undefined> {
  const { valueText } = pages.column;
  const textOf = valueText ?? stringText;
  let texts: string[] = [];
  let characters = 0;
  for await (const { value, offset } of readStrings(valueText ? asStored(pages) : pages)) {
    const text = value ? decodeAt(pages.source.name, offset, () => textOf(value)) : '';
    texts.push(text);
    characters += text.length;
    if (texts.length < batch && characters < BATCH_CHARACTERS) continue;
    yield texts;
    texts = [];
    characters = 0;
  }
  if (texts.length > 0) yield texts;
}
