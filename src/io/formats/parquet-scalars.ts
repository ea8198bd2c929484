// Rows from many columns of a Parquet file, with one number from each. The columns of a row group are stored one after another, so their
// pages are read in step. If one page of each does not fit in memory, pages are released and read again for longer rounds of rows.

import { FormatError } from '../../errors.js';
import type { NumericArray } from '../../rows/dtype.js';
import type { ByteSource } from '../bytes/byte-source.js';
import type { NullRows } from '../columns/nulls.js';
import { takeTurn } from '../turns.js';
import { formatFailure } from './format-failure.js';
import { commonElement, type ParquetChunk } from './parquet-footer.js';
import { type DataPage, type PageLocation, PageWalker } from './parquet-pages.js';
import { type ColumnPages, openBlock } from './parquet-rows.js';
import type { ParquetColumn } from './parquet-schema.js';
import { type Dictionary, type NumberReader, newElements, openDictionary, openNumbers } from './parquet-values.js';
import { keepRows, type ScalarRows } from './scalar-rows.js';
import { roundBytesFor } from './work-limit.js';

/** Number of bytes of each column read at once to find headers. */
const WINDOW_BYTES = 2 ** 12;
const PIECE = 2 ** 14;
/** All columns share one buffer for levels, because there may be thousands of columns. */
let levels: Uint8Array | undefined;

/** One column in one row group. */
class ScalarColumn {
  #location: PageLocation | undefined;
  #dictionaryLocation: PageLocation | undefined;
  /** What `release` frees. */
  #page: DataPage | undefined;
  #values: NumberReader | undefined;
  #dictionary: Dictionary | undefined;
  /** Rows taken from the page so far, and how many of them have a value. */
  #taken = 0;
  #present = 0;

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

