// Tables dropped on the page are read as the command line reads them, or refused with the choices as buttons.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cosineSimilarity, readNpy, topK } from 'allpairs';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { rowColumns, tableOf, usualLabel, withOrder } from '#src/cli/view/row-columns.js';
import { readNames } from '../../web/src/state/dropped-names.js';
import { picturesIn } from '../../web/src/state/pictures.js';
import { missing, skipped } from '../browser/chromium.js';
import { View } from '../cli/view-server.js';
import { randomRows } from '../random.js';
import { violations } from './accessibility.js';
import { pressOften } from './keys.js';
import { finished } from './readiness.js';
import { usePages } from './use-pages.js';

const column = (name: string, values: readonly (string | number)[]) => withOrder({ name, values: values.map(String) });

describe('the columns of rows', () => {
  const rows = Array.from({ length: 100 }, (_, row) => row);
  const table = [
    column('id', rows),
    column(
      'kind',
      rows.map((row) => 'abc'[row % 3] as string),
    ),
    column(
      'title',
      rows.map((row) => `title ${row}`),
    ),
    column(
      'price',
      rows.map((row) => (row * 37) % 100),
    ),
  ];

  it('are columns of few values to colour by, numbers of many values in ranges, and others', () => {
    const { labels, labelColumn, columns, carried } = rowColumns(table, 'title');
    expect([labels?.[7], labelColumn]).toEqual(['title 7', 'title']);
    expect(columns.map(({ name }) => name)).toEqual(['kind', 'price (ranges)']);
    expect(carried.map(({ name }) => name)).toEqual(['id', 'price']);
    // 37 * 7 = 259, so row 7 costs 59, which is in the sixth of ten ranges.
    expect(columns[1]?.values[7]).toBe('50 to 59');
    expect(new Set(columns[1]?.values).size).toBe(10);
  });

  it('form the same table again', () => {
    const again = tableOf(rowColumns(table, 'title'));
    expect(again.map(({ name }) => name).sort()).toEqual(['id', 'kind', 'price', 'title']);
    expect(tableOf(rowColumns(table, null)).length).toBe(4);
  });

  it('have ranges that exclude rows without a value', () => {
    const [ranges] = rowColumns(
      [
        column(
          'year',
          rows.map((row) => (row < 20 ? '' : 1900 + row)),
        ),
      ],
      null,
    ).columns;
    expect([ranges?.values[3], ranges?.values[20], ranges?.values[99]]).toEqual(['', '1920 to 1927', '1992 to 1999']);
  });

  it('name rows if they have one of the usual names', () => {
    expect(usualLabel(table)).toBe('title');
    expect(usualLabel([column('label', ['a', 'a', 'b']), column('doc.text', ['x', 'y', 'z'])])).toBe('doc.text');
    expect(usualLabel([column('id', [1, 2])])).toBe(null);
  });
});

describe('names of rows', () => {
  it('are read from lines with tabs, or from a CSV with quotes', () => {
    expect(readNames('k\tn\na\tone\nb\ttwo\n', 'n.tsv', 2)).toEqual({
      columns: [
        { name: 'k', values: ['a', 'b'] },
        { name: 'n', values: ['one', 'two'] },
      ],
      label: 'n',
    });
    expect(readNames('"one, two"\n"three"\n', 'n.csv', 2).columns).toEqual([
      { name: 'column 1', values: ['one, two', 'three'] },
    ]);
    expect(() => readNames('a\nb\n', 'n.txt', 5)).toThrow('n.txt: expected 5 lines, one per row, or one more');
  });

  it('are in the column with a usual name, or else in the last', () => {
    expect(readNames('name\tscore\nx\t1\ny\t2\n', 'n.tsv', 2).label).toBe('name');
    expect(readNames('text\tlabel\nx\ta\ny\ta\n', 'n.tsv', 2).label).toBe('text');
    expect(readNames('name\tscore\nx\t1\n', 'n.tsv', 2).label).toBe('column 2');
  });

  it('are refused with one line too many unless the first certainly names the column', () => {
    expect(readNames('label\na\nb\n', 'n.txt', 2).columns).toEqual([{ name: 'label', values: ['a', 'b'] }]);
    expect(() => readNames('apple\npear\nplum\n', 'n.txt', 2)).toThrow(
      '3 lines for 2 rows; the first, "apple", may name the column',
    );
  });
});

describe('pictures of rows', () => {
  it('are data addresses, or files by their names', () => {
    const files = new Map([['a.png', 'blob:1']]);
    expect(picturesIn(['x/a.png', 'b.png'], files)).toEqual(['blob:1', '']);
    expect(picturesIn(['data:image/png;base64,AA', ''], files)).toEqual(['data:image/png;base64,AA', '']);
    expect(picturesIn(['a', 'b', 'x/a.png'], files)).toBe(undefined);
    expect(picturesIn(['https://example.org/a.jpg'], files)).toBe(undefined);
  });
});

