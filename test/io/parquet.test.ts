import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import * as arrow from 'apache-arrow';
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import type { AtomicFile } from '#src/io/bytes/atomic-file.js';
import { type ByteSource, bytesInMemory } from '#src/io/bytes/byte-source.js';
import { readParquet, readParquetText } from '#src/io/formats/parquet.js';
import { openParquetSink } from '#src/io/formats/parquet-sink.js';
import type { ReadOptions, RowStream } from '#src/io/rows/row-reader.js';
import { randomRows, randomSource } from '../random.js';

interface WriteOptions {
  readonly kvMetadata?: { key: string; value: string }[];
  codec?: 'UNCOMPRESSED' | 'SNAPPY' | 'GZIP' | 'BROTLI' | 'ZSTD' | 'LZ4_RAW';
  pageSize?: number;
  rowGroupSize?: number;
}

const compressors = {
  GZIP: (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)),
  BROTLI: (bytes: Uint8Array) => new Uint8Array(brotliCompressSync(bytes)),
  ZSTD: storeZstd,
  LZ4_RAW: storeLz4,
};

/** A zstd frame whose blocks are stored, because no compressor is available. */
function storeZstd(bytes: Uint8Array): Uint8Array {
  const parts: number[][] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += 100_000) {
    const block = bytes.subarray(at, at + 100_000);
    const header = (block.length << 3) | (at + 100_000 >= bytes.length ? 1 : 0);
    parts.push([header & 255, (header >> 8) & 255, header >> 16, ...block]);
  }
  const size = bytes.length;
  return Uint8Array.from([
    0x28,
    0xb5,
    0x2f,
    0xfd,
    0xa0,
    size & 255,
    (size >> 8) & 255,
    (size >> 16) & 255,
    size >>> 24,
    ...parts.flat(),
  ]);
}

/** An LZ4 block that consists of one literal. */
function storeLz4(bytes: Uint8Array): Uint8Array {
  const size = bytes.length;
  if (size < 15) return Uint8Array.from([size << 4, ...bytes]);
  const rest = size - 15;
  return Uint8Array.from([0xf0, ...Array(Math.floor(rest / 255)).fill(255), rest % 255, ...bytes]);
}

function writeFile(schema: SchemaElement[], columnData: ColumnSource[], options: WriteOptions = {}): Uint8Array<ArrayBuffer> {
  const { codec = 'SNAPPY', pageSize = 2 ** 20, rowGroupSize = 10 ** 9, kvMetadata } = options;
  const writer = new ByteWriter();
  const top = schema.length - schema.reduce((sum, { num_children = 0 }) => sum + num_children, 0);
  const root = { name: 'root', num_children: top };
  const parquet = new ParquetWriter({
    writer,
    schema: [root, ...schema],
    codec,
    compressors,
    statistics: false,
    ...(kvMetadata && { kvMetadata }),
  });
  parquet.write({ columnData, pageSize, rowGroupSize });
  parquet.finish();
  return writer.getBytes().slice();
}

