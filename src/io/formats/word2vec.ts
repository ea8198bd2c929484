// Words with vectors in word2vec's formats: a line "N D", then N times a word, a blank and D little-endian float32, or the same as text.
// https://code.google.com/archive/p/word2vec/

import { FormatError } from '../../errors.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { MAX_DEPTH, type RowReader, STREAM_BLOCK_BYTES } from '../rows/row-reader.js';
import { readTxt } from './csv.js';
import { BLANK, NEWLINE } from './csv-cells.js';
import { RowBlocks } from './query-rows.js';
import { decodeCell, joinBytes } from './text-bytes.js';

/** Length of the longest first line: two numbers of 15 and 9 digits. */
const MAX_HEADER = 32;
/** Limit for the length of a word, in bytes. */
const MAX_WORD = 4096;
/** The first bytes of fastText's own models, as a little-endian number. */
const FASTTEXT_MAGIC = 793712314;

/** Reads the vectors of a word2vec file; words become labels. */
export const readWord2vec: RowReader = async (source, options) => {
  const start = await source.read(0, Math.min(MAX_HEADER + MAX_WORD, source.size));
  if (start.length >= 4 && new DataView(start.buffer, start.byteOffset).getInt32(0, true) === FASTTEXT_MAGIC) {
    throw new FormatError(source.name, 0, 'a fastText model, which holds more than vectors', {
      advice: 'save its vectors as text (.vec) and read those',
    });
  }
  const header = /^(\d{1,15}) (\d{1,9})\r?\n/.exec(decodeCell(start.subarray(0, MAX_HEADER)));
  if (!header)
    throw new FormatError(source.name, 0, 'expected a first line with the number of words and the number of dimensions');
  if (isText(start.subarray(header[0].length))) return readTxt(source, options);
  const [rows, depth] = [Number(header[1]), Number(header[2])];
  if (depth < 1 || depth > MAX_DEPTH)
    throw new FormatError(source.name, 0, `expected 1 to ${MAX_DEPTH} numbers in a row, got ${depth}`);
  if (rows > 0 && 4 * depth > source.size)
    throw new FormatError(source.name, 0, `${depth} numbers a row, more than the file holds`);
  const labels: string[] = [];
  return {
    kind: 'stream',
    depth,
    type: 'float32',
    labels,
    blocks: () => readBlocks(source, header[0].length, rows, depth, labels),
  };
};

/** True if the first vector is written as text: digits where bytes of float32 would be. */
function isText(start: Uint8Array): boolean {
  const line = start.subarray(0, start.indexOf(NEWLINE) + 1 || start.length);
  const blank = line.indexOf(BLANK);
  return blank >= 0 && line.subarray(blank).every((byte) => (byte >= BLANK && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d));
}

async function* readBlocks(
  source: ByteSource,
  start: number,
  rows: number,
  depth: number,
  labels: string[],
): AsyncGenerator<Float32Array, void, undefined> {
  const vectorBytes = 4 * depth;
  const blocks = new RowBlocks(depth);
  let held: Uint8Array = new Uint8Array(0);
  let at = 0;
  /** Position after the bytes that have been read. */
  let end = start;
  const fail = (message: string) => new FormatError(source.name, end - held.length + at, message);
  for (let row = 0; row < rows; ) {
    // Usually, but not in every file, a line end follows each vector.
    const wordStart = held[at] === NEWLINE ? at + 1 : at;
    const blank = held.indexOf(BLANK, wordStart);
    if (blank - wordStart > MAX_WORD || (blank < 0 && held.length - wordStart > MAX_WORD)) {
      throw fail(
        `vector ${row} of ${rows}: a word of more than ${MAX_WORD} bytes; the file may hold no vectors of ${depth} float32`,
      );
    }
    const next = blank + 1 + vectorBytes;
    if (blank >= 0 && next <= held.length) {
      labels.push(decodeCell(held.subarray(wordStart, blank)));
      putFloats(held.subarray(blank + 1, next), blocks.nextRow());
      at = next;
      row += 1;
      continue;
    }
    if (end === source.size)
      throw fail(`the first line says ${rows} vectors, the file ends in number ${row + 1}; it may be cut`);
    const bytes = Math.min(Math.max(STREAM_BLOCK_BYTES, vectorBytes), source.size - end);
    held = joinBytes([held.subarray(at), await source.read(end, bytes)]);
    at = 0;
    end += bytes;
    yield* blocks.takeFull();
  }
  const left = source.size - (end - held.length + at);
  if (left > 1 || (left === 1 && (await source.read(source.size - 1, 1))[0] !== NEWLINE)) {
    throw fail(`${left} bytes follow the ${rows} vectors that the first line says`);
  }
  yield* blocks.takeRest();
}

/** Reads float32 from an unaligned position. */
function putFloats(bytes: Uint8Array, row: Float32Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let i = 0; i < row.length; i++) row[i] = view.getFloat32(4 * i, true);
}
