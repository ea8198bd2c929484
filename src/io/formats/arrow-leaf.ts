// One column in one record batch, with the structs around it and its dictionary: which rows are null, and the values of the others.

import type { NumericArray } from '../../rows/dtype.js';
import { bytesOfElement, type ElementType, STORED_ARRAYS } from '../../rows/element-type.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { readCellParts } from './arrow-cells.js';
import { type ArrowBuffer, type ArrowColumn, columnsOfBatch, markNulls, readOffsets } from './arrow-columns.js';
import { elementField, elementOfField, isListType } from './arrow-fields.js';
import type { ArrowBatch, ArrowField } from './arrow-messages.js';
import { decimalNumber, signedInteger } from './decimal.js';

/** Limit for the size of a dictionary in memory. */
const MAX_DICTIONARY_BYTES = 2 ** 25;
/** Limit for the number of inner lists in one block. */
const MAX_INNER_LISTS = 2 ** 22;

/** Why a row has no values. */
export const NULL = 1;
export const EMPTY = 2;

/** Rows that consist of several lists are not supported. */
export class NestedLists extends Error {}

export class LeafReader {
  #dictionary: Promise<LeafReader[]> | undefined;
  /** Dictionary entries used so far, by index, and their total size. */
  readonly #entries: (NumericArray | undefined)[] = [];
  #entriesBytes = 0;
  #missingEntryMarks: Promise<(Uint8Array | undefined)[]> | undefined;

  private constructor(
    private readonly source: ByteSource,
    private readonly batch: ArrowBatch,
    private readonly name: string,
    readonly column: ArrowColumn,
    private readonly parents: readonly ArrowColumn[],
  ) {}

  /** Opens the column at `place` in a batch. */
  static open(
    source: ByteSource,
    batch: ArrowBatch,
    name: string,
    columns: readonly ArrowColumn[],
    place: readonly number[],
  ): LeafReader {
    let level = columns;
    const path = place.map((index) => {
      const column = level[index] as ArrowColumn;
      level = column.children;
      return column;
    });
    for (const { length } of path) {
      if (length !== batch.rows) throw new Error(`column ${name} has ${length} of the ${batch.rows} rows of its batch`);
    }
    return new LeafReader(source, batch, name, path.at(-1) as ArrowColumn, path.slice(0, -1));
  }

