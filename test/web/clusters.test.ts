// How the page describes and names groups, and a session in Chromium from 5,200 pictures to a file of named clusters.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cosineSimilaritySync, groups, Matrix, readNpy, writeNpy } from 'allpairs';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { distinctiveWords } from '../../web/src/compute/distinctive-words.js';
import { typicalOf } from '../../web/src/compute/group-details.js';
import { CHANNELS, emptyCells, encodeScore, TILE } from '../../web/src/compute/pyramid.js';
import { isDark, scoreAt } from '../../web/src/heatmap/cell-numbers.js';
import { colourScale, STEPS } from '../../web/src/heatmap/colours.js';
import { missing, skipped } from '../browser/chromium.js';
import { View } from '../cli/view-server.js';
import { randomSource } from '../random.js';
import { violations } from './accessibility.js';
import { finished } from './readiness.js';
import { usePages } from './use-pages.js';

describe('a group', () => {
  it('has the representative that groups finds, and the mean score of its pairs', async () => {
    const { data, shape } = await readNpy('examples/data/sentences.npy');
    const found = await groups({ data, shape }, { threshold: 0.8 });
    for (const { rows, representative } of found.groups.slice(0, 20)) {
      const members = Array.from(rows, (row) => Float64Array.from(data.subarray(row * shape[1], (row + 1) * shape[1])));
      const unit = members.map((row) => row.map((element) => element / Math.hypot(...row)));
      const details = typicalOf(unit);
      expect(rows[details.representative]).toBe(representative);
      const scores = cosineSimilaritySync(members);
      const pairs = unit.flatMap((_, i) => unit.slice(i + 1).map((_, j) => scores.at(i, i + 1 + j) as number));
      expect(details.mean).toBeCloseTo(pairs.reduce((sum, score) => sum + score, 0) / pairs.length, 6);
    }
  });

  it('is named after words that distinguish it from the others', () => {
    const texts = ['The red car', 'A red CAR!', 'the blue car', 'the sea is blue', 'a blue sea', 'one song'];
    expect(
      distinctiveWords(
        [
          [0, 1],
          [3, 4],
          [2, 5],
        ],
        texts,
      ),
    ).toEqual(['red car', 'sea blue', '']);
    expect(distinctiveWords([[0, 1, 2]], ['7', '7', '1', '1'])).toEqual(['7']);
    expect(distinctiveWords([[0, 1]], ['A', 'A', 'B', 'B'])).toEqual(['a']);
    expect(distinctiveWords([[0, 1]], ['a song', 'a tree', 'the sea', 'one hill'])).toEqual(['']);
  });
});

describe('the numbers in cells', () => {
  it('are the scores of the tiles, on either side of the diagonal', () => {
    const cells = emptyCells();
    cells[(3 * TILE + 5) * CHANNELS] = encodeScore(-0.25);
    const tiles = {
      shape: { symmetric: true },
      get: ({ level, row, col }: { level: number; row: number; col: number }) =>
        level === 0 && row === 0 && col === 1 ? { level, row, col, cells } : undefined,
    };
    expect(scoreAt(tiles, 3, TILE + 5)).toBeCloseTo(-0.25, 4);
    expect(scoreAt(tiles, TILE + 5, 3)).toBeCloseTo(-0.25, 4);
    expect(scoreAt(tiles, 3, 5)).toBeUndefined();
  });

  it('are white on dark colours and black on light ones', () => {
    const light = colourScale('light');
    expect(isDark(light, STEPS - 1)).toBe(true);
    expect(isDark(light, Math.round(0.375 * STEPS))).toBe(false);
    const dark = colourScale('dark');
    expect(isDark(dark, STEPS - 1)).toBe(false);
    expect(isDark(dark, Math.round(0.375 * STEPS))).toBe(true);
  });
});

