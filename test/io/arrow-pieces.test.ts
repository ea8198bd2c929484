// Compressed columns that together exceed the memory limit: each is released after a round of its rows has been read.

import * as arrow from 'apache-arrow';
import { afterEach, expect, test, vi } from 'vitest';
import { ArrowBuffer } from '#src/io/formats/arrow-columns.js';
import { openRows } from '#src/io/rows/open-rows.js';
import { zstdFrame } from '../fuzz/files.js';

const ROWS = 30_000;
const COLUMNS = 200;
/** Four equal bytes, which compress to one. */
const columnValue = (column: number) => new Float32Array(new Uint8Array(4).fill(48 + (column % 16)).buffer)[0] as number;

/** apache-arrow writes the compressed length of a buffer before it where the format has the uncompressed length, so it is corrected. */
function compressed(): Buffer {
  const packed: Uint8Array[] = [];
  const encode = (bytes: Uint8Array): Uint8Array => {
    const frame = zstdFrame(bytes);
    if (frame.length < bytes.length) packed.push(frame);
    return frame;
  };
  const type = arrow.CompressionType.ZSTD;
  arrow.compressionRegistry.set(type, { encode });
  const column = (at: number) => arrow.makeVector(new Float32Array(ROWS).fill(columnValue(at)));
  const table = new arrow.Table(Object.fromEntries(Array.from({ length: COLUMNS }, (_, at) => [`d${at}`, column(at)])));
  const writer = new arrow.RecordBatchFileWriter({ compressionType: type });
  writer.writeAll(table).finish();
  const file = Buffer.from(writer.toUint8Array(true));
  let at = 0;
  for (const frame of packed) {
    at = file.indexOf(frame, at);
    file.writeBigInt64LE(BigInt(4 * ROWS), at - 8);
    at += frame.length;
  }
  return file;
}

afterEach(() => {
  vi.restoreAllMocks();
});

test('columns that do not fit together are decompressed once for each round of rows', async () => {
  const release = vi.spyOn(ArrowBuffer.prototype, 'release');
  const rows = await openRows(compressed(), { format: 'arrow', memoryBudget: 2 ** 20 });
  const { data, shape } = await rows.toMatrix();
  await rows.close();
  expect(shape).toEqual([ROWS, COLUMNS]);
  expect(data.findIndex((value, i) => value !== columnValue(i % COLUMNS))).toBe(-1);
  // Validity and values, in two rounds.
  expect(release).toHaveBeenCalledTimes(2 * 2 * COLUMNS);
});