  /** Frees what was decoded, of which no more is read. */
  async close(): Promise<void> {
    const closeAll = async ({ buffers, children }: ArrowColumn): Promise<void> => {
      for (const buffer of buffers) await buffer.close();
      for (const child of children) await closeAll(child);
    };
    for (const column of [...this.parents, this.column]) await closeAll(column);
    for (const part of (await this.#dictionary) ?? []) await part.close();
    this.#dictionary = undefined;
    this.#missingEntryMarks = undefined;
    this.#entries.length = 0;
  }

  /** The type of the values, after looking them up in a dictionary if there is one. */
  get #valueField(): ArrowField {
    const { field } = this.column;
    return field.dictionary ? { ...field, dictionary: undefined } : field;
  }

  /** Marks those of `count` rows from `start` that have no values as NULL or EMPTY; undefined if all have values. */
  async missing(start: number, count: number): Promise<Uint8Array | undefined> {
    const { column, parents } = this;
    let marks: Uint8Array | undefined;
    for (const each of [...parents, column]) marks = await markNulls(each, start, count, marks);
    if (column.field.dictionary) return this.#missingEntries(start, count, marks);
    const lengths = isListType(column.field) ? await this.#ownLengths(start, count) : undefined;
    for (let i = 0; lengths && i < count; i++) {
      if (lengths(i) > 0 || marks?.[i]) continue;
      marks ??= new Uint8Array(count);
      marks[i] = EMPTY;
    }
    return marks;
  }

  async #missingEntries(start: number, count: number, before: Uint8Array | undefined): Promise<Uint8Array | undefined> {
    const parts = await this.#parts();
    this.#missingEntryMarks ??= this.#findMissingEntries(parts);
    const inDictionary = await this.#missingEntryMarks;
    if (inDictionary.every((part) => part === undefined)) return before;
    const indices = await this.#indices(start, count);
    const marks = before ?? new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      if (marks[i]) continue;
      const [part, entry] = placeOf(parts, indices[i] as number, this.name);
      marks[i] = inDictionary[part]?.[entry] ?? 0;
    }
    return marks;
  }

  async #findMissingEntries(parts: readonly LeafReader[]): Promise<(Uint8Array | undefined)[]> {
    const entries = parts.reduce((sum, { rows }) => sum + rows, 0);
    if (entries > MAX_DICTIONARY_BYTES) throw new Error(`column ${this.name} has a dictionary of ${entries} entries`);
    this.batch.work.spend(entries);
    return Promise.all(parts.map((part) => part.missing(0, part.rows)));
  }

  /** Returns how many elements, or lists, each row has, or undefined if the number is fixed. */
  async #ownLengths(start: number, count: number): Promise<((i: number) => number) | undefined> {
    const { column } = this;
    if (column.field.type === 'FixedSizeList' || count === 0) return undefined;
    if (column.field.type.endsWith('View')) {
      const sizes = await readWhole(column, 2, start, count);
      return (i) => sizes[i] as number;
    }
    const offsets = await readOffsets(column, start, count);
    return (i) => (offsets[i + 1] as number) - (offsets[i] as number);
  }

  /** Returns how many numbers each of `count` rows of lists has. Throws NestedLists if a row has more than one list. */
  async lengths(start: number, count: number): Promise<number[]> {
    if (this.column.field.dictionary) {
      const indices = await this.#indices(start, count);
      const parts = await this.#parts();
      const lengths: number[] = [];
      for (const index of indices) {
        const [part, entry] = placeOf(parts, index, this.name);
        lengths.push(...(await (parts[part] as LeafReader).lengths(entry, 1)));
      }
      return lengths;
    }
    if (this.column.field.type.endsWith('View')) return [...(await readWhole(this.column, 2, start, count))];
    const { bounds } = await this.#descend(start, count);
    return Array.from({ length: count }, (_, i) => (bounds[i + 1] as number) - (bounds[i] as number));
  }

  /**
   * Returns the numbers of `count` rows of lists from `start`, with `depth` numbers each and none missing. `row` is the number of the first
   * row, for errors.
   */
  async lists(start: number, count: number, depth: number, row: number): Promise<NumericArray> {
    const { column, name } = this;
    const type = elementOfField(elementField(this.#valueField) as ArrowField) as ElementType;
    if (column.field.dictionary) {
      const target = new STORED_ARRAYS[type](count * depth);
      const entries = (await this.#gather(start, count, depth * bytesOfElement(type), (part, entry) =>
        part.lists(entry, 1, depth, row),
      )) as NumericArray[];
      for (let i = 0; i < count; i++) target.set(entries[i] as NumericArray, i * depth);
      return target;
    }
    if (column.field.type.endsWith('View')) return this.#listViews(start, count, depth, row, type);
    const { element, bounds } = await this.#descend(start, count);
    for (let i = 0; i < count; i++) {
      checkLength((bounds[i + 1] as number) - (bounds[i] as number), depth, row + i, name);
    }
    const first = bounds[0] as number;
    await this.#checkElements(element, first, count, depth, row);
    return readNumbers(element, first, count * depth);
  }

  async #listViews(start: number, count: number, depth: number, row: number, type: ElementType): Promise<NumericArray> {
    const { column, name } = this;
    const offsets = await readWhole(column, 1, start, count);
    const sizes = await readWhole(column, 2, start, count);
    const element = column.children[0] as ArrowColumn;
    const target = new STORED_ARRAYS[type](count * depth);
    for (let i = 0; i < count; i++) {
      checkLength(sizes[i] as number, depth, row + i, name);
      this.#checkEnd(element, (offsets[i] as number) + depth);
      await this.#checkElements(element, offsets[i] as number, 1, depth, row + i);
      target.set(await readNumbers(element, offsets[i] as number, depth), i * depth);
    }
    return target;
  }

  async #checkElements(element: ArrowColumn, first: number, count: number, depth: number, row: number): Promise<void> {
    const marks = await markNulls(element, first, count * depth, undefined);
    const place = marks?.indexOf(1) ?? -1;
    if (place < 0) return;
    throw new Error(`element ${place % depth} of row ${row + Math.floor(place / depth)} of column ${this.name} is null`);
  }

  /** Start and end of each row in the innermost lists. */
  async #descend(start: number, count: number): Promise<{ element: ArrowColumn; bounds: Float64Array }> {
    let { column } = this;
    let bounds = await boundsOf(
      column,
      Float64Array.from({ length: count + 1 }, (_, i) => start + i),
    );
    column = column.children[0] as ArrowColumn;
    while (isListType(column.field)) {
      const first = bounds[0] as number;
      const lists = (bounds[count] as number) - first;
      this.#checkEnd(column, bounds[count] as number);
      if (lists > MAX_INNER_LISTS) throw new Error(`column ${this.name} has ${lists} lists in ${count} rows`);
      if ((await markNulls(column, first, lists, undefined)) !== undefined)
        throw new Error(`a list within column ${this.name} is null`);
      const every = Float64Array.from({ length: lists + 1 }, (_, i) => first + i);
      const inner = await boundsOf(column, every);
      if (!areSingle(bounds) && !areSingle(inner)) throw new NestedLists(`column ${this.name} has rows of more than one list`);
      bounds = bounds.map((bound) => inner[bound - first] as number);
      column = column.children[0] as ArrowColumn;
    }
    this.#checkEnd(column, bounds[count] as number);
    return { element: column, bounds };
  }

  /** Buffers may be longer than their column; anything after the values is ignored. */
  #checkEnd({ length }: ArrowColumn, end: number): void {
    if (end > length) throw new Error(`column ${this.name} has lists up to element ${end} of ${length}`);
  }

  /** Returns single numbers; those of null rows are meaningless. */
  async numbers(start: number, count: number): Promise<NumericArray> {
    if (!this.column.field.dictionary) return readNumbers(this.column, start, count);
    const missing = await this.missing(start, count);
    const type = elementOfField(this.#valueField) as ElementType;
    const entries = (await this.#gather(
      start,
      count,
      bytesOfElement(type),
      (part, entry) => part.numbers(entry, 1),
      missing,
    )) as (NumericArray | undefined)[];
    const target = new STORED_ARRAYS[type](count);
    for (let i = 0; i < count; i++) target[i] = entries[i]?.[0] ?? 0;
    return target;
  }

  /** Yields cells of text or bytes, in order, as many at a time as fit in memory; those of null rows are meaningless. */
  async *cells(start: number, count: number): AsyncGenerator<Uint8Array[], void, undefined> {
    if (!this.column.field.dictionary) {
      yield* readCellParts(this.column, start, count);
      return;
    }
    const missing = await this.missing(start, count);
    const one = async (part: LeafReader, entry: number): Promise<Uint8Array> => {
      for await (const [cell] of part.cells(entry, 1)) if (cell) return cell;
      return new Uint8Array(0);
    };
    const cells = (await this.#gather(start, count, 0, one, missing)) as (Uint8Array | undefined)[];
    yield cells.map((cell) => cell ?? new Uint8Array(0));
  }

  /** Returns the dictionary entries of rows, reading each entry once; undefined for rows in `missing`. */
  async #gather(
    start: number,
    count: number,
    entryBytes: number,
    read: (part: LeafReader, entry: number) => Promise<NumericArray | Uint8Array>,
    missing?: Uint8Array,
  ): Promise<unknown[]> {
    const indices = await this.#indices(start, count);
    const parts = await this.#parts();
    const entries = this.#entries;
    const found: unknown[] = [];
    for (const [i, index] of indices.entries()) {
      if (missing?.[i]) {
        found.push(undefined);
        continue;
      }
      const [part, entry] = placeOf(parts, index, this.name);
      const known = entries[index] ?? (await read(parts[part] as LeafReader, entry));
      if (entries[index] === undefined) {
        entries[index] = known;
        this.#entriesBytes += entryBytes + known.byteLength;
        if (this.#entriesBytes > MAX_DICTIONARY_BYTES) {
          throw new Error(`the dictionary of column ${this.name} takes more than ${MAX_DICTIONARY_BYTES} bytes`);
        }
      }
      found.push(known);
    }
    return found;
  }

  async #indices(start: number, count: number): Promise<NumericArray> {
    const { field } = this.column;
    const { bits, signed } = field.dictionary as NonNullable<ArrowField['dictionary']>;
    const indexField: ArrowField = { ...field, type: 'Int', size: bits, signed, dictionary: undefined };
    if (!elementOfField(indexField)) throw new Error(`column ${this.name} has indices of ${bits} bits`);
    return readNumbers({ ...this.column, field: indexField }, start, count);
  }

  /** The parts of the dictionary, each a batch of its own. */
  #parts(): Promise<LeafReader[]> {
    this.#dictionary ??= this.#openParts();
    return this.#dictionary;
  }

  async #openParts(): Promise<LeafReader[]> {
    const { source, name, batch } = this;
    const batches = batch.dictionaries.get(this.column.field.dictionary?.id ?? -1);
    if (!batches) throw new Error(`column ${name} has a dictionary that did not come before it`);
    const field = this.#valueField;
    return batches.map((part) => LeafReader.open(source, part, name, columnsOfBatch(source, [field], part), [0]));
  }

  get rows(): number {
    return this.batch.rows;
  }
}

