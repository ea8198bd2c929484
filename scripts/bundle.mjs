// Joins what tsc wrote into one file an entry: Node needs about a millisecond for each module it loads, which is most of the
// time to a first small result. Every entry is one folder deep, so that `../engine/worker-*.js` in platform/ stays true.

import { build } from 'esbuild';

const from = 'build/src';
const shared = { bundle: true, format: 'esm', target: 'es2022', packages: 'external', outdir: 'dist', logLevel: 'warning' };

/** The command line uses the library's own bundle. */
const libraryOutside = {
  name: 'library outside',
  setup({ onResolve }) {
    onResolve({ filter: /^(\.\.\/)+(index|errors)\.js$/ }, () => ({ path: '../entry/index.js', external: true }));
  },
};

await build({
  ...shared,
  platform: 'node',
  plugins: [libraryOutside],
  entryPoints: [
    { in: `${from}/index.js`, out: 'entry/index' },
    { in: `${from}/engine/worker-node.js`, out: 'engine/worker-node' },
    { in: `${from}/io/matrix-file-thread.js`, out: 'io/matrix-file-thread' },
    { in: `${from}/cli/main.js`, out: 'cli/main' },
  ],
});
await build({
  ...shared,
  platform: 'browser',
  entryPoints: [
    { in: `${from}/browser.js`, out: 'entry/browser' },
    { in: `${from}/engine/worker-browser.js`, out: 'engine/worker-browser' },
  ],
});
