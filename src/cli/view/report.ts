// The page with all its data in one file, for readers without a server.

import { createAtomically } from '../../io/bytes/atomic-file.js';
import type { Content } from './content.js';
import { dataScript, splitPage } from './page.js';
import type { PageData } from './page-data.js';

/** The addresses of the rows in a report, and of those of a second model: the ids of the elements that contain them. */
export const ROWS_IN_REPORT = '#rows';
export const COMPARED_IN_REPORT = '#compared';

/** Writes the report to `path`, completely or not at all. `html` is the page as built, `files` a .npy for each address. */
export async function writeReport(
  path: string,
  html: string,
  data: PageData,
  files: ReadonlyMap<string, Content>,
  signal: AbortSignal,
): Promise<void> {
  const [before, after] = splitPage(html);
  await createAtomically(path, async (file) => {
    const append = (text: string) => file.append(Buffer.from(text));
    await append(before);
    for (const [address, rows] of files) {
      await append(`<script type="application/octet-stream" id="${address.slice(1)}">`);
      for await (const text of base64Of(rows)) {
        signal.throwIfAborted();
        await append(text);
      }
      await append('</script>\n    ');
    }
    await append(`${dataScript(data)}${after}`);
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
