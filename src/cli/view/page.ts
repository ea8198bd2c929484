// Writes the data of the command into the page.

import { AllpairsError } from '../../index.js';
import type { PageData } from './page-data.js';
import { dataScript, PLACEHOLDER } from './page-text.js';

/** Returns the page with its data. */
export function fillPage(html: string, data: PageData | null): string {
  const [before, after] = splitPage(html);
  return `${before}${dataScript(data)}${after}`;
}

/** Returns what precedes and what follows the data of the page. */
export function splitPage(html: string): [before: string, after: string] {
  const [before = '', after, ...more] = html.split(PLACEHOLDER);
  if (after !== undefined && more.length === 0) return [before, after];
  const count = after === undefined ? 'none' : more.length + 1;
  throw new AllpairsError(
    'ERR_ALLPAIRS_PAGE',
    `the page was not built for this version: expected one ${PLACEHOLDER} in it, found ${count}`,
  );
}
