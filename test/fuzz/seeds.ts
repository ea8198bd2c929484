// Valid files to begin with: small, so that a change is likely to matter, and of every layout that readers tell apart.

import { readdirSync, readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import * as arrow from 'apache-arrow';
import { zipSync } from 'fflate';
import type { SchemaElement } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
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

type Files = readonly Uint8Array[];

/** Numbers of several magnitudes. */
const numbers = (count: number) => Array.from({ length: count }, (_, i) => ((i * 37) % 101) / 8 - 6);
const floats = (count: number) => Float32Array.from(numbers(count));
const doubles = (count: number) => Float64Array.from(numbers(count));
const whole = (count: number) => Uint8Array.from({ length: count }, (_, i) => (i * 37) % 101);
const encode = (text: string) => new TextEncoder().encode(text);

/** NumPy's own files, and others, that tests read too. */
const stored = (pattern: RegExp): Files => {
  const folder = new URL('../io/data/', import.meta.url);
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

export const FVECS: Files = [vecsFile([floats(4), floats(4), floats(4)]), vecsFile([floats(1)])];
export const BVECS: Files = [vecsFile([whole(5), whole(5), whole(5)]), vecsFile(Array<Uint8Array>(40).fill(whole(3)))];
export const FBIN: Files = [binFile(3, 4, floats(12)), binFile(1, 1, floats(1))];
export const IVECS: Files = [bytesOf(Int32Array.of(2, 5, 6, 2, 7, 8))];
export const HVECS: Files = [bytesOf(Int32Array.of(2), whole(4), Int32Array.of(2), whole(4))];
export const F16BIN: Files = [bytesOf(Uint32Array.of(3, 2), whole(12))];
export const U8BIN: Files = [binFile(6, 5, whole(30))];
export const I8BIN: Files = [binFile(6, 5, new Int8Array(30).fill(-3))];

const TABLES = [
  'id,a,b\n1,0.5,2\n2,-3,4e2\n3,5.25,6\n',
  'id,embedding\nx,"[1, 2.5, -3]"\n"y ""z""","[4,5,6]"\n',
  '1,2\n3,nan\n',
  '\ufeffid,b\r\n"a\nb",1\r\n\r\nc,-inf\r\n',
];
export const CSV: Files = TABLES.map(encode);
export const TSV: Files = TABLES.map((text) => encode(text.replace(/,(?=\S)(?![^[]*\])/g, '\t')));

export const JSONL: Files = [
  '[1, 2.5, -3e2]\n[4, 5, 6]\n\n[7, 8, 9]\n',
  '{"id": "x", "embedding": [1, 2, 3]}\n{"id": "y", "embedding": [4, 5, 6]}\n',
  '{"a": {"vector": [0.5, 1]}, "t": "\\u00e9"}\r\n{"a": {"vector": [2, 3]}, "t": null}\r\n',
].map(encode);

const compressors = {
  GZIP: (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)),
  BROTLI: (bytes: Uint8Array) => new Uint8Array(brotliCompressSync(bytes)),
  ZSTD: zstdFrame,
};

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

/** Without lists and bytes: all columns of numbers are the rows. */
function parquetNumbers(): Uint8Array {
  const columnData = ['x', 'n', 'y'].map((name, i) => ({ name, data: doubles(8 + i).subarray(i), type: 'DOUBLE' as const }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

export const PARQUET: Files = [
  ...(['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI', 'ZSTD'] as const).map(parquetFile),
  parquetNumbers(),
  ...stored(/^duckdb-.*\.parquet$/),
];

const listOf = (depth: number) => new arrow.FixedSizeList(depth, new arrow.Field('item', new arrow.Float32()));
const LIST = new arrow.List(new arrow.Field('item', new arrow.Float32()));

/** Lists, bytes, numbers and text: of two batches, of which the second is shorter. */
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

/** apache-arrow writes the compressed length of a buffer before it, where the format has that in memory: it is put right. */
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

/** Without lists and bytes: all columns of numbers are the rows. */
function arrowNumbers(): Uint8Array {
  const table = new arrow.Table({
    x: arrow.vectorFromArray(numbers(6), new arrow.Float32()),
    n: arrow.vectorFromArray([...whole(6)], new arrow.Uint8()),
    h: arrow.vectorFromArray([1, 2, 0.5, -1, 0, 4], new arrow.Float16()),
  });
  return arrow.tableToIPC(table, 'stream').slice();
}

export const ARROW: Files = [
  ...(['file', 'stream'] as const).flatMap((kind) => [arrowFile(kind, listOf(3)), arrowFile(kind, LIST, true)]),
  compressedArrowFile(arrow.CompressionType.LZ4_FRAME, lz4Frame),
  compressedArrowFile(arrow.CompressionType.ZSTD, zstdFrame),
  arrowNumbers(),
];
