// The browser build as it is, in Chromium: with cross-origin isolation (threads) and without.

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium, missing, withPage } from './chromium.js';
import type { PageReport } from './page.js';

describe.skipIf(missing)(`in Chromium${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  it.each([true, false])('the conformance table passes; cross-origin isolated: %s', async (isolated) => {
    await withPage(browser, 'page', isolated, async (page) => {
      const got = await page.evaluate(() => (globalThis as unknown as { report(): Promise<PageReport> }).report());
      expect(got.failures).toEqual([]);
      expect(got.isolated).toBe(isolated);
      expect(got.modes.length).toBe(isolated ? 5 : 2);
      expect(got.compared).toBeGreaterThan(got.modes.length * 200);
      expect(got.chosen).toBe('wasm');
      expect(got.threadRefusal === undefined).toBe(isolated);
      expect(got.sharedResult).toBe(isolated);
      expect(got.diagonal).toBe(1);
    });
  });
});
