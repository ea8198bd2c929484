// Imports a package of bench/peers, if it is installed and loads.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { BenchRun } from '../section.js';

/** Resolved from bench/peers rather than from the project's packages; the compiler must not look for it. */
const require = createRequire(new URL('package.json', import.meta.url));

/** Undefined if the package is missing; the report then lists it. */
export async function importPeer<T>(run: BenchRun, name: string): Promise<T | undefined> {
  const folder = new URL(`node_modules/${name}/`, import.meta.url);
  try {
    const { version } = JSON.parse(await readFile(new URL('package.json', folder), 'utf8')) as { version: string };
    const peer = require(name) as T;
    run.versions[name] = version;
    return peer;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    run.leaveOut(name, code === 'ENOENT' ? 'not installed' : `does not load: ${message.split('\n')[0]}`);
    return undefined;
  }
}
