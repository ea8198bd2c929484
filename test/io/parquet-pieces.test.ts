// Pages that exceed the memory limit: their values are read while they are decompressed, in every encoding.

import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterEach, expect, test, vi } from 'vitest';
import { ByteFeed } from '#src/io/formats/byte-feed.js';
import { FeedRuns, RunReader } from '#src/io/formats/parquet-runs.js';
import { openRows } from '#src/io/rows/open-rows.js';

const ROWS = 10_000;
const DEPTH = 300;
/** Few different numbers, so that writers create a dictionary. */
const numberAt = (row: number, k: number) => ((row * 7 + k * 13) % 4000) / 8 - 10;

function file(encoding: 'BYTE_STREAM_SPLIT' | 'RLE_DICTIONARY'): Uint8Array {
  const data = Array.from({ length: ROWS }, (_, row) => Array.from({ length: DEPTH }, (_, k) => numberAt(row, k)));
  const list = [
    { name: 'v', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: 'OPTIONAL', type: 'FLOAT' },
  ] as const;
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: [{ name: 'v', data, encoding }],
      schema: [{ name: 'root', num_children: 1 }, ...list],
      codec: 'UNCOMPRESSED',
      pageSize: 2 ** 30,
      statistics: false,
    }),
  );
}

afterEach(() => {
  vi.restoreAllMocks();
});

test.each(['BYTE_STREAM_SPLIT', 'RLE_DICTIONARY'] as const)('no page of %s is held as a whole', async (encoding) => {
  const bytes = file(encoding);
  const rest = vi.spyOn(ByteFeed.prototype, 'rest');
  const rows = await openRows(bytes, { format: 'parquet', memoryBudget: 2 ** 20 });
  const taken = await Promise.all(rest.mock.results.map(async ({ value }) => ((await value) as Uint8Array).length));
  // The last page may be short.
  expect(Math.max(0, ...taken)).toBeLessThan(2 ** 22);
  const { data, shape } = await rows.toMatrix();
  await rows.close();
  expect(shape).toEqual([ROWS, DEPTH]);
  expect(data.findIndex((value, i) => value !== Math.fround(numberAt(Math.floor(i / DEPTH), i % DEPTH)))).toBe(-1);
});

test('runs read in pieces equal runs read as a whole', async () => {
  for (const width of [0, 1, 3, 8, 12, 17]) {
    // Two runs: 24,000 packed values, then 5000 equal ones.
    const packed = Uint8Array.from({ length: 3000 * width }, (_, i) => (i * 89) & 255);
    const equal = new Uint8Array((width + 7) >> 3).fill(1);
    const bytes = Uint8Array.from([...varint(3000 * 2 + 1), ...packed, ...varint(5000 * 2), ...equal]);
    async function* pieces() {
      for (let at = 0; at < bytes.length; at += 777) yield bytes.slice(at, at + 777);
    }
    const [whole, parts] = [new Uint32Array(29_000), new Uint32Array(29_000)];
    new RunReader(bytes, width).read(whole, whole.length);
    const runs = new FeedRuns(ByteFeed.from(pieces()), width);
    for (let at = 0; at < parts.length; at += 1000) await runs.read(parts.subarray(at), 1000);
    expect(parts).toEqual(whole);
    await expect(runs.read(parts, 1)).rejects.toThrow('1 bytes where 0 are left');
  }
});

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
}
