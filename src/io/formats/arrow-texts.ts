// Names of rows from a column of an Arrow file: text of any of its three layouts, or numbers.

import { type ArrowBuffer, type ArrowColumn, findNulls, readOffsets } from './arrow-columns.js';
import { type ArrowSelection, readBatches, readNumbers } from './arrow-rows.js';
import { formatFailure } from './format-failure.js';

/** Values are read this many at a time. */
const BATCH = 4096;
/** Where they have more text than this, fewer: values of one view may be the same bytes, and stand for far more than the file. */
const MOST_TEXT_BYTES = 2 ** 24;
/** A view is this long, with values of up to twelve bytes in it. */
const VIEW_BYTES = 16;
const INLINE_BYTES = 12;

/** The text of the one chosen column, some thousand values at a time; nulls are empty. */
export async function* readTexts(selection: ArrowSelection): AsyncGenerator<string[], void, undefined> {
  for await (const { batch, columns } of readBatches(selection)) {
    const column = columns[0] as ArrowColumn;
    for (let start = 0; start < batch.rows; start += BATCH) {
      const count = Math.min(BATCH, batch.rows - start);
      try {
        yield* readPart(column, start, count);
      } catch (error) {
        throw formatFailure(selection.source.name, batch.offset, error);
      }
    }
  }
}

async function* readPart(column: ArrowColumn, start: number, count: number): AsyncGenerator<string[], void, undefined> {
  const { type } = column.field;
  const texts =
    type === 'Int' || type === 'Float'
      ? Array.from(await readNumbers(column, start, count), String)
      : type === 'Utf8View'
        ? await readViews(column, start, count)
        : await readPlain(column, start, count);
  if (!texts) {
    const half = count >> 1;
    yield* readPart(column, start, half);
    yield* readPart(column, start + half, count - half);
    return;
  }
  for (const missing of await findNulls(column, start, start + count)) texts[missing - start] = '';
  yield texts;
}

/** Undefined for too much text at once, but never for a single value. */
async function readPlain(column: ArrowColumn, start: number, count: number): Promise<string[] | undefined> {
  const offsets = await readOffsets(column, start, count);
  const first = offsets[0] as number;
  const length = (offsets[count] as number) - first;
  if (length > MOST_TEXT_BYTES && count > 1) return undefined;
  const bytes = await (column.buffers[2] as ArrowBuffer).read(first, length);
  const decoder = new TextDecoder();
  return Array.from({ length: count }, (_, i) =>
    decoder.decode(bytes.subarray((offsets[i] as number) - first, (offsets[i + 1] as number) - first)),
  );
}

/** Views hold short values; of long ones the number of a buffer and a place in it. Undefined for too much text at once. */
async function readViews(column: ArrowColumn, start: number, count: number): Promise<string[] | undefined> {
  const bytes = await (column.buffers[1] as ArrowBuffer).read(start * VIEW_BYTES, count * VIEW_BYTES);
  const view = new DataView(bytes.buffer);
  const decoder = new TextDecoder();
  const texts: string[] = [];
  let sum = 0;
  const longs: { index: number; buffer: number; from: number; to: number }[] = [];
  for (let at = 0; at < bytes.length; at += VIEW_BYTES) {
    const length = view.getInt32(at, true);
    if (length >= 0 && length <= INLINE_BYTES) {
      texts.push(decoder.decode(bytes.subarray(at + 4, at + 4 + length)));
      continue;
    }
    const from = view.getInt32(at + 12, true);
    if (length < 0 || from < 0) throw new Error(`column ${column.field.name} has a view of ${length} bytes at ${from}`);
    sum += length;
    if (sum > MOST_TEXT_BYTES && count > 1) return undefined;
    longs.push({ index: texts.length, buffer: view.getInt32(at + 8, true), from, to: from + length });
    texts.push('');
  }
  // Values in order lie close together: one read for all of them.
  for (const buffer of new Set(longs.map((part) => part.buffer))) {
    const parts = longs.filter((part) => part.buffer === buffer);
    const data = column.buffers[2 + buffer];
    if (buffer < 0 || !data) throw new Error(`column ${column.field.name} has a view of no buffer`);
    const from = parts.reduce((least, part) => Math.min(least, part.from), Number.POSITIVE_INFINITY);
    const to = parts.reduce((most, part) => Math.max(most, part.to), 0);
    if (to - from > MOST_TEXT_BYTES && count > 1) return undefined;
    const text = await data.read(from, to - from);
    for (const part of parts) texts[part.index] = decoder.decode(text.subarray(part.from - from, part.to - from));
  }
  return texts;
}
