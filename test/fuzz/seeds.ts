// Valid files to start from: small, so that a change is likely to matter, and in every layout that readers distinguish.

import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import * as arrow from 'apache-arrow';
import { zipSync } from 'fflate';
import type { SchemaElement } from 'hyparquet';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import {
  binFile,
  bytesOf,
  deflated,
  faissFlat,
  faissMap,
  lz4Frame,
  npyFile,
  npyOf,
  safetensorsFile,
  vecsFile,
  type ZipPart,
  zipOf,
  zstdFrame,
} from './files.js';
import { ARROW_TYPES, compressors, listElements, PARQUET_TYPES } from './type-seeds.js';

type Files = readonly Uint8Array[];

/** Numbers of several magnitudes. */
const numbers = (count: number) => Array.from({ length: count }, (_, i) => ((i * 37) % 101) / 8 - 6);
const floats = (count: number) => Float32Array.from(numbers(count));
const doubles = (count: number) => Float64Array.from(numbers(count));
const whole = (count: number) => Uint8Array.from({ length: count }, (_, i) => (i * 37) % 101);
const encode = (text: string) => new TextEncoder().encode(text);

/** NumPy's own files, and others that tests also read. */
const stored = (pattern: RegExp, within = ''): Files => {
  const folder = new URL(`../io/data/${within}`, import.meta.url);
  const files = readdirSync(folder).filter((name) => pattern.test(name));
  return files.sort().map((name) => new Uint8Array(readFileSync(new URL(name, folder))));
};

const A = npyOf('<f4', [6, 4], bytesOf(floats(24)));
const B = npyOf('<f8', [5, 3], bytesOf(doubles(15)), true);
const C = npyOf('>f4', [3, 4], bytesOf(floats(12)), true, 2);
export const NPY: Files = [
  ...[A, B, C],
  npyOf('>i2', [4, 4], whole(32), false, 3),
  npyOf('<f2', [8, 2], whole(32), true),
  npyOf('|u1', [16, 5], whole(80)),
  npyOf('<i8', [2, 1, 3], bytesOf(BigInt64Array.of(1n, -2n, 3n, 4n, 5n, 6n)), true),
  npyFile(
    "{'descr': [('id', '<i8'), ('x', '<f4', (2,)), ('t', '<U2')], 'fortran_order': False, 'shape': (2,), }",
    bytesOf(...[1, 2].map((i) => bytesOf(BigInt64Array.of(BigInt(i)), floats(2), whole(8)))),
  ),
];

const label = npyOf('<U1', [2], whole(8));
const several: ZipPart[] = [{ packed: A }, { name: 'b.npy', packed: B }, deflated(C, { name: 'c.npy' })];
export const NPZ: Files = [
  zipSync({ 'a.npy': A }, { level: 0 }),
  zipSync({ 'a.npy': A, 'b.npy': B }, { level: 0 }),
  zipSync({ 'a.npy': A }, { level: 9 }),
  zipSync({ 'a.npy': npyOf('<f8', [40, 8], bytesOf(doubles(320))), 'label.npy': label }, { level: 6 }),
  zipSync({ 'a.npy': npyOf('<f4', [64, 64], new Uint8Array(16384)), 'c.npy': C, 'read.me': whole(9) }),
  zipOf([{ packed: A }], true),
  zipOf([deflated(A), { name: 'label.npy', packed: label }], true),
  zipOf(several, true),
  ...stored(/\.npz$/),
];

export const SAFETENSORS: Files = [
  safetensorsFile({ embedding: { dtype: 'F32', shape: [4, 3], data_offsets: [0, 48] } }, bytesOf(floats(12))),
  safetensorsFile(
    {
      __metadata__: { made: 'by hand' },
      a: { dtype: 'BF16', shape: [3, 2], data_offsets: [0, 12] },
      bias: { dtype: 'I64', shape: [2], data_offsets: [12, 28] },
      b: { dtype: 'U8', shape: [5, 4], data_offsets: [28, 48] },
    },
    whole(48),
  ),
  safetensorsFile({ a: { dtype: 'I64', shape: [1, 2, 2], data_offsets: [0, 32] } }, bytesOf(BigInt64Array.of(1n, 2n, 3n, 4n))),
  safetensorsFile({ a: { dtype: 'F8_E4M3', shape: [4, 3], data_offsets: [0, 12] } }, whole(12)),
];