  /** Bytes that the page and the dictionary take, or would take, in memory. */
  get bytes(): number {
    return (this.#location?.bytes ?? 0) + (this.#dictionaryLocation?.bytes ?? 0);
  }

  async release(): Promise<void> {
    await this.#page?.close();
    this.#page = undefined;
    this.#values = undefined;
    this.#dictionary = undefined;
  }

  async #advance(): Promise<void> {
    this.#page = undefined;
    this.#values = undefined;
    this.#taken = 0;
    this.#present = 0;
    for (;;) {
      this.#location = await this.walker.next();
      if (this.#location?.header.type !== 'DICTIONARY_PAGE') return;
      this.#dictionaryLocation = this.#location;
      this.#dictionary = undefined;
    }
  }

  /** Reads the page again and continues where it was released. */
  async #load(location: PageLocation): Promise<void> {
    const page = await this.walker.load(location);
    if (page.encoding.endsWith('_DICTIONARY') && !this.#dictionary && this.#dictionaryLocation) {
      const { count } = this.#dictionaryLocation;
      this.#dictionary = openDictionary(await this.walker.loadDictionary(this.#dictionaryLocation), this.column, count);
    }
    const values = await openNumbers(page, this.column, this.#dictionary);
    levels ??= new Uint8Array(PIECE);
    for (let done = 0; page.definition && done < this.#taken; done += PIECE) {
      page.definition.read(levels, Math.min(PIECE, this.#taken - done));
    }
    await values.skip(this.#present);
    this.#page = page;
    this.#values = values;
  }

  /** Writes the next `count` numbers to the beginning of `target`. For null rows, `missing` is 1 and the number is 0. */
  async read(target: NumericArray, count: number, row: number, missing: Uint8Array): Promise<boolean> {
    let complete = true;
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
        await takeTurn(this.source, part);
        const present = this.#markNulls(part, missing, done);
        const reading = this.#values?.read(target, done, present);
        if (reading instanceof Promise) await reading;
        if (present < part) {
          spread(target, missing, done, part, present);
          complete = false;
        }
        this.#taken += part;
        this.#present += present;
        done += part;
      } catch (error) {
        throw formatFailure(this.source.name, location.offset, error);
      }
    }
    return complete;
  }

  /** Returns the position of the page with the next row. */
  get offset(): number {
    return this.#location?.offset ?? 0;
  }

  get name(): string {
    return this.column.name;
  }

  /** Returns how many of the next `count` rows have a value. */
  #markNulls(count: number, missing: Uint8Array, at: number): number {
    const { definition } = this.column;
    if (!this.#page?.definition) return count;
    levels ??= new Uint8Array(PIECE);
    this.#page.definition.read(levels, count);
    let present = 0;
    for (let i = 0; i < count; i++) {
      if (levels[i] === definition) present++;
      else missing[at + i] = 1;
    }
    return present;
  }
}

/** Moves `present` numbers, starting at index `at`, to their rows, from the last to the first. */
function spread(target: NumericArray, missing: Uint8Array, at: number, count: number, present: number): void {
  let from = at + present;
  for (let i = at + count - 1; i >= at; i--) target[i] = missing[i] === 1 ? 0 : (target[--from] as number);
}

async function* readRounds(columns: readonly ColumnPages[]): AsyncGenerator<ScalarRows, void, undefined> {
  const [first] = columns;
  if (!first) return;
  const { source, footer } = first;
  const type = commonElement(columns.map(({ column }) => column));
  const depth = columns.length;
  const bytes = newElements(type, 1).BYTES_PER_ELEMENT;
  let row = 0;
  for (const [i, { rows }] of footer.groups.entries()) {
    const opened: ScalarColumn[] = [];
    for (const { column, chunks } of columns) {
      const chunk = chunks[i] as ParquetChunk;
      if (chunk.values !== rows) {
        const message = `column ${column.name} has ${chunk.values} values where ${rows} rows are stated`;
        throw new FormatError(source.name, footer.offset, message);
      }
      opened.push(await ScalarColumn.open(source, column, chunk));
    }
    // Memory for the pages and dictionaries of all columns.
    const kept = opened.reduce((sum, column) => sum + column.bytes, 0) <= footer.heldBytes;
    const blockRows = openBlock(depth, bytes);
    const roundBytes = roundBytesFor(footer.heldBytes);
    const roundRows = Math.min(rows, kept ? blockRows : Math.max(blockRows, Math.floor(roundBytes / (depth * bytes))));
    const round = newElements(type, roundRows * depth);
    const scratch = newElements(type, roundRows);
    const marks = new Uint8Array(roundRows);
    for (let done = 0; done < rows; ) {
      const count = Math.min(roundRows, rows - done);
      let missing: Uint32Array | undefined;
      let offset = 0;
      for (const [c, column] of opened.entries()) {
        const before = column.offset;
        const complete = await readColumn(column, scratch, count, row, marks, source.name, footer.offset);
        if (!kept) await column.release();
        for (let r = 0, at = c; r < count; r++, at += depth) round[at] = scratch[r] as number;
        if (complete) continue;
        offset ||= before;
        missing ??= new Uint32Array(count);
        for (let r = 0; r < count; r++) if (marks[r] === 1) missing[r] ||= c + 1;
        marks.fill(0);
      }
      yield { values: round, rows: count, row, missing, offset };
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
  missing: Uint8Array,
  name: string,
  offset: number,
): Promise<boolean> {
  try {
    return await column.read(target, count, row, missing);
  } catch (error) {
    throw formatFailure(name, offset, error);
  }
}

/** Yields rows with one number from each of `columns`. A row that contains a null counts as null. */
export async function* readScalars(
  columns: readonly ColumnPages[],
  nulls: NullRows,
): AsyncGenerator<NumericArray, void, undefined> {
  const depth = columns.length;
  const names = columns.map(({ column }) => column.name);
  for await (const round of readRounds(columns)) {
    const { values } = round;
    const kept = keepRows(round, names, nulls);
    const blockRows = openBlock(depth, values.BYTES_PER_ELEMENT);
    for (let from = 0; from < kept; from += blockRows) {
      yield values.subarray(from * depth, Math.min(kept, from + blockRows) * depth);
    }
  }
}
