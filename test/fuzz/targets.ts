// What is fuzzed: each reader of rows with valid files of its format, and how all of such a file is read.

import * as arrow from 'apache-arrow';
import { zipSync } from 'fflate';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { type ByteSource, bytesInMemory } from '../../src/io/byte-source.js';
import { readArrow } from '../../src/io/formats/arrow.js';
import { readFbin, readI8bin, readU8bin } from '../../src/io/formats/bin.js';
import { readCsv, readTsv } from '../../src/io/formats/csv.js';
import { readJsonl } from '../../src/io/formats/jsonl.js';
import { readNpyRows } from '../../src/io/formats/npy.js';
import { readNpz } from '../../src/io/formats/npz.js';
import { readParquet } from '../../src/io/formats/parquet.js';
import { readSafetensors } from '../../src/io/formats/safetensors.js';
import { readBvecs, readFvecs } from '../../src/io/formats/vecs.js';
import { decodeNpy } from '../../src/io/npy.js';
import { RowFile } from '../../src/io/row-file.js';
import type { RowReader } from '../../src/io/row-reader.js';

export interface Target {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  /** Opens the file and reads all of its rows; calls `onStep` between. The column is one that some of the seeds have. */
  read(source: ByteSource, withColumn: boolean, onStep: () => void): Promise<void>;
}

const BLOCK_BYTES = 2 ** 20;

/** All rows, in blocks, as calls read them. */
export async function readAllRows(
  read: RowReader,
  source: ByteSource,
  column: string | undefined,
  onStep: () => void,
): Promise<void> {
  const rows = await read(source, { column });
  onStep();
  if (rows.kind === 'stream') {
    for await (const block of rows.blocks()) {
      onStep();
      if (block.length % rows.depth !== 0) throw new Error(`a block of ${block.length} numbers, rows of ${rows.depth}`);
    }
    return;
  }
  const most = Math.max(1, Math.min(rows.rows, Math.floor(BLOCK_BYTES / Math.max(1, rows.rowBytes))));
  const reader = new RowFile(source.name, source, rows).createReader(most);
  for (let from = 0; from < rows.rows; from += most) {
    await reader.read(from, Math.min(rows.rows, from + most));
    onStep();
  }
}

/** All numbers of the rows in `bytes`, of float16 streams their bits, and what the reader found. */
export async function valuesOf(read: RowReader, bytes: Uint8Array, column?: string) {
  const source = bytesInMemory(bytes, 'file');
  const rows = await read(source, { column });
  const { kind, depth, type } = rows;
  if (rows.kind === 'flat') {
    const values = new Float64Array(rows.rows * depth);
    const block = await new RowFile('file', source, rows).createReader(Math.max(1, rows.rows)).read(0, rows.rows);
    block.copyRows(0, rows.rows, values, 0);
    return { kind, depth, type, values: [...values] };
  }
  const values: number[] = [];
  for await (const block of rows.blocks()) for (const value of block) values.push(value);
  return { kind, depth, type, values };
}

function targetOf(name: string, read: RowReader, column: string | undefined, seeds: readonly Uint8Array[]): Target {
  return {
    name,
    seeds,
    read: (source, withColumn, onStep) => readAllRows(read, source, withColumn ? column : undefined, onStep),
  };
}

/** A .npy file as NumPy lays it out, of any dictionary. */
export function npyFile(dictionary: string, data: Uint8Array, version = 1): Uint8Array {
  const lengthBytes = version === 1 ? 2 : 4;
  const length = Math.ceil((8 + lengthBytes + dictionary.length + 1) / 64) * 64 - 8 - lengthBytes;
  const bytes = new Uint8Array(8 + lengthBytes + length + data.length).fill(0x20);
  bytes.set([0x93, ...Buffer.from('NUMPY'), version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, length, true);
  else view.setUint32(8, length, true);
  bytes.set(Buffer.from(dictionary), 8 + lengthBytes);
  bytes[8 + lengthBytes + length - 1] = 0x0a;
  bytes.set(data, 8 + lengthBytes + length);
  return bytes;
}

export function npyOf(descr: string, shape: readonly number[], data: Uint8Array, fortran = false, version = 1): Uint8Array {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const order = fortran ? 'True' : 'False';
  return npyFile(`{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${tuple}), }`, data, version);
}

/** A .safetensors file; `header` as JSON, or as text of any kind. */
export function safetensorsFile(header: object | string, data: Uint8Array): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

/** Rows with their depth before each, or under a header with both numbers. */
export function vecsFile(rows: readonly (Float32Array | Uint8Array)[]): Uint8Array {
  return new Uint8Array(Buffer.concat(rows.map((row) => bytesOf(Int32Array.of(row.length), row))));
}

export function binFile(rows: number, depth: number, data: Float32Array | Uint8Array | Int8Array): Uint8Array {
  return bytesOf(Uint32Array.of(rows, depth), data);
}

export function bytesOf(...parts: readonly ArrayBufferView[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts.map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength))));
}

/** Numbers of all magnitudes. */
function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => ((i * 37) % 101) / 8 - 6);
}