/** Returns the part of a dictionary that contains entry `index`, and the index of the entry in this part. */
function placeOf(parts: readonly LeafReader[], index: number, name: string): [part: number, entry: number] {
  let entry = index;
  for (const [i, { rows }] of parts.entries()) {
    if (entry >= 0 && entry < rows) return [i, entry];
    entry -= rows;
  }
  throw new Error(`column ${name} has entry ${index} of a dictionary that ends before`);
}

function areSingle(bounds: Float64Array): boolean {
  return bounds.every((bound, i) => i === 0 || bound - (bounds[i - 1] as number) === 1);
}

function checkLength(length: number, depth: number, row: number, name: string): void {
  if (length === depth) return;
  throw new Error(`row ${row} of column ${name} has ${length} elements where others have ${depth}`);
}

/** Returns the position of the first child of each list in `bounds`, which ascend. */
async function boundsOf(column: ArrowColumn, bounds: Float64Array): Promise<Float64Array> {
  const { type, size } = column.field;
  if (type === 'FixedSizeList') return bounds.map((bound) => bound * size);
  return readOffsets(column, bounds[0] as number, bounds.length - 1);
}

/** Buffer `index` of a list view: offsets or sizes. */
async function readWhole(column: ArrowColumn, index: number, start: number, count: number): Promise<Float64Array> {
  const wide = column.field.type.startsWith('Large');
  const size = wide ? 8 : 4;
  const view = new DataView((await (column.buffers[index] as ArrowBuffer).read(start * size, count * size)).buffer);
  return Float64Array.from({ length: count }, (_, i) => {
    const value = wide ? Number(view.getBigInt64(i * 8, true)) : view.getInt32(i * 4, true);
    if (value >= 0 && Number.isSafeInteger(value)) return value;
    throw new Error(`column ${column.field.name} has a view of ${value}`);
  });
}

