// Rows of Parquet files copied with all columns. DuckDB reads the copies and finds the same as in the originals.

import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesInMemory } from '#src/io/bytes/byte-source.js';
import { copyParquetRows } from '#src/io/formats/parquet-copy.js';

const data = (name: string) => fileURLToPath(new URL(`data/${name}`, import.meta.url));

let folder: string;
let connection: DuckDBConnection;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'allpairs-parquet-copy-'));
  connection = await (await DuckDBInstance.create(':memory:')).connect();
});
afterAll(() => {
  connection.closeSync();
  rmSync(folder, { recursive: true });
});

async function query(sql: string): Promise<unknown[][]> {
  return (await connection.runAndReadAll(sql)).getRowsJson();
}

async function copyOf(path: string, rows: readonly number[], name = 'copy.parquet'): Promise<string> {
  const pieces: Uint8Array[] = [];
  const source = bytesInMemory(new Uint8Array(await readFile(path)), path);
  for await (const piece of copyParquetRows(source, Uint32Array.from(rows), new AbortController().signal)) {
    pieces.push(piece.slice());
  }
  const copy = join(folder, name);
  await writeFile(copy, Buffer.concat(pieces));
  return copy;
}

/** Checks that `copy` holds those rows of the original, and everything that the original states about its columns and itself. */
async function expectRows(copy: string, original: string, rows: readonly number[]): Promise<void> {
  const all = await query(`select * from read_parquet('${original}')`);
  const copied = await query(`select * from read_parquet('${copy}')`);
  expect(copied).toEqual(rows.map((row) => all[row]));
  for (const table of ['parquet_schema', 'parquet_kv_metadata']) {
    const said = (path: string) => query(`select * exclude (file_name) from ${table}('${path}')`);
    expect(await said(copy)).toEqual(await said(original));
  }
}

const SOME = [0, 1, 5, 6, 7, 24, 25, 40, 58, 59];

describe('rows of a Parquet file', () => {
  it.each([
    'pyarrow-plain-groups.parquet',
    'pyarrow-gzip-pages.parquet',
    'pyarrow-delta.parquet',
    'pyarrow-mixed-int96.parquet',
  ])('keep every column of %s, its type and the metadata', async (name) => {
    const everyRow = Array.from({ length: 60 }, (_, row) => row);
    for (const rows of [SOME, [], [59], everyRow]) {
      await expectRows(await copyOf(data(name), rows), data(name), rows);
    }
    const codec = (path: string) => query(`select distinct compression from parquet_metadata('${path}')`);
    const again = await copyOf(await copyOf(data(name), SOME), [2, 3], 'again.parquet');
    await expectRows(again, data(name), [5, 6]);
    if (!name.includes('mixed')) expect(await codec(again)).toEqual(await codec(data(name)));
  });

  it.each(['snappy', 'lz4_raw'])('keep the types of DuckDB, compressed with %s', async (codec) => {
    const path = join(folder, `types-${codec}.parquet`);
    await connection.run(
      `copy (select 9007199254740993 + i as id, i::decimal(30, 3) as d, (i * i)::hugeint as h, make_timestamp(i * 1001) as t,
        uuid() as u, i % 3 = 0 as b, '\\xAA\\x00'::blob as bytes, case when i % 4 > 0 then 'x' || i % 9 end as x, interval 1 day as iv,
        {'a': i, 'b': [i::varchar, null]} as s, map {i: 'v'} as m, (i % 2)::utinyint as small, '{"a": 1}'::json as j,
        [i, 1.5]::float[2] as v from range(3000) rows(i))
       to '${path}' (format parquet, compression ${codec}, row_group_size 2048, kv_metadata {own: 'kept'})`,
    );
    const rows = Array.from({ length: 3000 }, (_, row) => row).filter((row) => row % 7 === 0 && (row < 2048 || row > 2990));
    await expectRows(await copyOf(path, rows), path, rows);
  });

  it('are written in pages, and a group of rows at a time', async () => {
    const path = join(folder, 'large.parquet');
    await connection.run(
      `copy (select repeat(i::varchar, 1000) as text, i as id from range(2000) rows(i)) to '${path}' (format parquet, compression uncompressed)`,
    );
    const rows = Uint32Array.from({ length: 2000 }, (_, row) => row);
    const source = bytesInMemory(new Uint8Array(await readFile(path)), path);
    let largest = 0;
    for await (const piece of copyParquetRows(source, rows, new AbortController().signal))
      largest = Math.max(largest, piece.length);
    expect(largest).toBeLessThan(2 ** 20 + 2 ** 14);
  });

  it('are refused if the file has fewer', async () => {
    await expect(copyOf(data('pyarrow-delta.parquet'), [60])).rejects.toThrow('only 60 rows are left');
  });

  it('of a damaged file end in a FormatError if they cannot be copied', async () => {
    const path = data('pyarrow-gzip-pages.parquet');
    const bytes = new Uint8Array(await readFile(path));
    for (let at = 4; at < bytes.length - 8; at += 1009) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] as number) ^ 0x55;
      const copying = async () => {
        for await (const _ of copyParquetRows(
          bytesInMemory(damaged, path),
          Uint32Array.from(SOME),
          new AbortController().signal,
        ));
      };
      const error = await copying().then(
        () => undefined,
        (thrown) => thrown,
      );
      expect([undefined, 'FormatError']).toContain(error?.name);
    }
  });
});