const FLAT_INDEX = faissFlat('IxFI', 4, floats(12));
export const FAISS: Files = [FLAT_INDEX, faissMap('IxM2', FLAT_INDEX, 3)];
export const PYTORCH: Files = stored(/\.pt$/);

/** Files written by SciPy and scikit-learn, and text files that they read. */
export const SPARSE_NPZ: Files = stored(/^cs[rc]-.*\.npz$/, 'sparse/');
export const MTX: Files = [
  ...stored(/\.mtx$/, 'sparse/'),
  encode('%%MatrixMarket matrix coordinate real general\n% by hand\n3 4 4\n1 1 .5\n3 4 -2e1\n1 1 2\n2 3 7.25\n'),
];
export const SVMLIGHT: Files = [
  ...stored(/svm$/, 'sparse/'),
  encode('# by hand\n1,2 qid:3 1:2 7:-.5 # first\n-1\n\n+1 2:2e0 9:1\n'),
];

export const FVECS: Files = [vecsFile([floats(4), floats(4), floats(4)]), vecsFile([floats(1)])];
export const BVECS: Files = [vecsFile([whole(5), whole(5), whole(5)]), vecsFile(Array<Uint8Array>(40).fill(whole(3)))];
export const FBIN: Files = [binFile(3, 4, floats(12)), binFile(1, 1, floats(1))];
export const IVECS: Files = [bytesOf(Int32Array.of(2, 5, 6, 2, 7, 8))];
export const HVECS: Files = [bytesOf(Int32Array.of(2), whole(4), Int32Array.of(2), whole(4))];
export const F16BIN: Files = [bytesOf(Uint32Array.of(3, 2), whole(12))];
export const U8BIN: Files = [binFile(6, 5, whole(30))];
export const I8BIN: Files = [binFile(6, 5, new Int8Array(30).fill(-3))];

const TABLES = [
  'id,d0,d1\n1,0.5,2.5\n2,-3,4e2\n3,5.25,6\n',
  'id,embedding\nx,"[1, 2.5, -3]"\n"y ""z""","[4,5,6]"\n',
  '0.5,2\n3.5,nan\n',
  '\ufeffid,d0,d1\r\n"a\nb",1.5,2\r\n\r\nc,-inf,0.5\r\n',
];
export const CSV: Files = [
  ...TABLES,
  'sep=;\nid;d0;d1\n1;0,5;1,25\n2;-3,5;2\n',
  '# two\n,0,1\n0,0.5,1\n1,2,2.5\n',
  'id,v\n1,"{0.5,1}"\n2,"[1.5  2. ]"\n3,"array([0.5, 2], dtype=float32)"\n',
  'id,v\n1,AAAAPwAAgD8AAABAAACAPw==\n2,AACAPwAAgD8AAABAAAAAPw==\n',
].map(encode);
export const TSV: Files = TABLES.map((text) => encode(text.replace(/,(?=\S)(?![^[]*\])/g, '\t')));
export const TXT: Files = [
  '0.5 1.5\n-2e-1 3.25\n',
  'the 0.5 1.5\n. . 2 3.25\n# 1 2\n',
  '2 3\n</s> 0.5 1.5 2 \nx 2 3.25 1 \n',
  '"d0" "d1"\n"1" 0.5 -1.5\n"2" 2.5 3.25\n',
].map(encode);
export const WORD2VEC: Files = [
  bytesOf(encode('2 3\na '), floats(3), encode('\nb '), floats(3), encode('\n')),
  bytesOf(encode('1 4\nx '), floats(4)),
];

