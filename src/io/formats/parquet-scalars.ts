// Rows from many columns of a Parquet file, one number each. The columns of a row group lie one after another, so their pages
// are walked in step; where a page of each would not fit, pages are let go and read again for larger rounds of rows.

import { FormatError } from '../../errors.js';
import type { NumericArray } from '../../matrix/dtype.js';
import type { ElementType } from '../../matrix/element-type.js';
import type { ByteSource } from '../byte-source.js';
import { formatFailure } from './format-failure.js';
import type { ParquetChunk, ParquetColumn } from './parquet-footer.js';
import { type DataPage, type PageLocation, PageWalker } from './parquet-pages.js';
import { type ColumnPages, openBlock } from './parquet-rows.js';
import { type NumberReader, newElements, openNumbers, plainNumbers } from './parquet-values.js';

/** Pages and dictionaries of all columns together are kept up to this. */
const KEPT_BYTES = 2 ** 27;
/** Where they are not kept, this much of rows is gathered at a time, to read each page as few times as may be. */
const ROUND_BYTES = 2 ** 26;
/** Headers are looked for in this many bytes of each column. */
const WINDOW_BYTES = 2 ** 12;
const PIECE = 2 ** 14;
/** Levels are read to one place for all columns: there may be thousands. */
let levels: Uint8Array | undefined;

/** The element type that holds every number of `columns`. */
export function commonElement(columns: readonly ParquetColumn[]): ElementType {
  const types = new Set(columns.map(({ element }) => element as ElementType));
  return types.size === 1 ? ([...types][0] as ElementType) : 'float64';
}

/** One column in one row group. */
class ScalarColumn {
  #location: PageLocation | undefined;
  #dictionaryLocation: PageLocation | undefined;
  /** What `release` lets go. */
  #page: DataPage | undefined;
  #values: NumberReader | undefined;
  #dictionary: NumericArray | undefined;
  /** Values taken from the page so far. */
  #taken = 0;

  private constructor(
    private readonly source: ByteSource,
    private readonly column: ParquetColumn,
    private readonly walker: PageWalker,
  ) {}

  static async open(source: ByteSource, column: ParquetColumn, chunk: ParquetChunk): Promise<ScalarColumn> {
    const opened = new ScalarColumn(source, column, await PageWalker.open(source, chunk, column, WINDOW_BYTES));
    await opened.#advance();
    return opened;
  }

  /** Bytes of the page and the dictionary that are, or would be, in memory. */
  get bytes(): number {
    return (this.#location?.bytes ?? 0) + (this.#dictionaryLocation?.bytes ?? 0);
  }

  release(): void {
    this.#page = undefined;
    this.#values = undefined;
    this.#dictionary = undefined;
  }

  async #advance(): Promise<void> {
    this.#page = undefined;
    this.#values = undefined;
    this.#taken = 0;
    for (;;) {
      this.#location = await this.walker.next();
      if (this.#location?.header.type !== 'DICTIONARY_PAGE') return;
      this.#dictionaryLocation = this.#location;
      this.#dictionary = undefined;
    }
  }

  /** Reads the page and takes up where it was left. */
  async #load(location: PageLocation): Promise<void> {
    const page = await this.walker.load(location);
    if (page.encoding.endsWith('_DICTIONARY') && !this.#dictionary && this.#dictionaryLocation) {
      const { count } = this.#dictionaryLocation;
      this.#dictionary = plainNumbers(await this.walker.loadDictionary(this.#dictionaryLocation), this.column, count);
    }
    const values = openNumbers(page, this.column, this.#dictionary);
    levels ??= new Uint8Array(PIECE);
    for (let done = 0; page.definition && done < this.#taken; done += PIECE) {
      page.definition.read(levels, Math.min(PIECE, this.#taken - done));
    }
    values.skip(this.#taken);
    this.#page = page;
    this.#values = values;
  }

  /** The next `count` numbers, to the beginning of `target`; the first is of row `row`. */
  async read(target: NumericArray, count: number, row: number): Promise<void> {
    for (let done = 0; done < count; ) {
      const location = this.#location;
      if (!location) throw new Error(`column ${this.column.name} ends at row ${row + done}`);
      if (this.#taken === location.count) {
        await this.#advance();
        continue;
      }
      try {
        if (!this.#page) await this.#load(location);
        const part = Math.min(PIECE, count - done, location.count - this.#taken);
        this.#checkNulls(part, row + done);
        this.#values?.read(target, done, part);
        this.#taken += part;
        done += part;
      } catch (error) {
        throw formatFailure(this.source.name, location.offset, error);
      }
    }
  }

  #checkNulls(count: number, row: number): void {
    const { name, definition } = this.column;
    if (!this.#page?.definition) return;
    levels ??= new Uint8Array(PIECE);
    this.#page.definition.read(levels, count);
    for (let i = 0; i < count; i++) {
      if (levels[i] !== definition) throw new Error(`row ${row + i} of column ${name} is null`);
    }
  }
}

/** Rows of one number from each of `columns`. */
export async function* readScalars(columns: readonly ColumnPages[]): AsyncGenerator<NumericArray, void, undefined> {
  const [first] = columns;
  if (!first) return;
  const { source, footer } = first;
  const type = commonElement(columns.map(({ column }) => column));
  const depth = columns.length;
  const bytes = newElements(type, 1).BYTES_PER_ELEMENT;
  let row = 0;
  for (const [i, group] of footer.groups.entries()) {
    const rows = Number(group.num_rows);
    const opened: ScalarColumn[] = [];
    for (const { column, chunks } of columns) {
      const chunk = chunks[i] as ParquetChunk;
      if (chunk.values !== rows) {
        const message = `column ${column.name} has ${chunk.values} values where ${rows} rows are stated`;
        throw new FormatError(source.name, footer.offset, message);
      }
      opened.push(await ScalarColumn.open(source, column, chunk));
    }
    const kept = opened.reduce((sum, column) => sum + column.bytes, 0) <= KEPT_BYTES;
    const blockRows = openBlock(depth, bytes);
    const roundRows = Math.min(rows, kept ? blockRows : Math.max(blockRows, Math.floor(ROUND_BYTES / (depth * bytes))));
    const round = newElements(type, roundRows * depth);
    const scratch = newElements(type, roundRows);
    for (let done = 0; done < rows; ) {
      const count = Math.min(roundRows, rows - done);
      for (const [c, column] of opened.entries()) {
        await readColumn(column, scratch, count, row, source.name, footer.offset);
        if (!kept) column.release();
        for (let r = 0, at = c; r < count; r++, at += depth) round[at] = scratch[r] as number;
      }
      for (let from = 0; from < count; from += blockRows) {
        yield round.subarray(from * depth, Math.min(count, from + blockRows) * depth);
      }
      done += count;
      row += count;
    }
  }
}

async function readColumn(
  column: ScalarColumn,
  target: NumericArray,
  count: number,
  row: number,
  name: string,
  offset: number,
): Promise<void> {
  try {
    await column.read(target, count, row);
  } catch (error) {
    throw formatFailure(name, offset, error);
  }
}

/** The numbers of one column as text, some thousand at a time. */
export async function* readNumberTexts(pages: ColumnPages): AsyncGenerator<string[], void, undefined> {
  for await (const block of readScalars([pages])) {
    const batch = 4096;
    for (let from = 0; from < block.length; from += batch) yield Array.from(block.subarray(from, from + batch), String);
  }
}
