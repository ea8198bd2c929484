// Where the native addon can be: in the package as published, or as built in a checkout.

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
  // The wrong C library refuses to load what was built for the other.
  const published = process.platform === 'linux' ? [`${system}-gnu`, `${system}-musl`] : [system];
  return [...published.map((name) => `prebuilds/${name}/allpairs.node`), 'native/build/Release/allpairs.node'];
}

/** Without the stack of places where Node has looked. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'MODULE_NOT_FOUND') return 'not there';
  return (message ?? String(error)).split('\n')[0] as string;
}
