// The rows that queries return, with every available engine, on databases written by the same packages.

import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import sqlite from 'node-sqlite3-wasm';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ArgumentError, FormatError, MemoryError, UnsupportedError } from '../../src/errors.js';
import { readDuckdb } from '../../src/io/formats/duckdb.js';
import type { QueryReader } from '../../src/io/formats/result-rows.js';
import { readSqlite } from '../../src/io/formats/sqlite.js';
import type { ReaderOptions, ReadOptions } from '../../src/io/rows/row-reader.js';
import { saying } from './saying.js';

const MIB = 2 ** 20;
let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'allpairs-query-'));
  const database = new sqlite.Database(at('rows.db'));
  database.exec('CREATE TABLE t (id INTEGER, x REAL, name TEXT, blob BLOB, json TEXT)');
  const insert = database.prepare('INSERT INTO t VALUES (?, ?, ?, ?, ?)');
  for (let id = 1; id <= 600; id++) {
    const floats = Float32Array.from(thirds(id));
    insert.run([id, id / 4, `n${id}`, new Uint8Array(floats.buffer), JSON.stringify([...floats])]);
  }
  insert.finalize();
  database.exec(`CREATE VIEW big AS SELECT n, blob FROM
    (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 2000) SELECT n FROM c), t WHERE t.id = 1`);
  database.close();
  for (const name of ['blobs.sqlite', 'wal.db']) copyFileSync(join(import.meta.dirname, 'data', name), at(name));
  for (const name of ['log.db', 'log.db-wal']) copyFileSync(join(import.meta.dirname, 'data', name), at(name));

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

async function rowsOf(
  read: QueryReader,
  file: string,
  query: string,
  options: ReadOptions & Pick<ReaderOptions, 'memoryBudget'> = {},
): Promise<number[][]> {
  const stream = await read(file === ':memory:' ? file : at(file), query, options);
  const rows: number[][] = [];
  for await (const block of stream.blocks()) {
    for (let from = 0; from < block.length; from += stream.depth) rows.push([...block.subarray(from, from + stream.depth)]);
  }
  return rows;
}

/** Values that no other element type explains equally well. */
const thirds = (id: number) => [id / 3, id / 7, -id / 3].map(Math.fround);
const sqliteVectors = (count: number) => Array.from({ length: count }, (_, i) => thirds(i + 1));
const vectors = (count: number) => Array.from({ length: count }, (_, i) => [i + 1, (i + 1) / 2, -(i + 1)]);

/** Both SQLite engines, if this version of Node has them. */
const ENGINES = process.getBuiltinModule('node:sqlite') ? ['node:sqlite', 'node-sqlite3-wasm'] : ['node-sqlite3-wasm'];

