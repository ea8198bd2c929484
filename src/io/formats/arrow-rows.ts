// Rows from the columns of Arrow record batches: lists or cells of one column, or numbers from many columns, one block of rows at a time.

import { FormatError } from '../../errors.js';
import type { NumericArray } from '../../rows/dtype.js';
import { bytesOfElement, type ElementType, STORED_ARRAYS, widenElements } from '../../rows/element-type.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { isMostlyEqual, SAMPLE_ROWS } from '../columns/column.js';
import type { NullRows } from '../columns/nulls.js';
import { MAX_DEPTH, STREAM_BLOCK_BYTES } from '../rows/row-reader.js';
import type { CreateStore } from '../rows/row-store.js';
import { columnsOfBatch } from './arrow-columns.js';
import { type ArrowLeaf, elementOfField, valueTextOf } from './arrow-fields.js';
import { EMPTY, LeafReader, NestedLists } from './arrow-leaf.js';
import type { ArrowBatch, ArrowField, ArrowFile } from './arrow-messages.js';
import { type ColumnPart, readStoredColumns, type StoredColumns } from './column-store.js';
import { formatFailure } from './format-failure.js';
import { keepRows, type ScalarRows } from './scalar-rows.js';
import { stringText } from './value-text.js';
import type { VectorCells } from './vector-cells.js';

/** Limit for the size of a row, whatever the file states. */
const MAX_ROW_BYTES = 2 ** 26;
/** With many columns, this many bytes of rows are read at a time, which takes a few reads per column. */
const ROUND_BYTES = 2 ** 22;
/** Rows of a sample are read this many at a time, because they may be long. */
const SAMPLE_STEP = 100;
const SAMPLE_BYTES = 2 ** 21;
/** Fixed cost of a row, independent of its contents. */
const STEPS_A_ROW = 4;
/** Cells and names are read this many rows at a time. */
const CELL_ROWS = 4096;

/** Some columns of an Arrow file. */
export interface ArrowSelection {
  readonly source: ByteSource;
  readonly file: ArrowFile;
  readonly chosen: readonly ArrowLeaf[];
  /** Limit for the bytes of decompressed buffers in memory. */
  readonly heldBytes: number;
  /** Creates a store for columns that exceed it. */
  readonly createStore: CreateStore;
}

interface OpenBatch {
  readonly batch: ArrowBatch;
  readonly leaves: readonly LeafReader[];
  /** The number of its first row. */
  readonly row: number;
}

/** Yields the chosen columns of each record batch that has rows. */
async function* readBatches({ source, file, chosen }: ArrowSelection): AsyncGenerator<OpenBatch, void, undefined> {
  let row = 0;
  for await (const batch of file.batches()) {
    if (batch.rows === 0) continue;
    let leaves: LeafReader[];
    try {
      batch.work.spend(STEPS_A_ROW * batch.rows);
      const columns = columnsOfBatch(source, file.fields, batch);
      leaves = chosen.map(({ name, place }) => LeafReader.open(source, batch, name, columns, place));
    } catch (error) {
      throw formatFailure(source.name, batch.offset, error);
    }
    try {
      yield { batch, leaves, row };
    } finally {
      for (const leaf of leaves) await leaf.close();
    }
    row += batch.rows;
  }
}

/** Visits the rows of every batch, `step` at a time, until `use` returns true. Errors it throws get the position of the batch. */
async function walkRows(
  selection: ArrowSelection,
  step: number,
  use: (leaf: LeafReader, start: number, count: number, row: number) => Promise<boolean>,
): Promise<void> {
  for await (const { batch, leaves, row } of readBatches(selection)) {
    for (let start = 0; start < batch.rows; start += step) {
      try {
        if (await use(leaves[0] as LeafReader, start, Math.min(step, batch.rows - start), row + start)) return;
      } catch (error) {
        if (error instanceof NestedLists) throw error;
        throw formatFailure(selection.source.name, batch.offset, error);
      }
    }
  }
}

export interface SampledLists {
  readonly shortest: number | undefined;
  readonly longest: number | undefined;
  /** True if most of them have the same length. */
  readonly mostlyEqual: boolean;
  readonly nested: boolean;
}

/** Returns the lengths of the first rows of a column of lists; continues until one is not null. */
export async function sampleLists(selection: ArrowSelection): Promise<SampledLists> {
  let shortest: number | undefined;
  let longest: number | undefined;
  const counts = new Map<number, number>();
  try {
    await walkRows(selection, SAMPLE_STEP, async (leaf, start, count, row) => {
      const missing = await leaf.missing(start, count);
      for (const [from, to] of runsOf(missing, count)) {
        for (const length of await leaf.lengths(start + from, to - from)) {
          shortest = Math.min(shortest ?? length, length);
          longest = Math.max(longest ?? 0, length);
          counts.set(length, (counts.get(length) ?? 0) + 1);
          if (length > MAX_DEPTH) throw new Error(`row ${row + from} has ${length} elements`);
        }
      }
      return longest !== undefined && row + count >= SAMPLE_ROWS;
    });
  } catch (error) {
    if (!(error instanceof NestedLists)) throw error;
    return { shortest, longest, mostlyEqual: false, nested: true };
  }
  return { shortest, longest, mostlyEqual: isMostlyEqual(counts), nested: false };
}

