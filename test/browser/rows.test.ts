// Files of rows in Chromium: pages read everything that Node reads.

import { type OpenRowsOptions, openRows } from 'allpairs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesInMemory } from '#src/io/bytes/byte-source.js';
import { ARROW, BVECS, CSV, FBIN, FVECS, I8BIN, JSONL, NPY, NPZ, PARQUET, SAFETENSORS, TSV, U8BIN } from '../fuzz/seeds.js';
import { launchChromium, missing, withPage } from './chromium.js';
import { type Outcome, outcomeOf } from './outcome.js';
import type { GivenFile, TopKReport } from './rows-page.js';

/** The exports of rows-page.ts in the page. */
interface Exports {
  openFiles(files: readonly GivenFile[]): Promise<Outcome[]>;
  readFileTexts(file: GivenFile, column: string): Promise<string[]>;
  compareTopK(): Promise<TopKReport>;
}

/** Files in every layout that readers distinguish, with columns that only some of them have. */
const FORMATS: readonly [extension: string, files: readonly Uint8Array[], columns: readonly string[]][] = [
  ['npy', NPY, []],
  ['npz', NPZ, ['a']],
  ['parquet', PARQUET, ['embedding', 'x,n', 'b']],
  ['arrow', ARROW, ['embedding', 'x,n', 'b']],
  ['safetensors', SAFETENSORS, ['a']],
  ['csv', CSV, ['d*']],
  ['tsv', TSV, ['d*']],
  ['jsonl', JSONL, ['a.vector']],
  ['fvecs', FVECS, []],
  ['bvecs', BVECS, []],
  ['fbin', FBIN, []],
  ['u8bin', U8BIN, []],
  ['i8bin', I8BIN, []],
];

function given(name: string, bytes: Uint8Array | string, options: OpenRowsOptions = {}): GivenFile {
  return { name, content: Buffer.from(bytes as Uint8Array).toString('base64'), options };
}

function inNode({ name, content, options }: GivenFile): Promise<Outcome> {
  return outcomeOf(() => openRows(bytesInMemory(new Uint8Array(Buffer.from(content, 'base64')), name), options));
}

const inPage = (page: Page, files: readonly GivenFile[]) =>
  page.evaluate((some) => (globalThis as unknown as Exports).openFiles(some), files);

describe.skipIf(missing)(`files of rows in Chromium${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  it.each(FORMATS)('gives the same rows and errors as Node: .%s', async (extension, seeds, columns) => {
    const files = seeds.flatMap((bytes, i) =>
      [undefined, ...columns].map((column) => given(`${i}.${extension}`, bytes, column === undefined ? {} : { column })),
    );
    await withPage(browser, 'rows-page', false, async (page) => {
      const right = await Promise.all(files.map(inNode));
      expect(right.some(({ values }) => values && values.length > 0)).toBe(true);
      const got = await inPage(page, files);
      for (const [i, outcome] of got.entries()) {
        // Not every browser has it.
        if (outcome.error === 'UnsupportedError') expect(outcome.message).toContain('cannot decompress brotli');
        else expect(outcome).toEqual(right[i]);
      }
      expect(got.filter(({ error }) => error === 'UnsupportedError').length).toBeLessThan(files.length / 5);
      // Both refuse truncated files, unless a table is complete without the rest.
      const cut = seeds.map((bytes, i) => given(`${i}.${extension}`, bytes.subarray(0, bytes.length - 3)));
      const errors = (await inPage(page, cut)).map(({ error }) => error);
      expect(errors).toEqual((await Promise.all(cut.map(inNode))).map(({ error }) => error));
      if (extension === 'npy') expect(new Set(errors)).toEqual(new Set(['FormatError']));
    });
  });

  it('are refused if they need a path, or have too many rows', async () => {
    const lines = `${Array.from({ length: 200_000 }, (_, i) => `${i}.5,0.25`).join('\n')}\n`;
    await withPage(browser, 'rows-page', false, async (page) => {
      const [sqlite, hdf5, duckdb, named, tooMany, query] = await inPage(page, [
        given('a.db', 'SQLite format 3\0 and more'),
        given('a', Buffer.from('\x89HDF\r\n\x1a\n and more', 'latin1')),
        given('a', '12345678DUCK and more'),
        given('a', 'what', { format: 'hdf5' }),
        given('many.csv', lines, { memoryBudget: 2 ** 20 }),
        given('few.csv', '1,2\n', { query: 'select x from y' }),
      ]);
      const opens = 'files are opened in Node only; a browser opens npy, npz, pytorch, parquet, arrow,';
      expect(sqlite).toMatchObject({ error: 'UnsupportedError', message: expect.stringContaining(`a.db: sqlite ${opens}`) });
      expect(hdf5).toMatchObject({ error: 'UnsupportedError', message: expect.stringContaining(`a: hdf5 ${opens}`) });
      expect(duckdb).toMatchObject({ error: 'UnsupportedError', message: expect.stringContaining(`a: duckdb ${opens}`) });
      expect(named).toMatchObject({ error: 'UnsupportedError' });
      expect(tooMany).toMatchObject({
        error: 'MemoryError',
        message: expect.stringContaining('many.csv: its decoded rows take more than 1048576 bytes'),
      });
      expect(query).toMatchObject({ error: 'ArgumentError' });
    });
  });

  it.each([true, false])('give the same results as arrays; cross-origin isolated: %s', async (isolated) => {
    await withPage(browser, 'rows-page', isolated, async (page) => {
      const got = await page.evaluate(() => (globalThis as unknown as Exports).compareTopK());
      expect(got).toMatchObject({ equalFromNpy: true, equalFromCsv: true, name: 'blob' });
      expect(got.passes).toBeGreaterThan(1);
    });
  });

  it('have names that are read from a column', async () => {
    await withPage(browser, 'rows-page', false, async (page) => {
      const texts = (file: GivenFile, column: string) =>
        page.evaluate(([one, name]) => (globalThis as unknown as Exports).readFileTexts(one, name), [file, column] as const);
      expect(await texts(given('a.csv', 'title,x\n"é, ü",1\nb,2\n'), 'title')).toEqual(['é, ü', 'b']);
      expect(await texts(given('a.tsv', 'title\tx\na\t1\n'), 'title')).toEqual(['a']);
      expect(await texts(given('a', '{"t": "one"}\n{"t": null}\n'), 't')).toEqual(['one', '']);
      expect((await texts(given('a.parquet', PARQUET.at(-1) as Uint8Array), 'id')).slice(0, 3)).toEqual([
        'row 0',
        'row 1',
        'row 2',
      ]);
      await expect(texts(given('a.npy', NPY[0] as Uint8Array), 'x')).rejects.toThrow('expected a table with a column of text');
    });
  });
});
