// Axe, which finds what assistive technology cannot use on a page.

import axe from 'axe-core';
import type { Page } from 'playwright-core';

/**
 * Returns the id of each rule that the page violates, with the elements that violate it. First waits until the page is drawn, since a
 * page without content violates rules of its own.
 */
export async function violations(page: Page): Promise<string[][]> {
  await page.getByRole('main').waitFor();
  await page.getByRole('heading', { level: 1 }).filter({ hasText: /\S/ }).waitFor();
  return page.evaluate(
    `(async () => { ${axe.source}; return (await axe.run()).violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]); })()`,
  );
}
