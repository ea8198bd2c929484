// Measures how long openRows takes to read a file into one array, compared with DuckDB reading the same file into arrays.
//
//     npx tsx bench/reading.ts [--only parquet] [--rows 200000] [--depth 384]
//     npx tsx bench/reading.ts --memory 128MiB       instead: the peak memory of the command that reads the file within this limit

import { execFile } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { type DuckDBConnection, DuckDBInstance, type DuckDBListVector } from '@duckdb/node-api';
import { openRows } from '#src/io/rows/open-rows.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rows: { type: 'string', default: '200000' },
    depth: { type: 'string', default: '384' },
    memory: { type: 'string' },
  },
});
const rows = Number(values.rows);
const depth = Number(values.depth);
const ROUNDS = 3;

/** A format by name: how its file is written, and how DuckDB reads it. */
interface ReadingCase {
  readonly name: string;
  readonly write: (path: string) => Promise<unknown> | undefined;
  readonly from: (path: string) => string;
  /** A table with one column per number. */
  readonly wide?: true;
}

const parquet = (codec: string): ReadingCase => ({
  name: codec === 'snappy' ? 'parquet' : `parquet-${codec}`,
  write: (path) => connection.run(`copy t to '${path}' (format parquet, compression ${codec})`),
  from: (path) => `(select v from read_parquet('${path}'))`,
});

/** One object per line, `gzip` or `uncompressed`. */
const jsonl = (compression: 'gzip' | 'uncompressed'): ReadingCase => ({
  name: compression === 'gzip' ? 'jsonl-gzip' : 'jsonl',
  write: (path) => connection.run(`copy t to '${path}' (format json, compression ${compression})`),
  from: (path) =>
    `(select v from read_json('${path}', format = 'newline_delimited', columns = {v: 'FLOAT[]'}, compression = '${compression}'))`,
});

/** Text of numbers with this many digits, in one column each or as a JSON array in one cell. */
function csv(digits: 9 | 17, json: boolean): ReadingCase {
  return {
    name: `csv-${json ? 'json-' : ''}${digits}`,
    write: (path) => writeCsv(path, digits, json),
    from: (path) => (json ? `(select v::FLOAT[] as v from read_csv('${path}'))` : `read_csv('${path}')`),
    ...(json ? {} : { wide: true as const }),
  };
}

function writeCsv(path: string, digits: number, json: boolean): undefined {
  const file = openSync(path, 'w');
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const value = state / 2 ** 31 - 1;
    return digits === 9 ? value.toPrecision(9) : String(value / 3);
  };
  writeSync(file, json ? 'id,v\n' : `${Array.from({ length: depth }, (_, i) => `d${i}`).join(',')}\n`);
  for (let row = 0; row < rows; row++) {
    const numbers = Array.from({ length: depth }, next);
    writeSync(file, json ? `${row},"[${numbers.join(', ')}]"\n` : `${numbers.join(',')}\n`);
  }
  closeSync(file);
}

const CASES: readonly ReadingCase[] = [
  ...['snappy', 'zstd', 'gzip', 'lz4_raw', 'uncompressed'].map(parquet),
  jsonl('uncompressed'),
  jsonl('gzip'),
  ...[csv(9, false), csv(17, false), csv(9, true), csv(17, true)],
];

async function readWithDuckdb(from: string, wide: boolean): Promise<number> {
  const result = await connection.stream(`select * from ${from}`);
  const all = new Float32Array(rows * depth);
  let at = 0;
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    // The fastest way in DuckDB: the numbers of a column, or of all lists of a chunk, are contiguous in one array.
    for (let column = 0; wide && column < depth; column++) {
      const { items } = chunk.getColumnVector(column) as unknown as { readonly items: Float64Array };
      for (let row = 0; row < chunk.rowCount; row++) all[at + row * depth + column] = items[row] as number;
    }
    if (!wide) {
      const { childVector } = chunk.getColumnVector(0) as DuckDBListVector;
      const { items } = childVector as unknown as { readonly items: Float32Array };
      all.set(items.subarray(0, chunk.rowCount * depth), at);
    }
    at += chunk.rowCount * depth;
  }
  return at;
}

async function readWithAllpairs(path: string, wide: boolean): Promise<number> {
  const file = await openRows(path, wide ? {} : { column: 'v' });
  const { data } = await file.toMatrix();
  await file.close();
  return data.length;
}

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
/** Prints at the end how much memory a process had, in KiB. On Linux, maxRSS includes the process that started it. */
const TELL_PEAK =
  "data:text/javascript,import {readFileSync} from 'node:fs';process.on('exit',()=>console.error(/VmHWM.*/.exec(readFileSync('/proc/self/status'))[0]))";

/** Peak resident MiB of a whole process that compares one row with those of the file. */
async function peakOfCommand(path: string, wide: boolean, memory: string): Promise<number> {
  const one = join(folder, 'one.jsonl');
  writeFileSync(one, `${JSON.stringify(Array.from({ length: depth }, (_, i) => i - 0.5))}\n`);
  const column = wide ? [] : ['--against-column', 'v'];
  const args = ['topk', one, '--against', path, ...column, '-k', '1', '--memory', memory];
  const { stderr } = await promisify(execFile)(process.execPath, ['--import', TELL_PEAK, MAIN, ...args]);
  return Number(/^VmHWM:\s+(\d+)/m.exec(stderr)?.[1]) / 1024;
}

async function seconds(read: () => Promise<number>): Promise<number> {
  const start = performance.now();
  const numbers = await read();
  if (numbers !== rows * depth) throw new Error(`${numbers} numbers of ${rows * depth}`);
  return (performance.now() - start) / 1000;
}

const median = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[times.length >> 1] as number;

const folder = mkdtempSync(join(tmpdir(), 'allpairs-reading-'));
const connection: DuckDBConnection = await (await DuckDBInstance.create(':memory:')).connect();
try {
  const element = `(hash(i * ${depth} + j)::DOUBLE / 9.2e18 - 1)::FLOAT`;
  await connection.run(
    `create table t as select i as id, list_transform(range(${depth}), j -> ${element}) as v from range(${rows}) r(i)`,
  );
  for (const { name, write, from, wide = false } of CASES) {
    if (values.only !== undefined && values.only !== name) continue;
    const path = join(folder, `${name}.${name.split('-')[0]}`);
    await write(path);
    if (values.memory !== undefined) {
      console.log(`${name}: within ${values.memory}: peak ${(await peakOfCommand(path, wide, values.memory)).toFixed(0)} MiB`);
      rmSync(path);
      continue;
    }
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await seconds(() => readWithAllpairs(path, wide)));
      theirs.push(await seconds(() => readWithDuckdb(from(path), wide)));
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