/** Returns the numbers from `start` to before `start + count` of a column, in its element type. */
async function readNumbers(column: ArrowColumn, start: number, count: number): Promise<NumericArray> {
  const { field, buffers } = column;
  const data = buffers[1] as ArrowBuffer;
  if (field.type === 'Decimal') {
    const width = field.size / 8;
    const bytes = await data.read(start * width, count * width);
    return Float64Array.from({ length: count }, (_, i) =>
      decimalNumber(signedInteger(bytes.subarray(i * width, (i + 1) * width), true), field.scale),
    );
  }
  if (field.type === 'Int' && field.size === 64) {
    const bytes = await data.read(start * 8, count * 8);
    const wide = field.signed ? new BigInt64Array(bytes.buffer, 0, count) : new BigUint64Array(bytes.buffer, 0, count);
    return Float64Array.from({ length: count }, (_, i) => exactNumber(wide[i] as bigint, field.name));
  }
  const type = elementOfField(field) as ElementType;
  const size = bytesOfElement(type);
  const bytes = await data.read(start * size, count * size);
  return new STORED_ARRAYS[type](bytes.buffer, bytes.byteOffset, count);
}

function exactNumber(value: bigint, name: string): number {
  const number = Number(value);
  if (BigInt(number) === value) return number;
  throw new Error(`column ${name} holds ${value}, beyond 2^53, and float64 does not hold it exactly`);
}
