// Writes tables to SQLite and DuckDB, and to the formats that DuckDB writes.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import sqlite from 'node-sqlite3-wasm';
import type { Draw } from './draw.js';
import type { Cell, OrdinaryColumn, RandomTable } from './random-table.js';
import { cellOf, randomVectorsOf, type TypedVectors, typedResult } from './typed-cells.js';
import { inOrder, type Written } from './written.js';

type Value = Cell | Uint8Array | readonly number[];

interface SqlColumn {
  readonly name: string;
  readonly type: string;
  readonly cells: readonly Value[];
}

const quoted = (name: string) => `"${name}"`;

/** The query that a user would write, which selects either the vectors or everything. */
function queryOf(draw: Draw, { shape }: TypedVectors): string {
  const names = shape.kind === 'column' ? [shape.name] : shape.kind === 'run' ? shape.names : [];
  return `select ${names.length === 0 || draw.chance(0.5) ? '*' : names.map(quoted).join(', ')} from t`;
}

export function writeSqlite(draw: Draw, table: RandomTable): Written {
  const vectors = randomVectorsOf(draw, table, []);
  const columns = columnsOf(
    draw,
    table,
    vectors,
    {
      text: ['TEXT'],
      list: ['TEXT'],
      count: ['INTEGER'],
      float: ['REAL'],
      boolean: ['BOOLEAN'],
      date: ['TEXT', 'TIMESTAMP'],
      none: ['TEXT', 'REAL', ''],
    },
    { run: ['REAL'], text: 'TEXT', bytes: 'BLOB', list: () => '' },
  );
  const folder = mkdtempSync(join(tmpdir(), 'allpairs-tables-'));
  try {
    const path = join(folder, 't.sqlite');
    const database = new sqlite.Database(path);
    database.exec(`create table t (${columns.map(({ name, type }) => `${quoted(name)} ${type}`).join(', ')})`);
    database.exec('begin');
    const insert = database.prepare(`insert into t values (${columns.map(() => '?').join(', ')})`);
    for (let row = 0; row < table.rows; row++) {
      insert.run(columns.map(({ cells }) => sqliteValue(cells[row] as Value)));
    }
    insert.finalize();
    database.exec('commit');
    database.close();
    const options = draw.chance(0.7) ? { query: queryOf(draw, vectors) } : {};
    return typedResult(draw, table, vectors, {
      extension: draw.of(['sqlite', 'db']),
      bytes: readFileSync(path),
      how: options.query ?? 'no query',
      options,
      easy: options.query !== undefined,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function sqliteValue(value: Value): string | number | Uint8Array | null {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'boolean' ? Number(value) : (value as string | number | Uint8Array | null);
}

let duckdb: Promise<DuckDBConnection> | undefined;

const DUCK_TYPES = {
  text: ['VARCHAR'],
  list: ['VARCHAR'],
  count: ['INTEGER', 'BIGINT', 'DOUBLE', 'DECIMAL(12, 2)'],
  float: ['FLOAT', 'DOUBLE', 'DECIMAL(18, 6)'],
  boolean: ['BOOLEAN'],
  date: ['DATE', 'TIMESTAMP'],
  none: ['VARCHAR', 'DOUBLE'],
} as const;

/** DuckDB's own file, and each format that its COPY command writes. */
export async function writeDuckdb(
  draw: Draw,
  table: RandomTable,
  kind: 'duckdb' | 'parquet' | 'csv' | 'json',
): Promise<Written> {
  duckdb ??= DuckDBInstance.create(':memory:', { threads: '1' }).then((instance) => instance.connect());
  const connection = await duckdb;
  const { depth = 1, elements } = table.vectors ?? {};
  const fine = elements === 'single' || elements === 'tiny';
  const found = randomVectorsOf(draw, table, ['FLOAT[]', 'DOUBLE[]', `FLOAT[${depth}]`, `DOUBLE[${depth}]`]);
  const vectors =
    kind === 'csv' && found.form.kind === 'bytes' ? { ...found, form: { kind: 'list', name: 'FLOAT[]' } as const } : found;
  const columns = columnsOf(draw, table, vectors, DUCK_TYPES, {
    run: ['FLOAT', 'DOUBLE', 'DECIMAL(38, 20)', ...(fine ? [] : ['DECIMAL(18, 9)'])],
    text: 'VARCHAR',
    bytes: 'BLOB',
    list: (name) => name,
  });
  const folder = mkdtempSync(join(tmpdir(), 'allpairs-tables-'));
  const path = join(folder, `t.${kind}`);
  const at = kind === 'duckdb' ? 'other.t' : 't';
  try {
    if (kind === 'duckdb') await connection.run(`attach '${path}' as other`);
    await connection.run(
      `create or replace table ${at} (${columns.map(({ name, type }) => `${quoted(name)} ${type}`).join(', ')})`,
    );
    for (let from = 0; from < table.rows; from += 200) {
      const rows = Array.from(
        { length: Math.min(200, table.rows - from) },
        (_, i) => `(${columns.map(({ cells }) => literal(cells[from + i] as Value)).join(', ')})`,
      );
      await connection.run(`insert into ${at} values ${rows.join(', ')}`);
    }
    const how = columns
      .map(({ type }) => type)
      .join(' ')
      .slice(0, 100);
    if (kind === 'duckdb') {
      await connection.run('detach other');
      const query = queryOf(draw, vectors);
      return typedResult(draw, table, vectors, {
        extension: 'duckdb',
        bytes: readFileSync(path),
        how: `${how}, ${query}`,
        options: { query },
      });
    }
    const parquet = `, codec ${draw.of(['snappy', 'zstd', 'gzip', 'uncompressed'])}, parquet_version ${draw.of(['V1', 'V2'])}`;
    const options = {
      parquet,
      csv: draw.of([', header', `, header, delimiter ';'`, `, header, delimiter '\t'`]),
      json: draw.of(['', ', array true']),
    }[kind];
    await connection.run(`copy t to '${path}' (format ${kind}${options})`);
    const easy = kind !== 'csv' || vectors.shape.kind === 'run' || vectors.form.kind === 'list';
    return typedResult(draw, table, vectors, {
      extension: kind,
      bytes: readFileSync(path),
      how: `${how}${options}`,
      easy: easy && !(kind === 'json' && vectors.form.kind === 'bytes'),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function literal(value: Value): string {
  if (value === null) return 'NULL';
  if (value instanceof Date) return `'${value.toISOString().slice(0, 10)}'`;
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  if (value instanceof Uint8Array) return `unhex('${Buffer.from(value).toString('hex')}')`;
  if (typeof value === 'object') return `[${value.map((each) => each.toExponential()).join(', ')}]`;
  return typeof value === 'number' ? value.toExponential() : String(value);
}

function columnsOf(
  draw: Draw,
  table: RandomTable,
  { shape, form }: TypedVectors,
  types: Readonly<Record<OrdinaryColumn['type'], readonly string[]>>,
  own: { readonly run: readonly string[]; readonly text: string; readonly bytes: string; list(name: string): string },
): SqlColumn[] {
  const ordinary = table.columns.map(({ name, type, cells }): SqlColumn => ({ name, type: draw.of(types[type]), cells }));
  return inOrder(table, ordinary, vectorColumns());

  function vectorColumns(): SqlColumn[] {
    const rows = table.vectors?.rows;
    if (!rows || shape.kind === 'none') return [];
    if (shape.kind === 'column') {
      const type = form.kind === 'list' ? own.list(form.name) : own[form.kind];
      return [{ name: shape.name, type, cells: rows.map((row) => cellOf(form, row)) }];
    }
    const type = draw.of(own.run);
    return shape.names.map((name, at) => ({
      name,
      type,
      cells: rows.map((row) => (row === null ? null : (row[at] as number))),
    }));
  }
}
