// Every reader on files with changed structure or bytes: a small part of what scripts/fuzz.ts can run, the same in every run. Also on files
// made by hand to cost far more than they hold.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import * as bombs from './bombs.js';
import { targetOf } from './libraries.js';
import { countFieldInputs, faultWith, fieldInputOf, fuzzTarget, mixedInputOf } from './run.js';
// V8 counts steps only from here on.
import './steps.js';
import { TARGETS, type Target } from './targets.js';

const INPUTS = 1500;

test.each(TARGETS)('$name reads or refuses any file quickly and with little memory', async (target) => {
  const { failures, accepted, inputs } = await fuzzTarget(target, INPUTS, 0, 3, { makeInput: mixedInputOf });
  expect(failures).toEqual([]);
  // If no input passed the first checks, nothing was tested.
  expect(accepted).toBeGreaterThan(inputs / 100);
});

// Each input is a file on disk, so there are fewer.
test.each(['sqlite', 'hdf5'])('the library that reads %s reads or refuses any file', async (name) => {
  const folder = mkdtempSync(join(tmpdir(), 'allpairs-fuzz-'));
  // h5wasm prints what it finds wrong.
  for (const method of ['error', 'warn'] as const) vi.spyOn(console, method).mockImplementation(() => {});
  try {
    const { failures, accepted } = await fuzzTarget(await targetOf(name, folder), 100, 0, 3, { makeInput: mixedInputOf });
    expect(failures).toEqual([]);
    expect(accepted).toBeGreaterThan(0);
  } finally {
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
  }
});

test.each(TARGETS.filter(({ name }) => name === 'parquet' || name === 'arrow'))(
  '$name reads or refuses files with one changed field quickly and with little memory',
  async (target) => {
    // A prime, so that the changed fields vary with the values they get.
    const step = 997;
    const { failures } = await fuzzTarget(target, Math.floor(countFieldInputs(target) / step), 0, 3, {
      makeInput: fieldInputOf,
      step,
    });
    expect(failures).toEqual([]);
  },
);

test.each<[what: string, reader: string, make: () => Uint8Array, way?: number]>([
  ['an object of very many fields', 'jsonl', bombs.manyFields],
  ['row groups of one byte each', 'parquet', () => bombs.parquetGroups(2 ** 20, [0])],
  [
    'row groups of columns of one byte each',
    'parquet',
    () => bombs.parquetGroups(2 ** 17, [0x19, 0xfc, 8, ...Array(9).fill(0)]),
  ],
  ['names that are one long entry of a dictionary', 'parquet names', bombs.longNames],
  ['names that are views of one long text', 'arrow names', bombs.longViews],
  ['a batch that is listed very often', 'arrow', bombs.repeatedBatch],
  ['columns of columns that are the same', 'arrow', bombs.sharedFields],
  ['a long cell of quotation marks of Windows', 'csv names', () => bombs.longCell(0x93, ',')],
  ['a long word of quotation marks of Windows', 'txt', () => bombs.longCell(0x93, ' ')],
])('%s cost no more than other files', async (_, reader, make, way = 0) => {
  const target = TARGETS.find(({ name }) => name === reader) as Target;
  expect(await faultWith(target, make(), way)).toBeUndefined();
});

const tooMuch: readonly [what: string, read: Target['read'], fault: RegExp][] = [
  [
    'takes many steps',
    async () => {
      for (let i = 0; i < 2 ** 21; i++) Math.abs(i);
    },
    /^took \d+ steps; \d+ are allowed$/,
  ],
  [
    'decodes a text again and again',
    async () => {
      const text = new Uint8Array(2 ** 20);
      for (let i = 0; i < 100; i++) new TextDecoder().decode(text);
    },
    /^decoded 104857600 bytes of text; \d+ are allowed$/,
  ],
];
test.each(tooMuch)('a reader that %s for a small file is noticed, however fast it is', async (_, read, fault) => {
  expect(await faultWith({ name: 'wasteful', seeds: [], read }, new Uint8Array(8))).toMatch(fault);
});