export const JSONL: Files = [
  '[1, 2.5, -3e2]\n[4, 5, 6]\n\n[7, 8, 9]\n',
  '{"id": "x", "embedding": [1, 2, 3]}\n{"id": "y", "embedding": [4, 5, 6]}\n',
  '{"a": {"vector": [0.5, 1]}, "t": "\\u00e9"}\r\n{"a": {"vector": [2, 3]}, "t": null}\r\n',
].map(encode);

/** Two row groups of lists, bytes, text in a dictionary and numbers. */
function parquetFile(codec: 'UNCOMPRESSED' | 'SNAPPY' | keyof typeof compressors): Uint8Array {
  const embedding = Array.from({ length: 12 }, (_, row) => Array.from(floats(4), (value) => value + row));
  const columnData = [
    { name: 'id', data: Array.from({ length: 12 }, (_, row) => `row ${row % 5}`) },
    { name: 'embedding', data: embedding },
    { name: 'x', data: doubles(12) },
    { name: 'n', data: Int32Array.from(whole(12)) },
    { name: 'b', data: embedding.map((row) => bytesOf(Float32Array.from(row))) },
  ];
  const schema: SchemaElement[] = [
    { name: 'root', num_children: columnData.length },
    { name: 'id', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
    { name: 'embedding', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', type: 'FLOAT', repetition_type: 'OPTIONAL' },
    { name: 'x', type: 'DOUBLE', repetition_type: 'OPTIONAL' },
    { name: 'n', type: 'INT32', repetition_type: 'REQUIRED' },
    { name: 'b', type: 'BYTE_ARRAY', repetition_type: 'REQUIRED' },
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData, schema, codec, compressors, rowGroupSize: 8, pageSize: 100 }));
}

