// Where the native addon can be: in the package as published, or as built in a checkout.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';

/** The addon from the first place that has one for this system; throws an Error with the reason for each place. */
export function loadNativeAddon(): unknown {
  const require = createRequire(import.meta.url);
  const root = dirname(require.resolve('allpairs/package.json'));
  const reasons: string[] = [];
  for (const path of places()) {
    try {
      return require(join(root, path));
    } catch (error) {
      reasons.push(`${path}: ${reasonOf(error)}`);
    }
  }
  throw new Error(`no addon for ${process.platform} on ${process.arch} (${reasons.join('; ')})`);
}

/** In order, within the package. */
function places(): string[] {
  const system = `${process.platform}-${process.arch}`;
  const published = process.platform === 'linux' ? `${system}-${hasMusl() ? 'musl' : 'gnu'}` : system;
  return [`prebuilds/${published}/allpairs.node`, 'native/build/Release/allpairs.node'];
}

/** Whether the system's C library is musl: each might load what was built for the other, and then crash. As detect-libc asks. */
function hasMusl(): boolean {
  try {
    return readFileSync('/usr/bin/ldd', 'utf8').includes('musl');
  } catch {
    return false;
  }
}

/** Without the stack of places where Node has looked. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'MODULE_NOT_FOUND') return 'not there';
  return (message ?? String(error)).split('\n')[0] as string;
}
