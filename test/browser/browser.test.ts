// The browser build in Chromium: with cross-origin isolation (threads) and without.

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

  it.each([
    [true, 'with', true],
    [true, 'without', false],
    [false, 'without', false],
  ])('passes the conformance table; cross-origin isolated: %s, %s shared memory', async (isolated, _, shared) => {
    await withPage(browser, 'page', isolated, async (page) => {
      if (isolated && !shared) {
        // As in WebKitGTK, which is isolated nevertheless.
        await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedArrayBuffer'));
        await page.reload();
      }
      const got = await page.evaluate(() => (globalThis as unknown as { report(): Promise<PageReport> }).report());
      expect(got.failures).toEqual([]);
      expect(got.isolated).toBe(isolated);
      expect(got.modes.length).toBe(shared ? 5 : 2);
      expect(got.compared).toBeGreaterThan(got.modes.length * 200);
      expect(got.chosen).toBe('wasm');
      expect(got.threadRefusal === undefined).toBe(shared);
      expect(got.sharedResult).toBe(shared);
      expect(got.diagonal).toBe(1);
    });
  });
});
