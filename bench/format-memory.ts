// The peak memory of the command within a bound, for each format that is decoded: the bound must hold whatever the file's own pieces are.
//
//     npx tsx bench/format-memory.ts [--memory 64MiB] [--rows 100000] [--depth 384] [--only parquet] [--folder /tmp/formats]
//
// Rows are written as the writers of each format do it at their worst: one page, one batch or one document for all of them. What is allowed is
// the bound, 15 % and 64 MiB for Node itself. A file that would take more must be refused. With --folder files stay for the next time.

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import * as arrow from 'apache-arrow';
import { zipSync } from 'fflate';
import * as h5wasm from 'h5wasm/node';
import sqlite from 'node-sqlite3-wasm';
import { npyOf } from '../test/fuzz/files.js';

const { values } = parseArgs({
  options: {
    memory: { type: 'string', default: '64MiB' },
    rows: { type: 'string', default: '100000' },
    depth: { type: 'string', default: '384' },
    only: { type: 'string' },
    folder: { type: 'string' },
  },
});
const rows = Number(values.rows);
const depth = Number(values.depth);
const MIB = 2 ** 20;
const bound = Number.parseInt(values.memory, 10);
const allowed = 1.15 * bound + 64;

const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'allpairs-formats-'));
mkdirSync(folder, { recursive: true });

/** Numbers that hardly compress, or of few kinds, so that dictionaries are made of them. */
const random = (i: string) => `((hash(${i}) & 16777215)::DOUBLE / 8388608 - 1)::FLOAT`;
const few = (i: string) => `((hash(${i}) & 255)::DOUBLE / 128 - 1)::FLOAT`;

async function copy(path: string, options: string, number = random, wide = false): Promise<void> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const columns = wide ? columnsOf(number) : listOf(number);
  await connection.run(`copy (select ${columns} from range(${rows}) r(i)) to '${path}' (${options})`);
  connection.closeSync();
}

const parquet =
  (options: string, number = random, wide = false) =>
  (path: string) =>
    copy(path, `format parquet, ${options}, row_group_size 1000000`, number, wide);

/** Random numbers and zeros in turns, so that compression makes them shorter. */
const floats = (count: number, from = 0) =>
  Float32Array.from({ length: count }, (_, i) =>
    i % 2 ** 16 < 2 ** 15 ? (Math.imul(i + from, 2654435761) >>> 8) / 2 ** 23 - 1 : 0,
  );

/** A frame of zstd of blocks that are stored or, where they are one byte again and again, that byte. */
function zstd(bytes: Uint8Array): Uint8Array {
  const BLOCK = 2 ** 17;
  // The length in eight bytes, and a window of 2 MiB.
  const head = Buffer.alloc(14);
  head.set([0x28, 0xb5, 0x2f, 0xfd, 0xc0, 11 << 3]);
  head.writeBigUInt64LE(BigInt(bytes.length), 6);
  const parts: Uint8Array[] = [head];
  for (let at = 0; at < bytes.length; at += BLOCK) {
    const block = bytes.subarray(at, at + BLOCK);
    const equal = block.every((byte) => byte === block[0]);
    const header = (block.length << 3) | (equal ? 2 : 0) | (at + BLOCK >= bytes.length ? 1 : 0);
    parts.push(Uint8Array.of(header & 255, (header >> 8) & 255, header >> 16), equal ? block.subarray(0, 1) : block);
  }
  return Buffer.concat(parts);
}

/** One batch; apache-arrow writes the packed length before a buffer, where the format has that in memory: it is put right. */
function arrowFile(wide: boolean, compressed = false) {
  return async (path: string): Promise<void> => {
    const written: { packed: Uint8Array; length: number }[] = [];
    const type = compressed ? arrow.CompressionType.ZSTD : undefined;
    if (type !== undefined) {
      const encode = (bytes: Uint8Array) => {
        const packed = zstd(bytes);
        if (packed.length < bytes.length) written.push({ packed, length: bytes.length });
        return packed;
      };
      arrow.compressionRegistry.set(type, { encode });
    }
    const column = (from: number) => arrow.makeVector(floats(rows, from));
    const list = new arrow.FixedSizeList(depth, new arrow.Field('item', new arrow.Float32()));
    const child = () =>
      arrow.makeData({ type: new arrow.Float32(), length: rows * depth, nullCount: 0, data: floats(rows * depth) });
    const table = wide
      ? new arrow.Table(Object.fromEntries(Array.from({ length: depth }, (_, j) => [`d${j}`, column(j * rows)])))
      : new arrow.Table({ v: arrow.makeVector(arrow.makeData({ type: list, length: rows, nullCount: 0, child: child() })) });
    const writer = new arrow.RecordBatchFileWriter(type === undefined ? {} : { compressionType: type });
    writer.writeAll(table).finish();
    const file = Buffer.from(writer.toUint8Array(true));
    let at = 0;
    for (const { packed, length } of written) {
      at = file.indexOf(packed, at);
      file.writeBigInt64LE(BigInt(length), at - 8);
      at += packed.length;
    }
    writeFileSync(path, file);
  };
}

