// A package of bench/peers, if it is installed and loads.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { BenchRun } from '../section.js';

/** As a module of bench/peers would: not among the project's own packages, the compiler must not look for it. */
const require = createRequire(new URL('package.json', import.meta.url));

/** Undefined where it is missing: then it is left out by name. */
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
