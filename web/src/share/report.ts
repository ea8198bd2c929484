// Writes the page with its rows, what was chosen and what was computed to one file.

import type { PageData, RowImages } from '../../../src/cli/view/page-data.js';
import { shown } from '../state/answers.js';
import { decisions } from '../state/decisions.js';
import { pack } from '../state/packed.js';
import { pictureAt } from '../state/pictures.js';
import { savedDecisions } from '../state/review.js';
import { session } from '../state/session.js';
import { resultsNow } from '../state/showing.js';
import { readPageData, readSource } from '../state/source.js';

/** Why the page cannot save a report: it has no template next to it, or the command computes for too many rows. */
export const noReport: string | null =
  document.querySelector('script[type="module"][src]') === null
    ? 'This page is already a report: share its file.'
    : readPageData()?.computing
      ? 'A report contains all rows, and there are too many for one file.'
      : null;

const DATA = '<script type="application/json" id="page-data">null</script>';

/** Returns the report in pieces of a file. */
export async function reportOf(): Promise<BlobPart[]> {
  const rows = shown.peek();
  const results = resultsNow();
  if (!rows || !results) throw new Error('the results are still being computed; save the report when they are ready');
  const answer = await fetch(new URL('report.html', document.baseURI)).catch(() => null);
  if (!answer?.ok) throw new Error('the report template could not be read; reload the page');
  const [before = '', after] = (await answer.text()).split(DATA);
  if (after === undefined) throw new Error('the report template belongs to another version; reload the page');
  const { compared } = rows;
  const data: PageData = {
    ...rows,
    ...(compared && { compared: { ...compared, source: '#compared' } }),
    source: '#rows',
    computing: null,
    images: await withinFile(rows.images),
    decisions: decisions.peek().size > 0 ? await savedDecisions() : null,
    saving: { decisions: null, records: null },
    state: location.hash.slice(1),
  };
  return [
    before,
    '<script type="application/octet-stream" id="rows">',
    base64Of(await session.rowsAsNpy()),
    ...(compared
      ? ['</script>\n<script type="application/octet-stream" id="compared">', base64Of(await readSource(compared.source))]
      : []),
    '</script>\n<script type="application/octet-stream" id="results">',
    base64Of(await pack(results)),
    `</script>\n<script type="application/json" id="page-data">${escapedJson(data)}</script>`,
    after,
  ];
}

/** Keeps texts in names from ending the element or beginning a comment. */
function escapedJson(data: PageData): string {
  return JSON.stringify(data).replace(
    /[<\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Three bytes are four characters, so pieces of a multiple of three bytes can be joined. */
const PIECE = 3 * 2 ** 13;

function base64Of(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += PIECE) pieces.push(btoa(String.fromCharCode(...bytes.subarray(at, at + PIECE))));
  return pieces.join('');
}

/** Embeds pictures that are elsewhere as data. */
async function withinFile(images: RowImages | null): Promise<RowImages | null> {
  if (!images || images.kind === 'rows') return images;
  if (images.kind === 'sprite') return { ...images, url: await dataOf(images.url) };
  const known = new Map<string, Promise<string>>();
  const once = (url: string) => {
    const data = known.get(url) ?? dataOf(url);
    known.set(url, data);
    return data;
  };
  return { ...images, urls: await Promise.all(images.urls.map(once)) };
}

async function dataOf(url: string): Promise<string> {
  if (url === '' || url.startsWith('data:')) return url;
  const picture: Blob = pictureAt(url) ?? (await (await fetch(new URL(url, document.baseURI))).blob());
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(String(reader.result)));
    reader.addEventListener('error', () => reject(new Error(`the picture ${url} could not be read`)));
    reader.readAsDataURL(picture);
  });
}
