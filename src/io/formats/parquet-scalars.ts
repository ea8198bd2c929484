// Rows from many columns of a Parquet file, with one number from each. The columns of a row group are stored one after another, so their
// pages are read in step. If one page of each does not fit in memory, the columns are decoded one after another into a store.

import { FormatError } from '../../errors.js';
import type { NumericArray } from '../../rows/dtype.js';
import { bytesOfElement, type ElementType } from '../../rows/element-type.js';
import type { ByteSource } from '../bytes/byte-source.js';
import type { NullRows } from '../columns/nulls.js';
import type { CreateStore } from '../rows/row-store.js';
import { takeTurn } from '../turns.js';
import { readStoredColumns } from './column-store.js';
import { formatFailure } from './format-failure.js';
import { commonElement, type ParquetChunk } from './parquet-footer.js';
import { type DataPage, type PageLocation, PageWalker } from './parquet-pages.js';
import { type ColumnPages, openBlock } from './parquet-rows.js';
import type { ParquetColumn } from './parquet-schema.js';
import { type Dictionary, type NumberReader, newElements, openDictionary, openNumbers } from './parquet-values.js';
import { keepRows, type ScalarRows } from './scalar-rows.js';

/** Number of bytes of each column read at once to find headers. */
const WINDOW_BYTES = 2 ** 12;
const PIECE = 2 ** 14;
/** All columns share one buffer for levels, because there may be thousands of columns. */
let levels: Uint8Array | undefined;

/** One column in one row group. */
class ScalarColumn {
  #location: PageLocation | undefined;
  #dictionaryLocation: PageLocation | undefined;
  #page: DataPage | undefined;
  #values: NumberReader | undefined;
  #dictionary: Dictionary | undefined;
  /** Rows taken from the page so far. */
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

  /** Bytes that the page and the dictionary take, or would take, in memory. */
  get bytes(): number {
    return (this.#location?.bytes ?? 0) + (this.#dictionaryLocation?.bytes ?? 0);
  }

  /** Frees the page and the dictionary, of which no more is read. */
  async release(): Promise<void> {
    await this.#page?.close();
    this.#page = undefined;
    this.#values = undefined;
    this.#dictionary = undefined;
  }

  async #advance(): Promise<void> {
    await this.#page?.close();
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

  async #load(location: PageLocation): Promise<void> {
    const page = await this.walker.load(location);
    if (page.encoding.endsWith('_DICTIONARY') && !this.#dictionary && this.#dictionaryLocation) {
      const { count } = this.#dictionaryLocation;
      this.#dictionary = openDictionary(await this.walker.loadDictionary(this.#dictionaryLocation), this.column, count);
    }
    this.#page = page;
    this.#values = await openNumbers(page, this.column, this.#dictionary);
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

type Rounds = AsyncGenerator<ScalarRows, void, undefined>;

async function* readRounds(columns: readonly ColumnPages[]): Rounds {
  const [first] = columns;
  if (!first) return;
  const { source, footer } = first;
  const type = commonElement(columns.map(({ column }) => column));
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
    const bytes = opened.reduce((sum, column) => sum + column.bytes, 0);
    const group: GroupColumns = { source, opened, type, rows, row, position: footer.offset };
    try {
      yield* bytes <= footer.heldBytes ? readTogether(group) : readStored(group, footer.createStore);
    } finally {
      for (const column of opened) await column.release();
    }
    row += rows;
  }
}

/** The columns of a row group. */
interface GroupColumns {
  readonly source: ByteSource;
  readonly opened: readonly ScalarColumn[];
  readonly type: ElementType;
  readonly rows: number;
  /** Number of the first row in the file. */
  readonly row: number;
  /** Position for errors that concern no page. */
  readonly position: number;
}

/** Reads all columns in step. */
async function* readTogether({ source, opened, type, rows, row, position }: GroupColumns): Rounds {
  const depth = opened.length;
  const roundRows = Math.min(rows, openBlock(depth, bytesOfElement(type)));
  const round = newElements(type, roundRows * depth);
  const scratch = newElements(type, roundRows);
  const marks = new Uint8Array(roundRows);
  for (let done = 0; done < rows; ) {
    const count = Math.min(roundRows, rows - done);
    let missing: Uint32Array | undefined;
    let offset = 0;
    for (const [c, column] of opened.entries()) {
      const before = column.offset;
      const complete = await readColumn(column, scratch, count, row + done, marks, source.name, position);
      for (let r = 0, at = c; r < count; r++, at += depth) round[at] = scratch[r] as number;
      if (complete) continue;
      offset ||= before;
      missing ??= new Uint32Array(count);
      for (let r = 0; r < count; r++) if (marks[r] === 1) missing[r] ||= c + 1;
      marks.fill(0);
    }
    yield { values: round, rows: count, row: row + done, missing, offset };
    done += count;
  }
}

/** Reads one column after another. */
function readStored({ source, opened, type, rows, row, position }: GroupColumns, createStore: CreateStore): Rounds {
  let scratch = newElements(type, 0);
  return readStoredColumns({
    ...{ source, depth: opened.length, rows, row, type, createStore },
    async readPart(c, start, count) {
      const column = opened[c] as ScalarColumn;
      const { offset } = column;
      if (scratch.length < count) scratch = newElements(type, count);
      const marks = new Uint8Array(count);
      const complete = await readColumn(column, scratch, count, row + start, marks, source.name, position);
      return { values: scratch.subarray(0, count), missing: complete ? undefined : marks, offset };
    },
    finishColumn: (c) => (opened[c] as ScalarColumn).release(),
  });
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
