// Cells of text or bytes in an Arrow column, in any layout. Numbers are also read, as their bytes.

import { type ArrowBuffer, type ArrowColumn, readOffsets } from './arrow-columns.js';
import { valueBytesOf } from './arrow-fields.js';

/**
 * If cells have more bytes than this together, fewer are read at a time: views can share bytes, so their cells can be far larger than the
 * file.
 */
const MAX_BYTES = 2 ** 24;
/** A view has this many bytes; values of up to twelve bytes are stored in it. */
const VIEW_BYTES = 16;
const INLINE_BYTES = 12;

/**
 * Yields the cells from `start` to before `start + count`, in order, as many at a time as fit in memory. The bytes of null cells are
 * meaningless.
 */
export async function* readCellParts(
  column: ArrowColumn,
  start: number,
  count: number,
): AsyncGenerator<Uint8Array[], void, undefined> {
  const cells = await readCells(column, start, count);
  if (cells) {
    yield cells;
    return;
  }
  const half = count >> 1;
  yield* readCellParts(column, start, half);
  yield* readCellParts(column, start + half, count - half);
}

/** Undefined if the cells have too many bytes, but never for a single cell. */
function readCells(column: ArrowColumn, start: number, count: number): Promise<Uint8Array[] | undefined> {
  const { type, size } = column.field;
  if (type === 'Bool') return readBits(column, start, count);
  const width = type === 'FixedSizeBinary' ? size : valueBytesOf(column.field);
  if (width !== undefined) return readFixed(column, start, count, width);
  return type.endsWith('View') ? readViews(column, start, count) : readPlain(column, start, count);
}

async function readFixed(column: ArrowColumn, start: number, count: number, size: number): Promise<Uint8Array[] | undefined> {
  if (count * size > MAX_BYTES && count > 1) return undefined;
  const bytes = await (column.buffers[1] as ArrowBuffer).read(start * size, count * size);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

/** Booleans with one byte each. */
async function readBits(column: ArrowColumn, start: number, count: number): Promise<Uint8Array[]> {
  const first = start >>> 3;
  const bytes = await (column.buffers[1] as ArrowBuffer).read(first, ((start + count + 7) >>> 3) - first);
  return Array.from({ length: count }, (_, i) => {
    const bit = start + i - 8 * first;
    return Uint8Array.of(((bytes[bit >>> 3] as number) >>> (bit & 7)) & 1);
  });
}

async function readPlain(column: ArrowColumn, start: number, count: number): Promise<Uint8Array[] | undefined> {
  const offsets = await readOffsets(column, start, count);
  const first = offsets[0] as number;
  const length = (offsets[count] as number) - first;
  if (length > MAX_BYTES && count > 1) return undefined;
  const bytes = await (column.buffers[2] as ArrowBuffer).read(first, length);
  return Array.from({ length: count }, (_, i) =>
    bytes.subarray((offsets[i] as number) - first, (offsets[i + 1] as number) - first),
  );
}

/** Views contain short values; for long values they hold the number of a buffer and a position in it. */
async function readViews(column: ArrowColumn, start: number, count: number): Promise<Uint8Array[] | undefined> {
  const bytes = await (column.buffers[1] as ArrowBuffer).read(start * VIEW_BYTES, count * VIEW_BYTES);
  const view = new DataView(bytes.buffer);
  const cells: Uint8Array[] = [];
  let sum = 0;
  const longs: { index: number; buffer: number; from: number; to: number }[] = [];
  for (let at = 0; at < bytes.length; at += VIEW_BYTES) {
    const length = view.getInt32(at, true);
    if (length >= 0 && length <= INLINE_BYTES) {
      cells.push(bytes.subarray(at + 4, at + 4 + length));
      continue;
    }
    const from = view.getInt32(at + 12, true);
    if (length < 0 || from < 0) throw new Error(`column ${column.field.name} has a view of ${length} bytes at ${from}`);
    sum += length;
    if (sum > MAX_BYTES && count > 1) return undefined;
    longs.push({ index: cells.length, buffer: view.getInt32(at + 8, true), from, to: from + length });
    cells.push(bytes.subarray(0, 0));
  }
  // Values in order are stored close together, so one read covers all of them.
  for (const buffer of new Set(longs.map((part) => part.buffer))) {
    const parts = longs.filter((part) => part.buffer === buffer);
    const data = column.buffers[2 + buffer];
    if (buffer < 0 || !data) throw new Error(`column ${column.field.name} has a view of no buffer`);
    const from = parts.reduce((least, part) => Math.min(least, part.from), Number.POSITIVE_INFINITY);
    const to = parts.reduce((most, part) => Math.max(most, part.to), 0);
    if (to - from > MAX_BYTES && count > 1) return undefined;
    const text = await data.read(from, to - from);
    for (const part of parts) cells[part.index] = text.subarray(part.from - from, part.to - from);
  }
  return cells;
}