describe.each(ENGINES)('SQLite through %s', (engine) => {
  const rows = (query: string, file = 'rows.db', options: ReadOptions = {}): Promise<number[][]> => {
    if (engine !== 'node:sqlite') vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never);
    return rowsOf(readSqlite, file, query, options);
  };

  it('gives BLOBs, JSON text and cells, in the order of the query', async () => {
    expect(await rows('SELECT blob FROM t ORDER BY id')).toEqual(sqliteVectors(600));
    expect(await rows('SELECT json FROM t ORDER BY id DESC; ')).toEqual(sqliteVectors(600).reverse());
    expect(await rows('SELECT id, name, blob FROM t ORDER BY id')).toEqual(sqliteVectors(600));
    expect(await rows('SELECT id, x FROM t WHERE id < 3', 'rows.db', { column: 'id,x' })).toEqual([
      [1, 0.25],
      [2, 0.5],
    ]);
  });

  it('reads a run of columns, without an id or a name next to it', async () => {
    const query = 'SELECT id, name, x AS d0, x / 2 AS d1, id AS d2 FROM t WHERE id = 3';
    expect(await rows(query, 'rows.db', { column: 'd*' })).toEqual([[0.75, 0.375, 3]]);
    expect(await rows('SELECT id, name, x AS d0, x / 2 AS d1 FROM t WHERE id = 3')).toEqual([[0.75, 0.375]]);
    // Declared REAL, so floating-point numbers although every sampled value is whole.
    expect(await rows('SELECT id, x AS d0, x AS d1 FROM t WHERE id = 4')).toEqual([[1, 1]]);
  });

  it('distinguishes columns of the same name, and keeps the order of numeric names', async () => {
    const options = { column: '1..5' };
    expect(await rows('SELECT 7 AS "b", 8 AS "a", id, id AS id, x FROM t LIMIT 1', 'rows.db', options)).toEqual([
      [7, 8, 1, 1, 0.25],
    ]);
    expect(await rows('VALUES (1, 2.5), (3, 4)', 'rows.db', { column: 'column1,column2' })).toEqual([
      [1, 2.5],
      [3, 4],
    ]);
  });

  it('accepts integers beyond 2^53 next to the vectors', async () => {
    expect(await rows('SELECT 9007199254740993 AS id, blob FROM t WHERE id = 1')).toEqual([thirds(1)]);
  });

  it('skips null rows, or treats them as zero rows', async () => {
    const query = 'SELECT CASE WHEN id = 2 THEN NULL ELSE blob END AS v FROM t WHERE id < 4 ORDER BY id';
    await expect(rows(query)).rejects.toThrow(/: row 1 of the query is null; leave such rows out with nulls: 'skip'/);
    const [first, , third] = sqliteVectors(3) as [number[], number[], number[]];
    expect(await rows(query, 'rows.db', { nulls: 'skip' })).toEqual([first, third]);
    expect(await rows(query, 'rows.db', { nulls: 'zero' })).toEqual([first, [0, 0, 0], third]);
  });

  it('reads BLOBs of other types with the option element, and .npy in BLOBs by its header', async () => {
    const blobs = 'blobs.sqlite';
    const [first] = (await rows('SELECT npy FROM d', blobs)) as [number[]];
    expect(await rows('SELECT f64 FROM d', blobs, { element: 'float64' })).toHaveLength(12);
    const [halves] = (await rows('SELECT f16 FROM d', blobs, { element: 'float16' })) as [number[]];
    expect(halves).toHaveLength(first.length);
    for (const [i, value] of halves.entries()) expect(value).toBeCloseTo(first[i] as number, 2);
    for (const column of ['f64', 'f16', 'i8']) {
      await expect(rows(`SELECT ${column} FROM d`, blobs)).rejects.toThrow(/declare the element type with element: 'float/);
    }
    await expect(rows('SELECT f16 FROM d', blobs, { element: 'float64', column: 'i8' })).rejects.toThrow(/no column matches/);
  });

  it('reads a database in WAL mode, with its log and without', async () => {
    expect((await rows('SELECT v FROM e', 'wal.db')).length).toBeGreaterThan(0);
    expect((await rows('SELECT v FROM e', 'log.db')).length).toBe((await rows('SELECT v FROM e', 'wal.db')).length);
    expect(readdirSync(folder).filter((name) => name.startsWith('wal.db'))).toEqual(['wal.db']);
  });

  it.each([
    ['SELECT id, x FROM t WHERE id > 600', 'the query gives no rows'],
    ["SELECT '[1]' AS v UNION ALL SELECT '[1,2]'", 'no column of vectors'],
    ["SELECT iif(id = 599, '[1]', json) AS v FROM t ORDER BY id", 'not in all (text with vectors of different lengths)'],
    ["SELECT iif(id = 599, '[0.5]', json) AS v, '[1,2]' AS bbox FROM t ORDER BY id", "mend it, or choose column: 'bbox'"],
    ["SELECT replace(replace(json, ',', ', '), '.', ',') AS v, '[1,2]' AS bbox FROM t", "mend it, or choose column: 'bbox'"],
    ["SELECT '[0.5 ... 1.5]' AS v, '[1,2]' AS bbox FROM t", "mend it, or choose column: 'bbox'"],
    [
      "SELECT x'000000000000e03f000000000000f83f000000000000d03f' AS v, '[1,2]' AS bbox FROM t",
      "may hold the vectors, too; declare the element type with element: 'float32'",
    ],
    ["SELECT '[1, null]'", 'no column of vectors'],
    ['SELECT x FROM t', 'no column of vectors'],
    ['SELECT id, name FROM t', 'no column of vectors'],
    ['SELECT blob, json FROM t', "choose with column: 'blob' or column: 'json'"],
    ["SELECT x'0000803f00'", 'declare the element type'],
    ["SELECT x''", 'expected vectors, got empty bytes'],
    ['SELECT NULL', 'nothing but NULL'],
    ["SELECT iif(n = 1500, x'00', blob) AS v FROM big", 'row 1499 of the query: expected 12 bytes (3 float32), got 1'],
  ])('refuses invalid rows: %s', async (query, message) => {
    await expect(rows(query)).rejects.toThrow(message);
  });

  it.each([
    ['SELEC 1', 'near "SELEC": syntax error'],
    ['', 'incomplete input'],
    ['SELECT missing FROM t', 'no such column: missing'],
    ['SELECT ?', 'parameters are not allowed in views'],
    ['DELETE FROM t', 'near "DELETE": syntax error'],
    ["VACUUM INTO 'copy.db'", 'near "VACUUM": syntax error'],
  ])('refuses the query %j', async (query, message) => {
    await expect(rows(query)).rejects.toThrow(saying(new ArgumentError('query', message)));
  });

  it('refuses files that are not databases, without changing them', async () => {
    await expect(rows('SELECT 1', 'no.db')).rejects.toThrow(
      saying(new FormatError(at('no.db'), 'whole', 'file is not a database')),
    );
    await expect(rows('SELECT 1', 'missing.db')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(existsSync(at('missing.db'))).toBe(false);
    const stream = await readSqlite(at('rows.db'), 'SELECT blob FROM t', {});
    for await (const _ of stream.blocks()) break;
    expect(readdirSync(folder).filter((name) => name.startsWith('rows.db'))).toEqual(['rows.db']);
  });
});

it('reports what to install if there is no engine', async () => {
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never);
  vi.doMock('node-sqlite3-wasm', () => {
    throw new Error('not there');
  });
  await expect(readSqlite(at('rows.db'), 'SELECT 1', {})).rejects.toThrow(
    saying(
      new UnsupportedError('reading SQLite needs Node 22.5 or the package node-sqlite3-wasm:', {
        advice: 'npm install node-sqlite3-wasm',
      }),
    ),
  );
});