function listSchema(name: string, element: Partial<SchemaElement>): SchemaElement[] {
  return [
    { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', type: 'FLOAT', repetition_type: 'OPTIONAL', ...element },
  ];
}

const source = (bytes: Uint8Array) => bytesInMemory(bytes, 'a.parquet');

async function readAll(from: Uint8Array | ByteSource, column?: string, options: ReadOptions = {}) {
  const stream = (await readParquet(from instanceof Uint8Array ? source(from) : from, { column, ...options })) as RowStream;
  const values: number[] = [];
  let largest = 0;
  for await (const block of stream.blocks()) {
    expect(block.length % stream.depth).toBe(0);
    for (const value of block) values.push(value);
    largest = Math.max(largest, block.byteLength);
  }
  const { depth, type, origin, nulls } = stream;
  return { depth, type, values, largest, origin, nulls: nulls?.rows };
}

const rowsOf = ({ data, shape: [rows, depth] }: ReturnType<typeof randomRows>): number[][] =>
  Array.from({ length: rows }, (_, r) => Array.from(data.subarray(r * depth, (r + 1) * depth)));

describe('what the Arrow schema states about the columns', () => {
  const arrowSchema = (fields: arrow.Field[]) => {
    const message = arrow.tableToIPC(new arrow.Table(new arrow.Schema(fields)), 'stream');
    return { kvMetadata: [{ key: 'ARROW:schema', value: Buffer.from(message).toString('base64') }] };
  };

  test('does not make a row of a two-dimensional tensor', async () => {
    const tensor = (shape: number[]) => {
      const metadata = new Map([
        ['ARROW:extension:name', 'arrow.fixed_shape_tensor'],
        ['ARROW:extension:metadata', JSON.stringify({ shape })],
      ]);
      const item = new arrow.Field('item', new arrow.Float32(), true);
      const options = arrowSchema([new arrow.Field('v', new arrow.FixedSizeList(4, item), true, metadata)]);
      return writeFile(listSchema('v', {}), [{ name: 'v', data: [[1, 2, 3, 4]] }], options);
    };
    expect((await readAll(tensor([4]))).values).toEqual([1, 2, 3, 4]);
    await expect(readAll(tensor([2, 2]))).rejects.toThrow('v (tensor of shape (2, 2))');
  });

  test('does not make a number of a duration', async () => {
    const column = (name: string, type: 'INT64' | 'DOUBLE'): SchemaElement => ({ name, type, repetition_type: 'OPTIONAL' });
    const data = [
      { name: 'd0', data: [0.5] },
      { name: 'd1', data: [1.5] },
      { name: 'd2', data: [7n] },
    ];
    const options = arrowSchema([new arrow.Field('d2', new arrow.DurationSecond(), true)]);
    const schema = [column('d0', 'DOUBLE'), column('d1', 'DOUBLE'), column('d2', 'INT64')];
    await expect(readAll(writeFile(schema, data, options))).rejects.toThrow('d2 (duration)');
  });
});

test('columns whose logical type contradicts their converted type are refused, because programs read either', async () => {
  const read = (other: Partial<SchemaElement>, type: 'INT32' | 'DOUBLE' = 'INT32') => {
    const element = (name: string): SchemaElement => ({ name, type, repetition_type: 'OPTIONAL', ...other });
    const data = ['d0', 'd1'].map((name) => ({ name, data: [25, 50] }));
    return readAll(writeFile([element('d0'), element('d1')], data), 'd0,d1');
  };
  const decimal = { converted_type: 'DECIMAL', precision: 9 } as const;
  const logical = (scale: number) => ({ logical_type: { type: 'DECIMAL', precision: 9, scale } }) as const;
  const integer = (isSigned: boolean) => ({ logical_type: { type: 'INTEGER', bitWidth: 32, isSigned } }) as const;
  // The writer multiplies by the scale of the converted type.
  expect((await read({ ...decimal, scale: 2, ...logical(2) })).values).toEqual([25, 25, 50, 50]);
  expect((await read({ ...decimal, ...logical(2) })).values).toEqual([0.25, 0.25, 0.5, 0.5]);
  expect((await read({ converted_type: 'INT_32', ...integer(true) })).values).toEqual([25, 25, 50, 50]);
  await expect(read({ ...decimal, scale: 3, ...logical(2) })).rejects.toThrow('d0 holds decimal with two scales, 2 and 3,');
  await expect(read({ ...decimal, scale: 2, ...integer(true) })).rejects.toThrow('d0 holds both integer and decimal,');
  await expect(read({ converted_type: 'INT_32', ...integer(false) })).rejects.toThrow('d0 holds int_32 with another sign,');
  await expect(read(logical(2), 'DOUBLE')).rejects.toThrow('d0 holds decimal(9, 2),');
});

describe('lists', () => {
  for (const codec of ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI', 'ZSTD', 'LZ4_RAW'] as const) {
    test(`of float32 over many small pages, ${codec}`, async () => {
      const rows = randomRows(700, 24);
      const data = rowsOf(rows);
      const file = writeFile(listSchema('v', {}), [{ name: 'v', data }], { codec, pageSize: 1000, rowGroupSize: 300 });
      const read = await readAll(file);
      expect(read).toMatchObject({ depth: 24, type: 'float32' });
      expect(Float32Array.from(read.values)).toEqual(rows.data);
    });
  }

  test('of each element type', async () => {
    const half = { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 2, logical_type: { type: 'FLOAT16' } } as const;
    const cases: [Partial<SchemaElement>, unknown[][], string, number[]][] = [
      [
        { type: 'DOUBLE' },
        [
          [0.1, -1e300],
          [-0, 5],
        ],
        'float64',
        [0.1, -1e300, -0, 5],
      ],
      [
        { type: 'INT32' },
        [
          [1, -2],
          [2 ** 31 - 1, -(2 ** 31)],
        ],
        'int32',
        [1, -2, 2 ** 31 - 1, -(2 ** 31)],
      ],
      [{ type: 'INT32', converted_type: 'INT_8' }, [[1, -128]], 'int32', [1, -128]],
      [{ type: 'INT32', converted_type: 'UINT_32' }, [[1, 2 ** 32 - 1]], 'uint32', [1, 2 ** 32 - 1]],
      [
        { type: 'INT64' },
        [
          [1n, -(2n ** 53n)],
          [2n ** 53n, 0n],
        ],
        'float64',
        [1, -(2 ** 53), 2 ** 53, 0],
      ],
      [
        half,
        [
          [1, -2],
          [0.5, 65504],
        ],
        'float16',
        [0x3c00, 0xc000, 0x3800, 0x7bff],
      ],
    ];
    for (const [element, data, type, values] of cases) {
      const read = await readAll(writeFile(listSchema('v', element), [{ name: 'v', data }]));
      expect(read).toMatchObject({ type, values });
    }
  });

  test('in other encodings', async () => {
    const data = rowsOf(randomRows(300, 8)).map((row) => row.map((value) => Math.round(value * 4 + 8) / 4));
    for (const encoding of ['RLE_DICTIONARY', 'BYTE_STREAM_SPLIT', 'PLAIN'] as const) {
      const file = writeFile(listSchema('v', {}), [{ name: 'v', data, encoding }], { pageSize: 500 });
      expect((await readAll(file)).values).toEqual(data.flat());
    }
    const whole = data.map((row) => row.map((value) => value * 1000));
    for (const [type, values] of [
      ['INT32', whole],
      ['INT64', whole.map((row) => row.map(BigInt))],
    ] as const) {
      const schema = listSchema('v', { type });
      const file = writeFile(schema, [{ name: 'v', data: values as unknown[][], encoding: 'DELTA_BINARY_PACKED' }], {
        pageSize: 900,
      });
      expect((await readAll(file)).values).toEqual(whole.flat());
    }
  });

  test('a dictionary of one entry takes no bits', async () => {
    const data = Array.from({ length: 1000 }, () => [2.5, 2.5, 2.5]);
    const file = writeFile(listSchema('v', {}), [{ name: 'v', data, encoding: 'RLE_DICTIONARY' }]);
    expect((await readAll(file)).values).toEqual(data.flat());
  });

  test('a large row group is returned in small blocks', async () => {
    const rows = randomRows(40_000, 64);
    const file = writeFile(listSchema('v', {}), [{ name: 'v', data: rowsOf(rows), encoding: 'PLAIN' }], { pageSize: 2 ** 18 });
    let most = 0;
    const watched: ByteSource = {
      ...source(file),
      read(offset, length, into) {
        most = Math.max(most, length);
        return source(file).read(offset, length, into);
      },
    };
    const read = await readAll(watched);
    expect(read.largest).toBeLessThanOrEqual(2 ** 20);
    expect(most).toBeLessThan(2 ** 20);
    expect(Buffer.compare(new Uint8Array(Float32Array.from(read.values).buffer), new Uint8Array(rows.data.buffer))).toBe(0);
  });

  test('refuses nulls, gaps and ragged rows by their number', async () => {
    // So many rows that a sample of them does not show what is wrong.
    const many = Array.from({ length: 70_000 }, () => [1, 2]);
    const cases: [unknown[], RegExp][] = [
      [
        [[1, 2], null],
        /^a\.parquet: byte 4: row 1 of column v is null; leave such rows out with nulls: 'skip', or .* nulls: 'zero'$/,
      ],
      [[[1, 2], []], /row 1 of column v is (empty|null)/],
      [
        [
          [1, 2],
          [3, null],
        ],
        /element 1 of row 1 of column v is null/,
      ],
      [[...many, [3]], /row 70000 of column v has 1 elements where others have 2/],
      [[...many, [3], [4, 5]], /row 70000 of column v has 1 elements where others have 2/],
      [[...many, [3, 4, 5]], /row 70000 of column v has 3 elements where others have 2/],
      [[null, [3, 4]], /row 0 of column v is null/],
    ];
    for (const [data, message] of cases) {
      const error = await readAll(writeFile(listSchema('v', {}), [{ name: 'v', data }])).catch((e) => e);
      expect(error).toMatchObject({ code: 'ERR_ALLPAIRS_FORMAT', file: 'a.parquet', offset: expect.any(Number) });
      expect(error.message).toMatch(message);
    }
  });

  test('refuses integers that float64 does not hold', async () => {
    const file = writeFile(listSchema('v', { type: 'INT64' }), [{ name: 'v', data: [[1n, 2n ** 53n + 1n]] }]);
    await expect(readAll(file)).rejects.toThrow(/9007199254740993 is beyond 2\^53/);
  });

  test('skip null rows, or make them zero rows', async () => {
    const file = writeFile(listSchema('v', {}), [{ name: 'v', data: [null, [1, 2], [], [3, 4], null] }], { rowGroupSize: 2 });
    expect(await readAll(file, undefined, { nulls: 'skip' })).toMatchObject({ values: [1, 2, 3, 4], nulls: [0, 2, 4] });
    expect(await readAll(file, undefined, { nulls: 'zero' })).toMatchObject({
      values: [0, 0, 1, 2, 0, 0, 3, 4, 0, 0],
      nulls: [0, 2, 4],
    });
    const none = writeFile(listSchema('v', {}), [{ name: 'v', data: [null, null] }]);
    expect(await readAll(none, undefined, { nulls: 'skip' })).toMatchObject({ values: [], nulls: [0, 1] });
    await expect(readAll(none, undefined, { nulls: 'zero' })).rejects.toThrow(/no row with elements/);
  });

  test('of different lengths are refused as rows', async () => {
    const file = writeFile(listSchema('tags', {}), [{ name: 'tags', data: [[1], [2, 3, 4]] }]);
    await expect(readAll(file)).rejects.toThrow('there are tags (list<float> of 1 to 3 numbers)');
    await expect(readAll(file, 'tags')).rejects.toThrow(
      'column tags holds list<float> of 1 to 3 numbers, which cannot be rows',
    );
  });

  test('no rows', async () => {
    expect(await readAll(writeFile(listSchema('v', {}), [{ name: 'v', data: [] }]))).toMatchObject({ depth: 0, values: [] });
  });
});

describe('bytes', () => {
  const values = [1.5, -2, 2 ** -100, 4, 5, Math.fround(0.1)];
  const data = [values.slice(0, 3), values.slice(3)].map((row) => new Uint8Array(Float32Array.from(row).buffer));

  test('are read as the float32 elements of a row', async () => {
    const fixed: SchemaElement = { name: 'v', type: 'FIXED_LEN_BYTE_ARRAY', type_length: 12, repetition_type: 'REQUIRED' };
    const free: SchemaElement = { name: 'v', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' };
    for (const schema of [fixed, free]) {
      for (const encoding of ['PLAIN', 'RLE_DICTIONARY'] as const) {
        const read = await readAll(writeFile([schema], [{ name: 'v', data, encoding }]), undefined, { element: 'float32' });
        expect(read).toMatchObject({ depth: 3, type: 'float32', values });
      }
    }
    for (const encoding of ['DELTA_LENGTH_BYTE_ARRAY', 'DELTA_BYTE_ARRAY'] as const) {
      const read = await readAll(writeFile([free], [{ name: 'v', data, encoding }]), undefined, { element: 'float32' });
      expect(read.values).toEqual(values);
    }
  });

  test('of other lengths, or none, are refused', async () => {
    const schema: SchemaElement[] = [{ name: 'v', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' }];
    const first = data[0] as Uint8Array;
    const many = Array<Uint8Array>(2000).fill(first);
    const cases: [(Uint8Array | null)[], RegExp][] = [
      [[...many, first.subarray(4)], /row 2000 of column v has 8 bytes where others have 12/],
      [[first, null], /row 1 of column v is null/],
      [[first, first.subarray(4)], /column v holds binary of different lengths, which cannot be rows/],
      [[first.subarray(1)], /column v holds binary of 11 bytes, which is not a multiple of the 4 of a float32/],
    ];
    for (const [rows, message] of cases) {
      const file = writeFile(schema, [{ name: 'v', data: rows }]);
      await expect(readAll(file, 'v', { element: 'float32' })).rejects.toThrow(message);
    }
  });

  test('without an element type are read as float32 only if they are plausible', async () => {
    const schema: SchemaElement[] = [{ name: 'v', type: 'BYTE_ARRAY', repetition_type: 'REQUIRED' }];
    const { data: floats } = randomRows(40, 8);
    const rows = Array.from({ length: 40 }, (_, r) => floats.slice(r * 8, r * 8 + 8));
    const bytesOf = (array: Float32Array | Float64Array) => new Uint8Array(array.buffer);
    const singles = writeFile(schema, [{ name: 'v', data: rows.map(bytesOf) }]);
    expect(await readAll(singles)).toMatchObject({ depth: 8, type: 'float32', values: [...floats] });
    const doubles = writeFile(schema, [{ name: 'v', data: rows.map((row) => bytesOf(Float64Array.from(row))) }]);
    await expect(readAll(doubles)).rejects.toThrow("column v: declare the type of its elements, as in element: 'float32'");
    expect(await readAll(doubles, 'v', { element: 'float64' })).toMatchObject({
      depth: 8,
      type: 'float64',
      values: [...floats],
    });
  });
});

describe('columns of numbers', () => {
  const scalar = (name: string, type: SchemaElement['type'], more: Partial<SchemaElement> = {}): SchemaElement =>
    ({ name, type, repetition_type: 'OPTIONAL', ...more }) as SchemaElement;

  test('are the elements of rows, in the order of the file', async () => {
    const { data } = randomRows(5000, 7);
    const columns = Array.from({ length: 7 }, (_, c) => ({
      name: `c${c}`,
      data: Array.from({ length: 5000 }, (_, r) => data[r * 7 + c] as number),
    }));
    const names = columns.map(({ name }) => scalar(name, 'FLOAT'));
    const text = { name: 'text', data: columns[0]?.data.map(String) ?? [] };
    const index = { name: '__index_level_0__', data: Array.from({ length: 5000 }, (_, r) => BigInt(r)) };
    const schema = [...names, scalar('text', 'BYTE_ARRAY', { converted_type: 'UTF8' }), scalar('__index_level_0__', 'INT64')];
    const file = writeFile(schema, [...columns, text, index], { pageSize: 3000, rowGroupSize: 2100 });
    const read = await readAll(file);
    expect(read).toMatchObject({ depth: 7, type: 'float32' });
    expect(Float32Array.from(read.values)).toEqual(data);
    const two = await readAll(file, 'c3, c1');
    expect(two.values.slice(2, 4)).toEqual([data[10], data[8]]);
    const names0: string[] = [];
    for await (const batch of readParquetText(source(file), 'text')) names0.push(...batch);
    expect(names0).toEqual(text.data);
    const numbers: string[] = [];
    for await (const batch of readParquetText(source(file), '__index_level_0__')) numbers.push(...batch);
    expect(numbers).toEqual(index.data.map(String));
  });

  test('of several types become float64', async () => {
    const schema = [
      scalar('a', 'FLOAT'),
      scalar('b', 'INT32', { converted_type: 'UINT_32' }),
      scalar('c', 'FIXED_LEN_BYTE_ARRAY', { type_length: 2, logical_type: { type: 'FLOAT16' } }),
      scalar('d', 'INT64'),
    ];
    const file = writeFile(schema, [
      { name: 'a', data: [1.5, 2.5] },
      { name: 'b', data: [2 ** 32 - 1, 7] },
      { name: 'c', data: [-0.5, 2] },
      { name: 'd', data: [2n ** 40n, -1n] },
    ]);
    expect(await readAll(file, 'a,b,c,d')).toMatchObject({
      depth: 4,
      type: 'float64',
      values: [1.5, 2 ** 32 - 1, -0.5, 2 ** 40, 2.5, 7, 2, -1],
    });
  });

  test('refuse nulls by row and column', async () => {
    const file = writeFile(
      [scalar('a', 'FLOAT'), scalar('b', 'FLOAT')],
      [
        { name: 'a', data: [1, 2, 3] },
        { name: 'b', data: [1, null, 3] },
      ],
      { rowGroupSize: 1 },
    );
    await expect(readAll(file, 'a,b')).rejects.toThrow(/row 1 of column b is null/);
    expect(await readAll(file, 'a,b', { nulls: 'skip' })).toMatchObject({ values: [1, 1, 3, 3], nulls: [1] });
    expect(await readAll(file, 'a,b', { nulls: 'zero' })).toMatchObject({ values: [1, 1, 0, 0, 3, 3], nulls: [1] });
  });

  test('pages that do not fit in memory together are read once', async () => {
    // 100 columns with pages of 256 KiB.
    const depth = 100;
    const rows = 2 ** 16;
    const data = Float32Array.from({ length: rows }, (_, r) => r * 0.5);
    const columns = Array.from({ length: depth }, (_, c) => ({ name: `c${c}`, data, encoding: 'PLAIN' as const }));
    const schema = columns.map(({ name }) => scalar(name, 'FLOAT', { repetition_type: 'REQUIRED' }));
    const file = writeFile(schema, columns, { codec: 'SNAPPY' });
    let read = 0;
    const counted: ByteSource = {
      ...source(file),
      read(offset, length, into) {
        read += length;
        return source(file).read(offset, length, into);
      },
    };
    const stream = (await readParquet(counted, { memoryBudget: 2 ** 20 })) as RowStream;
    let row = 0;
    for await (const block of stream.blocks()) {
      expect(block.byteLength).toBeLessThanOrEqual(2 ** 20);
      for (let at = 0; at < block.length; at += depth, row++) {
        if (block[at] !== row * 0.5 || block[at + depth - 1] !== row * 0.5) throw new Error(`row ${row}`);
      }
    }
    expect(row).toBe(rows);
    // Windows that are read to find headers overlap their pages.
    expect(read).toBeLessThan(1.5 * file.length);
  });
});

describe('the column', () => {
  const two = writeFile(
    [
      ...listSchema('v', {}),
      ...listSchema('w', {}),
      { name: 't', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
    ],
    [
      { name: 'v', data: [[1, 2]] },
      { name: 'w', data: [[3, 4, 5]] },
      { name: 't', data: ['x'] },
    ],
  );

  test('must be selected if several can be rows', async () => {
    await expect(readAll(two)).rejects.toMatchObject({
      code: 'ERR_ALLPAIRS_ARGUMENT',
      argument: 'column',
      message: expect.stringContaining(
        "more than one part can be the rows: v (list<float>, 2 numbers), w (list<float>, 3 numbers); choose with column: 'v' or column: 'w'",
      ),
    });
    expect((await readAll(two, 'w')).values).toEqual([3, 4, 5]);
  });

  test('must exist, and contain numbers', async () => {
    await expect(readAll(two, 'x')).rejects.toThrow(
      'no column matches "x"; there are v (list<float>), w (list<float>), t (text)',
    );
    await expect(readAll(two, 't')).rejects.toThrow('column t holds text, which cannot be rows');
    await expect(readAll(two, 'v,w')).rejects.toThrow('column v holds whole vectors; select it alone');
    const names = async () => {
      for await (const _ of readParquetText(source(two), 'v'));
    };
    await expect(names()).rejects.toThrow('column v holds list<float>, which is neither text nor a number');
  });
});

describe('files of DuckDB', () => {
  test('in every compression, with pages of both versions', async () => {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const folder = mkdtempSync(join(tmpdir(), 'allpairs-parquet-'));
    try {
      await connection.run(
        "create table t as select i as id, 'name ' || i as name, i::DOUBLE / 8 as eighth, (i % 7)::INTEGER as seven, " +
          '[(i * 16 + j)::FLOAT / 64 for j in range(16)] as v from range(3000) rows(i)',
      );
      for (const codec of ['uncompressed', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4', 'lz4_raw']) {
        for (const version of ['V1', 'V2']) {
          const path = join(folder, `${codec}-${version}.parquet`);
          await connection.run(`copy t to '${path}' (format parquet, compression ${codec}, parquet_version ${version})`);
          const file = readFileSync(path);
          const lists = await readAll(file, 'v');
          expect(lists).toMatchObject({ depth: 16, type: 'float32' });
          expect(lists.values.every((value, i) => value === i / 64)).toBe(true);
          expect(lists.values).toHaveLength(3000 * 16);
          const columns = await readAll(file, 'eighth,seven,id');
          expect(columns.values.slice(-3)).toEqual([2999 / 8, 2999 % 7, 2999]);
          const names: string[] = [];
          for await (const batch of readParquetText(source(file), 'name')) names.push(...batch);
          expect(names.every((name, i) => name === `name ${i}`)).toBe(true);
          expect(names).toHaveLength(3000);
        }
      }
    } finally {
      connection.closeSync();
      rmSync(folder, { recursive: true });
    }
  });
});

/** Returns a Parquet file that DuckDB writes from a query. */
async function duckdbFile(query: string, options = ''): Promise<Uint8Array> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const folder = mkdtempSync(join(tmpdir(), 'allpairs-parquet-'));
  try {
    const path = join(folder, 'a.parquet');
    await connection.run(`copy (${query}) to '${path}' (format parquet${options})`);
    return readFileSync(path);
  } finally {
    connection.closeSync();
    rmSync(folder, { recursive: true });
  }
}

describe('types of DuckDB', () => {
  const thirds = Array.from({ length: 30 }, (_, i) => ((i - 11) * 333) / 100);
  const flat = 'from range(10) rows(i)';

  test.each([
    ['4 bytes', 'DECIMAL(9, 3)'],
    ['8 bytes', 'DECIMAL(18, 6)'],
    ['16 bytes', 'DECIMAL(38, 9)'],
  ])('decimals of %s are numbers, in lists and in columns', async (_, type) => {
    const value = (at: string) => `(((${at} - 11) * 333)::DECIMAL(18, 2) / 100)::${type}`;
    const list = await duckdbFile(`select i::INTEGER as id, [${[0, 1, 2].map((j) => value(`i * 3 + ${j}`))}] as v ${flat}`);
    expect(await readAll(list)).toMatchObject({
      depth: 3,
      type: 'float64',
      values: thirds,
      origin: { from: 'column v', notUsed: ['id'] },
    });
    const columns = [0, 1, 2].map((j) => `${value(`i * 3 + ${j}`)} as d${j}`);
    expect(await readAll(await duckdbFile(`select i as id, ${columns} ${flat}`))).toMatchObject({ depth: 3, values: thirds });
  });

  test('decimals are rounded once, whatever their size', async () => {
    const file = await duckdbFile(
      "select ['12345678901234567890.123456789'::DECIMAL(38, 9), '-0.000000001'::DECIMAL(38, 9)] as v",
    );
    expect((await readAll(file)).values).toEqual([Number('12345678901234567890.123456789'), -1e-9]);
  });

  test('lists of lists of one element are rows in either nesting; others are refused', async () => {
    const inner = await duckdbFile(`select [[i::FLOAT, 1, 2]] as v ${flat}`);
    const outer = await duckdbFile(`select [[i::FLOAT], [1], [2]] as v ${flat}`);
    for (const file of [inner, outer]) expect((await readAll(file)).values.slice(0, 6)).toEqual([0, 1, 2, 1, 1, 2]);
    await expect(readAll(await duckdbFile(`select [[i::FLOAT, 1], [2, 3]] as v ${flat}`))).rejects.toThrow(
      'v (list<list<float>> of several lists a row)',
    );
  });

  test('lists in structs are columns selected by their path; maps are refused by name', async () => {
    const file = await duckdbFile(`select i as id, {'a': {'vec': [i::DOUBLE, 1], 'n': i}, 'title': 'x'} as doc ${flat}`);
    const origin = { from: 'column doc.a.vec', notUsed: ['id', 'doc.a.n', 'doc.title'] };
    expect(await readAll(file)).toMatchObject({ depth: 2, origin });
    const nulls = await duckdbFile(`select case when i = 4 then null else {'vec': [i::FLOAT, 1]} end as doc ${flat}`);
    expect(await readAll(nulls, 'doc.vec', { nulls: 'skip' })).toMatchObject({ nulls: [4] });
    await expect(readAll(await duckdbFile(`select i as id, map {0: 1.5, 1: 2.5} as v ${flat}`))).rejects.toThrow(
      'v (map<int32, decimal',
    );
  });

  test('text that contains vectors is read, but no other column next to it', async () => {
    const others = [
      "true as flag, 'a'::ENUM('a', 'b') as kind, date '2026-01-01' + i::INTEGER as day, time '10:00:00' as clock",
      "timestamp_ns '2026-01-01' as moment, interval 3 days as span, uuid() as uuid, (i * 1e20)::HUGEINT as huge",
      "i::UTINYINT as small, [i::VARCHAR] as words, [{'x': i}] as structs, null as nothing, '\\xAA\\xBB'::BLOB as blob",
    ].join(', ');
    const file = await duckdbFile(`select ${others}, [i / 8, 1.5, -2]::FLOAT[]::VARCHAR as v ${flat}`);
    const read = await readAll(file);
    expect(read).toMatchObject({ depth: 3, origin: { from: 'column v' } });
    expect(read.values).toEqual(Array.from({ length: 10 }, (_, i) => [i / 8, 1.5, -2]).flat());
    expect(read.origin?.notUsed).toHaveLength(13);
  });

  test('a page that is larger than the memory limit is read piece by piece, in every compression', async () => {
    const query = 'select [((i * 64 + j) % 1009)::FLOAT / 8 for j in range(64)] as v from range(40000) rows(i)';
    for (const codec of ['uncompressed', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4_raw']) {
      const file = await duckdbFile(query, `, compression ${codec}, row_group_size 40000, dictionary_size_limit 1`);
      let most = 0;
      const watched: ByteSource = {
        ...source(file),
        read(offset, length, into) {
          most = Math.max(most, length);
          return source(file).read(offset, length, into);
        },
      };
      const read = await readAll(watched);
      expect(read.values).toHaveLength(64 * 40000);
      expect(read.values.every((value, i) => value === (i % 1009) / 8)).toBe(true);
      expect(most).toBeLessThanOrEqual(2 ** 20);
    }
  });

  test('files and row groups without rows are read as empty', async () => {
    expect(await readAll(await duckdbFile(`select 1 as id, [1.5::FLOAT, 2] as v ${flat} where i < 0`))).toMatchObject({
      values: [],
    });
  });
});

describe('hostile files', () => {
  const files = (['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'ZSTD', 'LZ4_RAW'] as const).map((codec) => {
    const lists = rowsOf(randomRows(40, 5)).map((row) => row.map((value) => Math.fround(Math.round(value * 2))));
    const schema: SchemaElement[] = [
      ...listSchema('v', {}),
      { name: 'a', type: 'INT64', repetition_type: 'OPTIONAL' },
      { name: 'b', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
      { name: 'c', type: 'DOUBLE', repetition_type: 'OPTIONAL' },
    ];
    return writeFile(
      schema,
      [
        { name: 'v', data: lists },
        { name: 'a', data: lists.map((_, i) => BigInt(i)), encoding: 'DELTA_BINARY_PACKED' },
        { name: 'b', data: lists.map((row) => new Uint8Array(Float32Array.from(row).buffer)) },
        { name: 'c', data: lists.map(([first]) => first as number) },
      ],
      { codec, pageSize: 200 },
    );
  });

  /** test/fuzz limits what finding this out may cost. */
  async function expectOwnError(bytes: Uint8Array): Promise<void> {
    for (const column of ['v', 'a,c', 'b']) {
      try {
        await readAll(bytes, column, { element: 'float32' });
        if (column === 'b') for await (const _ of readParquetText(source(bytes), column));
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_ALLPAIRS_(FORMAT|ARGUMENT)$/) });
      }
    }
  }

  test('end in an error wherever they are truncated', async () => {
    const [file] = files as [Uint8Array];
    for (let length = 0; length < file.length; length += 7) await expectOwnError(file.subarray(0, length));
    await expect(readAll(file.subarray(0, 40))).rejects.toThrow(
      'a.parquet: byte 36: not a Parquet file: it does not end with PAR1',
    );
  });

  test('end in an error or in rows whatever byte is changed', async () => {
    const random = randomSource(11);
    for (const file of files) {
      for (let round = 0; round < 300; round++) {
        const bytes = file.slice();
        for (let i = 0; i <= round % 3; i++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
        await expectOwnError(bytes);
      }
    }
  });

  test('are refused if they state sizes that they do not have', async () => {
    const [file] = files as [Uint8Array<ArrayBuffer>];
    const bytes = file.slice();
    new DataView(bytes.buffer).setUint32(bytes.length - 8, 0x7fffffff, true);
    await expect(readAll(bytes)).rejects.toThrow(/a footer of 2147483647 bytes in a file of/);
  });
});

describe('records', () => {
  async function write(cut: number, count: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    const file: AtomicFile = {
      async append(bytes) {
        parts.push(bytes.slice());
      },
      async replaceStart() {},
    };
    const sink = await openParquetSink(file, [
      { name: 'i', type: 'u4', beside: [{ name: 'label', type: 'text', texts: ['zero', 'één', 'two'] }] },
      { name: 'j', type: 'u4' },
      { name: 'score', type: 'f4' },
      { name: 'exact', type: 'f8' },
    ]);
    for (let from = 0; from < count; from += cut) {
      const length = Math.min(cut, count - from);
      const column = (f: (r: number) => number) => Array.from({ length }, (_, i) => f(from + i));
      await sink.add({
        length,
        columns: [column((r) => r % 3), column((r) => 2 ** 32 - 1 - r), column((r) => -0 / (r + 1)), column((r) => r / 3)],
      });
    }
    await sink.end();
    return Buffer.concat(parts);
  }

  test('are read back exactly, in row groups of a fixed size', async () => {
    const count = 2 ** 17 + 5;
    const bytes = await write(1000, count);
    expect(Buffer.compare(bytes, await write(50_001, count))).toBe(0);
    const { parquetMetadata } = await import('hyparquet');
    expect(parquetMetadata(new Uint8Array(bytes)).row_groups.map(({ num_rows }) => num_rows)).toEqual([
      2n ** 15n,
      2n ** 15n,
      2n ** 15n,
      2n ** 15n,
      5n,
    ]);
    const read = await readAll(bytes, 'j,exact,score');
    expect(read).toMatchObject({ type: 'float64', depth: 3 });
    const expected = (at: number) => [2 ** 32 - 1 - Math.floor(at / 3), Math.floor(at / 3) / 3, -0][at % 3];
    expect(read.values.every((value, at) => Object.is(value, expected(at)))).toBe(true);
    expect(read.values).toHaveLength(3 * count);
    const labels: string[] = [];
    for await (const batch of readParquetText(source(bytes), 'i_label')) labels.push(...batch);
    expect(labels.every((label, r) => label === ['zero', 'één', 'two'][r % 3])).toBe(true);
    expect(labels).toHaveLength(count);
  });

  test('are written as a file even if there are none', async () => {
    expect(await readAll(await write(10, 0), 'score,exact')).toMatchObject({ depth: 2, values: [] });
  });
});