/** Returns the first cells that are not null, as many as are needed to recognise their contents. */
export async function sampleCells(selection: ArrowSelection): Promise<Uint8Array[]> {
  const sample: Uint8Array[] = [];
  let bytes = 0;
  await walkRows(selection, SAMPLE_STEP, async (leaf, start, count, row) => {
    const missing = await leaf.missing(start, count);
    let at = 0;
    for await (const cells of leaf.cells(start, count)) {
      for (const cell of cells) {
        if (missing?.[at++] || cell.length === 0 || bytes > SAMPLE_BYTES) continue;
        sample.push(cell.slice());
        bytes += cell.length;
      }
    }
    return sample.length > 0 && (bytes > SAMPLE_BYTES || row + count >= SAMPLE_ROWS);
  });
  return sample;
}

/** Yields the ranges of rows that have values. */
function* runsOf(missing: Uint8Array | undefined, count: number): Generator<[from: number, to: number], void, undefined> {
  for (let from = 0; from < count; ) {
    let to = from;
    while (to < count && !missing?.[to]) to++;
    if (to > from) yield [from, to];
    from = to + 1;
  }
}

function checkRowBytes(name: string, depth: number, rowBytes: number): void {
  if (rowBytes > MAX_ROW_BYTES) throw new FormatError(name, 0, `rows of ${depth} elements are too long`);
}

/** Yields the rows of a column of lists, each with `depth` elements or null. */
export async function* readLists(
  selection: ArrowSelection,
  depth: number,
  type: ElementType,
  nulls: NullRows,
): AsyncGenerator<NumericArray, void, undefined> {
  const { name } = selection.source;
  const rowBytes = depth * bytesOfElement(type);
  checkRowBytes(name, depth, rowBytes);
  const column = selection.chosen[0]?.name ?? '';
  const blockRows = depth > 0 ? Math.max(1, Math.floor(STREAM_BLOCK_BYTES / rowBytes)) : CELL_ROWS;
  for await (const { batch, leaves, row } of readBatches(selection)) {
    const leaf = leaves[0] as LeafReader;
    for (let start = 0; start < batch.rows; start += blockRows) {
      const count = Math.min(blockRows, batch.rows - start);
      let block: NumericArray;
      try {
        const missing = await leaf.missing(start, count);
        block = missing
          ? await readAround(
              leaf,
              missing,
              start,
              count,
              depth,
              type,
              (i) =>
                nulls.add(row + start + i, batch.offset, `of column ${column} is ${missing[i] === EMPTY ? 'empty' : 'null'}`),
              row + start,
            )
          : await leaf.lists(start, count, depth, row + start);
      } catch (error) {
        throw formatFailure(name, batch.offset, error);
      }
      if (block.length > 0) yield block;
    }
  }
}

/** A block with missing rows, which are left out, or become zero rows if `keep` is set. */
async function readAround(
  leaf: LeafReader,
  missing: Uint8Array,
  start: number,
  count: number,
  depth: number,
  type: ElementType,
  keep: (i: number) => boolean,
  row: number,
): Promise<NumericArray> {
  // Nothing is allocated for rows that are refused.
  const kept = Array.from(missing, (mark, i) => mark === 0 || keep(i));
  if (depth === 0 && kept.includes(true)) throw new Error('no row has elements, so zero rows have no length');
  const block = new STORED_ARRAYS[type](kept.filter(Boolean).length * depth);
  const places = new Float64Array(count);
  for (let i = 0, place = 0; i < count; i++) {
    places[i] = place;
    if (kept[i]) place += depth;
  }
  for (const [from, to] of runsOf(missing, count)) {
    block.set(await leaf.lists(start + from, to - from, depth, row + from), places[from] as number);
  }
  return block;
}

/** Yields the rows of a column in which each cell is a whole vector. */
export async function* readCells(
  selection: ArrowSelection,
  { depth, type, decode }: VectorCells,
  nulls: NullRows,
): AsyncGenerator<NumericArray, void, undefined> {
  const { name } = selection.source;
  const rowBytes = depth * bytesOfElement(type);
  checkRowBytes(name, depth, rowBytes);
  const column = selection.chosen[0]?.name ?? '';
  const block = new STORED_ARRAYS[type](Math.max(1, Math.floor(STREAM_BLOCK_BYTES / rowBytes)) * depth);
  const bytes = new Uint8Array(block.buffer);
  let filled = 0;
  for await (const { batch, leaves, row } of readBatches(selection)) {
    const leaf = leaves[0] as LeafReader;
    for (let start = 0; start < batch.rows; start += CELL_ROWS) {
      try {
        const count = Math.min(CELL_ROWS, batch.rows - start);
        const missing = await leaf.missing(start, count);
        let at = 0;
        for await (const cells of leaf.cells(start, count)) {
          for (const cell of cells) {
            const place = row + start + at;
            const decoded = missing?.[at++] ? undefined : decodeCell(decode, cell, place, column);
            if (decoded) bytes.set(decoded, filled);
            else if (nulls.add(place, batch.offset, `of column ${column} is null`)) bytes.fill(0, filled, filled + rowBytes);
            else continue;
            filled += rowBytes;
            if (filled < bytes.length) continue;
            yield block;
            filled = 0;
          }
        }
      } catch (error) {
        throw formatFailure(name, batch.offset, error);
      }
    }
  }
  if (filled > 0) yield block.subarray(0, (filled / rowBytes) * depth);
}

