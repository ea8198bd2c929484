// What queries give as rows: through every engine that is there, on databases written by the same packages.

import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import sqlite from 'node-sqlite3-wasm';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ArgumentError, FormatError, UnsupportedError } from '../../src/errors.js';
import { readDuckdb } from '../../src/io/formats/duckdb.js';
import type { QueryReader } from '../../src/io/formats/query-rows.js';
import { readSqlite } from '../../src/io/formats/sqlite.js';

let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'allpairs-query-'));
  const database = new sqlite.Database(at('rows.db'));
  database.exec('CREATE TABLE t (id INTEGER, x REAL, name TEXT, blob BLOB, json TEXT)');
  const insert = database.prepare('INSERT INTO t VALUES (?, ?, ?, ?, ?)');
  for (let id = 1; id <= 600; id++) {
    const floats = Float32Array.of(id, id / 2, -id);
    insert.run([id, id / 4, `n${id}`, new Uint8Array(floats.buffer), JSON.stringify([...floats])]);
  }
  insert.finalize();
  database.close();

  const instance = await DuckDBInstance.create(at('rows.duckdb'));
  const connection = await instance.connect();
  await connection.run(`CREATE TABLE t AS SELECT i::INTEGER AS id, i / 4 AS x, 'n' || i AS name,
    [i, i / 2, -i]::FLOAT[3] AS fixed, [i, i / 2, -i]::DOUBLE[] AS list, '[' || i || ',0.5]' AS json FROM range(1, 5001) r(i)`);
  connection.closeSync();
  instance.closeSync();
  writeFileSync(at('no.db'), 'this is no database '.repeat(200));
  writeFileSync(at('numbers.csv'), 'a,b\n1,2.5\n3,4.5\n');
});

afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  vi.doUnmock('@duckdb/node-api');
  vi.doUnmock('node-sqlite3-wasm');
  vi.restoreAllMocks();
});

async function rowsOf(read: QueryReader, file: string, query: string): Promise<number[][]> {
  const stream = await read(file === ':memory:' ? file : at(file), query);
  expect(stream).toMatchObject({ kind: 'stream', type: 'float32' });
  const rows: number[][] = [];
  for await (const block of stream.blocks()) {
    for (let from = 0; from < block.length; from += stream.depth) rows.push([...block.subarray(from, from + stream.depth)]);
  }
  return rows;
}

const vectors = (count: number) => Array.from({ length: count }, (_, i) => [i + 1, (i + 1) / 2, -(i + 1)]);

/** Both of SQLite's engines, as far as this Node has them. */
const ENGINES = process.getBuiltinModule('node:sqlite') ? ['node:sqlite', 'node-sqlite3-wasm'] : ['node-sqlite3-wasm'];

describe.each(ENGINES)('SQLite through %s', (engine) => {
  const rows = (query: string, file = 'rows.db'): Promise<number[][]> => {
    if (engine !== 'node:sqlite') vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never);
    return rowsOf(readSqlite, file, query);
  };

  it('gives BLOBs, JSON text and cells, in the order of the query', async () => {
    expect(await rows('SELECT blob FROM t ORDER BY id')).toEqual(vectors(600));
    expect(await rows('SELECT json FROM t ORDER BY id DESC; ')).toEqual(vectors(600).reverse());
    expect(await rows('SELECT id, x FROM t WHERE id < 3')).toEqual([
      [1, 0.25],
      [2, 0.5],
    ]);
    expect(await rows('SELECT x FROM t WHERE id = 3')).toEqual([[0.75]]);
  });

  it('tells columns of one name apart, and keeps the order of numbers as names', async () => {
    expect(await rows('SELECT 7 AS "2", 8 AS "1", id, id AS id, x FROM t LIMIT 1')).toEqual([[7, 8, 1, 1, 0.25]]);
    expect(await rows('VALUES (1, 2.5), (3, 4)')).toEqual([
      [1, 2.5],
      [3, 4],
    ]);
  });

  it.each([
    ['SELECT id, x FROM t WHERE id > 600', 'the query gives no rows'],
    ['SELECT CASE WHEN id = 300 THEN NULL ELSE id END, x FROM t', 'row 300 of the query: cell 1 is no number but nothing'],
    ['SELECT id, name FROM t', 'row 1 of the query: cell 2 is no number but "n1"'],
    ['SELECT name FROM t', 'row 1 of the query: expected a vector or numbers, got "n1"'],
    ['SELECT NULL', 'row 1 of the query: expected a vector or numbers, got nothing'],
    ["SELECT '[1]' UNION ALL SELECT '[1,2]'", 'row 2 of the query: expected 1 numbers, got 2'],
    ["SELECT '[1, null]'", 'row 1 of the query: element 2 is no number but nothing'],
    ["SELECT x'0000803f00'", 'row 1 of the query: a BLOB of 5 bytes holds no whole float32'],
    ["SELECT x''", 'row 1 of the query: a vector without numbers'],
  ])('refuses rows that are none: %s', async (query, message) => {
    await expect(rows(query)).rejects.toThrow(new FormatError(at('rows.db'), 0, message));
  });

  it.each([
    ['SELEC 1', 'near "SELEC": syntax error'],
    ['', 'incomplete input'],
    ['SELECT missing FROM t', 'no such column: missing'],
    ['SELECT ?', 'parameters are not allowed in views'],
    ['DELETE FROM t', 'near "DELETE": syntax error'],
    ["VACUUM INTO 'copy.db'", 'near "VACUUM": syntax error'],
  ])('refuses the query %j', async (query, message) => {
    await expect(rows(query)).rejects.toThrow(new ArgumentError('query', message));
  });

  it('refuses what is no database, and leaves the file alone', async () => {
    await expect(rows('SELECT 1', 'no.db')).rejects.toThrow(new FormatError(at('no.db'), 0, 'file is not a database'));
    await expect(rows('SELECT 1', 'missing.db')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(existsSync(at('missing.db'))).toBe(false);
    const stream = await readSqlite(at('rows.db'), 'SELECT blob FROM t');
    for await (const _ of stream.blocks()) break;
    expect(readdirSync(folder).filter((name) => name.startsWith('rows.db'))).toEqual(['rows.db']);
  });
});