describe('DuckDB', () => {
  it('gives lists, BLOBs, JSON text and cells', async () => {
    expect(await rowsOf(readDuckdb, 'rows.duckdb', 'SELECT fixed FROM t ORDER BY id')).toEqual(vectors(5000));
    expect(await rowsOf(readDuckdb, 'rows.duckdb', 'SELECT list FROM t ORDER BY id')).toEqual(vectors(5000));
    expect(await rowsOf(readDuckdb, 'rows.duckdb', 'SELECT json FROM t WHERE id = 2')).toEqual([[2, 0.5]]);
    const floats = new Uint8Array(Float32Array.of(0.5, -0.25, 0.75, 0.125).buffer);
    const escaped = [...floats].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
    expect(await rowsOf(readDuckdb, ':memory:', `SELECT '${escaped}'::BLOB AS v`)).toEqual([[0.5, -0.25, 0.75, 0.125]]);
    expect(
      await rowsOf(readDuckdb, 'rows.duckdb', 'FROM (SELECT id, x, 1.25, 7::BIGINT, id FROM t) LIMIT 1', { column: '1..5' }),
    ).toEqual([[1, 0.25, 1.25, 7, 1]]);
  });

  it('reads files without a database', async () => {
    expect(await rowsOf(readDuckdb, ':memory:', `SELECT b, a FROM '${at('numbers.csv')}'`, { column: 'b,a' })).toEqual([
      [2.5, 1],
      [4.5, 3],
    ]);
  });

  it.each([
    ['[1, 2]::DECIMAL(9, 3)[]', [1, 2]],
    ['[1, 2]::HUGEINT[]', [1, 2]],
    ['[[0.5, 2]::FLOAT[]]', [0.5, 2]],
    ["{'a': 'text', 'vec': [0.5, 2]::FLOAT[2]}", [0.5, 2]],
    ["{'a': {'b': [0.5, 2]}}", [0.5, 2]],
    ['\'{"values": [0.5, 2]}\'', [0.5, 2]],
  ])('reads %s next to an id', async (value, row) => {
    const query = `SELECT i AS id, 170141183460469231731687303715884105727::HUGEINT AS big, ${value} AS v FROM range(2) r(i)`;
    expect(await rowsOf(readDuckdb, ':memory:', query)).toEqual([row, row]);
  });

  it('reads declared floating-point columns as a run, even if their values are integers', async () => {
    const query = 'SELECT 5 AS year, 1::FLOAT AS d0, 2::DOUBLE AS d1, 3::DECIMAL(4, 1) AS d2';
    expect(await rowsOf(readDuckdb, ':memory:', query)).toEqual([[1, 2, 3]]);
  });

  it.each([
    ['SELECT id FROM t WHERE false', 'the query gives no rows'],
    ['SELECT name FROM t ORDER BY id', 'no column of vectors'],
    ['SELECT id FROM t', 'no column of vectors'],
    ['SELECT MAP([0, 1], [0.5, 0.25]) AS m', 'a map has no order of its own'],
    ["SELECT ['a', 'b'] AS tags", 'lists of text'],
    [
      'SELECT id, [i, CASE WHEN id < 3000 THEN 1 END] AS v FROM (SELECT id, id AS i FROM t) ORDER BY id',
      'row 2999 of the query: expected a number as element 2, got nothing',
    ],
    ['SELECT id, CASE WHEN id < 3000 THEN list END AS v FROM t ORDER BY id', 'row 2999 of the query is null'],
    ['SELECT range(i) FROM range(1, 3) r(i)', 'row 1 of the query: expected 1 numbers, got 2'],
    ['SELECT [[1], [2]]', 'lists of lists'],
    ['SELECT fixed, list FROM t', "choose with column: 'fixed' or column: 'list'"],
  ])('refuses invalid rows: %s', async (query, message) => {
    await expect(rowsOf(readDuckdb, 'rows.duckdb', query)).rejects.toThrow(message);
  });

  it.each([
    ['SELEC 1', /syntax error at or near "SELEC"/],
    [' ', /^expected a query, got an empty one$/],
    ['SELECT * FROM nothing', /Table with name nothing does not exist/],
    ['SELECT 1; SELECT 2', /^expected one statement, got 2$/],
    ['DELETE FROM t', /^expected a query that selects rows, got DELETE$/],
    ["COPY t TO 'copy.csv'", /^expected a query that selects rows, got COPY$/],
    ["SELECT [CASE WHEN i = 4000 THEN error('found') ELSE i END] AS v FROM range(5000) r(i)", /found/],
  ])('refuses the query %j', async (query, message) => {
    const failure = await rowsOf(readDuckdb, 'rows.duckdb', query).catch((error) => error);
    expect(failure).toBeInstanceOf(ArgumentError);
    expect(failure).toMatchObject({ argument: 'query', message: expect.stringMatching(message) });
  });

  it('refuses files that are not databases', async () => {
    const failure = await rowsOf(readDuckdb, 'no.db', 'SELECT 1').catch((error) => error);
    expect(failure).toBeInstanceOf(FormatError);
    expect(failure.message).toMatch(/not a valid DuckDB database file/);
    await expect(rowsOf(readDuckdb, 'missing.duckdb', 'SELECT 1')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('closes the database when the receiver stops', async () => {
    const stream = await readDuckdb(at('rows.duckdb'), 'SELECT fixed FROM t', {});
    for await (const _ of stream.blocks()) break;
    // A process must not open a database for writing while it has it open for reading.
    (await DuckDBInstance.create(at('rows.duckdb'))).closeSync();
  });

  it('gets memory and a thread within the limit, and a place for temporary files', async () => {
    const [threads, memory, folder] = ['threads', 'memory_limit', 'temp_directory'].map((name) => `current_setting('${name}')`);
    const query = `SELECT [${threads}, (${memory} = '64.0 MiB')::INTEGER, (${folder} LIKE '%allpairs-%')::INTEGER] AS v`;
    expect(await rowsOf(readDuckdb, ':memory:', query, { memoryBudget: 32 * MIB })).toEqual([[1, 1, 1]]);
    // Without a limit, DuckDB decides.
    const [free] = await rowsOf(readDuckdb, ':memory:', query);
    expect(free?.slice(1)).toEqual([0, 1]);
  });

  it('gives the same rows within a limit', async () => {
    const limits = { memoryBudget: 32 * MIB };
    expect(await rowsOf(readDuckdb, 'rows.duckdb', 'SELECT fixed FROM t ORDER BY id', limits)).toEqual(vectors(5000));
  });

  it('says which limit suffices if it needs more', async () => {
    const sorted = 'SELECT list_transform(range(384), j -> random()) AS v FROM range(60000) ORDER BY v[1]';
    await expect(rowsOf(readDuckdb, ':memory:', sorted, { memoryBudget: 32 * MIB })).rejects.toThrow(
      saying(
        new MemoryError(
          64 * MIB,
          `:memory:: DuckDB needs more than 64 MiB for the query; pass memoryBudget: ${64 * MIB} or more, or select fewer columns and do not sort`,
        ),
      ),
    );
    await expect(rowsOf(readDuckdb, 'rows.duckdb', 'SELECT fixed FROM t', { memoryBudget: 31 * MIB })).rejects.toThrow(
      `DuckDB takes more memory than that; pass memoryBudget: ${32 * MIB} or more`,
    );
  });

  it('reports what to install', async () => {
    vi.doMock('@duckdb/node-api', () => {
      throw new Error('not there');
    });
    await expect(readDuckdb(':memory:', 'SELECT 1', {})).rejects.toThrow(
      saying(new UnsupportedError('reading DuckDB needs the package @duckdb/node-api: npm install @duckdb/node-api')),
    );
  });
});