/** `rowsOfChunk` rows in a chunk, and those compressed, or all in one piece. */
const hdf5 =
  (rowsOfChunk?: number, compression?: number, columns = depth) =>
  async (path: string): Promise<void> => {
    await h5wasm.ready;
    const file = new h5wasm.File(path, 'w');
    const chunks = rowsOfChunk && { chunks: [Math.min(rows, rowsOfChunk), columns] };
    const data = floats(rows * depth);
    file.create_dataset({ name: 'v', data, shape: [rows, depth], ...chunks, ...(compression && { compression }) });
    file.close();
  };

const bytesOf = (data: Float32Array) => new Uint8Array(data.buffer);

/** A table `t` whose column `v` holds rows as `cell` writes them. */
function sqliteFile(cell: (row: Float32Array) => Uint8Array | string) {
  return (path: string): void => {
    const database = new sqlite.Database(path);
    database.exec('create table t(v); begin');
    const insert = database.prepare('insert into t values (?)');
    for (let row = 0; row < rows; row++) insert.run([cell(floats(depth, row * depth))]);
    insert.finalize();
    database.exec('commit');
    database.close();
  };
}

/** A table `t` of the rows, in a list `v` or in a column for each number. */
async function duckdbFile(path: string, columns: string): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run(`create table t as select ${columns} from range(${rows}) r(i)`);
  connection.closeSync();
  instance.closeSync();
}

const listOf = (number = random) => `list_transform(range(${depth}), j -> ${number(`i * ${depth} + j`)}) as v`;
const columnsOf = (number = random) =>
  Array.from({ length: depth }, (_, j) => `${number(`i * ${depth} + ${j}`)} as d${j}`).join(', ');

interface FormatCase {
  readonly name: string;
  readonly write: (path: string) => Promise<void> | void;
  readonly wide?: boolean;
  /** What selects the rows of a database. */
  readonly query?: string;
  /** The row to compare with, if it is sparse. */
  readonly row?: string;
}

/** Sparse rows of one element each, many times as many. */
const sparseRows = 20 * rows;
const MTX = '%%MatrixMarket matrix coordinate pattern general';

function sparseMtx(path: string): void {
  const lines = Array.from({ length: sparseRows }, (_, row) => `${row + 1} ${(row % 5) + 1}\n`);
  writeFileSync(path, `${MTX}\n${sparseRows} 5 ${sparseRows}\n${lines.join('')}`);
}

function sparseNpz(path: string): void {
  const of = (array: Int32Array) => npyOf('<i4', [array.length], new Uint8Array(array.buffer));
  const numbers = (length: number, from: (i: number) => number) => of(Int32Array.from({ length }, (_, i) => from(i)));
  const arrays = {
    'format.npy': npyOf('|S3', [], Buffer.from('csr')),
    'shape.npy': of(Int32Array.of(sparseRows, 5)),
    'indptr.npy': numbers(sparseRows + 1, (i) => i),
    'indices.npy': numbers(sparseRows, (i) => i % 5),
    'data.npy': numbers(sparseRows, (i) => (i % 100) + 1),
  };
  writeFileSync(path, zipSync(arrays));
}

