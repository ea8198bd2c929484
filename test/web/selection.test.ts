// The selection of many rows: how it changes a set, its text in the address, and every way to select in Chromium.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { groups, readNpy } from 'allpairs';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { isInside } from '../../web/src/panels/lasso.js';
import { rangesOf, rowsOf } from '../../web/src/state/row-ranges.js';
import { clearSelection, invertSelection, selectable, selection, selectRows } from '../../web/src/state/selection.js';
import { missing, skipped } from '../browser/chromium.js';
import { View } from '../cli/view-server.js';
import { violations } from './accessibility.js';
import { finished } from './readiness.js';
import { type PageOptions, usePages } from './use-pages.js';

describe('the selection', () => {
  beforeEach(() => {
    selectable.value = 8;
    clearSelection();
  });

  it('is replaced, added to, subtracted from, inverted and cleared', () => {
    selectRows([5, 3]);
    expect(selection.value).toEqual([3, 5]);
    selectRows([3, 7], 'add');
    expect(selection.value).toEqual([3, 5, 7]);
    selectRows([5, 0], 'subtract');
    expect(selection.value).toEqual([3, 7]);
    invertSelection();
    expect(selection.value).toEqual([0, 1, 2, 4, 5, 6]);
    selectRows([2]);
    expect(selection.value).toEqual([2]);
    clearSelection();
    expect(selection.value).toEqual([]);
  });

  it('ignores row numbers that do not exist', () => {
    selectRows([7, 8, 4000]);
    expect(selection.value).toEqual([7]);
  });
});

describe('rows as text', () => {
  it.each([
    [[], ''],
    [[4], '4'],
    [[0, 1, 2, 7, 9, 10], '0-2,7,9-10'],
  ] as const)('%j is read as %j', (rows, text) => {
    expect(rangesOf(rows)).toBe(text);
    if (rows.length > 0) expect(rowsOf(text)).toEqual(rows);
  });

  it.each(['', 'a', '3-', '5-3', '1,,2', '-1', '1.5', '0-99999999999'])('is refused as %j', (text) => {
    expect(rowsOf(text)).toBeNull();
  });
});

it('a lasso encloses what is inside by the even-odd rule, with its ends joined', () => {
  // The letter U.
  const line = [
    [0, 0],
    [2, 0],
    [2, 6],
    [4, 6],
    [4, 0],
    [6, 0],
    [6, 8],
    [0, 8],
  ].map(([x, y]) => ({ x: x as number, y: y as number }));
  expect(isInside(line, { x: 1, y: 1 })).toBe(true);
  expect(isInside(line, { x: 5, y: 1 })).toBe(true);
  expect(isInside(line, { x: 3, y: 7 })).toBe(true);
  expect(isInside(line, { x: 3, y: 1 })).toBe(false);
  expect(isInside(line, { x: 7, y: 1 })).toBe(false);
  expect(isInside([], { x: 0, y: 0 })).toBe(false);
});

const SENTENCES = ['examples/data/sentences.npy', '--labels', 'examples/data/sentences.tsv'];
const DIGITS = ['examples/data/digits.npy', '--labels', 'examples/data/digits-labels.txt', '--image-shape', '8x8'];

