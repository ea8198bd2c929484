// Runs the readers that pass files to a library on changed files, and checks that the library's failures become refusals.
//
//     npx tsx scripts/fuzz-libraries.ts [--inputs 2000] [--reader sqlite] [--from 0]
//
// The libraries need a path and keep what they allocate, so each input takes a file and milliseconds. A library that never returns is
// killed with its process.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { ArgumentError, FormatError, MemoryError, UnsupportedError } from '#src/errors.js';
import { openRows } from '#src/io/rows/open-rows.js';
import type { OpenRowsOptions } from '#src/io/rows/open-source.js';
import { mutate } from '../test/fuzz/mutate.js';
import { randomSource } from '../test/random.js';

const READERS: Readonly<Record<string, { seeds: readonly string[]; extension: string; ways: readonly OpenRowsOptions[] }>> = {
  sqlite: { seeds: ['blobs.sqlite', 'sqlite-vec.db'], extension: '.db', ways: [{}, { query: 'select * from sqlite_master' }] },
  hdf5: { seeds: ['float16_int64.h5', 'lzf.h5'], extension: '.h5', ways: [{}, { column: 'x' }] },
};

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '2000' },
    reader: { type: 'string' },
    from: { type: 'string', default: '0' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'allpairs-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const [name, { seeds, extension, ways }] of Object.entries(READERS)) {
  if (values.reader !== undefined && values.reader !== name) continue;
  const files = seeds.map((seed) => new Uint8Array(readFileSync(new URL(`../test/io/data/${seed}`, import.meta.url))));
  let accepted = 0;
  let slowest = 0;
  let failures = 0;
  const from = Number(values.from);
  const end = from + Number(values.inputs);
  for (let input = from; input < end; input++) {
    const random = randomSource(Math.imul(input + 1, 2654435761));
    for (let i = 0; i < 8; i++) random();
    // Each file has its own name, because HDF5 confuses a file with one that it could not close.
    const path = join(folder, `input-${input}${extension}`);
    writeFileSync(path, mutate(files, random));
    const start = performance.now();
    try {
      await (await openRows(path, { nulls: 'skip', ...ways[input % ways.length] })).close();
      accepted++;
    } catch (error) {
      if (![FormatError, ArgumentError, MemoryError, UnsupportedError].some((kind) => error instanceof kind)) {
        failures++;
        console.error(`${name}, input ${input}:`, error);
      }
    }
    slowest = Math.max(slowest, performance.now() - start);
    rmSync(path);
  }
  console.log(`${name}: ${end - from} inputs, ${accepted} accepted, ${failures} failures, slowest ${slowest.toFixed(0)} ms`);
  if (failures > 0) process.exitCode = 1;
}
