// The page as it was built (web/): read once, so that no request ever leads to a place on the disk.

import { readdir, readFile } from 'node:fs/promises';
import { AllpairsError } from '../../index.js';
import { type Content, contentOf } from './content.js';

/** Beside the folder of the command, which is one file deep in dist/. */
const WEB = new URL('../web/', import.meta.url);

/** The page that is served, or the one that holds everything itself. */
export function readPage(name: 'index.html' | 'report.html', folder: URL = WEB): Promise<string> {
  return orNotBuilt(folder, () => readFile(new URL(name, folder), 'utf8'));
}

/** Folders of the page beside itself: what it is built of, and data sets to try it with. */
const FOLDERS = ['assets', 'samples'];

/** What the page loads, by the address it has there. */
export function readAssets(folder: URL = WEB): Promise<ReadonlyMap<string, Content>> {
  return orNotBuilt(folder, async () => {
    const read = FOLDERS.map(async (name) => {
      const place = new URL(`${name}/`, folder);
      const entries = await readdir(place, { withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile());
      return Promise.all(
        files.map(
          async (file) => [`${name}/${file.name}`, contentOf(file.name, await readFile(new URL(file.name, place)))] as const,
        ),
      );
    });
    return new Map((await Promise.all(read)).flat());
  });
}

async function orNotBuilt<T>(folder: URL, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const what = `the page is missing from ${folder.pathname}: ${(error as Error).message}`;
    throw new AllpairsError('ERR_ALLPAIRS_PAGE', `${what}; reinstall allpairs, or run "npm run build" in a checkout`, {
      cause: error,
    });
  }
}