describe.skipIf(missing)(`the selection in Chromium${skipped}`, () => {
  const pages = usePages('selection');

  async function open(args: readonly string[], state = '', options: PageOptions = {}): Promise<Page> {
    const page = await pages.open((await View.start(...args)).address, { state, ...options });
    await finished(page);
    return page;
  }

  /** Resolves when so many rows are selected. */
  const selected = (page: Page, rows: number) =>
    page.getByRole('tab', { name: `Selection (${rows.toLocaleString('en')})` }).waitFor();
  const inAddress = (page: Page) => expect.poll(() => /rows=([\d,-]+)/.exec(page.url())?.[1]);
  const labels = async () => (await readFile('examples/data/digits-labels.txt', 'utf8')).trim().split('\n');

  async function dragOver(page: Page, frame: string, points: readonly (readonly [number, number])[], shift: boolean) {
    const box = (await page.locator(frame).boundingBox()) as { x: number; y: number; width: number; height: number };
    if (shift) await page.keyboard.down('Shift');
    for (const [at, [x, y]] of points.entries()) {
      await page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: at === 0 ? 1 : 4 });
      if (at === 0) await page.mouse.down();
    }
    await page.mouse.up();
    if (shift) await page.keyboard.up('Shift');
  }

  it('is made by a box in the matrix, which selects rows and columns, with Shift or with the button', async () => {
    const page = await open(SENTENCES, 'order=given&seen=700.5,300.5,60');
    const { width, height } = (await page.locator('.heatmap-keys').boundingBox()) as { width: number; height: number };
    const scale = (60 * Math.min(width, height)) / 1500;
    // From the middle, where row 300 and column 700 are, two cells up and one to the right.
    const corner = [0.5 + scale / width, 0.5 - (2 * scale) / height] as const;
    await dragOver(page, '.heatmap-keys', [[0.5, 0.5], corner], true);
    await selected(page, 5);
    await inAddress(page).toBe('298-300,700-701');
    expect(page.url()).toContain('seen=700.5,300.5,60');
    await page.getByLabel('Next').selectOption('add');
    await page.getByRole('button', { name: 'Drag to select rows in the heatmap' }).click();
    const below = 0.5 + scale / height;
    await dragOver(
      page,
      '.heatmap-keys',
      [
        [0.5, below],
        [0.5 + 0.3 * (scale / width), below],
      ],
      false,
    );
    await selected(page, 6);
    await inAddress(page).toBe('298-301,700-701');
    await expect.poll(() => page.locator('.of-rows').count()).toBe(1);
    await page.reload();
    await selected(page, 6);
  });

  it('is made by a lasso on the map, which ignores faded classes', async () => {
    const page = await open(DIGITS);
    const around = [
      [0.01, 0.01],
      [0.99, 0.01],
      [0.99, 0.99],
      [0.01, 0.99],
    ] as const;
    await dragOver(page, '.map-keys', around, true);
    await selected(page, 1797);
    await page.locator('.map-legend button').nth(4).click();
    const fours = (await labels()).filter((label) => label === '4').length;
    await page.getByRole('button', { name: 'Drag to select rows in the map' }).click();
    await dragOver(page, '.map-keys', around, false);
    await selected(page, fours);
    const reasons = () => page.locator('.listed-rows tbody .reason').allTextContents();
    await expect.poll(reasons).toEqual(new Array(fours).fill('4'));
    // A long selection is not in the address.
    await page.getByRole('button', { name: 'Show the whole of the map' }).click();
    await page.locator('.map').getByLabel('Colours').selectOption('');
    await expect.poll(() => page.url()).toContain('by=');
    expect(page.url()).not.toContain('rows=');
  });

  it('is made by a class of the legend, a group and a search', async () => {
    const page = await open(SENTENCES, 'threshold=0.8');
    const texts = (await readFile('examples/data/sentences.tsv', 'utf8')).trimEnd().split('\n').slice(1);
    await page.locator('.map-legend').getByRole('button', { name: 'JA' }).click();
    const japanese = texts.filter((line) => line.startsWith('JA\t')).length;
    await page.getByRole('button', { name: `Select ${japanese} rows` }).click();
    await selected(page, japanese);
    await page.locator('.groups summary').nth(1).click();
    const found = await groups(await readNpy('examples/data/sentences.npy'), { threshold: 0.8 });
    const group = found.groups[1]?.rows ?? [];
    await page.getByRole('button', { name: `Select these ${group.length} rows` }).click();
    await selected(page, group.length);
    await inAddress(page).toBe(rangesOf(group));
    await page.getByRole('combobox', { name: 'Find a row' }).fill('soccer');
    await page.getByRole('button', { name: 'Select all' }).click();
    const soccer = texts.filter((line) => line.slice(line.indexOf('\t')).toLowerCase().includes('soccer')).length;
    expect(soccer).toBeGreaterThan(0);
    await selected(page, soccer);
    await page.getByRole('button', { name: 'Invert', exact: true }).click();
    await selected(page, 1500 - soccer);
    const listed = () => page.locator('.listed-rows tbody tr').count();
    await expect.poll(listed).toBe(200);
    await page.getByRole('button', { name: /^Show more of [0-9,]+ rows/ }).click();
    await expect.poll(listed).toBe(400);
    await page.getByRole('combobox', { name: 'Find a row' }).fill('o');
    await page.getByRole('button', { name: 'Select all' }).click();
    const withO = texts.filter((line) => line.slice(line.indexOf('\t')).toLowerCase().includes('o')).length;
    await selected(page, withO);
    // It is too long for the address, and a reload keeps it nevertheless.
    await expect.poll(() => page.evaluate(() => (history.state?.rows ?? '').length)).toBeGreaterThan(300);
    expect(new URLSearchParams(new URL(page.url()).hash.slice(1)).has('rows')).toBe(false);
    await page.reload();
    await page.getByRole('tab', { name: `Selection (${withO})` }).click();
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    await selected(page, 0);
  });

  it('lists the rows most similar to its mean', async () => {
    const page = await open(SENTENCES, 'rows=3,700-702');
    await page.getByRole('tab', { name: 'Selection (4)' }).click();
    await page.getByLabel('List').selectOption('neighbours');
    const { data, shape } = await readNpy('examples/data/sentences.npy');
    const unit = (row: number) => {
      const elements = Array.from(data.subarray(row * shape[1], (row + 1) * shape[1]));
      const norm = Math.hypot(...elements);
      return elements.map((element) => element / norm);
    };
    const members = [3, 700, 701, 702];
    const units = members.map(unit);
    const sum = unit(0).map((_, at) => units.reduce((total, row) => total + (row[at] as number), 0));
    const norm = Math.hypot(...sum);
    const right = Array.from({ length: 1500 }, (_, row) => ({
      row,
      score: unit(row).reduce((total, element, at) => total + (element * (sum[at] as number)) / norm, 0),
    }))
      .filter(({ row }) => !members.includes(row))
      .sort((a, b) => b.score - a.score)
      .slice(0, 10);
    await expect.poll(() => page.locator('.listed-rows tbody tr').count()).toBe(10);
    const rows = await page.locator('.listed-rows tbody .number').allTextContents();
    const scores = await page.locator('.listed-rows tbody .score').allTextContents();
    expect(rows.map(Number)).toEqual(right.map(({ row }) => row));
    for (const [at, score] of scores.entries()) expect(Number(score)).toBeCloseTo(right[at]?.score ?? Number.NaN, 2);
  });

  it('is saved as row numbers and names, and as records of the input', async () => {
    const table = join(pages.folder, 'table.csv');
    const records = Array.from({ length: 9 }, (_, row) => `"name, ${row}","[${row}.5, 1, 2]"`);
    await writeFile(table, ['title,vector', ...records, ''].join('\n'));
    const page = await open([table], 'rows=2,5-6');
    await page.getByRole('tab', { name: 'Selection (3)' }).click();
    const save = async (kind: string) => {
      await page.getByLabel('File', { exact: true }).selectOption(kind);
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Save selection' }).click(),
      ]);
      const path = join(pages.folder, file.suggestedFilename());
      await file.saveAs(path);
      return readFile(path, 'utf8');
    };
    expect(await save('records')).toBe(['title,vector', records[2], records[5], records[6], ''].join('\n'));
    expect(JSON.parse(await save('json')).map(({ row }: { row: number }) => row)).toEqual([2, 5, 6]);
    expect((await save('csv')).trim().split('\n')).toHaveLength(4);
  });

  it.each([
    [1440, 'light'],
    [390, 'dark'],
  ] as const)('is accessible at %i pixels, %s, and marked in every list', async (width, colorScheme) => {
    const page = await open(DIGITS, 'rows=0-500&row=3', { viewport: { width, height: 900 }, colorScheme });
    await page.locator('.neighbours tbody .in-selection').first().waitFor();
    await page.getByRole('tab', { name: 'Selection (501)' }).click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    expect(await violations(page)).toEqual([]);
  });
});
