// Runs the readers that pass files to a library on changed files, in a process of its own, which starts again after an input that ended it.
//
//     npx tsx scripts/fuzz-libraries.ts [--inputs 2000] [--reader sqlite] [--from 0]
//
// The libraries need a path, so each input is a file, in memory where the system has a folder for that. An input that takes a minute is a hang;
// the process must then end by SIGTERM, as a command does. A damaged file may abort h5wasm, which then refuses all files, so the process starts
// again after that too.

import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { ArgumentError, FormatError, MemoryError, UnsupportedError } from '#src/errors.js';
import { openRows } from '#src/io/rows/open-rows.js';
import type { OpenRowsOptions } from '#src/io/rows/open-source.js';
import { mutate } from '../test/fuzz/mutate.js';
import { randomSource } from '../test/random.js';

interface Library {
  readonly seeds: readonly string[];
  readonly extension: string;
  readonly ways: readonly OpenRowsOptions[];
}

const READERS: Readonly<Record<string, Library>> = {
  sqlite: { seeds: ['blobs.sqlite', 'sqlite-vec.db'], extension: '.db', ways: [{}, { query: 'select * from sqlite_master' }] },
  hdf5: { seeds: ['float16_int64.h5', 'lzf.h5', 'pandas_table.h5'], extension: '.h5', ways: [{}, { column: 'x' }] },
  duckdb: { seeds: [], extension: '.duckdb', ways: [{ query: 'select v from t' }, { query: 'select d0, d1 from t' }] },
};

interface Order {
  readonly reader: string;
  readonly from: number;
  readonly end: number;
  readonly folder: string;
}

interface Result {
  readonly input: number;
  readonly outcome: 'accepted' | 'rejected' | 'aborted' | 'failed';
  readonly milliseconds: number;
}

const MAX_MS = 60_000;

async function seedsOf(reader: string, folder: string): Promise<Uint8Array[]> {
  if (reader !== 'duckdb') {
    const { seeds } = READERS[reader] as Library;
    return seeds.map((seed) => new Uint8Array(readFileSync(new URL(`../test/io/data/${seed}`, import.meta.url))));
  }
  const path = join(folder, 'seed.duckdb');
  if (!existsSync(path)) {
    const instance = await DuckDBInstance.create(path);
    const connection = await instance.connect();
    await connection.run(
      'create table t as select [i, i + 0.5]::float[] v, i * 0.25 d0, i * 0.5 d1, i::varchar id from range(50) r(i)',
    );
    await connection.run('checkpoint');
    connection.closeSync();
    instance.closeSync();
  }
  return [new Uint8Array(readFileSync(path))];
}

/** Opens the inputs of `order` one after another, and reports each. */
async function runChild({ reader, from, end, folder }: Order): Promise<void> {
  const { extension, ways } = READERS[reader] as Library;
  const seeds = await seedsOf(reader, folder);
  const sound = join(folder, `sound${extension}`);
  writeFileSync(sound, seeds[0] as Uint8Array);
  const send = (message: { at: number } | Result) => new Promise<void>((resolve) => process.send?.(message, () => resolve()));
  for (let input = from; input < end; input++) {
    const random = randomSource(Math.imul(input + 1, 2654435761));
    for (let i = 0; i < 8; i++) random();
    // Each has a name of its own: HDF5 confuses a file with one that it could not close.
    const path = join(folder, `input-${input}${extension}`);
    writeFileSync(path, mutate(seeds, random));
    await send({ at: input });
    const start = performance.now();
    let outcome: Result['outcome'] = 'accepted';
    try {
      await (await openRows(path, { nulls: 'skip', ...ways[input % ways.length] })).close();
    } catch (error) {
      outcome = [FormatError, ArgumentError, MemoryError, UnsupportedError].some((kind) => error instanceof kind)
        ? 'rejected'
        : 'failed';
      if (outcome === 'failed') console.error(`${reader}, input ${input}:`, error);
      else if (reader === 'hdf5' && !(await openRows(sound).catch(() => undefined))) outcome = 'aborted';
    }
    await send({ input, outcome, milliseconds: performance.now() - start });
    rmSync(path);
    if (outcome === 'aborted') break;
  }
  process.disconnect();
}

/** Runs a child until it ends; returns the input at which it ended early. */
function follow(
  child: ChildProcess,
  onResult: (result: Result) => void,
): Promise<{ at: number; hang: boolean; signal: string | null }> {
  return new Promise((resolve) => {
    let at = -1;
    let done = true;
    let hang = false;
    let timer: NodeJS.Timeout | undefined;
    child.on('message', (message: { at: number } | Result) => {
      clearTimeout(timer);
      if ('at' in message) {
        at = message.at;
        done = false;
        timer = setTimeout(() => {
          hang = true;
          child.kill('SIGTERM');
          setTimeout(() => child.kill('SIGKILL'), 5000).unref();
        }, MAX_MS);
      } else {
        done = true;
        onResult(message);
      }
    });
    child.on('close', (_, signal) => {
      clearTimeout(timer);
      resolve({ at: done ? -1 : at, hang, signal });
    });
  });
}

const order = process.env.FUZZ_ORDER;
if (order !== undefined) await runChild(JSON.parse(order) as Order);
else {
  const { values } = parseArgs({
    options: {
      inputs: { type: 'string', default: '2000' },
      reader: { type: 'string' },
      from: { type: 'string', default: '0' },
    },
  });
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'allpairs-fuzz-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const reader of Object.keys(READERS)) {
    if (values.reader !== undefined && values.reader !== reader) continue;
    const counts = { accepted: 0, rejected: 0, aborted: 0, failed: 0, crashed: 0, hangs: 0, unending: 0 };
    let slowest = 0;
    const from = Number(values.from);
    const end = from + Number(values.inputs);
    for (let next = from; next < end; ) {
      const began = next;
      const env = { ...process.env, FUZZ_ORDER: JSON.stringify({ reader, from: next, end, folder } satisfies Order) };
      const child = fork(fileURLToPath(import.meta.url), { env, execArgv: process.execArgv });
      const { at, hang, signal } = await follow(child, ({ input, outcome, milliseconds }) => {
        counts[outcome]++;
        slowest = Math.max(slowest, milliseconds);
        next = input + 1;
      });
      if (at < 0 && next === began) throw new Error(`${reader}: the process did not start`);
      if (at < 0) continue;
      if (hang) counts.hangs++;
      else counts.crashed++;
      if (hang && signal !== 'SIGTERM') counts.unending++;
      console.error(`${reader}, input ${at}: ${hang ? 'never ends' : 'ended the process'}${signal ? ` (${signal})` : ''}`);
      next = at + 1;
    }
    const listed = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
    console.log(`${reader}: ${end - from} inputs, ${listed.join(', ')}, slowest ${slowest.toFixed(0)} ms`);
    if (counts.failed + counts.unending > 0) process.exitCode = 1;
  }
}