describe.skipIf(missing)(`a table in Chromium${skipped}`, () => {
  const pages = usePages('tables');

  async function open(args: readonly string[] = [], state = ''): Promise<Page> {
    return pages.open((await View.start(...args)).address, { state, viewport: { width: 1280, height: 900 } });
  }

  const drop = (page: Page, name: string, content: string | Uint8Array) =>
    page.locator('input[type=file]').setInputFiles([{ name, mimeType: '', buffer: Buffer.from(content) }]);
  const question = (page: Page) => page.locator('.reading-question');
  const facts = (page: Page) => page.locator('.facts').textContent();

  const vector = (row: number) => [row + 0.5, 1.25, (row % 3) + 0.25];

  it('asks which of two columns contains the vectors, and keeps the others', async () => {
    const page = await open();
    const lines = Array.from(
      { length: 12 },
      (_, row) => `${100 + row},"name, ${row}","[${vector(row)}]","[${row % 4}.5, 2.5]",${row % 2 ? 'odd' : 'even'}`,
    );
    await drop(page, 'two.csv', ['id,title,a,b,kind', ...lines, ''].join('\n'));
    await question(page).waitFor();
    expect(await question(page).textContent()).toContain('two.csv: more than one part can be the rows');
    expect(await violations(page)).toEqual([]);
    await question(page).getByRole('button', { name: 'a', exact: true }).click();
    await finished(page);
    expect(await facts(page)).toContain('12 rows of 3 numbers');
    await page.getByRole('combobox', { name: 'Find a row' }).fill('name, 7');
    await page.getByRole('combobox', { name: 'Find a row' }).press('Enter');
    await expect.poll(() => page.locator('.selected-row').textContent()).toContain('row 7');
    const x = Array.from({ length: 12 }, (_, row) => vector(row));
    const right = await topK(x, { k: 10 });
    const scores = page.locator('.neighbours .score');
    await expect.poll(() => scores.count()).toBe(10);
    expect(await scores.allTextContents()).toEqual(
      Array.from(right.scores.subarray(70, 80), (score) =>
        score === 1 || score.toFixed(3) !== '1.000' ? score.toFixed(3) : expect.any(String),
      ),
    );
    expect(await page.locator('.map-legend').textContent()).toBe('evenodd');
  });

  it('asks whether the first line names the columns', async () => {
    const page = await open();
    const lines = Array.from({ length: 12 }, (_, row) => `t${row},${vector(row)}`);
    await drop(page, 'years.csv', ['name,1990,2000,2015', ...lines, ''].join('\n'));
    await question(page).getByRole('button', { name: 'The first line names the columns' }).waitFor();
    await question(page).getByRole('button', { name: 'The first line is a row' }).click();
    await finished(page);
    expect(await facts(page)).toContain('13 rows of 3 numbers');
  });

  it('asks what to do with rows without a vector, and also omits their names', async () => {
    const page = await open();
    const lines = Array.from({ length: 12 }, (_, row) =>
      JSON.stringify({ title: `t${row}`, v: row === 5 ? null : vector(row) }),
    );
    await drop(page, 'nulls.jsonl', `${lines.join('\n')}\n`);
    await question(page).getByRole('button', { name: 'Leave such rows out' }).click();
    await finished(page);
    expect(await facts(page)).toContain('11 rows of 3 numbers');
    await page.getByRole('combobox', { name: 'Find a row' }).fill('t6');
    await page.getByRole('combobox', { name: 'Find a row' }).press('Enter');
    await expect.poll(() => page.locator('.selected-row').textContent()).toContain('row 5');
  });

  it('asks which array of an .npz contains the vectors', async () => {
    const page = await open();
    await drop(page, 'two.npz', await zipOf({ train: await npyOf(20, 4), test: await npyOf(10, 4) }));
    await question(page).getByRole('button', { name: 'test', exact: true }).click();
    await finished(page);
    expect(await facts(page)).toContain('10 rows of 4 numbers');
  });

  it('never compares ids as vectors', async () => {
    const page = await open();
    await drop(page, 'ids.csv', `id,year\n${Array.from({ length: 12 }, (_, row) => `${row},${1990 + row}`).join('\n')}\n`);
    await question(page).waitFor();
    expect(await question(page).textContent()).toContain('no column of vectors');
    await question(page).getByRole('button', { name: 'Take another file' }).click();
    await page.getByText('What to do next').waitFor();
  });

  it('offers its columns as names, colours, order and pictures', async () => {
    const rows = 60;
    const { data, shape } = randomRows(rows, 16);
    const numbers = Array.from({ length: rows }, (_, row) => row);
    const columnData = [
      { name: 'title', type: 'STRING' as const, data: numbers.map((row) => `title ${row}`) },
      { name: 'author', type: 'STRING' as const, data: numbers.map((row) => `author ${row}`) },
      { name: 'price', type: 'INT32' as const, data: numbers.map((row) => (row * 37) % 61) },
      ...Array.from({ length: 16 }, (_, at) => ({
        name: `d${at}`,
        type: 'FLOAT' as const,
        data: numbers.map((row) => data[row * (shape[1] as number) + at] as number),
      })),
    ];
    const bytes = new Uint8Array(parquetWriteBuffer({ columnData }));
    const file = join(pages.folder, 'books.parquet');
    await writeFile(file, bytes);
    for (const isGiven of [false, true]) {
      const page = await open(isGiven ? [file] : []);
      if (!isGiven) await drop(page, 'books.parquet', bytes);
      await finished(page);
      await page.locator('summary', { hasText: 'Columns' }).click();
      const menu = page.locator('.menu-panel');
      expect(await menu.getByLabel('Named by').inputValue()).toBe('title');
      await menu.getByLabel('Named by').selectOption('author');
      await menu.getByLabel('Coloured by').selectOption('price (ranges)');
      await menu.getByLabel('Ordered by').selectOption('price');
      await menu.getByLabel('Pictures').selectOption('rows');
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await finished(page);
      await expect.poll(() => page.locator('.map-legend button').count()).toBe(10);
      expect(await page.getByLabel('Order', { exact: true }).inputValue()).toBe('column');
      // The most expensive row comes last: 37 * 28 = 1036 = 16 * 61 + 60.
      const heatmap = page.getByRole('application', { name: /^Heatmap/ });
      await heatmap.focus();
      await pressOften(heatmap, 'ArrowDown', 60);
      await heatmap.press('Enter');
      await expect.poll(() => page.locator('.selected-row').textContent()).toContain('author 28');
      await expect.poll(() => page.locator('.selected-row canvas').count()).toBe(1);
      await expect.poll(() => page.url()).toMatch(/row=28.*order=column.*label=author&sort=price&pictures=rows/);
      if (!isGiven) continue;
      await page.reload();
      await finished(page);
      expect(await page.locator('.selected-row').textContent()).toContain('author 28');
    }
  });

  it('uses the pictures that are dropped with it', async () => {
    const page = await open();
    const dot = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    const lines = Array.from({ length: 6 }, (_, row) => `img/${row}.png,"[${vector(row)}]"`);
    await page
      .locator('input[type=file]')
      .setInputFiles([
        { name: 'pictures.csv', mimeType: '', buffer: Buffer.from(['file,v', ...lines].join('\n')) },
        ...Array.from({ length: 6 }, (_, row) => ({ name: `${row}.png`, mimeType: 'image/png', buffer: dot })),
      ]);
    await finished(page);
    await page.getByRole('combobox', { name: 'Find a row' }).fill('2');
    await page.getByRole('combobox', { name: 'Find a row' }).press('Enter');
    const width = () => page.locator('.selected-row img').evaluate((image: HTMLImageElement) => image.naturalWidth);
    await expect.poll(width).toBe(1);
  });

  it.each([
    ['1,500 sentences', '1,500 rows of 256 numbers', 'She had been reading the book before you arrived.'],
    ['1,797 handwritten digits', '1,797 rows of 64 numbers', '0'],
  ])('is available as a sample: %s', async (text, says, first) => {
    const page = await open([], 'row=0');
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: text }).click();
    await finished(page);
    expect(await facts(page)).toContain(says);
    await expect.poll(() => page.locator('.selected-row strong').textContent()).toBe(first);
  });

  it('with sample sentences has about the scores of the sentences', async () => {
    const [sample, whole] = await Promise.all(
      ['web/public/samples/sentences.npy', 'examples/data/sentences.npy'].map(async (path) =>
        cosineSimilarity(await readNpy(path)),
      ),
    );
    const differences = Array.from(whole?.data ?? [], (score, at) => Math.abs(score - (sample?.data[at] as number)));
    expect(Math.max(...differences.slice(0, 100_000))).toBeLessThan(0.08);
    expect((await readFile('web/public/samples/sentences.npy')).length).toBeLessThan(400_000);
  });
});

async function npyOf(rows: number, depth: number): Promise<Buffer> {
  const { data } = randomRows(rows, depth);
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${depth}), }`.padEnd(117);
  const start = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${header}\n`, 'latin1');
  return Buffer.concat([start, Buffer.from(data.buffer, data.byteOffset, data.byteLength)]);
}

/** An uncompressed .npz. */
async function zipOf(arrays: Readonly<Record<string, Buffer>>): Promise<Buffer> {
  const { zipSync } = await import('fflate');
  return Buffer.from(
    zipSync(Object.fromEntries(Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, [bytes, { level: 0 }]]))),
  );
}
