// All documents that use docs/benchmarks.json: `npm run bench:docs` writes them, and a test compares them.

import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chartOf } from './charts.js';
import { fillFigures } from './figures.js';
import { benchmarksPage } from './page-of-benchmarks.js';
import type { Report } from './report.js';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const PAGE = 'docs/benchmarks.md';

/** Documents written by people, in which figures are filled in. */
export async function writtenDocuments(): Promise<string[]> {
  const docs = (await readdir(`${ROOT}docs`)).filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`);
  return ['README.md', ...docs.filter((file) => file !== PAGE).sort()];
}

/** Documents by path from the root. */
export async function generatedDocuments(report: Report): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const [name, section] of Object.entries(report.sections)) {
    const chart = chartOf(section);
    if (chart) files.set(`docs/charts/${name}.svg`, chart);
  }
  files.set(
    PAGE,
    benchmarksPage(report, (name) => files.has(`docs/charts/${name}.svg`)),
  );
  for (const path of await writtenDocuments()) files.set(path, fillFigures(await readFile(`${ROOT}${path}`, 'utf8'), report));
  return files;
}
