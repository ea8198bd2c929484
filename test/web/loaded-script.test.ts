// How much script the page loads before it shows rows. What is needed later is loaded later.

import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { missing, skipped } from '../browser/chromium.js';
import { View } from '../cli/view-server.js';
import { drawn } from './readiness.js';
import { usePages } from './use-pages.js';

const ASSETS = fileURLToPath(new URL('../../dist/web/assets', import.meta.url));
const MAX_BYTES = 150_000;

describe.skipIf(missing)(`the script of the page in Chromium${skipped}`, () => {
  const pages = usePages('script');

  it('takes under 150 kB, compressed, until the matrix is drawn', async () => {
    const { address } = await View.start('examples/data/sentences.npy', '--labels', 'examples/data/sentences.tsv');
    const page = await pages.open('about:blank');
    const loaded = new Set<string>();
    // Requests of the page's threads too.
    page.context().on('request', (request) => {
      const name = basename(new URL(request.url()).pathname);
      if (name.endsWith('.js')) loaded.add(name);
    });
    await page.goto(address);
    await drawn(page);
    const names = [...loaded];
    for (const part of ['index', 'compute-worker', 'library', 'worker-browser']) {
      expect(names, part).toContainEqual(expect.stringMatching(`^${part}-`));
    }
    const sizes = names.map(async (name) => gzipSync(await readFile(join(ASSETS, name)), { level: 9 }).length);
    expect((await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_BYTES);
  });
});
