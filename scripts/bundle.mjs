// Joins what tsc wrote into one file an entry: Node needs about a millisecond for each module it loads, which is most of the
// time to a first small result. Every entry is one folder deep, so that `../engine/worker-*.js` in platform/ stays true.

import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import { licensesOf } from './licenses.mjs';

const from = 'build/src';
const shared = { bundle: true, format: 'esm', target: 'es2022', packages: 'external', outdir: 'dist', logLevel: 'warning' };

/** The command line uses the library's own bundle: two copies of an error's class would not know each other. */
const libraryOutside = {
  name: 'library outside',
  setup({ onResolve }) {
    onResolve({ filter: /^(\.\.\/)+(index|errors)\.js$/ }, () => ({ path: '../entry/index.js', external: true }));
  },
};

/** Formats are loaded when a file of theirs is: what is imported lazily is a file of its own. */
const split = { splitting: true, chunkNames: 'lazy/[name]-[hash]' };

const { version } = JSON.parse(await readFile('package.json', 'utf8'));
const node = { ...shared, platform: 'node', define: { ALLPAIRS_VERSION: JSON.stringify(version) } };
await build({ ...node, ...split, entryPoints: [{ in: `${from}/index.js`, out: 'entry/index' }] });
// For `require` where that loads no ESM, as in Jest: all in one file, since CommonJS has no chunks.
await build({
  ...node,
  format: 'cjs',
  minify: true,
  // Errors are named after their classes.
  keepNames: true,
  outExtension: { '.js': '.cjs' },
  // The code knows that `import.meta.url` is empty here.
  logOverride: { 'empty-import-meta': 'silent' },
  entryPoints: [{ in: `${from}/index.js`, out: 'entry/index' }],
});
await build({ ...node, entryPoints: [{ in: `${from}/io/matrix-file-thread.js`, out: 'io/matrix-file-thread' }] });
await build({
  ...node,
  ...split,
  plugins: [libraryOutside],
  entryPoints: [
    { in: `${from}/cli/main.js`, out: 'cli/main' },
    { in: `${from}/cluster/shard-thread.js`, out: 'cluster/shard-thread' },
  ],
});

/** Browsers have no zlib, which zlib-web.js replaces, and no addon. */
const replacedOnTheWeb = {
  name: 'replaced on the web',
  setup({ onResolve }) {
    onResolve({ filter: /\/native\/backend\.js$/ }, ({ resolveDir }) => ({
      path: resolve(resolveDir, 'native/backend-web.js'),
    }));
    onResolve({ filter: /\/zlib-node\.js$/ }, ({ resolveDir }) => ({ path: resolve(resolveDir, 'zlib-web.js') }));
  },
};

// Packages are in it: a page may be served straight from dist/, where nothing finds them.
const browser = { ...shared, platform: 'browser', packages: 'bundle' };
const { metafile } = await build({
  ...browser,
  ...split,
  plugins: [replacedOnTheWeb],
  metafile: true,
  entryPoints: [{ in: `${from}/browser.js`, out: 'entry/browser' }],
});
// A file of its own, whatever the entry shares with it: what copies it need not follow its imports.
await build({
  ...browser,
  entryPoints: [{ in: `${from}/backends/tiled/worker-browser.js`, out: 'backends/tiled/worker-browser' }],
});
await writeFile('dist/lazy/LICENSES.txt', await licensesOf(Object.keys(metafile.inputs)));
