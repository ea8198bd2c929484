// The page as users see it in Chromium: served by the command, in a file, and with a dropped file.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cosineSimilarity, groups, histogram, Matrix, pairs, readNpy, topK, writeNpy } from 'allpairs';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { colourScale, FULL_RANGE, placeOf, STEPS } from '../../web/src/heatmap/colours.js';
import { fitScale, levelFor, placeAt, type Viewport } from '../../web/src/heatmap/viewport.js';
import { missing, skipped } from '../browser/chromium.js';
import { run } from '../cli/command.js';
import { View } from '../cli/view-server.js';
import { randomRows } from '../random.js';
import { violations } from './accessibility.js';
import { pressOften } from './keys.js';
import { drawn, finished } from './readiness.js';
import { type PageOptions, usePages } from './use-pages.js';

const SENTENCES = ['examples/data/sentences.npy', '--labels', 'examples/data/sentences.tsv'];
const DIGITS = ['examples/data/digits.npy', '--labels', 'examples/data/digits-labels.txt', '--image-shape', '8x8'];

describe.skipIf(missing)(`the page in Chromium${skipped}`, () => {
  const pages = usePages('page');
  let matrix: Matrix;
  let texts: string[];
  beforeAll(async () => {
    matrix = await cosineSimilarity(await readNpy('examples/data/sentences.npy'));
    const lines = (await readFile('examples/data/sentences.tsv', 'utf8')).trimEnd().split('\n').slice(1);
    texts = lines.map((line) => line.split('\t')[1] as string);
  });

  const open = (address: string, options: PageOptions = {}): Promise<Page> =>
    pages.open(address, { viewport: { width: 1280, height: 900 }, scripts: [notePoints, holdAnswers], ...options });

  /** Opens the page of these rows and waits until everything has been computed, or until the matrix is drawn. */
  async function view(args: readonly string[], options: PageOptions = {}, until: typeof drawn = finished): Promise<Page> {
    const { address } = await View.start(...args);
    const page = await open(address, options);
    await until(page);
    return page;
  }

  describe('the heatmap', () => {
    it.each([
      ['mean', 'the whole'],
      ['max', 'the whole'],
      ['mean', 'a part'],
    ] as const)('has the colour of the %s score in every pixel of %s', async (cells, part) => {
      const page = await view(
        SENTENCES,
        { state: `order=given&colours=full&cells=${cells}${part === 'a part' ? '&seen=400,300,6' : ''}` },
        drawn,
      );
      const { seen, pixels } = await readPixels(page);
      const scale = colourScale('light');
      const background = [0xf6, 0xf7, 0xf8];
      const level = levelFor(seen.scale, 1, 3);
      expect(level).toBe(part === 'a part' ? 0 : 2);
      let compared = 0;
      for (const { px, py, colour } of pixels) {
        const { row, col } = placeAt(seen, px + 0.5, py + 0.5);
        if (row < 0 || col < 0 || row >= 1500 || col >= 1500) {
          if (colour.slice(0, 3).join() !== background.join()) expect(colour, `at ${px}, ${py}`).toEqual(background);
          continue;
        }
        // Where two cells meet, either colour is right.
        if ([row, col].some((place) => Math.abs(place / 2 ** level - Math.round(place / 2 ** level)) < 0.02)) continue;
        const score = cellScore(matrix, Math.floor(row), Math.floor(col), 2 ** level)[cells];
        const step = Math.round(placeOf(score, FULL_RANGE) * (STEPS - 1));
        const right = scale.subarray(4 * step, 4 * step + 3);
        const isRight = right.every((part, at) => Math.abs((colour[at] as number) - part) <= 5);
        if (!isRight) expect(colour.slice(0, 3), `at ${px}, ${py}`).toEqual([...right]);
        compared++;
      }
      expect(compared).toBeGreaterThan(1000);
    });

    it('zooms in at the pointer, names the two rows there, and picks one', async () => {
      const page = await view(SENTENCES, { state: 'order=given', viewport: { width: 1280, height: 640 } }, drawn);
      const heatmap = page.getByRole('application', { name: /^Heatmap/ });
      const box = await boxOf(page);
      // Mice point at whole pixels.
      const [x, y] = [Math.round(box.x + box.width * 0.61), Math.round(box.y + box.height * 0.37)];
      await page.mouse.move(x, y);
      const before = await placesOf(page);
      // Without focus, the wheel scrolls the page.
      await page.mouse.wheel(0, 40);
      await expect.poll(() => page.evaluate('scrollY')).toBe(40);
      expect(page.url()).not.toContain('seen=');
      await page.mouse.wheel(0, -40);
      await expect.poll(() => page.evaluate('scrollY')).toBe(0);
      await heatmap.focus();
      for (let turn = 0; turn < 12; turn++) await page.mouse.wheel(0, -100);
      await expect.poll(() => seenPart(page, 'seen')[2]).toBeCloseTo(Math.exp(4), 1);
      const after = await placesOf(page);
      expect(Math.abs(after.row - before.row)).toBeLessThanOrEqual(2);
      expect(Math.abs(after.col - before.col)).toBeLessThanOrEqual(2);
      const score = matrix.at(after.row, after.col) as number;
      await expect.poll(() => page.locator('.cell-text output').textContent()).toBe(score.toFixed(4).replace('-', '−'));
      await page.mouse.click(x, y);
      await expect.poll(() => page.locator('.selected-row strong').textContent()).toBe(texts[after.row]);
      await heatmap.press('0');
      await expect.poll(() => page.url()).not.toContain('seen=');
      expect(await page.evaluate('scrollY')).toBe(0);
      // The whole matrix cannot become smaller, so the wheel scrolls the page.
      await page.mouse.wheel(0, 120);
      await expect.poll(() => page.evaluate('scrollY')).toBeGreaterThan(0);
    });

    it('names the rows and columns along its edges if there is room', async () => {
      const page = await view(SENTENCES, { state: 'order=given&seen=700,40.5,60' }, drawn);
      const along = (axis: string) => page.locator(`.of-${axis}s span`).allTextContents();
      const { width, height } = await boxOf(page);
      const scale = 60 * fitScale({ rows: 1500, width, height });
      const short = (from: number, to: number) => texts.slice(from, to).map((text) => text.slice(0, 60));
      const places = (middle: number, size: number) =>
        [Math.floor(middle - size / 2 / scale), Math.ceil(middle + size / 2 / scale)] as const;
      await expect.poll(() => along('row')).toEqual(short(...places(40.5, height)));
      await expect.poll(() => along('column')).toEqual(short(...places(700, width)));
      await page.getByRole('button', { name: 'Show the whole of the heatmap' }).click();
      await page.locator('.axis-labels').waitFor({ state: 'detached' });
    });

    it('can be explored by keyboard', async () => {
      const page = await view(SENTENCES, { state: 'order=given' }, drawn);
      const heatmap = page.getByRole('application', { name: /^Heatmap/ });
      await heatmap.focus();
      for (let turn = 0; turn < 12; turn++) await heatmap.press('+');
      await heatmap.press('ArrowDown');
      await heatmap.press('ArrowDown');
      await heatmap.press('ArrowLeft');
      await expect.poll(() => placesOf(page)).toEqual({ row: 752, col: 749 });
      await heatmap.press('Enter');
      await expect.poll(() => page.locator('.selected-row strong').textContent()).toBe(texts[752]);
    });

    it('orders rows by groups and by a clustering', async () => {
      const page = await view(SENTENCES, { state: 'threshold=0.8&order=groups' });
      const right = await groups(await readNpy('examples/data/sentences.npy'), { threshold: 0.8 });
      const [first, second] = right.groups[0]?.rows ?? [];
      const heatmap = page.getByRole('application', { name: /^Heatmap/ });
      for (let turn = 0; turn < 12; turn++) await page.getByRole('button', { name: 'Zoom in the heatmap' }).click();
      // To the first row and the second column.
      for (const key of ['ArrowUp', 'ArrowLeft']) await pressOften(heatmap, key, 80);
      await heatmap.press('ArrowRight');
      await expect.poll(() => namesOf(page)).toEqual([texts[first as number], texts[second as number]]);
      await page.getByLabel('Order').selectOption('clusters');
      await finished(page);
      // Neighbours on the diagonal are now similar.
      const { seen, pixels } = await readPixels(page);
      expect(pixels.length).toBeGreaterThan(1000);
      expect(seen.rows).toBe(1500);
      await expect.poll(() => page.url()).toContain('order=clusters');
    });
  });

  it('first shows few rows in the order of a clustering, and fits the colours to the visible part', async () => {
    const page = await view(SENTENCES);
    expect(await page.getByLabel('Order').inputValue()).toBe('clusters');
    const legend = () => page.locator('.legend-scores').textContent();
    const whole = await legend();
    expect(whole).toMatch(/^≤ −0\.\d+median 0\.\d+0\.\d+1\.00$/);
    for (let turn = 0; turn < 6; turn++) await page.getByRole('button', { name: 'Zoom in the heatmap' }).click();
    await expect.poll(legend).not.toBe(whole);
    await page.getByRole('button', { name: 'Show the whole of the heatmap' }).click();
    await expect.poll(legend).toBe(whole);
  });

  it('shows the score of the tapped cell', async () => {
    const page = await view(SENTENCES, { state: 'order=given', hasTouch: true, viewport: { width: 390, height: 844 } }, drawn);
    const box = await boxOf(page);
    await page.touchscreen.tap(box.x + box.width * 0.7, box.y + box.height * 0.4);
    await expect.poll(() => page.locator('.cell-text output').textContent()).toMatch(/\d/);
    const { row, col } = await placesOf(page);
    expect(row).toBeLessThan(col);
    const score = matrix.at(row, col) as number;
    expect(await page.locator('.cell-text output').textContent()).toBe(score.toFixed(4).replace('-', '−'));
  });

  it('stops clustering, shows the rows in the given order, and clusters again on request', async () => {
    const rows = join(pages.folder, 'random.npy');
    const { data, shape } = randomRows(600, 16);
    await writeNpy(rows, new Matrix(data, shape));
    const page = await view([rows], { state: 'order=component' });
    const order = page.getByLabel('Order');
    await page.evaluate("hold('allpairs')");
    await order.selectOption('clusters');
    await page.locator('.working').getByRole('status').filter({ hasText: 'Clustering' }).waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await expect.poll(() => order.inputValue()).toBe('given');
    await page.evaluate('pass()');
    await finished(page);
    await order.selectOption('clusters');
    await finished(page);
    expect(await order.inputValue()).toBe('clusters');
  });

  describe('neighbours', () => {
    it('of a row that was searched for are those of the library', async () => {
      const page = await view(SENTENCES, {}, drawn);
      const search = page.getByRole('combobox', { name: 'Find a row' });
      await search.fill('the');
      await expect.poll(() => page.locator('#search-matches').getByRole('option').count()).toBe(50);
      const matches = texts.filter((text) => text.toLowerCase().includes('the')).length;
      await page.getByText(`the first 50 of ${matches} rows`).waitFor();
      await search.fill('soccer in the');
      await search.press('Enter');
      const row = texts.findIndex((text) => text.includes('soccer in the'));
      await expect.poll(() => page.locator('.selected-row').textContent()).toContain(`row ${row}`);
      const right = await topK(await readNpy('examples/data/sentences.npy'), { k: 20 });
      for (const k of [10, 20]) {
        await page.getByLabel('How many').selectOption(String(k));
        const found = page.locator('.neighbours tbody tr');
        await expect.poll(() => found.count()).toBe(k);
        const names = await found.locator('.name').allTextContents();
        const scores = await found.locator('.score').allTextContents();
        const ranks = Array.from({ length: k }, (_, rank) => row * 20 + rank);
        expect(names).toEqual(ranks.map((at) => texts[right.indices[at] as number]));
        expect(scores).toEqual(ranks.map((at) => (right.scores[at] as number).toFixed(3)));
      }
      await page.locator('.neighbours tbody button').nth(3).click();
      await expect.poll(() => page.locator('.selected-row').textContent()).toContain(`row ${right.indices[row * 20 + 3]}`);
    });

    it('of digits are pictures', async () => {
      const page = await view(DIGITS, { state: 'row=8' }, drawn);
      const { data } = await readNpy('examples/data/digits.npy');
      const picture = page.locator('.selected-row canvas');
      const readGreys = (canvas: HTMLCanvasElement) => {
        const pixels = canvas.getContext('2d')?.getImageData(0, 0, 8, 8).data ?? [];
        return Array.from({ length: 64 }, (_, at) => pixels[4 * at] as number);
      };
      const right = Array.from(data.subarray(8 * 64, 9 * 64), (element) => (255 * element) / 16);
      const isRight = (greys: number[]) => right.every((grey, at) => Math.abs((greys[at] as number) - grey) <= 1);
      await expect.poll(() => picture.evaluate(readGreys)).toSatisfy(isRight);
      await expect.poll(() => page.locator('.neighbours tbody canvas').count()).toBe(10);
    });
  });

  describe('the threshold', () => {
    it('changes pairs and groups as the library computes them', async () => {
      const page = await view(SENTENCES);
      const x = await readNpy('examples/data/sentences.npy');
      const slider = page.getByRole('slider', { name: 'Threshold' });
      for (const threshold of ['0.8', '0.65', '0.912']) {
        await slider.fill(threshold);
        const right = await groups(x, { threshold: Number(threshold) });
        const { length } = await pairs(x, { threshold: Number(threshold) });
        const said = page.locator('.summary');
        await expect.poll(() => said.textContent()).toContain(`${length.toLocaleString('en')} pair`);
        await expect.poll(() => said.textContent()).toContain(`in ${right.groups.length} groups`);
        await expect.poll(() => said.textContent()).toContain(`leaves ${right.keep().length.toLocaleString('en')} of`);
        const sizes = () => page.locator('.groups > li .count').allTextContents();
        await expect.poll(sizes).toEqual(right.groups.slice(0, 40).map(({ size }) => String(size)));
      }
      await page.locator('.groups summary').first().click();
      await expect.poll(() => page.locator('.groups li li').count()).toBeGreaterThan(1);
    });

    it('is dragged on the histogram, whose axis it shares', async () => {
      const page = await view(SENTENCES);
      const plot = (await page.locator('.histogram-plot').boundingBox()) as { x: number; y: number; width: number };
      const { minimum } = await histogram(await readNpy('examples/data/sentences.npy'));
      const across = (score: number) => plot.x + (plot.width * (score - minimum)) / (1 - minimum);
      const number = page.getByLabel('Threshold, as a number');
      const before = Number(await number.inputValue());
      // The first threshold makes no group a chain. Half a pair per row would chain 49 sentences.
      expect(before).toBe(0.807);
      await page.mouse.move(across(before), plot.y + 20);
      await page.mouse.down();
      await page.mouse.move(across(0.9), plot.y + 20, { steps: 3 });
      await page.mouse.up();
      // A pixel is 0.004, and the axis begins at most one bar below the lowest score.
      await expect.poll(async () => Math.abs(Number(await number.inputValue()) - 0.9)).toBeLessThan(0.012);
      const threshold = Number(await number.inputValue());
      const kept =
        (await page
          .locator('.histogram clipPath rect')
          .boundingBox()
          .catch(() => null)) ?? null;
      expect(kept === null || Math.abs(kept.x - across(threshold)) < 5).toBe(true);
      // A threshold with more pairs than the page holds cannot be chosen.
      await page.getByRole('slider', { name: 'Threshold' }).fill('-0.2');
      await expect.poll(async () => Number(await number.inputValue())).toBeGreaterThanOrEqual(-0.2);
    });

    it('saves the rows to keep, groups and pairs as the command does', async () => {
      const page = await view(SENTENCES, { state: 'threshold=0.8' });
      const save = async (what: string, format: string) => {
        await page.getByRole('combobox', { name: 'Save' }).selectOption(what);
        await page.getByRole('combobox', { name: 'as', exact: true }).selectOption(format);
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('button', { name: 'Download' }).click(),
        ]);
        expect(download.suggestedFilename()).toBe(`sentences-${what}.${format}`);
        const path = join(pages.folder, download.suggestedFilename());
        await download.saveAs(path);
        return readFile(path, 'utf8');
      };
      const [csv, groupsCsv] = [join(pages.folder, 'right.csv'), join(pages.folder, 'right-groups.csv')];
      await run(['pairs', ...SENTENCES, '-t', '0.8', '-o', csv]);
      await run(['groups', ...SENTENCES, '-t', '0.8', '-o', groupsCsv]);
      for (const [what, path] of [
        ['pairs', csv],
        ['groups', groupsCsv],
      ] as const) {
        const [got, right] = [await save(what, 'csv'), await readFile(path, 'utf8')].map(recordsOf);
        expect(got?.map(([names]) => names)).toEqual(right?.map(([names]) => names));
        // Another backend may differ in the last bits.
        for (const [at, [, score]] of (right ?? []).entries()) expect(got?.[at]?.[1]).toBeCloseTo(score, 5);
      }
      const kept = JSON.parse(await save('kept', 'json')) as { row: number; row_label: string }[];
      const left = (await groups(await readNpy('examples/data/sentences.npy'), { threshold: 0.8 })).keep();
      expect(kept).toEqual(Array.from(left, (row) => ({ row, row_label: texts[row] })));
    });
  });

  describe('the map', () => {
    it('is coloured by the column of the labels, and picks rows', async () => {
      const page = await view(SENTENCES);
      const map = page.getByRole('application', {
        name: /^Map of 1,500 rows by their two principal components, coloured by language/,
      });
      expect(await page.locator('.map-legend button').count()).toBe(15);
      // A click far from every point picks nothing.
      await map.click({ position: { x: 3, y: 3 } });
      const points = await pointsOf(page, 1500);
      expect(await page.locator('.selected-row').count()).toBe(0);
      const [x, y] = points[700] as [number, number];
      await map.click({ position: { x, y } });
      await page.locator('.selected-row').waitFor();
      await map.press('0');
      await map.press('+');
      await map.press('ArrowLeft');
      await expect.poll(() => page.url()).toMatch(/near=[\d.]+,[\d.]+,1\.6\b/);
      await map.press('Enter');
      await expect.poll(() => page.url()).toMatch(/row=\d/);
      await page.locator('.map').getByLabel('Colours').selectOption('');
      await expect.poll(() => page.locator('.map-legend').textContent()).toMatch(/\(10\).*\(9\)/);
    });

    it.each([
      ['digits by group', ['examples/data/digits.npy'], 1797],
      ['digits by class', DIGITS, 1797],
    ])('has a point for every row: %s', async (_, args, rows) => {
      const page = await view(args);
      const points = await pointsOf(page, rows);
      const { width, height } = (await page.locator('.scatter canvas').boundingBox()) as { width: number; height: number };
      expect(points.every(([x, y]) => x > 0 && y > 0 && x < width && y < height)).toBe(true);
    });

    it('is enlarged at the pointer, moved to a row that is picked elsewhere, and reset to the whole', async () => {
      const page = await view(SENTENCES);
      const map = page.locator('.scatter canvas');
      await map.scrollIntoViewIfNeeded();
      const box = (await map.boundingBox()) as { x: number; y: number };
      const leftmost = (await pointsOf(page, 1500)).reduce((a, b) => (a[0] < b[0] ? a : b));
      const [x, y] = [box.x + leftmost[0], box.y + leftmost[1]];
      await page.mouse.move(x, y);
      await page.locator('.map-keys').focus();
      for (let turn = 0; turn < 6; turn++) await page.mouse.wheel(0, -100);
      const seen = () => seenPart(page, 'near');
      await expect.poll(() => seen()[2]).toBeCloseTo(Math.exp(2), 2);
      const nearest = async () =>
        Math.min(...(await pointsOf(page)).map(([px, py]) => Math.hypot(px - leftmost[0], py - leftmost[1])));
      // Mice point at whole pixels.
      await expect.poll(nearest).toBeLessThan(1.5 * Math.exp(2));
      const [left = 0] = seen();
      await page.mouse.click(x, y);
      const picked = () => page.locator('.selected-row .quiet').textContent();
      const first = await picked();
      // Dragging does not pick a point.
      await page.mouse.down();
      await page.mouse.move(x - 60, y + 10, { steps: 3 });
      await page.mouse.up();
      await expect.poll(() => seen()[0]).toBeGreaterThan(left);
      expect(await picked()).toBe(first);
      // On the other side of the map.
      await page.getByRole('combobox', { name: 'Find a row' }).fill('row 900');
      await page.getByRole('combobox', { name: 'Find a row' }).press('Enter');
      await expect.poll(() => seen()[0]).toBeGreaterThan(0.6);
      await page.getByRole('button', { name: 'Show the whole of the map' }).click();
      await expect.poll(() => page.url()).not.toContain('near=');
    });

    it('names the row that a click picks, ignores faded classes, and reports when no row is in view', async () => {
      const page = await view(DIGITS);
      const canvas = page.locator('.scatter canvas');
      const box = (await canvas.boundingBox()) as { x: number; y: number; width: number; height: number };
      const first = page.locator('.map-legend button').first();
      const label = (await first.textContent()) as string;
      await first.click();
      const said = page.locator('.pointed-row');
      for (const [across, down] of [
        [0.3, 0.4],
        [0.5, 0.5],
        [0.6, 0.3],
        [0.45, 0.6],
      ] as const) {
        const [x, y] = [box.x + across * box.width, box.y + down * box.height];
        await page.mouse.move(x, y);
        await page.waitForTimeout(50);
        if ((await said.count()) === 0) continue;
        expect(await said.textContent()).toBe(label);
        await page.mouse.click(x, y);
        await expect.poll(() => page.locator('.selected-row strong').textContent()).toBe(label);
      }
      await page.evaluate(() => {
        location.hash = '#near=0.999,0.001,200';
      });
      await page.locator('.scatter').getByText('No rows in view.').waitFor();
    });

    it('can be drawn by UMAP', async () => {
      const page = await view(DIGITS, { state: 'map=umap' });
      await page.getByRole('application', { name: /^Map of 1,797 rows by UMAP/ }).waitFor();
    });

    it('can be stopped while UMAP draws it, and is drawn when it is requested again', async () => {
      const page = await view(DIGITS);
      const method = page.locator('.map').getByLabel('By', { exact: true });
      await page.evaluate("hold('map')");
      await method.selectOption('umap');
      await expect.poll(() => page.evaluate('threads')).toContain('map');
      await page.getByRole('button', { name: 'Stop' }).click();
      await expect.poll(() => method.inputValue()).toBe('pca');
      await page.evaluate('pass()');
      await finished(page);
      await page.getByRole('application', { name: /^Map of 1,797 rows by their two principal components/ }).waitFor();
      await method.selectOption('umap');
      await page.getByRole('application', { name: /^Map of 1,797 rows by UMAP/ }).waitFor();
    });
  });

  describe('a dropped file', () => {
    it.each(['npy', 'csv', 'parquet', 'safetensors'])('is computed in the page: .%s', async (format) => {
      const file = join(pages.folder, `rows.${format}`);
      await writeRows(file, format);
      const page = await open((await View.start()).address);
      await page.getByText('Drop a file of vectors here').waitFor();
      await page.locator('input[type=file]').setInputFiles([file]);
      await finished(page);
      expect(await page.locator('header').textContent()).toContain('60 rows of 8 numbers');
      await page.getByRole('combobox', { name: 'Find a row' }).fill('17');
      await page.getByRole('combobox', { name: 'Find a row' }).press('Enter');
      const right = await topK(smallRows(), { k: 10 });
      await expect.poll(() => page.locator('.neighbours tbody tr').count()).toBe(10);
      const names = await page.locator('.neighbours td .name').allTextContents();
      expect(names).toEqual(Array.from(right.indices.subarray(170, 180), (row) => `row ${row}`));
    });

    it('takes names from a second file', async () => {
      const page = await open((await View.start()).address);
      await page.locator('input[type=file]').setInputFiles(['examples/data/digits.npy', 'examples/data/digits-labels.txt']);
      await finished(page);
      await page.getByRole('combobox', { name: 'Find a row' }).fill('row 8');
      await page.getByRole('combobox', { name: 'Find a row' }).press('Enter');
      await expect.poll(() => page.locator('.selected-row strong').textContent()).toBe('8');
    });

    it('is accepted anywhere on the page, with the classes of a table next to it', async () => {
      const page = await open((await View.start()).address);
      const text = ['kind\tname', ...Array.from({ length: 60 }, (_, row) => `${'AB'[row % 2]}\trow number ${row}`)].join('\n');
      const npy = join(pages.folder, 'dropped.npy');
      await writeRows(npy, 'npy');
      const bytes = (await readFile(npy)).toString('base64');
      await page.getByText('Drop a file of vectors here').waitFor();
      await page.evaluate(
        ([encoded, table]) => {
          const dataTransfer = new DataTransfer();
          const decoded = Uint8Array.from(atob(encoded as string), (character) => character.charCodeAt(0));
          dataTransfer.items.add(new File([decoded], 'dropped.npy'));
          dataTransfer.items.add(new File([table as string], 'names.tsv'));
          document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
        },
        [bytes, text],
      );
      await finished(page);
      await expect.poll(() => page.locator('.map-legend').textContent()).toBe('AB');
      await page.getByRole('link', { name: 'another file' }).click();
      await page.getByText('Drop a file of vectors here').waitFor();
    });

    it('has names in a column of its own', async () => {
      const page = await open((await View.start()).address);
      const lines = Array.from({ length: 12 }, (_, row) => `name ${row},"[${row}, 1, ${row % 3}]"`);
      const buffer = Buffer.from(['title,embedding', ...lines].join('\n'));
      await page.locator('input[type=file]').setInputFiles({ name: 'x.csv', mimeType: '', buffer });
      await finished(page);
      await page.getByRole('combobox', { name: 'Find a row' }).fill('name 7');
      await page.getByRole('combobox', { name: 'Find a row' }).press('Enter');
      await expect.poll(() => page.locator('.selected-row').textContent()).toContain('row 7');
    });

    it('is refused if there are two, or if the page has rows', async () => {
      const page = await open((await View.start()).address);
      const files = ['examples/data/digits.npy', 'examples/data/sentences.npy'];
      await page.locator('input[type=file]').setInputFiles(files);
      const said = page.getByRole('alert');
      await expect.poll(() => said.textContent()).toMatch(/expected one file of vectors.*got digits\.npy and sentences\.npy/);
      await page.locator('input[type=file]').setInputFiles(files.slice(0, 1));
      await finished(page);
      expect(await said.textContent()).toBe('');
      await page.evaluate(() => document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true })));
      await expect.poll(() => said.textContent()).toContain('this page shows digits.npy');
    });

    it('is refused with a row that is not finite, in the words of the page, and accepted if such rows count as zeros', async () => {
      const page = await open((await View.start()).address);
      const lines = Array.from({ length: 12 }, (_, row) => `${row === 7 ? 'NaN' : row + 0.5},1.5,${(row % 3) + 0.25}`);
      const file = { name: 'x.csv', mimeType: '', buffer: Buffer.from(lines.join('\n')) };
      await page.locator('input[type=file]').setInputFiles(file);
      await expect
        .poll(() => page.locator('.reading-question').textContent())
        .toContain('x.csv: expected finite numbers, got NaN in row 7, column 0');
      await page.getByRole('button', { name: 'Let such rows count as zeros' }).click();
      await finished(page);
    });

    it('is refused with a reason if it has no rows', async () => {
      const page = await open((await View.start()).address);
      await page
        .locator('input[type=file]')
        .setInputFiles({ name: 'x.npy', mimeType: '', buffer: Buffer.from('\x93NUMPYnothing') });
      await expect.poll(() => page.getByRole('alert').textContent()).toContain('x.npy');
    });
  });

  it('looks the same in a report, which sends no requests', async () => {
    const report = join(pages.folder, 'report.html');
    const { code, stderr } = await run(['view', ...DIGITS, '--export', report, '-q']);
    expect([code, stderr]).toEqual([0, '']);
    const asked: string[] = [];
    const page = await open('about:blank');
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`${pathToFileURL(report)}#row=8`);
    await finished(page);
    const right = await topK(await readNpy('examples/data/digits.npy'), { k: 10 });
    await expect.poll(() => page.locator('.neighbours tbody tr').count()).toBe(10);
    const scores = await page.locator('.neighbours .score').allTextContents();
    expect(scores).toEqual(Array.from(right.scores.subarray(80, 90), (score) => score.toFixed(3)));
    expect(asked.filter((url) => !/^(file|blob|data):/.test(url))).toEqual([]);
  });

  it('remembers what was chosen', async () => {
    const page = await view(SENTENCES);
    await page.getByLabel('Cells').selectOption('max');
    await page.getByLabel('How many').selectOption('20');
    await page.getByRole('slider', { name: 'Threshold' }).fill('0.812');
    await expect.poll(() => page.url()).toMatch(/#k=20&threshold=0\.812\d*&cells=max$/);
    await page.reload();
    await finished(page);
    expect(await page.getByLabel('Cells').inputValue()).toBe('max');
    expect(await page.getByLabel('Threshold, as a number').inputValue()).toBe('0.812');
  });

  it('goes back from row to row, and follows an edited address', async () => {
    const page = await view(SENTENCES, { state: 'row=3' }, drawn);
    const shown = () => page.locator('.selected-row .quiet').textContent();
    await page.locator('.neighbours tbody button').first().click();
    await expect.poll(() => page.url()).toMatch(/row=(?!3\b)\d/);
    await page.goBack();
    await expect.poll(shown).toBe('row 3');
    await page.evaluate(() => {
      location.hash = '#row=77&seen=100,200,9';
    });
    await expect.poll(shown).toBe('row 77');
    expect(page.url()).toContain('seen=100,200,9');
  });

  it.each([
    [1280, 'light'],
    [1280, 'dark'],
    [390, 'light'],
  ] as const)('is accessible, fits and does not shift at %i pixels, %s', async (width, colorScheme) => {
    const page = await view(DIGITS, { state: 'row=3', viewport: { width, height: 844 }, colorScheme });
    await page.locator('.neighbours tbody tr').first().waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    expect(await page.evaluate(layoutShift)).toBeLessThan(0.02);
    expect(await violations(page)).toEqual([]);
    await page.getByRole('tab', { name: /pairs/ }).click();
    await page.getByRole('combobox', { name: 'Find a row' }).fill('1');
    expect(await violations(page)).toEqual([]);
  });

  it('is accessible before it has rows', async () => {
    const page = await open((await View.start()).address);
    expect(await violations(page)).toEqual([]);
  });
});

