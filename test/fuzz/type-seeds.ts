// Parquet and Arrow files of three rows, each with one column of another type before the vectors. Files with fewer columns can be tested
// faster.

import { brotliCompressSync, gzipSync } from 'node:zlib';
import * as arrow from 'apache-arrow';
import type { SchemaElement } from 'hyparquet';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import { bytesOf, zstdFrame } from './files.js';

const VECTORS = [
  [0.5, 1.5, -2],
  [1, 0.25, 3],
  [4, -5, 6],
];
const WORDS = ['a', null, 'a text that is longer than a view'];

export const compressors = {
  GZIP: (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)),
  BROTLI: (bytes: Uint8Array) => new Uint8Array(brotliCompressSync(bytes)),
  ZSTD: zstdFrame,
};
export const CODECS = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI', 'ZSTD'] as const;

type Element = SchemaElement;
const optional = (rest: object): Element => ({ repetition_type: 'OPTIONAL', ...rest }) as Element;

/** The elements of a list in a schema. */
export const listElements = (name: string, element: object): Element[] => [
  optional({ name, num_children: 1, converted_type: 'LIST' }),
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  optional({ name: 'element', ...element }),
];

interface ParquetColumn {
  readonly elements: readonly Element[];
  readonly data: ColumnSource['data'];
  readonly encoding?: ColumnSource['encoding'];
}

const first = (element: object, data: ColumnSource['data'], encoding?: ColumnSource['encoding']): ParquetColumn => ({
  elements: [optional({ name: 'first', ...element })],
  data,
  ...(encoding && { encoding }),
});
const sixteen = (fill: number) => new Uint8Array(16).fill(fill);