it('SQLite without any engine says what to install', async () => {
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never);
  vi.doMock('node-sqlite3-wasm', () => {
    throw new Error('not there');
  });
  await expect(readSqlite(at('rows.db'), 'SELECT 1')).rejects.toThrow(
    new UnsupportedError('reading SQLite needs Node 22.5 or the package node-sqlite3-wasm: npm install node-sqlite3-wasm'),
  );
});

describe('DuckDB', () => {
  it('gives lists, BLOBs, JSON text and cells', async () => {
    expect(await rowsOf(readDuckdb, 'rows.duckdb', 'SELECT fixed FROM t ORDER BY id')).toEqual(vectors(5000));
    expect(await rowsOf(readDuckdb, 'rows.duckdb', 'SELECT list FROM t ORDER BY id')).toEqual(vectors(5000));
    expect(await rowsOf(readDuckdb, 'rows.duckdb', 'SELECT json FROM t WHERE id = 2')).toEqual([[2, 0.5]]);
    expect(await rowsOf(readDuckdb, 'rows.duckdb', "SELECT '\\x00\\x00\\x80\\x3F'::BLOB")).toEqual([[1]]);
    expect(await rowsOf(readDuckdb, 'rows.duckdb', 'FROM (SELECT id, x, 1.25, 7::BIGINT, id FROM t) LIMIT 1')).toEqual([
      [1, 0.25, 1.25, 7, 1],
    ]);
  });

  it('reads files without a database', async () => {
    expect(await rowsOf(readDuckdb, ':memory:', `SELECT b, a FROM '${at('numbers.csv')}'`)).toEqual([
      [2.5, 1],
      [4.5, 3],
    ]);
  });

  it.each([
    ['SELECT id FROM t WHERE false', 'the query gives no rows'],
    ['SELECT name FROM t ORDER BY id', 'row 1 of the query: expected a vector or numbers, got "n1"'],
    ['SELECT id, CASE WHEN id < 3000 THEN 1 END FROM t ORDER BY id', 'row 3000 of the query: cell 2 is no number but nothing'],
    ['SELECT [1, NULL]', 'row 1 of the query: element 2 is no number but nothing'],
    ['SELECT range(i) FROM range(1, 3) r(i)', 'row 2 of the query: expected 1 numbers, got 2'],
    ['SELECT [[1], [2]]', 'row 1 of the query: element 1 is no number but an array'],
  ])('refuses rows that are none: %s', async (query, message) => {
    await expect(rowsOf(readDuckdb, 'rows.duckdb', query)).rejects.toThrow(new FormatError(at('rows.duckdb'), 0, message));
  });

  it.each([
    ['SELEC 1', /syntax error at or near "SELEC"/],
    [' ', /^expected a query, got an empty one$/],
    ['SELECT * FROM nothing', /Table with name nothing does not exist/],
    ['SELECT 1; SELECT 2', /^expected one statement, got 2$/],
    ['DELETE FROM t', /^expected a query that selects rows, got DELETE$/],
    ["COPY t TO 'copy.csv'", /^expected a query that selects rows, got COPY$/],
    ["SELECT CASE WHEN i = 4000 THEN error('found') ELSE i END FROM range(5000) r(i)", /found/],
  ])('refuses the query %j', async (query, message) => {
    const failure = await rowsOf(readDuckdb, 'rows.duckdb', query).catch((error) => error);
    expect(failure).toBeInstanceOf(ArgumentError);
    expect(failure).toMatchObject({ argument: 'query', message: expect.stringMatching(message) });
  });

  it('refuses what is no database', async () => {
    const failure = await rowsOf(readDuckdb, 'no.db', 'SELECT 1').catch((error) => error);
    expect(failure).toBeInstanceOf(FormatError);
    expect(failure.message).toMatch(/byte 0: .*not a valid DuckDB database file/);
    await expect(rowsOf(readDuckdb, 'missing.duckdb', 'SELECT 1')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('closes the database where the receiver stops', async () => {
    const stream = await readDuckdb(at('rows.duckdb'), 'SELECT fixed FROM t');
    for await (const _ of stream.blocks()) break;
    // One process may not open a database for writing that it has open for reading.
    (await DuckDBInstance.create(at('rows.duckdb'))).closeSync();
  });

  it('says what to install', async () => {
    vi.doMock('@duckdb/node-api', () => {
      throw new Error('not there');
    });
    await expect(readDuckdb(':memory:', 'SELECT 1')).rejects.toThrow(
      new UnsupportedError('reading DuckDB needs the package @duckdb/node-api: npm install @duckdb/node-api'),
    );
  });
});