const floats = (count: number) => Float32Array.from(numbers(count));
const doubles = (count: number) => Float64Array.from(numbers(count));
const whole = (count: number) => Uint8Array.from({ length: count }, (_, i) => (i * 37) % 101);

const NPY = [
  npyOf('<f4', [6, 4], bytesOf(floats(24))),
  npyOf('<f8', [5, 3], bytesOf(doubles(15)), true),
  npyOf('>f4', [3, 4], bytesOf(floats(12)), true, 2),
  npyOf('>i2', [4, 4], whole(32), false, 3),
  npyOf('<f2', [8, 2], whole(32), true),
  npyOf('|u1', [16, 5], whole(80)),
];

/** NumPy's savez stores, its savez_compressed deflates; more and larger arrays make room for mutations in the directory. */
const NPZ = [
  zipSync({ 'a.npy': NPY[0] as Uint8Array }, { level: 0 }),
  zipSync({ 'a.npy': NPY[0] as Uint8Array, 'b.npy': NPY[1] as Uint8Array }, { level: 0 }),
  zipSync({ 'a.npy': NPY[0] as Uint8Array }, { level: 9 }),
  zipSync({ 'a.npy': npyOf('<f8', [40, 8], bytesOf(doubles(320))), 'label.npy': npyOf('<U1', [2], whole(8)) }, { level: 6 }),
  zipSync({ 'a.npy': npyOf('<f4', [64, 64], new Uint8Array(16384)), 'c.npy': NPY[2] as Uint8Array, 'read.me': whole(9) }),
];

const SAFETENSORS = [
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
];

const TEXT = ['id,a,b\n1,0.5,2\n2,-3,4e2\n3,5.25,6\n', 'id,embedding\nx,"[1, 2.5, -3]"\n"y ""z""","[4,5,6]"\n', '1,2\n3,nan\n'];

const JSONL = [
  '[1, 2.5, -3e2]\n[4, 5, 6]\n\n[7, 8, 9]\n',
  '{"id": "x", "embedding": [1, 2, 3]}\n{"id": "y", "embedding": [4, 5, 6]}\n',
  '{"a": {"vector": [0.5, 1]}, "t": "\\u00e9"}\n{"a": {"vector": [2, 3]}, "t": null}\n',
];

function parquetFile(codec: 'UNCOMPRESSED' | 'SNAPPY'): Uint8Array {
  const embedding = Array.from({ length: 12 }, (_, row) => Array.from(floats(4), (value) => value + row));
  const id = Array.from({ length: 12 }, (_, row) => `row ${row % 5}`);
  const columnData = [
    { name: 'id', data: id },
    { name: 'embedding', data: embedding },
    { name: 'x', data: doubles(12), type: 'DOUBLE' as const },
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData, codec, rowGroupSize: 8 }));
}

function arrowFile(kind: 'file' | 'stream'): Uint8Array {
  const type = new arrow.FixedSizeList(3, new arrow.Field('item', new arrow.Float32()));
  const rows = Array.from({ length: 6 }, (_, row) => Array.from(floats(3), (value) => value + row));
  const table = new arrow.Table({
    embedding: arrow.vectorFromArray(rows, type),
    x: arrow.vectorFromArray(numbers(6), new arrow.Float64()),
    name: arrow.vectorFromArray(['a', 'b', 'c', 'd', 'e', 'f'], new arrow.Utf8()),
  });
  return arrow.tableToIPC(table, kind).slice();
}

const encode = (text: string) => new TextEncoder().encode(text);

export const TARGETS: readonly Target[] = [
  {
    name: 'decodeNpy',
    seeds: NPY,
    async read(source) {
      decodeNpy(await source.read(0, source.size), source.name);
    },
  },
  targetOf('npy', readNpyRows, undefined, NPY),
  targetOf('npz', readNpz, 'a', NPZ),
  targetOf('safetensors', readSafetensors, 'a', SAFETENSORS),
  targetOf('fvecs', readFvecs, undefined, [vecsFile([floats(4), floats(4), floats(4)]), vecsFile([floats(1)])]),
  targetOf('bvecs', readBvecs, undefined, [vecsFile([whole(5), whole(5), whole(5)]), vecsFile(Array(40).fill(whole(3)))]),
  targetOf('fbin', readFbin, undefined, [binFile(3, 4, floats(12)), binFile(1, 1, floats(1))]),
  targetOf('u8bin', readU8bin, undefined, [binFile(6, 5, whole(30))]),
  targetOf('i8bin', readI8bin, undefined, [binFile(6, 5, new Int8Array(30).fill(-3))]),
  targetOf('parquet', readParquet, 'x', [parquetFile('UNCOMPRESSED'), parquetFile('SNAPPY')]),
  targetOf('arrow', readArrow, 'x', [arrowFile('file'), arrowFile('stream')]),
  targetOf('csv', readCsv, 'b', TEXT.map(encode)),
  targetOf(
    'tsv',
    readTsv,
    'b',
    TEXT.map((text) => encode(text.replace(/,(?=\S)(?![^[]*\])/g, '\t'))),
  ),
  targetOf('jsonl', readJsonl, 'a.vector', JSONL.map(encode)),
];
