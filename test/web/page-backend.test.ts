// The backend of the page: the one that its address names, a GPU only if it is hardware, and never two of them.

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
import { drawn, finished } from './readiness.js';

describe.skipIf(missing)(`the page in Chromium with a software adapter${skipped}`, () => {
  let browser: Browser;
  let folder: string;
  let file: string;
  const { data, shape } = randomRows(60, 8, 81);
  beforeAll(async () => {
    browser = await launchChromium({ webgl: true, webgpu: true });
    folder = await mkdtemp(join(tmpdir(), 'allpairs-page-backend-'));
    file = join(folder, 'rows.npy');
    await writeNpy(file, new Matrix(data, shape));
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });
  afterEach(() => View.stopAll());

  /** Opens the page with a state in its address, for `use`. Every error on it fails the test. */
  async function withState(state: string, use: (page: Page) => Promise<void>): Promise<void> {
    const { address } = await View.start(file);
    const page = await browser.newPage();
    page.setDefaultTimeout(WAIT_MS);
    const problems: string[] = [];
    page.on('pageerror', ({ message }) => problems.push(message));
    await page.goto(`${address}#${state}`);
    await use(page);
    expect(problems).toEqual([]);
    await page.close();
  }

  const factsOf = (page: Page) => page.locator('header .facts').textContent();
  const problemOf = (page: Page) => page.locator('.problem').textContent();

  it('says that nothing was computed if there is no such backend', async () => {
    await withState('backend=magic', async (page) => {
      expect(await problemOf(page)).toMatch(/expected .* for `backend`, got "magic"/);
      await page.getByText('Nothing was computed, for the reason above.').waitFor();
      expect(await page.locator('.panels').count()).toBe(0);
      await page.getByRole('link', { name: 'open the page without the choices in its address' }).click();
      await drawn(page);
    });
  });

  it('computes everything on the GPU that the address names, and shows it', async () => {
    const want = (await topK({ data, shape }, { k: 10 })).scores.slice(30, 40);
    await withState('backend=webgpu-software&row=3', async (page) => {
      await finished(page);
      expect(await factsOf(page)).toMatch(/60 rows.*WebGPU on .*swiftshader/i);
      await page.locator('.neighbours .score').nth(9).waitFor();
      const scores = await page.locator('.neighbours .score').allTextContents();
      for (const [at, score] of scores.entries()) expect(Number(score)).toBeCloseTo(want[at] as number, 3);
      await expect.poll(() => page.locator('.groups .mean').last().textContent()).toMatch(/\d/);
      await page.getByRole('navigation').getByRole('button', { name: 'Health' }).click();
      await page.locator('.findings li').first().waitFor();
      expect(await page.locator('.problem').count()).toBe(0);
      expect(page.url()).toContain('backend=webgpu-software');
    });
  });

  it('does not choose an adapter that computes on the processor', async () => {
    await withState('', async (page) => {
      await drawn(page);
      expect(await factsOf(page)).toMatch(/60 rows.*threads?$/);
    });
  });

  it('shows why it cannot compute with the backend that the address names', async () => {
    await withState('backend=webgpu', async (page) => {
      await page.locator('.problem').waitFor();
      expect(await problemOf(page)).toMatch(/computes on the processor; 'webgpu-software' takes it/);
    });
  });
});
