// The page with all its data in one file, for readers without a server.

import { createAtomically } from '../../io/bytes/atomic-file.js';
import type { Content } from './content.js';
import { splitPage } from './page.js';
import type { PageData } from './page-data.js';
import { RESULTS_ID, reportText } from './page-text.js';

/** Writes the report to `path`, completely or not at all. `html` is the page as built, `files` a .npy for each id, `results` what was computed. */
export async function writeReport(
  path: string,
  html: string,
  data: PageData,
  files: ReadonlyMap<string, Content>,
  results: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const parts = splitPage(html);
  const npys = Array.from(files, ([id, content]) => [id, content.read()] as const);
  const pieces = [...npys, [RESULTS_ID, [results]] as const];
  await createAtomically(path, async (file) => {
    for await (const text of reportText(parts, data, pieces)) {
      signal.throwIfAborted();
      await file.append(Buffer.from(text));
    }
  });
}