function decodeCell(decode: VectorCells['decode'], cell: Uint8Array, row: number, column: string): Uint8Array | undefined {
  try {
    return decode(cell);
  } catch (error) {
    throw new Error(`row ${row} of column ${column} ${error instanceof Error ? error.message : error}`);
  }
}

/** Yields rows with one number from each column, in element type `type`. */
export async function* readNumberRows(
  selection: ArrowSelection,
  type: ElementType,
  nulls: NullRows,
): AsyncGenerator<NumericArray, void, undefined> {
  const { chosen, source, heldBytes, createStore } = selection;
  const depth = chosen.length;
  const names = chosen.map(({ name }) => name);
  const rowBytes = depth * bytesOfElement(type);
  const blockRows = Math.max(1, Math.floor(STREAM_BLOCK_BYTES / rowBytes));
  for await (const { batch, leaves, row } of readBatches(selection)) {
    const reading: BatchColumns = { batch, row, depth, type, readPart };
    async function readPart(column: number, start: number, count: number): Promise<ColumnPart> {
      const leaf = leaves[column] as LeafReader;
      const missing = await leaf.missing(start, count);
      const values = widenHalfs(await leaf.numbers(start, count), (chosen[column] as ArrowLeaf).field, type);
      return { values, missing, offset: batch.offset };
    }
    const together = !batch.compression || batch.rows * rowBytes <= heldBytes;
    const finishColumn = (column: number) => (leaves[column] as LeafReader).close();
    const rounds = together
      ? readTogether(reading)
      : readStoredColumns({ ...reading, source, rows: batch.rows, createStore, finishColumn });
    try {
      for await (const round of rounds) {
        const rows = keepRows(round, names, nulls);
        for (let from = 0; from < rows; from += blockRows) {
          yield round.values.subarray(from * depth, Math.min(rows, from + blockRows) * depth);
        }
      }
    } catch (error) {
      throw formatFailure(source.name, batch.offset, error);
    }
  }
}

/** The chosen columns of a batch. */
interface BatchColumns extends Pick<StoredColumns, 'depth' | 'row' | 'type' | 'readPart'> {
  readonly batch: ArrowBatch;
}

/** Reads all columns in step. */
async function* readTogether({ batch, row, depth, type, readPart }: BatchColumns): AsyncGenerator<ScalarRows, void, undefined> {
  const roundRows = Math.max(1, Math.floor(ROUND_BYTES / (depth * bytesOfElement(type))));
  for (let start = 0; start < batch.rows; start += roundRows) {
    const count = Math.min(roundRows, batch.rows - start);
    let values: NumericArray | undefined;
    let missing: Uint32Array | undefined;
    for (let c = 0; c < depth; c++) {
      const part = await readPart(c, start, count);
      // Allocated only after the first column has confirmed the number of rows.
      values ??= new STORED_ARRAYS[type](count * depth);
      for (let r = 0, at = c; r < count; r++, at += depth) values[at] = part.values[r] as number;
      if (!part.missing) continue;
      missing ??= new Uint32Array(count);
      for (let r = 0; r < count; r++) if (part.missing[r]) missing[r] ||= c + 1;
    }
    if (values) yield { values, rows: count, row: row + start, missing, offset: batch.offset };
  }
}

/** float16 values are kept as bits and must not be written to arrays of other types. */
function widenHalfs(values: NumericArray, field: ArrowField, type: ElementType): NumericArray {
  if (type === 'float16' || elementOfField(field) !== 'float16') return values;
  const wide = new Float64Array(values.length);
  widenElements(new Uint8Array(values.slice().buffer), 'float16', true, values.length, wide, 0);
  return wide;
}

/** Yields the text (or the numbers) of one column as names, a few thousand at a time; nulls become empty. */
export async function* readTexts(selection: ArrowSelection): AsyncGenerator<string[], void, undefined> {
  const field = selection.chosen[0]?.field as ArrowField;
  const textOf = valueTextOf({ ...field, dictionary: undefined }) ?? stringText;
  for await (const { batch, leaves } of readBatches(selection)) {
    const leaf = leaves[0] as LeafReader;
    for (let start = 0; start < batch.rows; start += CELL_ROWS) {
      const count = Math.min(CELL_ROWS, batch.rows - start);
      try {
        const missing = await leaf.missing(start, count);
        let at = 0;
        for await (const cells of leaf.cells(start, count)) {
          yield cells.map((cell) => (missing?.[at++] ? '' : textOf(cell)));
        }
      } catch (error) {
        throw formatFailure(selection.source.name, batch.offset, error);
      }
    }
  }
}
