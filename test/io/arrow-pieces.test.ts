// Compressed columns that do not fit in memory together: each is decoded once, into a store.

import * as arrow from 'apache-arrow';
import { expect, test } from 'vitest';
import { type ByteSource, bytesInMemory } from '#src/io/bytes/byte-source.js';
import { openRows } from '#src/io/rows/open-rows.js';
import { zstdFrame } from '../fuzz/files.js';

const ROWS = 30_000;
const COLUMNS = 200;
const NULL_COLUMN = 7;
/** Four equal bytes, which compress to one. */
const VALUES = Array.from({ length: COLUMNS }, (_, column) => {
  const bytes = new Uint8Array(4).fill(48 + (column % 16));
  return new Float32Array(bytes.buffer)[0] as number;
});

/** apache-arrow writes the compressed length of a buffer before it where the format has the uncompressed length, so it is corrected. */
function compressed(nullRow?: number): Buffer {
  const packed: Uint8Array[] = [];
  const encode = (bytes: Uint8Array): Uint8Array => {
    const frame = zstdFrame(bytes);
    if (frame.length < bytes.length) packed.push(frame);
    return frame;
  };
  const type = arrow.CompressionType.ZSTD;
  arrow.compressionRegistry.set(type, { encode });
  const numbers = (at: number) => new Float32Array(ROWS).fill(VALUES[at] as number);
  const column = (at: number) =>
    at === NULL_COLUMN && nullRow !== undefined
      ? arrow.vectorFromArray(
          Array.from(numbers(at), (value, row) => (row === nullRow ? null : value)),
          new arrow.Float32(),
        )
      : arrow.makeVector(numbers(at));
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

test('columns that do not fit together are each decompressed once', async () => {
  const reads = new Map<number, number>();
  const bytes = bytesInMemory(compressed(), 'columns.arrow');
  const counted: ByteSource = {
    ...bytes,
    read(offset, length, into) {
      reads.set(offset, (reads.get(offset) ?? 0) + 1);
      return bytes.read(offset, length, into);
    },
  };
  const rows = await openRows(counted, { format: 'arrow', memoryBudget: 2 ** 20 });
  const { data, shape } = await rows.toMatrix();
  await rows.close();
  expect(shape).toEqual([ROWS, COLUMNS]);
  expect(data.findIndex((value, i) => value !== VALUES[i % COLUMNS])).toBe(-1);
  // The first bytes show the format twice, and the message after them may be the schema.
  for (const at of [0, 8, 16]) reads.delete(at);
  expect(reads.size).toBeGreaterThan(COLUMNS);
  expect([...reads.values()].filter((count) => count > 1)).toEqual([]);
});

test('nulls in such columns are found in their rows', async () => {
  const bytes = compressed(ROWS - 3);
  const options = { format: 'arrow', memoryBudget: 2 ** 20 } as const;
  await expect(openRows(bytes, options)).rejects.toThrow(`row ${ROWS - 3} of column d${NULL_COLUMN} is null`);
  const rows = await openRows(bytes, { ...options, nulls: 'zero' });
  const { data } = await rows.toMatrix();
  await rows.close();
  expect(data.subarray((ROWS - 3) * COLUMNS, (ROWS - 2) * COLUMNS).some((value) => value !== 0)).toBe(false);
  expect(data.indexOf(0)).toBe((ROWS - 3) * COLUMNS);
  expect(data.lastIndexOf(0)).toBe((ROWS - 2) * COLUMNS - 1);
});
