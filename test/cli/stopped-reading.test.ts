// SIGTERM while the command reads a file: it ends without reading on, whatever the format, and leaves nothing behind.

import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as arrow from 'apache-arrow';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deflated, npyOf, zipOf, zstdFrame } from '../fuzz/files.js';
import { run } from './command.js';

const DEPTH = 64;
const ROWS = 40_000;
/** Reads of this many bytes in total come before the signal. */
const BEFORE = 2 ** 21;
/** Pieces that are read ahead, and those of one turn of the event loop. */
const MOST_AFTER = 2 ** 22;

const numbers = Float32Array.from({ length: ROWS * DEPTH }, (_, i) => ((i * 7919) % 65521) / 65536);
const row = (i: number) => numbers.subarray(i * DEPTH, (i + 1) * DEPTH);
const lines = (line: (row: Float32Array, i: number) => string) =>
  Array.from({ length: ROWS }, (_, i) => line(row(i), i)).join('\n');
const names = Array.from({ length: DEPTH }, (_, i) => `d${i}`);
const csv = () => `${names}\n${lines((values) => values.join())}\n`;

function arrowFile(): Uint8Array {
  const type = new arrow.FixedSizeList(DEPTH, new arrow.Field('item', new arrow.Float32()));
  const child = arrow.makeData({ type: new arrow.Float32(), length: numbers.length, nullCount: 0, data: numbers });
  const lists = arrow.makeData({ type, length: ROWS, nullCount: 0, child });
  return arrow.tableToIPC(new arrow.Table({ v: arrow.makeVector(lists) }), 'file');
}

function hdf5(path: string): Promise<void> {
  return import('h5wasm/node').then(async ({ default: h5wasm }) => {
    await h5wasm.ready;
    const file = new h5wasm.File(path, 'w');
    file.create_dataset({ name: 'v', data: numbers, shape: [ROWS, DEPTH], dtype: '<f4' });
    file.close();
  });
}

function sqlite(path: string): void {
  const { Database } = createRequire(import.meta.url)('node-sqlite3-wasm') as typeof import('node-sqlite3-wasm');
  const database = new Database(path);
  const numbered = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 400000)';
  database.exec(`CREATE TABLE t AS ${numbered} SELECT x * 0.37 AS d0, x * 0.73 AS d1 FROM c`);
  database.close();
}

/** Frames of 64 KiB. */
function zstd(bytes: Uint8Array): Uint8Array {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 2 ** 16) frames.push(zstdFrame(bytes.subarray(at, at + 2 ** 16)));
  return Buffer.concat(frames);
}

const parquet = () =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'v', data: Array.from({ length: ROWS }, (_, i) => Buffer.from(row(i).slice().buffer)), type: 'BYTE_ARRAY' },
      ],
      codec: 'SNAPPY',
    }),
  );

/** Counts the bytes that are read, and sends SIGTERM to its own process in the middle. */
const PRELOAD = `
  const { default: fs } = await import('node:fs');
  const { syncBuiltinESMExports } = await import('node:module');
  const { read, readSync } = fs;
  let before = 0, after = 0;
  const count = (length) => {
    if (before < ${BEFORE}) {
      before += length;
      if (before >= ${BEFORE}) process.kill(process.pid, 'SIGTERM');
    } else after += length;
  };
  fs.read = (...given) => {
    count(given[3]);
    return read(...given);
  };
  Object.defineProperties(fs.read, Object.getOwnPropertyDescriptors(read));
  fs.readSync = (...given) => {
    count(given[3]);
    return readSync(...given);
  };
  syncBuiltinESMExports();
  process.on('exit', () => process.stderr.write('read on: ' + after));`;

const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(PRELOAD)}` };

describe('SIGTERM while rows are read', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'allpairs-stopped-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each<[file: string, make: (path: string) => Uint8Array | string | void | Promise<void>, args?: readonly string[]]>([
    ['rows.csv', csv],
    ['rows.jsonl', () => lines((values) => `[${values.join()}]`)],
    ['rows.json', () => `[[${lines((values) => values.join()).replaceAll('\n', '],[')}]]`],
    ['rows.vec', () => `${ROWS} ${DEPTH}\n${lines((values, i) => `w${i} ${values.join(' ')}`)}\n`],
    ['rows.svm', () => lines((values) => `1 ${Array.from(values, (value, i) => `${i + 1}:${value}`).join(' ')}`)],
    [
      'rows.mtx',
      () =>
        `%%MatrixMarket matrix array real general\n${ROWS} ${DEPTH}\n${Array.from({ length: ROWS * DEPTH }, (_, i) => numbers[i]).join('\n')}\n`,
    ],
    ['rows.parquet', parquet, ['--element', 'float32']],
    ['rows.arrow', arrowFile],
    ['rows.npz', () => zipOf([deflated(npyOf('<f4', [ROWS, DEPTH], new Uint8Array(numbers.buffer)), { name: 'a.npy' })])],
    ['rows.csv.gz', () => gzipSync(csv(), { level: 1 })],
    ['rows.csv.zst', () => zstd(Buffer.from(csv()))],
    ['rows.h5', hdf5],
    ['rows.db', sqlite, ['--query', 'SELECT * FROM t']],
  ])('ends the command: %s', async (name, make, args = []) => {
    const path = join(folder, name);
    const content = await make(path);
    if (content) writeFileSync(path, content);
    expect(statSync(path).size).toBeGreaterThan(2 * BEFORE);
    const before = readdirSync(folder);
    const { code, stdout, stderr } = await run(['topk', path, ...args, '-k', '1', '-o', join(folder, 'out.csv')], { env });
    // A library that blocks the thread is ended by the signal itself.
    if (code === null) expect(['rows.h5', 'rows.db']).toContain(name);
    else {
      expect([code, stderr]).toEqual([130, expect.stringMatching(/^interrupted\n/)]);
      expect(Number(/read on: (\d+)/.exec(stderr)?.[1])).toBeLessThan(MOST_AFTER);
    }
    expect(stdout.length).toBe(0);
    expect(readdirSync(folder)).toEqual(before);
    rmSync(path);
  });

  it('ends a query of DuckDB that would take days', async () => {
    // The signal follows the engine.
    const preload = `
      const { dlopen } = process;
      process.dlopen = (...given) => {
        const loaded = dlopen.apply(process, given);
        if (given[1].includes('duckdb')) setTimeout(() => process.kill(process.pid, 'SIGTERM'), 100);
        return loaded;
      };`;
    const query = 'SELECT sum(a.range * b.range)::DOUBLE AS d0, 1.5 AS d1 FROM range(100000000) a, range(100000000) b';
    const { code, stdout, stderr } = await run(['histogram', ':memory:', '--query', query], {
      env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload)}` },
    });
    expect([code, stdout.length, stderr]).toEqual([130, 0, 'interrupted\n']);
  });
});