const CASES: readonly FormatCase[] = [
  ...['uncompressed', 'snappy', 'zstd', 'gzip', 'lz4_raw'].map((codec) => ({
    name: `${codec}.parquet`,
    write: parquet(`compression ${codec}`),
  })),
  { name: 'v2-zstd.parquet', write: parquet('compression zstd, parquet_version v2') },
  { name: 'v2-uncompressed.parquet', write: parquet('compression uncompressed, parquet_version v2') },
  { name: 'few-snappy.parquet', write: parquet('compression snappy', few) },
  { name: 'few-uncompressed.parquet', write: parquet('compression uncompressed', few) },
  { name: 'wide-snappy.parquet', write: parquet('compression snappy', random, true), wide: true },
  { name: 'wide-v2-zstd.parquet', write: parquet('compression zstd, parquet_version v2', random, true), wide: true },
  { name: 'wide-few.parquet', write: parquet('compression snappy', few, true), wide: true },
  { name: 'lists.arrow', write: arrowFile(false) },
  { name: 'lists-zstd.arrow', write: arrowFile(false, true) },
  { name: 'wide.arrow', write: arrowFile(true), wide: true },
  { name: 'wide-zstd.arrow', write: arrowFile(true, true), wide: true },
  { name: 'lists.jsonl', write: (path) => copy(path, 'format json') },
  { name: 'lists.json', write: (path) => copy(path, 'format json, array true') },
  { name: 'lists.jsonl.gz', write: (path) => copy(path, 'format json, compression gzip') },
  { name: 'wide.csv', write: (path) => copy(path, 'format csv, header', random, true), wide: true },
  {
    name: 'deflated.npz',
    write: (path) => writeFileSync(path, zipSync({ 'a.npy': npyOf('<f4', [rows, depth], bytesOf(floats(rows * depth))) })),
    wide: true,
  },
  { name: 'blobs.sqlite', write: sqliteFile((row) => bytesOf(row)), query: 'select v from t' },
  { name: 'texts.sqlite', write: sqliteFile((row) => JSON.stringify([...row])), query: 'select v from t' },
  { name: 'lists.duckdb', write: (path) => duckdbFile(path, listOf()), query: 'select v from t' },
  { name: 'wide.duckdb', write: (path) => duckdbFile(path, columnsOf()), query: 'select * from t' },
  { name: 'sparse.svm', write: (path) => writeFileSync(path, '1 0:1\n'.repeat(sparseRows)), row: 'one.svm' },
  { name: 'sparse.mtx', write: sparseMtx, row: 'one.mtx' },
  { name: 'sparse.npz', write: sparseNpz, row: 'one.mtx' },
  { name: 'contiguous.h5', write: hdf5() },
  { name: 'chunks.h5', write: hdf5(64) },
  { name: 'gzip.h5', write: hdf5(1000, 4) },
  { name: 'gzip-narrow.h5', write: hdf5(rows, 4, 1) },
  { name: 'gzip-4MiB.h5', write: hdf5(Math.floor(MIB / depth), 4) },
  { name: 'gzip-16MiB.h5', write: hdf5(Math.floor((4 * MIB) / depth), 4) },
];

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
/**
 * Reports at the end of a process its memory, in KiB, and the time of the processor, in microseconds. On Linux, because maxRSS includes that of
 * the process that started it.
 */
const TELL_PEAK = `data:text/javascript,import {readFileSync} from 'node:fs';process.on('exit',()=>{
  const {user,system}=process.cpuUsage();
  console.error(/VmHWM.*/.exec(readFileSync('/proc/self/status'))[0],'CPU',user+system)})`.replaceAll(/\n */g, '');

const one = join(folder, 'one.jsonl');
writeFileSync(one, `${JSON.stringify(Array.from({ length: depth }, (_, i) => i - 0.5))}\n`);

writeFileSync(join(folder, 'one.svm'), '1 0:1\n');
writeFileSync(join(folder, 'one.mtx'), `${MTX}\n1 5 1\n1 1\n`);

async function peakOf(path: string, { wide = false, query, row }: FormatCase) {
  const from = row === undefined ? one : join(folder, row);
  const chosen = query !== undefined ? ['--against-query', query] : wide || row !== undefined ? [] : ['--against-column', 'v'];
  const args = ['topk', from, '--against', path, ...chosen, '-k', '1', '--memory', values.memory];
  const { stderr, code } = await promisify(execFile)(process.execPath, ['--import', TELL_PEAK, MAIN, ...args]).then(
    ({ stderr }) => ({ stderr, code: 0 }),
    (error) => error as { stderr: string; code: number },
  );
  const refused = code === 0 ? '' : (/^error: (.*)$/m.exec(stderr)?.[1] ?? stderr);
  const peak = Number(/^VmHWM:\s+(\d+)/m.exec(stderr)?.[1]) / 1024;
  return { peak, seconds: Number(/CPU (\d+)/.exec(stderr)?.[1]) / 1e6, refused };
}

console.log(
  `${rows} x ${depth} (${((rows * depth * 4) / MIB).toFixed(0)} MiB) within ${values.memory}; allowed ${allowed.toFixed(0)} MiB`,
);
for (const each of CASES) {
  const { name, write } = each;
  if (values.only !== undefined && !name.includes(values.only)) continue;
  const path = join(folder, name);
  if (!existsSync(path)) await write(path);
  const { peak, seconds, refused } = await peakOf(path, each);
  const verdict = refused ? `refused: ${refused}` : peak <= allowed ? 'within' : 'OVER';
  console.log(
    `${name.padEnd(26)} ${(statSync(path).size / MIB).toFixed(0).padStart(5)} MiB  peak ${peak.toFixed(0).padStart(5)} MiB  ${seconds.toFixed(1).padStart(5)} s of CPU  ${verdict}`,
  );
  if (values.folder === undefined) rmSync(path);
}
if (values.folder === undefined) rmSync(folder, { recursive: true });
