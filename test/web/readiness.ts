// What tests wait for before they read a page: a busy machine draws it long after it was opened.

import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

/** Waits until the visible part of the matrix is drawn. */
export async function drawn(page: Page): Promise<void> {
  await page.locator('.heatmap canvas[data-drawn="true"]').waitFor();
}

/** Waits until an overview has been computed and drawn. `body` is that of a page or of a frame. */
export async function finished(body: Page | Locator): Promise<void> {
  const whole = 'goto' in body ? body.locator('body') : body;
  await expect.poll(() => whole.evaluate(isFinished)).toBe(true);
}

/** In the page: checks everything at one moment, because one task starts where another ends. */
function isFinished(): boolean {
  const has = (selector: string) => document.querySelector(selector) !== null;
  const isIdle = document.querySelector('.working')?.textContent === '';
  return isIdle && has('.heatmap canvas[data-drawn="true"]') && has('.summary:not(.quiet)') && !has('.map .waiting');
}