describe.skipIf(missing)(`clusters in Chromium${skipped}`, () => {
  const pages = usePages('clusters');

  async function open(args: readonly string[], state = ''): Promise<Page> {
    const page = await pages.open((await View.start(...args)).address, { state });
    await finished(page);
    return page;
  }

  async function save(page: Page, what: string, format: string): Promise<string> {
    await page.getByRole('combobox', { name: 'Save' }).selectOption(what);
    await page.getByRole('combobox', { name: 'as', exact: true }).selectOption(format);
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()]);
    const path = join(pages.folder, file.suggestedFilename());
    await file.saveAs(path);
    return readFile(path, 'utf8');
  }

  interface Member {
    readonly group: number;
    readonly name: string;
    readonly row: number;
    readonly row_label: string;
    readonly representative: 0 | 1;
    readonly score: number;
  }

  it('turns 5,200 pictures of digits into named clusters, and saves them', async () => {
    const { data, labels } = await pictures(PICTURES);
    const [rows, names] = [join(pages.folder, 'pictures.npy'), join(pages.folder, 'labels.txt')];
    await writeNpy(rows, new Matrix(data, [PICTURES, SIDE * SIDE]));
    await writeFile(names, `${labels.join('\n')}\n`);
    const page = await open([rows, '--labels', names, '--image-shape', `${SIDE}x${SIDE}`], 'order=clusters&groups=clusters');
    const counted = () => page.locator('.summary').textContent();
    await expect.poll(counted).toMatch(/\d clusters at 0\.\d+: one row of each leaves/);
    const before = await counted();
    // The slider cuts the tree again; then the cut is set to a score.
    const slider = page.getByRole('slider', { name: 'Cut of the clustering' });
    await slider.press('End');
    await expect.poll(counted).not.toBe(before);
    await page.getByLabel('cut at').fill('0.75');
    await page.getByLabel('cut at').press('Tab');
    await expect.poll(() => page.url()).toContain('cut=0.75');
    await expect.poll(counted).toContain('clusters at 0.750');
    await page.locator('.groups summary').first().click();
    await page.getByText(/Scores of its pairs: mean 0\.\d+, lowest/).waitFor();
    const name = page.getByLabel('Name');
    await expect.poll(() => name.inputValue()).toMatch(/^\d/);
    await name.fill('the first cluster');
    await name.press('Tab');
    await page.locator('.map').getByLabel('Colours').selectOption('');
    await expect.poll(() => page.locator('.map-legend').textContent()).toContain('the first cluster (');
    await expect.poll(() => page.locator('.block-names').textContent()).toContain('the first cluster');
    await page.getByRole('button', { name: /^Select these/ }).click();

    const members: Member[] = JSON.parse(await save(page, 'groups', 'json'));
    const sizes = new Map<number, number>();
    for (const { group } of members) sizes.set(group, (sizes.get(group) ?? 0) + 1);
    expect(await page.locator('.groups > li .count').first().textContent()).toBe((sizes.get(0) ?? 0).toLocaleString('en'));
    await page.getByRole('tab', { name: `Selection (${(sizes.get(0) ?? 0).toLocaleString('en')})` }).waitFor();
    // Each row is in one cluster, with its label.
    expect(new Set(members.map(({ row }) => row)).size).toBe(members.length);
    expect(members.every(({ row, row_label }) => row_label === labels[row])).toBe(true);
    expect(members.filter(({ group }) => group === 0).every(({ name }) => name === 'the first cluster')).toBe(true);
    // Clusters are named after the digit that most of their pictures show, and the name is right for most pictures.
    const others = members.filter(({ group }) => group > 0 && (sizes.get(group) ?? 0) >= 50);
    expect(others.length).toBeGreaterThan(1000);
    expect(others.filter(({ name, row_label }) => name.split(' ').includes(row_label)).length).toBeGreaterThan(
      0.75 * others.length,
    );
    // Scores are those with the representative of the cluster.
    const representatives = members.filter(({ representative }) => representative === 1);
    expect(representatives.map(({ group }) => group)).toEqual([...sizes.keys()]);
    for (const { group, row, score } of members.filter((_, at) => at % 97 === 0)) {
      const centre = representatives[group]?.row ?? -1;
      const two = [centre, row].map((one) => data.subarray(one * SIDE * SIDE, (one + 1) * SIDE * SIDE));
      expect(score).toBeCloseTo(cosineSimilaritySync(two).at(0, 1) as number, 5);
    }
    const csv = (await save(page, 'groups', 'csv')).trim().split('\n');
    expect(csv[0]).toBe('group,name,row,row_label,representative,score');
    expect(csv.length).toBe(members.length + 1);
    const kept = JSON.parse(await save(page, 'kept', 'json')) as { row: number }[];
    expect(kept.length).toBe(PICTURES - members.length + sizes.size);
  });

  it.each(['complete', 'community'] as const)('finds the groups of the library by the method %s', async (method) => {
    const page = await open(
      ['examples/data/sentences.npy', '--labels', 'examples/data/sentences.tsv'],
      `threshold=0.8&groups=${method}&order=groups`,
    );
    const right = await groups(await readNpy('examples/data/sentences.npy'), { threshold: 0.8, method, minimumSize: 2 });
    await page.getByRole('tab', { name: `${right.groups.length} groups` }).waitFor();
    await finished(page);
    const saved: Member[] = JSON.parse(await save(page, 'groups', 'json'));
    for (const [at, { rows }] of right.groups.entries()) {
      const found = saved.filter(({ group }) => group === at).map(({ row }) => row);
      expect([...found].sort((a, b) => a - b)).toEqual([...rows].sort((a, b) => a - b));
    }
    expect(await violations(page)).toEqual([]);
  });

  it('keeps the name of a cluster that changes slightly, and drops it if the cluster falls apart', async () => {
    const page = await open(['examples/data/digits.npy'], 'groups=clusters&cut=0.75');
    await finished(page);
    const first = page.locator('.groups > li').first();
    await first.locator('summary').click();
    const name = first.getByLabel('Name');
    await expect.poll(() => name.inputValue()).toBe('cluster 1');
    await name.fill('round');
    // What is being typed stays if the page is drawn again.
    await page.evaluate(() => location.replace(location.hash.replace('cut=0.75', 'cut=0.7501')));
    await expect.poll(() => page.getByLabel('cut at').inputValue()).toBe('0.7501');
    await finished(page);
    expect(await name.inputValue()).toBe('round');
    await name.press('Tab');
    await expect.poll(() => page.locator('.groups summary .clipped').allTextContents()).toContain('round');
    const cutAt = async (score: string) => {
      await page.getByLabel('cut at').fill(score);
      await page.getByLabel('cut at').press('Tab');
    };
    await cutAt('0.751');
    await expect.poll(() => page.url()).toContain('cut=0.751');
    await expect.poll(() => page.locator('.groups summary .clipped').allTextContents()).toContain('round');
    await cutAt('0.999');
    await expect.poll(() => page.locator('.groups summary .clipped').allTextContents()).not.toContain('round');
    await cutAt('0.75');
    await expect.poll(() => page.locator('.groups summary .clipped').allTextContents()).toContain('round');
    await expect.poll(() => page.evaluate(() => history.state?.names?.length)).toBe(1);
    // The address is written a little later than the page is drawn.
    await expect.poll(() => page.url()).toMatch(/cut=0\.75(&|$)/);
    await page.reload();
    await expect.poll(() => page.locator('.groups summary .clipped').allTextContents()).toContain('round');
    expect(await violations(page)).toEqual([]);
  });
});

/** More than 5,120, so that the finest level of the heatmap is computed when it is viewed. */
const PICTURES = 5200;

/** As large as in MNIST. */
const SIDE = 28;

/** Pictures of handwritten digits, enlarged and with noise, and the digits that they show. */
async function pictures(count: number): Promise<{ data: Float32Array; labels: string[] }> {
  const digits = await readNpy('examples/data/digits.npy');
  const shown = (await readFile('examples/data/digits-labels.txt', 'utf8')).trim().split('\n');
  const random = randomSource(7);
  const data = new Float32Array(count * SIDE * SIDE);
  const labels: string[] = [];
  for (let row = 0; row < count; row++) {
    const from = Math.floor(random() * shown.length);
    labels.push(shown[from] as string);
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        const grey = digits.data[from * 64 + Math.floor((y * 8) / SIDE) * 8 + Math.floor((x * 8) / SIDE)] as number;
        data[(row * SIDE + y) * SIDE + x] = Math.max(0, grey + 4 * (random() - 0.5));
      }
    }
  }
  return { data, labels };
}
