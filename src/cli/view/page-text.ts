// Where the page has its data, and the text of a report. It is pure code, shared by the command and the page, which both write reports.

import type { PageData } from './page-data.js';

/** Ids of the elements that hold the rows, those of a second model, and what was computed, as base64. */
export const ROWS_ID = 'rows';
export const COMPARED_ID = 'compared';
export const RESULTS_ID = 'results';

/** Returns the element that contains `data`. Names remain data: no text in them can end the element or begin a comment. */
export function dataScript(data: PageData | null): string {
  const json = JSON.stringify(data).replace(/[<\u2028\u2029]/g, escapeCharacter);
  return `<script type="application/json" id="page-data">${json}</script>`;
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The data in the page as built: no rows. */
export const PLACEHOLDER: string = dataScript(null);

export type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Yields a report. `before` and `after` surround the data in the template, `files` are the contents of elements by their ids. */
export async function* reportText(
  [before, after]: readonly [before: string, after: string],
  data: PageData,
  files: Iterable<readonly [id: string, bytes: Pieces]>,
): AsyncGenerator<string> {
  yield before;
  for (const [id, bytes] of files) yield* base64Script(id, bytes);
  yield dataScript(data);
  yield after;
}

async function* base64Script(id: string, bytes: Pieces): AsyncGenerator<string> {
  yield `<script type="application/octet-stream" id="${id}">`;
  yield* base64Of(bytes);
  yield '</script>\n    ';
}

/** Number of bytes encoded at a time: a multiple of three, because three bytes are four characters. */
const BLOCK_BYTES = 3 * 2 ** 13;

async function* base64Of(pieces: Pieces): AsyncGenerator<string> {
  let rest = new Uint8Array(0);
  for await (const piece of pieces) {
    const bytes = new Uint8Array(rest.length + piece.length);
    bytes.set(rest);
    bytes.set(piece, rest.length);
    const end = bytes.length - (bytes.length % 3);
    for (let at = 0; at < end; at += BLOCK_BYTES) yield base64(bytes.subarray(at, Math.min(end, at + BLOCK_BYTES)));
    rest = bytes.slice(end);
  }
  yield base64(rest);
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
