// Writes a random table, opens it, and reports the outcome: right, refused or wrong.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { AllpairsError } from '../../../src/errors.js';
import { openRows } from '../../../src/io/rows/open-rows.js';
import { Draw } from './draw.js';
import { type RandomTable, randomTable } from './random-table.js';
import { writeArrays } from './write-arrays.js';
import { writeArrow } from './write-arrow.js';
import { writeCsv } from './write-csv.js';
import { writeDuckdb, writeSqlite } from './write-databases.js';
import { writeJson } from './write-json.js';
import { writeParquet } from './write-parquet.js';
import type { Written } from './written.js';

type Writer = (draw: Draw, table: RandomTable) => Written | Promise<Written>;

export const FORMATS: Readonly<Record<string, Writer>> = {
  csv: writeCsv,
  json: writeJson,
  parquet: writeParquet,
  arrow: writeArrow,
  sqlite: writeSqlite,
  npy: (draw, table) => writeArrays(draw, table, 'npy'),
  npz: (draw, table) => writeArrays(draw, table, 'npz'),
  safetensors: (draw, table) => writeArrays(draw, table, 'safetensors'),
  duckdb: (draw, table) => writeDuckdb(draw, table, 'duckdb'),
  'parquet of DuckDB': (draw, table) => writeDuckdb(draw, table, 'parquet'),
  'csv of DuckDB': (draw, table) => writeDuckdb(draw, table, 'csv'),
  'json of DuckDB': (draw, table) => writeDuckdb(draw, table, 'json'),
};

export interface Outcome {
  readonly kind: 'right' | 'refused' | 'wrong';
  readonly easy: boolean;
  /** How the file was written, and what is wrong or why it was refused. */
  readonly what: string;
  readonly bytes: Uint8Array;
}

/** Runs case number `seed` of a format, which is always the same file. */
export async function tryTable(format: string, seed: number): Promise<Outcome> {
  const draw = new Draw(seed);
  const table = randomTable(draw);
  const written = await (FORMATS[format] as Writer)(draw, table);
  const { extension, easy, how } = written;
  const zipped = !['sqlite', 'db', 'duckdb'].includes(extension) && draw.chance(0.1);
  const folder = mkdtempSync(join(tmpdir(), 'allpairs-tables-'));
  try {
    const path = join(folder, `t.${extension}${zipped ? '.gz' : ''}`);
    writeFileSync(path, zipped ? gzipSync(written.bytes) : written.bytes);
    const { kind, what } = await open(path, written, table, format);
    const options = JSON.stringify(written.options);
    return {
      kind,
      easy,
      what: `${how}, ${table.vectors?.elements} ${options}: ${what.replaceAll(folder, '')}`,
      bytes: written.bytes,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function open(
  path: string,
  written: Written,
  table: RandomTable,
  format: string,
): Promise<Pick<Outcome, 'kind' | 'what'>> {
  try {
    const rows = await openRows(path, written.options);
    try {
      const { data, shape } = await rows.toMatrix();
      const from = `read ${shape.join(' x ')} from ${rows.origin?.from ?? 'all of it'}, not ${rows.origin?.notUsed.join(', ')}`;
      if (written.refused) return { kind: 'wrong', what: `${from}; expected an error` };
      const fault = faultOf(data, shape, rows.nullRows, written, table, ['npy', 'npz', 'safetensors'].includes(format));
      return fault === undefined ? { kind: 'right', what: from } : { kind: 'wrong', what: `${from}; ${fault}` };
    } finally {
      await rows.close();
    }
  } catch (error) {
    if (error instanceof AllpairsError && error.message.length > 10) return { kind: 'refused', what: error.message };
    return { kind: 'wrong', what: `threw ${error instanceof Error ? error.stack : String(error)}` };
  }
}

/** Returns how the rows differ from the vectors of the table, if they do. */
function faultOf(
  data: ArrayLike<number>,
  [count, depth]: readonly [number, number],
  nullRows: readonly number[],
  { options: { nulls = 'throw' } }: Written,
  { vectors }: RandomTable,
  /** Arrays hold zeros for a row without a vector. */
  zeros: boolean,
): string | undefined {
  if (!vectors) return 'expected an error';
  const expectedNulls = zeros ? [] : vectors.rows.flatMap((row, at) => (row === null ? [at] : []));
  if (expectedNulls.length > 0 && nulls === 'throw') return `expected an error because of row ${expectedNulls[0]}`;
  const zero = Array<number>(vectors.depth).fill(0);
  const expected = vectors.rows.flatMap((row) => (row !== null ? [row] : nulls === 'skip' && !zeros ? [] : [zero]));
  if (count === 0 && expected.length === 0) return undefined;
  if (count !== expected.length || depth !== vectors.depth) return `expected ${expected.length} x ${vectors.depth}`;
  if (nullRows.join() !== expectedNulls.join()) return `null rows ${nullRows.join()}, expected ${expectedNulls.join()}`;
  for (const [row, vector] of expected.entries()) {
    const at = vector.findIndex((value, i) => Math.fround(value) !== Math.fround(data[row * depth + i] as number));
    if (at >= 0) return `element ${at} of row ${row} is ${data[row * depth + at]}, expected ${vector[at]}`;
  }
  return undefined;
}
