// The health of the rows on the page: unusual rows, compared with plain loops and the library's own calls.

import { health, readNpy, topK } from 'allpairs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { disagreementsOf, equalRowsOf, hubsOf, outliersOf, zeroRowsOf } from '../../web/src/compute/oddities.js';
import { launchChromium, missing, skipped } from '../browser/chromium.js';
import { View } from '../cli/view-server.js';
import { WAIT_MS } from '../limits.js';
import { violations } from './accessibility.js';

const NEAREST = {
  indices: Uint32Array.of(1, 2, 0, 2, 1, 0, 1, 2),
  scores: Float32Array.of(0.9, 0.3, 0.9, 0.8, 0.8, 0.3, 0, 0),
  shape: [4, 2] as const,
};

describe('unusual rows', () => {
  it('are outliers if their best score is low, except zero rows', () => {
    const right = [
      { row: 2, value: 0.8 },
      { row: 0, value: 0.9 },
      { row: 1, value: 0.9 },
    ];
    const found = outliersOf(NEAREST, new Set([3]));
    expect(found.map(({ row, value }) => ({ row, value: Number(value.toFixed(6)) }))).toEqual(right);
    expect(outliersOf({ indices: new Uint32Array(), scores: [], shape: [1, 0] }, new Set())).toEqual([]);
  });

  it('have labels that most of the scores of their nearest rows contradict', () => {
    const [first, ...more] = disagreementsOf(NEAREST, ['a', 'b', 'b', 'a']);
    expect(first).toEqual({ row: 0, suggested: 'b', value: 1 });
    // Row 1: 0.9 of 1.7 for a. Row 2: 0.8 of 1.1 for b, its own label. Row 3: no score at all.
    expect(more.map(({ row, suggested, value }) => [row, suggested, Number(value.toFixed(4))])).toEqual([[1, 'a', 0.5294]]);
  });

  it('are hubs from three times the mean upwards', () => {
    const indices = Uint32Array.from({ length: 40 }, (_, at) => (at % 4 === 0 ? 7 : at % 20));
    expect(hubsOf({ indices, scores: new Float32Array(40), shape: [20, 2] })).toEqual([{ row: 7, value: 12 }]);
  });

  it('are zero rows, or equal to an earlier row', () => {
    const rows = [
      [0, 0],
      [1, 2],
      [-0, 0],
      [1, 2],
      [2, 1],
      [1, 2],
    ].map((row) => Float64Array.from(row));
    expect(zeroRowsOf(rows)).toEqual([0, 2]);
    expect(equalRowsOf(rows)).toEqual([
      { row: 2, value: 0 },
      { row: 3, value: 1 },
      { row: 5, value: 1 },
    ]);
  });
});

describe.skipIf(missing)(`the health of rows in Chromium${skipped}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium({ webgl: true });
  });
  afterAll(async () => {
    await browser.close();
    await View.stopAll();
  });

  it('shows what the library finds, and lists rows that link to their neighbours', async () => {
    const digits = ['examples/data/digits.npy', '--labels', 'examples/data/digits-labels.txt', '--image-shape', '8x8'];
    const { address } = await View.start(...digits);
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(WAIT_MS);
    await page.goto(`${address}#order=given`);
    await page.getByRole('navigation').getByRole('button', { name: 'Health' }).click();
    const x = await readNpy('examples/data/digits.npy');
    const { findings } = await health(x);
    const notable = findings.filter((finding) => finding.notable);
    await page.getByText(`${notable.length} findings to look at before you rely on these scores:`).waitFor();
    expect(await page.locator('.findings .notable').allTextContents()).toEqual(notable.map(({ meaning }) => meaning));
    expect(await page.locator('.findings li').count()).toBe(findings.length);
    const { indices, scores } = await topK(x, { k: 10 });
    const best = Array.from({ length: 1797 }, (_, row) => scores[10 * row] as number);
    const lowest = best.indexOf(Math.min(...best));
    const first = page.locator('.oddities tbody tr').first();
    expect(await first.locator('.number').textContent()).toBe(String(lowest));
    expect(await first.locator('.reason').textContent()).toBe((best[lowest] as number).toFixed(3));
    await first.getByRole('button').click();
    const neighbour = page.locator('.neighbours tbody .number').first();
    await expect.poll(() => neighbour.textContent()).toBe(String(indices[10 * lowest]));
    expect(await violations(page)).toEqual([]);
    await page.getByRole('tab', { name: /^Labels \(\d+\)$/ }).click();
    await expect.poll(() => page.locator('.oddities .reason').first().textContent()).toMatch(/^\d → \d, \d+ %$/);
    await page.getByRole('tab', { name: 'Zero rows (0)' }).click();
    await page.locator('.oddities').getByText('None.').waitFor();
  });
});
