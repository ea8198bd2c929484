// Writes the page with its rows, what was chosen and what was computed to one file.

import type { PageData, RowImages } from '../../../src/cli/view/page-data.js';
import { COMPARED_ID, type Pieces, PLACEHOLDER, RESULTS_ID, ROWS_ID, reportText } from '../../../src/cli/view/page-text.js';
import { pack } from '../compute/packed.js';
import type { SavedAnswer } from '../compute/results.js';
import { shown } from '../state/answers.js';
import { decisions } from '../state/decisions.js';
import { pictureAt } from '../state/pictures.js';
import { savedDecisions } from '../state/review.js';
import { session } from '../state/session.js';
import { resultsNow } from '../state/showing.js';
import { readPageData, readSource } from '../state/source.js';

/** Why the page cannot save a report: it has no template next to it, or the command computes for too many rows. */
export const noReport: string | null =
  document.querySelector('script[type="module"][src]') === null
    ? 'This page is already a report: share its file.'
    : readPageData()?.against
      ? 'A report holds the rows of one file, and these are of two.'
      : readPageData()?.computing
        ? 'A report contains all rows, and there are too many for one file.'
        : null;

/** Returns the report in pieces of a file. */
export async function reportOf(): Promise<BlobPart[]> {
  const rows = shown.peek();
  const results = resultsNow();
  if (!rows || !results) throw new Error('the results are still being computed; save the report when they are ready');
  const answer = await fetch(new URL('report.html', document.baseURI)).catch(() => null);
  if (!answer?.ok) throw new Error('the report template could not be read; reload the page');
  const [before = '', after] = (await answer.text()).split(PLACEHOLDER);
  if (after === undefined) throw new Error('the report template belongs to another version; reload the page');
  const { compared } = rows;
  const saved = decisions.peek().size > 0 ? await savedDecisions() : null;
  const data: PageData = {
    ...rows,
    ...(compared && { compared: { ...compared, source: `#${COMPARED_ID}` } }),
    source: `#${ROWS_ID}`,
    computing: null,
    images: await withinFile(rows.images),
    decisions: saved,
    saving: { decisions: null, records: null },
    state: location.hash.slice(1),
  };
  const checksum: SavedAnswer[] = saved ? [{ method: 'checksum', args: [], result: saved.input.checksum }] : [];
  const files: [string, Pieces][] = [
    [ROWS_ID, [await session.rowsAsNpy()]],
    [RESULTS_ID, [await pack({ ...results, answers: [...results.answers, ...checksum] })]],
  ];
  if (compared) files.push([COMPARED_ID, [await readSource(compared.source)]]);
  const pieces: string[] = [];
  for await (const text of reportText([before, after], data, files)) pieces.push(text);
  return pieces;
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