async function boxOf(page: Page) {
  return (await page.locator('.heatmap-keys').boundingBox()) as { x: number; y: number; width: number; height: number };
}

/** Returns the pixels of the heatmap, and which part of the matrix it shows. */
async function readPixels(page: Page): Promise<{ seen: Viewport; pixels: { px: number; py: number; colour: number[] }[] }> {
  const { width, height, pixels } = await page.locator('.heatmap-keys canvas').evaluate((canvas: HTMLCanvasElement) => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    const context = copy.getContext('2d') as OffscreenCanvasRenderingContext2D;
    context.drawImage(canvas, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const sampled = [];
    for (let py = 3; py < canvas.height; py += 13) {
      for (let px = 2; px < canvas.width; px += 7) {
        const at = 4 * (py * canvas.width + px);
        sampled.push({ px, py, colour: Array.from(data.slice(at, at + 4)) });
      }
    }
    return { width: canvas.width, height: canvas.height, pixels: sampled };
  });
  const whole = { rows: 1500, cols: 1500, width, height };
  const [x = 750, y = 750, zoom = 1] = (/seen=([\d.,]+)/.exec(page.url())?.[1] ?? '').split(',').filter(Boolean).map(Number);
  return { seen: { ...whole, x, y, scale: zoom * fitScale(whole) }, pixels };
}