/** Without lists and bytes, so all columns of numbers are the rows. */
function parquetNumbers(): Uint8Array {
  const columnData = ['x', 'n', 'y'].map((name, i) => ({ name, data: doubles(8 + i).subarray(i), type: 'DOUBLE' as const }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

/** Columns of other types before the vectors, and vectors in other forms. */
function parquetTypes(codec: 'UNCOMPRESSED' | 'SNAPPY' | keyof typeof compressors): Uint8Array {
  const rows = Array.from({ length: 10 }, (_, row) => row);
  const vectors = rows.map((row) => [row, 1.5, -2]);
  const columnData: ColumnSource[] = [
    { name: 'flag', data: rows.map((row) => row % 3 === 0) },
    { name: 'day', data: Int32Array.from(rows) },
    { name: 'text', data: vectors.map((row) => (row[0] === 4 ? null : JSON.stringify(row))) },
    { name: 'd0', data: rows.map((row) => (row % 4 === 1 ? null : row / 2)), encoding: 'RLE_DICTIONARY' },
    { name: 'd1', data: rows.map((row) => row * 0.25), encoding: 'BYTE_STREAM_SPLIT' },
    { name: 'n', data: rows.map((row) => BigInt(row * 1000)), encoding: 'DELTA_BINARY_PACKED' },
    { name: 'b', data: vectors.map((row) => bytesOf(Float32Array.from(row))), encoding: 'DELTA_BYTE_ARRAY' },
    { name: 'dec', data: vectors.map((row) => row.map((value) => value * 4)) },
    { name: 'doc', data: vectors.map((v, row) => (row === 7 ? null : { v, deep: [[row]] })) },
  ];
  const schema: SchemaElement[] = [
    { name: 'root', num_children: columnData.length },
    { name: 'flag', type: 'BOOLEAN', repetition_type: 'OPTIONAL' },
    { name: 'day', type: 'INT32', converted_type: 'DATE', repetition_type: 'REQUIRED' },
    { name: 'text', type: 'BYTE_ARRAY', converted_type: 'JSON', repetition_type: 'OPTIONAL' },
    { name: 'd0', type: 'DOUBLE', repetition_type: 'OPTIONAL' },
    { name: 'd1', type: 'DOUBLE', repetition_type: 'REQUIRED' },
    { name: 'n', type: 'INT64', repetition_type: 'REQUIRED' },
    { name: 'b', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
    ...listElements('dec', { type: 'INT32', converted_type: 'DECIMAL', scale: 2, precision: 9 }),
    { name: 'doc', repetition_type: 'OPTIONAL', num_children: 2 },
    ...listElements('v', { type: 'FLOAT' }),
    ...listElements('deep', { num_children: 1, converted_type: 'LIST' }),
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', type: 'INT32', repetition_type: 'OPTIONAL' },
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData, schema, codec, compressors, rowGroupSize: 6, pageSize: 60 }));
}

// The seeds include the small files on which a reader once never ended: their zstd tables are damaged.
export const PARQUET: Files = [
  ...stored(/^minhang\.parquet$/, '../cases/'),
  ...(['UNCOMPRESSED', 'SNAPPY', 'ZSTD'] as const).map(parquetTypes),
  ...(['UNCOMPRESSED', 'GZIP', 'ZSTD'] as const).map(parquetFile),
  ...PARQUET_TYPES,
  parquetNumbers(),
  ...stored(/^duckdb-.*\.parquet$/),
];

const listOf = (depth: number) => new arrow.FixedSizeList(depth, new arrow.Field('item', new arrow.Float32()));
const LIST = new arrow.List(new arrow.Field('item', new arrow.Float32()));

/** Lists, bytes, numbers and text in two batches, of which the second is shorter. */
function arrowFile(kind: 'file' | 'stream', lists: arrow.FixedSizeList | arrow.List, view = false): Uint8Array {
  const tables = [6, 2].map((rows) => {
    const vectors = Array.from({ length: rows }, (_, row) => Array.from(floats(3), (value) => value + row));
    const texts = ['a', null, 'a text that is longer than a view', '', 'e', 'another one that is as long'].slice(0, rows);
    return new arrow.Table({
      embedding: arrow.vectorFromArray(vectors, lists),
      x: arrow.vectorFromArray(numbers(rows), new arrow.Float64()),
      n: arrow.vectorFromArray(
        Array.from({ length: rows }, (_, row) => BigInt(row)),
        new arrow.Int64(),
      ),
      id: arrow.vectorFromArray(texts, new arrow.Utf8()),
      ...(view ? { view: arrow.vectorFromArray(texts, new arrow.Utf8View()) } : {}),
      b: arrow.vectorFromArray(
        vectors.map((row) => bytesOf(Float32Array.from(row))),
        new arrow.Binary(),
      ),
    });
  });
  const [first, second] = tables as [arrow.Table, arrow.Table];
  return arrow.tableToIPC(first.concat(second), kind).slice();
}

/** apache-arrow writes the compressed length of a buffer before it where the format has the uncompressed length, so it is corrected. */
function compressedArrowFile(type: arrow.CompressionType, compress: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  const written: { packed: Uint8Array; length: number }[] = [];
  const encodeBuffer = (bytes: Uint8Array): Uint8Array => {
    const packed = compress(bytes);
    if (packed.length < bytes.length) written.push({ packed, length: bytes.length });
    return packed;
  };
  arrow.compressionRegistry.set(type, { encode: encodeBuffer });
  const rows = Array.from({ length: 40 }, () => [0, 0, 0, 0]);
  const table = new arrow.Table({
    embedding: arrow.vectorFromArray(rows, listOf(4)),
    x: arrow.vectorFromArray(numbers(40), new arrow.Float64()),
  });
  const writer = new arrow.RecordBatchFileWriter({ compressionType: type });
  writer.writeAll(table).finish();
  const file = Buffer.from(writer.toUint8Array(true));
  let at = 0;
  for (const { packed, length } of written) {
    at = file.indexOf(packed, at);
    file.writeBigInt64LE(BigInt(length), at - 8);
    at += packed.length;
  }
  return new Uint8Array(file);
}

/** Without lists and bytes, so all columns of numbers are the rows. */
function arrowNumbers(): Uint8Array {
  const table = new arrow.Table({
    x: arrow.vectorFromArray(numbers(6), new arrow.Float32()),
    n: arrow.vectorFromArray([...whole(6)], new arrow.Uint8()),
    h: arrow.vectorFromArray([1, 2, 0.5, -1, 0, 4], new arrow.Float16()),
  });
  return arrow.tableToIPC(table, 'stream').slice();
}

/** Columns of other types before the vectors, and vectors in other forms. */
function arrowTypes(kind: 'file' | 'stream'): Uint8Array {
  const rows = Array.from({ length: 6 }, (_, row) => row);
  const vectors = rows.map((row) => [row, 1.5, -2]);
  const texts = vectors.map((row) => (row[0] === 4 ? null : JSON.stringify(row)));
  const data = (type: arrow.DataType, length: number, values: ArrayBufferView) =>
    arrow.makeVector(arrow.makeData({ type, length, nullCount: 0, data: values } as never));
  const decimals = Uint32Array.from({ length: 24 }, (_, i) => (i % 4 === 0 ? i * 25 : 0));
  const union = new arrow.SparseUnion([0], [new arrow.Field('x', new arrow.Int32())]);
  const unionData = arrow.makeData({
    type: union,
    length: 6,
    nullCount: 0,
    typeIds: new Int8Array(6),
    children: [arrow.makeData({ type: new arrow.Int32(), length: 6, nullCount: 0, data: new Int32Array(6) })],
  } as never);
  const table = new arrow.Table({
    flag: arrow.vectorFromArray(
      rows.map((row) => row % 3 === 0),
      new arrow.Bool(),
    ),
    day: data(new arrow.TimestampNanosecond('UTC'), 6, new BigInt64Array(6)),
    either: arrow.makeVector(unionData),
    word: arrow.vectorFromArray(['a', 'b', null, 'a', 'b', 'c']),
    text: arrow.vectorFromArray(texts, new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8())),
    views: arrow.vectorFromArray(texts, new arrow.Utf8View()),
    d0: arrow.vectorFromArray([1.5, null, 3, 4, null, 6], new arrow.Float64()),
    d1: data(new arrow.Decimal(2, 10, 128), 6, decimals),
    doc: arrow.vectorFromArray(
      vectors.map((v, row) => (row === 2 ? null : { v, n: row })),
      new arrow.Struct([new arrow.Field('v', listOf(3), true), new arrow.Field('n', new arrow.Int32(), true)]),
    ),
    listdict: arrow.vectorFromArray(
      vectors.map((row, at) => (at === 3 ? null : row)),
      LIST,
    ),
  });
  return arrow.tableToIPC(table, kind).slice();
}

export const ARROW: Files = [
  ...stored(/^minhang\.arrow$/, '../cases/'),
  ...ARROW_TYPES,
  arrowTypes('file'),
  arrowTypes('stream'),
  ...(['file', 'stream'] as const).flatMap((kind) => [arrowFile(kind, listOf(3)), arrowFile(kind, LIST, true)]),
  compressedArrowFile(arrow.CompressionType.LZ4_FRAME, lz4Frame),
  compressedArrowFile(arrow.CompressionType.ZSTD, zstdFrame),
  arrowNumbers(),
];

/** JSON documents: arrays, responses of services, and matrices under names. */
export const JSON_DOCUMENTS: Files = [
  ...stored(/^(?:array-of-|chroma|openai-pretty|pinecone).*\.json$/, '../cases/'),
  encode('{"vectors": [[1, 2.5], [3, -4e1]], "ids": ["a", "b"]}'),
];

/** Tables compressed as a whole, by the bytes that they decompress to. */
export const COMPRESSED: ReadonlyMap<Uint8Array, Uint8Array> = new Map(
  [...CSV.slice(0, 2), ...JSONL.slice(0, 2), ...NPY.slice(0, 1)].flatMap((file) =>
    [(bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)), zstdFrame].map((compress) => [compress(file), file] as const),
  ),
);
