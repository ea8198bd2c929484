// A page for which the command computes shows the same as a page that computes itself. Also maps of many rows.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Matrix, topK, writeNpy } from 'allpairs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium, missing, skipped } from '../browser/chromium.js';
import { View } from '../cli/view-server.js';
import { WAIT_MS } from '../limits.js';
import { randomRows } from '../random.js';
import { violations } from './accessibility.js';
import { drawn, finished } from './readiness.js';

const SENTENCES = ['examples/data/sentences.npy', '--labels', 'examples/data/sentences.tsv'];

describe.skipIf(missing)(`a page with many rows in Chromium${skipped}`, () => {
  let browser: Browser;
  let folder: string;
  const asked: string[] = [];
  const problems: string[] = [];
  beforeAll(async () => {
    browser = await launchChromium({ webgl: true });
    folder = await mkdtemp(join(tmpdir(), 'allpairs-many-'));
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await View.stopAll();
    expect(problems.splice(0)).toEqual([]);
    asked.length = 0;
  });

  async function open({ address }: View, state: string): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(WAIT_MS);
    page.on('pageerror', ({ message }) => problems.push(message));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('request', (request) => asked.push(new URL(request.url()).pathname.split('/').at(-1) as string));
    await page.goto(`${address}#${state}`);
    return page;
  }

  /** Some of the colour components of the picture. Backends round scores differently, which may change the last bit of a code. */
  const coloursOf = async (page: Page) => {
    await drawn(page);
    return page
      .locator('.heatmap canvas')
      .first()
      .evaluate((picture) => {
        const { width, height } = picture as HTMLCanvasElement;
        const copy = Object.assign(document.createElement('canvas'), { width, height });
        const context = copy.getContext('2d') as CanvasRenderingContext2D;
        context.drawImage(picture as HTMLCanvasElement, 0, 0);
        return [...context.getImageData(0, 0, width, height).data].filter((_, at) => at % 101 === 0);
      });
  };

  /** Returns what the page shows about the rows. */
  async function answersOf(page: Page): Promise<unknown> {
    await finished(page);
    await page.locator('.neighbours tbody[aria-busy="false"] tr').first().waitFor();
    await page.getByRole('tab', { name: /pairs?$/ }).click();
    const heatmap = page.locator('.heatmap-keys');
    const { x, y, width, height } = (await heatmap.boundingBox()) as { x: number; y: number; width: number; height: number };
    await page.mouse.move(Math.round(x + width * 0.61), Math.round(y + height * 0.37));
    await page.locator('#heatmap-cell[aria-busy="false"] .score').waitFor();
    const texts = (selector: string) => page.locator(selector).allTextContents();
    return {
      facts: await texts('.facts'),
      neighbours: await texts('.neighbours tbody tr'),
      pairs: await texts('table.pairs tbody tr'),
      summary: await texts('.summary'),
      cell: await texts('#heatmap-cell'),
    };
  }

  it('shows the same neighbours, pairs, scores and colours, and does not read the rows', async () => {
    const state = 'row=700&order=given&threshold=0.7';
    const other = await open(await View.start(...SENTENCES), state);
    const local = await answersOf(other);
    const colours = await coloursOf(other);
    expect(asked).toContain('rows.npy');
    asked.length = 0;
    const page = await open(await View.startComputing(...SENTENCES), state);
    expect(await answersOf(page)).toEqual(local);
    const differences = (await coloursOf(page)).map((part, at) => Math.abs(part - (colours[at] as number)));
    expect(differences.length).toBeGreaterThan(1000);
    expect(Math.max(...differences)).toBeLessThanOrEqual(6);
    expect(asked).toContain('compute');
    expect(asked).not.toContain('rows.npy');
    expect(await violations(page)).toEqual([]);
  });

  it('draws, samples and picks from 21,000 rows', async () => {
    const rows = randomRows(21_000, 6);
    const file = join(folder, 'many.npy');
    await writeNpy(file, new Matrix(rows.data, rows.shape));
    const page = await open(await View.start(file), 'threshold=0.9999');
    await finished(page);
    expect(await page.locator('.summary').textContent()).toContain('The histogram counts the scores of one row in 2.');
    expect(await page.getByLabel('Order').locator('option').allTextContents()).toContain(
      'by first component (too many rows to cluster)',
    );
    // Points are drawn in the middle, and a click picks what is under the pointer.
    const isDrawn = () =>
      page.locator('.map-keys canvas').evaluate((element) => {
        const canvas = element as HTMLCanvasElement;
        const { data } = (canvas.getContext('2d') as CanvasRenderingContext2D).getImageData(
          canvas.width / 2 - 30,
          canvas.height / 2 - 30,
          60,
          60,
        );
        return data.some((part) => part > 0);
      });
    await expect.poll(isDrawn).toBe(true);
    const map = (await page.locator('.map-keys').boundingBox()) as { x: number; y: number; width: number; height: number };
    await page.mouse.move(Math.round(map.x + map.width / 2), Math.round(map.y + map.height / 2));
    const name = await page.locator('.pointed-row').textContent();
    await page.mouse.down();
    await page.mouse.up();
    await page.locator('.neighbours tbody[aria-busy="false"] tr').first().waitFor();
    expect(await page.locator('.selected-row').textContent()).toContain(name as string);
    const row = Number(/\d+/.exec(name as string)?.[0]);
    const { indices } = await topK({ data: rows.data.subarray(6 * row, 6 * row + 6), shape: [1, 6] }, rows, {
      k: 11,
      dtype: 'float32',
    });
    const listed = await page.locator('.neighbours tbody button.row').allTextContents();
    expect(listed).toEqual(
      [...indices]
        .filter((other) => other !== row)
        .slice(0, 10)
        .map((other) => `row ${other}`),
    );
  });
});
