// Writes the data of the command into the page.

import { AllpairsError } from '../../index.js';
import type { PageData } from './page-data.js';

/** In the page as built: no rows. */
const PLACEHOLDER = scriptOf('null');

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

/** Returns the element that contains `data`. Names remain data: no text in them can end the element or begin a comment. */
export function dataScript(data: PageData | null): string {
  const json = JSON.stringify(data).replace(/[<\u2028\u2029]/g, escapeCharacter);
  return scriptOf(json);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function scriptOf(json: string): string {
  return `<script type="application/json" id="page-data">${json}</script>`;
}
