// WebGPU in Chromium, computed by the processor.

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium, missing, skipped, withPage } from './chromium.js';
import type { WebGpuReport } from './webgpu-page.js';

describe.skipIf(missing)(`WebGPU in Chromium${skipped}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium({ webgpu: true });
  });
  afterAll(() => browser.close());

  it('passes the conformance table, and uses a software adapter only on request', async () => {
    await withPage(browser, 'webgpu-page', false, async (page) => {
      const got = await page.evaluate(() => (globalThis as unknown as { report(): Promise<WebGpuReport> }).report());
      expect(got.failures).toEqual([]);
      expect(got.compared).toBeGreaterThan(40);
      expect(got.description).toMatch(/^WebGPU on .*swiftshader/i);
      expect(got.refusal).toMatch(/computes on the processor; 'webgpu-software' takes it/);
    });
  });
});
