// A package of bench/peers, if it is installed and loads.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { BenchRun } from '../section.js';

const require = createRequire(import.meta.url);

/**
 * Undefined where it is missing: then it is left out by name. The entry for `require` is taken unless `entry` is one for `import`:
 * not among the project's own packages, the compiler must not look for it.
 */
export async function importPeer<T>(run: BenchRun, name: string, entry?: string): Promise<T | undefined> {
  const folder = new URL(`node_modules/${name}/`, import.meta.url);
  try {
    const { version } = JSON.parse(await readFile(new URL('package.json', folder), 'utf8')) as { version: string };
    const peer = entry ? await import(new URL(entry, folder).href) : require(fileURLToPath(folder));
    run.versions[name] = version;
    return peer as T;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    run.leaveOut(name, code === 'ENOENT' ? 'not installed' : `does not load: ${message.split('\n')[0]}`);
    return undefined;
  }
}