const PARQUET_FIRST: readonly ParquetColumn[] = [
  first({ type: 'BOOLEAN' }, [true, null, false]),
  first({ type: 'INT32', converted_type: 'DATE' }, [1, null, 20_000]),
  first({ type: 'INT64', converted_type: 'TIMESTAMP_MICROS' }, [1n, null, 3n]),
  first({ type: 'INT64', converted_type: 'DECIMAL', scale: 2, precision: 18 }, [1.5, null, 2.25]),
  first({ type: 'INT64', converted_type: 'UINT_64' }, [1n, 2n, 1n], 'RLE_DICTIONARY'),
  first({ type: 'BYTE_ARRAY', converted_type: 'UTF8' }, WORDS, 'DELTA_LENGTH_BYTE_ARRAY'),
  first({ type: 'BYTE_ARRAY', converted_type: 'ENUM' }, WORDS, 'RLE_DICTIONARY'),
  first({ type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, logical_type: { type: 'UUID' } }, [sixteen(1), null, sixteen(2)]),
  first({ type: 'FLOAT' }, [1.5, null, 2], 'BYTE_STREAM_SPLIT'),
  {
    elements: [
      optional({ name: 'first', num_children: 2 }),
      optional({ name: 'n', type: 'INT32' }),
      ...listElements('v', { type: 'FLOAT' }),
    ],
    data: [{ n: 1, v: [1, 2] }, null, { n: null, v: [3, 4] }],
  },
  {
    elements: [
      optional({ name: 'first', num_children: 1, converted_type: 'MAP' }),
      { name: 'key_value', repetition_type: 'REPEATED', num_children: 2 },
      { name: 'key', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
      optional({ name: 'value', type: 'DOUBLE' }),
    ],
    data: [new Map([['a', 1]]), null, new Map([['b', 2]])],
  },
  { elements: listElements('first', { type: 'BYTE_ARRAY', converted_type: 'UTF8' }), data: [['a', 'b'], null, []] },
];

/** The vectors as lists, bytes, text and columns in turn. */
const PARQUET_VECTORS: readonly (readonly [elements: readonly Element[], columns: readonly ColumnSource[]])[] = [
  [listElements('v', { type: 'FLOAT' }), [{ name: 'v', data: VECTORS }]],
  [[optional({ name: 'v', type: 'BYTE_ARRAY' })], [{ name: 'v', data: VECTORS.map((row) => bytesOf(Float32Array.from(row))) }]],
  [
    [optional({ name: 'v', type: 'BYTE_ARRAY', converted_type: 'UTF8' })],
    [{ name: 'v', data: VECTORS.map((row) => JSON.stringify(row)) }],
  ],
  [
    [0, 1].map((i) => ({ name: `d${i}`, type: 'DOUBLE', repetition_type: 'REQUIRED' })),
    [0, 1].map((i) => ({ name: `d${i}`, data: VECTORS.map((row) => row[i] as number) })),
  ],
];

export const PARQUET_TYPES: readonly Uint8Array[] = PARQUET_FIRST.flatMap(({ elements, data, encoding }, i) =>
  [0, 1].map((j) => {
    const [vectors, columns] = PARQUET_VECTORS[(i + 2 * j) % PARQUET_VECTORS.length] as (typeof PARQUET_VECTORS)[number];
    const columnData: ColumnSource[] = [{ name: 'first', data, ...(encoding && { encoding }) }, ...columns];
    const schema: Element[] = [{ name: 'root', num_children: columnData.length }, ...elements, ...vectors];
    const codec = CODECS[(i + j) % CODECS.length] as (typeof CODECS)[number];
    return new Uint8Array(parquetWriteBuffer({ columnData, schema, codec, compressors, rowGroupSize: j === 0 ? 3 : 2 }));
  }),
);

const FLOAT = new arrow.Field('item', new arrow.Float32());
const stored = (type: arrow.DataType, data: ArrayBufferView, rest: object = {}) =>
  arrow.makeVector(arrow.makeData({ type, length: 3, nullCount: 0, data, ...rest } as never));
const ints = arrow.makeData({ type: new arrow.Int32(), length: 3, nullCount: 0, data: Int32Array.of(1, 2, 3) });
const union = [new arrow.Field('x', new arrow.Int32())];

const ARROW_FIRST: readonly arrow.Vector[] = [
  arrow.vectorFromArray([null, null, null], new arrow.Null()),
  stored(new arrow.DateDay(), Int32Array.of(1, 2, 20_000)),
  stored(new arrow.DateMillisecond(), BigInt64Array.of(1n, 2n, 3n)),
  stored(new arrow.TimeMicrosecond(), BigInt64Array.of(1n, 2n, 3n)),
  stored(new arrow.TimestampSecond(), BigInt64Array.of(1n, 2n, 3n)),
  stored(new arrow.DurationSecond(), BigInt64Array.of(1n, 2n, 3n)),
  stored(new arrow.IntervalDayTime(), new Int32Array(6)),
  stored(new arrow.Decimal(2, 10, 128), new Uint32Array(12)),
  stored(new arrow.FixedSizeBinary(16), new Uint8Array(48)),
  arrow.makeVector(
    arrow.makeData({
      type: new arrow.SparseUnion([0], union),
      length: 3,
      nullCount: 0,
      typeIds: new Int8Array(3),
      children: [ints],
    } as never),
  ),
  arrow.makeVector(
    arrow.makeData({
      type: new arrow.DenseUnion([0], union),
      length: 3,
      nullCount: 0,
      typeIds: new Int8Array(3),
      valueOffsets: Int32Array.of(0, 1, 2),
      children: [ints],
    } as never),
  ),
  arrow.vectorFromArray([{ n: 1 }, null, { n: 3 }], new arrow.Struct([new arrow.Field('n', new arrow.Int32(), true)])),
  arrow.vectorFromArray(
    [new Map([['a', 1]]), null, new Map([['b', 2]])],
    new arrow.Map_(
      new arrow.Field(
        'entries',
        new arrow.Struct<{ key: arrow.Utf8; value: arrow.Float64 }>([
          new arrow.Field('key', new arrow.Utf8()),
          new arrow.Field('value', new arrow.Float64(), true),
        ]),
      ),
    ),
  ),
  arrow.vectorFromArray([['a'], null, []], new arrow.List(new arrow.Field('item', new arrow.Utf8(), true))),
  arrow.vectorFromArray(WORDS, new arrow.LargeUtf8()),
  arrow.vectorFromArray(WORDS, new arrow.Utf8View()),
  arrow.vectorFromArray(WORDS, new arrow.Dictionary(new arrow.Utf8(), new arrow.Int16())),
  arrow.vectorFromArray([true, null, false], new arrow.Bool()),
];

/** A column of lists with 64-bit offsets. */
function largeLists(): arrow.Vector {
  const child = arrow.makeData({ type: new arrow.Float32(), length: 9, nullCount: 0, data: Float32Array.from(VECTORS.flat()) });
  const type = new arrow.LargeList(FLOAT);
  return arrow.makeVector(
    arrow.makeData({ type, length: 3, nullCount: 0, valueOffsets: BigInt64Array.of(0n, 3n, 6n, 9n), child } as never),
  );
}

const bytesColumn = VECTORS.map((row) => bytesOf(Float32Array.from(row)));
const ARROW_VECTORS: readonly (() => Record<string, arrow.Vector>)[] = [
  () => ({ v: largeLists() }),
  () => ({ v: arrow.vectorFromArray(VECTORS, new arrow.List(FLOAT)) }),
  () => ({ v: arrow.vectorFromArray(bytesColumn, new arrow.LargeBinary()) }),
  () => ({ v: arrow.vectorFromArray(VECTORS, new arrow.FixedSizeList(3, FLOAT)) }),
  () => ({ v: arrow.vectorFromArray(bytesColumn, new arrow.BinaryView()) }),
  () => ({
    v: arrow.vectorFromArray(
      VECTORS.map((row) => JSON.stringify(row)),
      new arrow.LargeUtf8(),
    ),
  }),
  () => ({ d0: arrow.makeVector(Float32Array.of(1, 2, 3)), d1: arrow.makeVector(Float32Array.of(4, 5, 6)) }),
];

export const ARROW_TYPES: readonly Uint8Array[] = ARROW_FIRST.flatMap((column, i) =>
  [0, 1].map((j) => {
    const vectors = (ARROW_VECTORS[(i + 3 * j) % ARROW_VECTORS.length] as () => Record<string, arrow.Vector>)();
    const table = new arrow.Table({ first: column, ...vectors } as never);
    return arrow.tableToIPC(table as arrow.Table, (i + j) % 2 === 0 ? 'file' : 'stream').slice();
  }),
);