/** In the page: records where the map has points each time it is drawn. */
function notePoints(): void {
  const { arc, clearRect } = CanvasRenderingContext2D.prototype;
  const points: [number, number][] = [];
  Object.assign(globalThis, { points });
  const isMap = (canvas: HTMLCanvasElement) => canvas.closest('.scatter') !== null;
  CanvasRenderingContext2D.prototype.arc = function (x, y, ...others) {
    if (isMap(this.canvas)) points.push([x, y]);
    return arc.call(this, x, y, ...others);
  };
  CanvasRenderingContext2D.prototype.clearRect = function (...area) {
    if (isMap(this.canvas)) points.length = 0;
    return clearRect.apply(this, area);
  };
}

/**
 * In the page: `hold(name)` delays the answers of the threads of this name until `pass()`, so that work is in progress for as long as a
 * test needs, however fast it is. `threads` holds the names of those that were started.
 */
function holdAnswers(): void {
  const threads: string[] = [];
  let held: { readonly name: string; readonly over: Promise<void> } | undefined;
  let pass = () => {};
  const Original = Worker;
  globalThis.Worker = class extends Original {
    readonly #name: string;
    constructor(url: string | URL, options: WorkerOptions = {}) {
      super(url, options);
      this.#name = options.name ?? '';
      threads.push(this.#name);
    }
    override addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: unknown): void {
      const late = async (event: Event) => {
        if (held?.name === this.#name) await held.over;
        (listener as EventListener)(event);
      };
      super.addEventListener(type, type === 'message' ? late : listener, options as AddEventListenerOptions);
    }
  };
  const hold = (name: string) => {
    const over = new Promise<void>((resolve) => {
      pass = resolve;
    });
    held = { name, over };
  };
  Object.assign(globalThis, {
    threads,
    hold,
    pass() {
      held = undefined;
      pass();
    },
  });
}

/** Returns where the map has points, in pixels. Waits until there are `rows` of them if this is given. */
async function pointsOf(page: Page, rows?: number): Promise<[number, number][]> {
  if (rows !== undefined) await expect.poll(() => page.evaluate('points.length')).toBe(rows);
  return page.evaluate('points');
}

/** Returns the middle of the visible part, and how much it is enlarged, according to the address. */
function seenPart(page: Page, name: 'seen' | 'near'): number[] {
  return new URLSearchParams(new URL(page.url()).hash.slice(1)).get(name)?.split(',').map(Number) ?? [0.5, 0.5, 1];
}

/** Returns the records of a table of pairs without their scores, sorted, and the scores. */
function recordsOf(csv: string): [names: string, score: number][] {
  const records = csv.trimEnd().split('\n').slice(1).sort();
  return records.map((record) => {
    const at = record.lastIndexOf(',');
    return [record.slice(0, at), Number(record.slice(at + 1))];
  });
}

/** Returns the cell of `side` by `side` scores that has this score. */
function cellScore(matrix: Matrix, row: number, col: number, side: number): { mean: number; max: number } {
  const [rows] = matrix.shape;
  const scores: number[] = [];
  const start = (place: number) => Math.floor(place / side) * side;
  for (let i = start(row); i < Math.min(rows, start(row) + side); i++) {
    for (let j = start(col); j < Math.min(rows, start(col) + side); j++) scores.push(matrix.at(i, j) as number);
  }
  return { mean: scores.reduce((sum, score) => sum + score, 0) / scores.length, max: Math.max(...scores) };
}

/** Returns the row number and the column number that the text below the heatmap names. */
async function placesOf(page: Page): Promise<{ row: number; col: number }> {
  await page.locator('.cell-text .number').nth(1).waitFor();
  const [row, col] = (await page.locator('.cell-text .number').allTextContents()).map(Number);
  return { row: row as number, col: col as number };
}

async function namesOf(page: Page): Promise<string[]> {
  return (await page.locator('.cell-text .name').allTextContents()).slice(0, 2);
}

const smallRows = () => randomRows(60, 8);

async function writeRows(path: string, format: string): Promise<void> {
  const { data, shape } = smallRows();
  const rows = Array.from({ length: shape[0] }, (_, row) => Array.from(data.subarray(row * 8, (row + 1) * 8)));
  if (format === 'npy') return writeNpy(path, new Matrix(data, shape));
  if (format === 'csv') return writeFile(path, rows.map((row) => `${row.join(',')}\n`).join(''));
  if (format === 'parquet') {
    const columnData = Array.from({ length: 8 }, (_, col) => ({
      name: `x${col}`,
      type: 'FLOAT' as const,
      data: rows.map((row) => row[col] as number),
    }));
    return writeFile(path, new Uint8Array(parquetWriteBuffer({ columnData })));
  }
  const header = JSON.stringify({ rows: { dtype: 'F32', shape, data_offsets: [0, data.byteLength] } });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return writeFile(path, Buffer.concat([length, Buffer.from(header), Buffer.from(data.buffer)]));
}

/** In the page: returns how far elements have shifted since it was opened, as browsers measure it. */
function layoutShift(): Promise<number> {
  return new Promise((resolve) => {
    let sum = 0;
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) sum += (entry as unknown as { value: number }).value;
    });
    observer.observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => resolve(sum), 200);
  });
}
