// How long openRows takes to read a file into one array, next to DuckDB reading the same file into arrays of its own.
//
//     npx tsx bench/reading.ts [--only parquet] [--rows 200000] [--depth 384]

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type DuckDBConnection, DuckDBInstance, type DuckDBListVector } from '@duckdb/node-api';
import { openRows } from '#src/io/open-rows.js';

const { values } = parseArgs({
  options: { only: { type: 'string' }, rows: { type: 'string', default: '200000' }, depth: { type: 'string', default: '384' } },
});
const rows = Number(values.rows);
const depth = Number(values.depth);
const ROUNDS = 3;

/** A format by name: what DuckDB writes, and how it reads that. */
interface ReadingCase {
  readonly name: string;
  readonly file: string;
  readonly options: string;
  readonly from: (path: string) => string;
}

const parquet = (codec: string): ReadingCase => ({
  name: codec === 'snappy' ? 'parquet' : `parquet-${codec}`,
  file: `${codec}.parquet`,
  options: `format parquet, compression ${codec}`,
  from: (path) => `read_parquet('${path}')`,
});

const CASES: readonly ReadingCase[] = ['snappy', 'zstd', 'gzip', 'lz4_raw', 'uncompressed'].map(parquet);

async function readWithDuckdb(connection: DuckDBConnection, from: string): Promise<number> {
  const result = await connection.stream(`select v from ${from}`);
  const all = new Float32Array(rows * depth);
  let at = 0;
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    // The fastest way that it has: the numbers of all lists of a chunk lie one after another in one array.
    const { childVector } = chunk.getColumnVector(0) as DuckDBListVector;
    const { items } = childVector as unknown as { readonly items: Float32Array };
    all.set(items.subarray(0, chunk.rowCount * depth), at);
    at += chunk.rowCount * depth;
  }
  return at;
}

async function readWithAllpairs(path: string): Promise<number> {
  const file = await openRows(path, { column: 'v' });
  const { data } = await file.toMatrix();
  await file.close();
  return data.length;
}

async function seconds(read: () => Promise<number>): Promise<number> {
  const start = performance.now();
  const numbers = await read();
  if (numbers !== rows * depth) throw new Error(`${numbers} numbers of ${rows * depth}`);
  return (performance.now() - start) / 1000;
}

const median = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[times.length >> 1] as number;

const folder = mkdtempSync(join(tmpdir(), 'allpairs-reading-'));
const connection = await (await DuckDBInstance.create(':memory:')).connect();
try {
  const element = `(hash(i * ${depth} + j)::DOUBLE / 9.2e18 - 1)::FLOAT`;
  await connection.run(
    `create table t as select i as id, list_transform(range(${depth}), j -> ${element}) as v from range(${rows}) r(i)`,
  );
  for (const { name, file, options, from } of CASES) {
    if (values.only !== undefined && values.only !== name) continue;
    const path = join(folder, file);
    await connection.run(`copy t to '${path}' (${options})`);
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await seconds(() => readWithAllpairs(path)));
      theirs.push(await seconds(() => readWithDuckdb(connection, from(path))));
    }
    const [own, duckdb] = [median(ours), median(theirs)];
    const size = (statSync(path).size / 1e6).toFixed(0);
    console.log(
      `${name}: ${size} MB; allpairs ${own.toFixed(2)} s, DuckDB ${duckdb.toFixed(2)} s: ${(own / duckdb).toFixed(2)}x`,
    );
    rmSync(path);
  }
} finally {
  connection.closeSync();
  rmSync(folder, { recursive: true });
}
