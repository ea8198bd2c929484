// The formats that libraries read. They need a path, so each input becomes a file, in memory where the system has a folder for that.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDuckdb } from '#src/io/formats/duckdb.js';
import { readHdf5 } from '#src/io/formats/hdf5.js';
import { loadHdf5 } from '#src/io/formats/hdf5-module.js';
import { readSqlite } from '#src/io/formats/sqlite.js';
import type { ReadOptions, RowStream } from '#src/io/rows/row-reader.js';
import { readAllRows } from './read-rows.js';
import { LibraryEnded } from './run.js';
import { changeHdf5, changeSqlite } from './structure/database.js';
import { TARGETS, type Target } from './targets.js';

type Open = (path: string, way: number, options: ReadOptions) => Promise<RowStream>;

const stored = (...names: readonly string[]) =>
  names.map((name) => new Uint8Array(readFileSync(new URL(`../io/data/${name}`, import.meta.url))));

/** Reads the file at a path of its own, because HDF5 confuses a file with one that it could not close. */
function readWith(folder: string, open: Open): Target['read'] {
  let files = 0;
  return async (source, way, onStep) => {
    const path = join(folder, `input-${files++}`);
    writeFileSync(path, await source.read(0, source.size));
    try {
      await readAllRows((_, options) => open(path, way, options), source, undefined, onStep);
    } finally {
      rmSync(path);
    }
  };
}

const SQLITE_QUERIES = [undefined, 'select * from sqlite_master'];
const HDF5_COLUMNS = [undefined, 'x', 'X', 'obsm/X_pca'];
const DUCKDB_QUERIES = ['select v from t', 'select d0, d1 from t'];

/**
 * The memory of h5wasm's module grows up to this size when a damaged file states large sizes, but the file is refused before that memory
 * is written to, so that it takes no room.
 */
const HDF5_RESERVED_BYTES = 2 ** 31;

/** Throws LibraryEnded if damaged files have ended h5wasm too often. */
function readHdf5Target(folder: string): Target['read'] {
  const read = readWith(folder, (path, way, options) =>
    readHdf5(path, { ...options, column: HDF5_COLUMNS[way % HDF5_COLUMNS.length] }),
  );
  return async (source, way, onStep) => {
    try {
      await read(source, way, onStep);
    } catch (error) {
      await loadHdf5(folder).catch((ended) => {
        throw new LibraryEnded(String(ended));
      });
      throw error;
    }
  };
}

/** Every process that reads inputs uses the same seed. */
async function duckdbSeed(folder: string): Promise<Uint8Array> {
  const path = join(folder, 'seed.duckdb');
  if (existsSync(path)) return new Uint8Array(readFileSync(path));
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run(
    'create table t as select [i, i + 0.5]::float[] v, i * 0.25 d0, i * 0.5 d1, i::varchar id from range(50) r(i)',
  );
  await connection.run('checkpoint');
  connection.closeSync();
  instance.closeSync();
  return new Uint8Array(readFileSync(path));
}

/** Functions that make the targets. Inputs are written to the folder. */
const LIBRARIES: Readonly<Record<string, (folder: string) => Target | Promise<Target>>> = {
  sqlite: (folder) => ({
    name: 'sqlite',
    seeds: stored('blobs.sqlite', 'sqlite-vec.db'),
    change: changeSqlite,
    read: readWith(folder, (path, way, options) => readSqlite(path, SQLITE_QUERIES[way % SQLITE_QUERIES.length], options)),
  }),
  hdf5: (folder) => {
    const seeds = stored('float16_int64.h5', 'lzf.h5', 'pandas_table.h5', 'sparse/anndata.h5ad');
    return { name: 'hdf5', seeds, change: changeHdf5, reservedBytes: HDF5_RESERVED_BYTES, read: readHdf5Target(folder) };
  },
  duckdb: async (folder) => ({
    name: 'duckdb',
    seeds: [await duckdbSeed(folder)],
    read: readWith(folder, (path, way, options) =>
      readDuckdb(path, DUCKDB_QUERIES[way % DUCKDB_QUERIES.length] as string, options),
    ),
  }),
};

/** The names of all targets, including those of libraries. */
export const TARGET_NAMES: readonly string[] = [...TARGETS.map(({ name }) => name), ...Object.keys(LIBRARIES)];

/** Returns a target by its name. That of a library writes its inputs to `folder`. */
export async function targetOf(name: string, folder: string): Promise<Target> {
  return TARGETS.find((target) => target.name === name) ?? (LIBRARIES[name]?.(folder) as Target | Promise<Target>);
}
