// The page with all its data in one file, for readers without a server.

import { createAtomically } from '../../io/bytes/atomic-file.js';
import type { Content } from './content.js';
import { dataScript, splitPage } from './page.js';
import type { PageData } from './page-data.js';

/** The address of the rows in a report: the id of the element that contains them. */
export const ROWS_IN_REPORT = '#rows';

/** Writes the report to `path`, completely or not at all. `html` is the page as built, `rows` a .npy. */
export async function writeReport(
  path: string,
  html: string,
  data: PageData,
  rows: Content,
  signal: AbortSignal,
): Promise<void> {
  const [before, after] = splitPage(html);
  await createAtomically(path, async (file) => {
    const append = (text: string) => file.append(Buffer.from(text));
    await append(`${before}<script type="application/octet-stream" id="${ROWS_IN_REPORT.slice(1)}">`);
    for await (const text of base64Of(rows)) {
      signal.throwIfAborted();
      await append(text);
    }
    await append(`</script>\n    ${dataScript(data)}${after}`);
  });
}

async function* base64Of(content: Content): AsyncGenerator<string> {
  // Three bytes are four characters, so remaining bytes are encoded with the next block.
  let rest = Buffer.alloc(0);
  for await (const bytes of content.read()) {
    const all = Buffer.concat([rest, bytes]);
    const end = all.length - (all.length % 3);
    yield all.toString('base64', 0, end);
    rest = all.subarray(end);
  }
  yield rest.toString('base64');
}
