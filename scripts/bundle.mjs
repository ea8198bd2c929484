// Bundles the output of tsc into few files: Node needs about a millisecond to load a module, which would be most of the time to a first
// small result. Packages are bundled too, so that allpairs installs alone. All chunks are one folder deep in dist/, because the sources
// refer to `../backends/tiled/worker-browser.js`, `../web/` and `../../package.json`.

import { chmod, copyFile, readFile, writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { minifySync } from 'rolldown/utils';
import { licensesOf, packageFolderOf } from './licenses.mjs';

const from = (path) => resolve('build/src', path);
const { version, peerDependencies } = JSON.parse(await readFile('package.json', 'utf8'));
const PEERS = Object.keys(peerDependencies);

const isExternal = (id) => id.startsWith('node:') || PEERS.some((peer) => id === peer || id.startsWith(`${peer}/`));
const define = { ALLPAIRS_VERSION: JSON.stringify(version) };
const shared = {
  external: isExternal,
  transform: { target: 'es2022', define },
  logLevel: 'warn',
  // Some modules are loaded lazily in pages only.
  checks: { ineffectiveDynamicImport: false },
};
/** Lets users' bundlers drop unused calls that are marked as pure. */
const comments = { annotation: true, legal: true, jsdoc: false };

/** Writes the entries under their names in dist/, and returns the modules they contain. */
async function bundle(input, options, output) {
  const build = await rolldown({ ...shared, ...options, input });
  const { output: files } = await build.write({ dir: 'dist', comments, ...output });
  await build.close();
  return files.flatMap(({ moduleIds = [] }) => moduleIds);
}

/** Returns the package for which a chunk is loaded, if it consists of packages. */
const packageNameOf = (ids) => (isOfPackages(ids) ? basename(packageFolderOf(ids.at(-1))) : undefined);
const isOfPackages = (ids) => ids.length > 0 && ids.every(packageFolderOf);

/** Our own code stays readable in stack traces. */
const smallPackages = {
  name: 'small packages',
  renderChunk: (code, { fileName, moduleIds }) =>
    isOfPackages(moduleIds) ? minifySync(fileName, code, { module: true }).code : undefined,
};

/** Entries that share chunks, so that each module, and each class, is in one file. Chunks go into `folder`. */
function inChunks(folder, groups) {
  const nameOf = new Map();
  /** A group is a module with everything it imports statically, or the packages among these, unless an earlier group contains it. */
  const note = ({ name, root, packagesOnly }, context) => {
    const seen = new Set();
    const visit = (id) => {
      if (seen.has(id)) return;
      seen.add(id);
      if (!nameOf.has(id) && (!packagesOnly || packageFolderOf(id))) nameOf.set(id, name);
      for (const next of context.getModuleInfo(id)?.importedIds ?? []) visit(next);
    };
    visit(from(root));
  };
  const name = (id, context) => {
    if (nameOf.size === 0) for (const group of groups) note(group, context);
    return nameOf.get(id) ?? null;
  };
  return {
    format: 'es',
    entryFileNames: '[name].js',
    chunkFileNames({ name, moduleIds }) {
      const isGroup = groups.some((group) => group.name === name);
      return `${folder}/${(isGroup ? undefined : packageNameOf(moduleIds)) ?? name}.js`;
    },
    plugins: [smallPackages],
    codeSplitting: { groups: [{ debugName: 'groups', name }] },
  };
}

/** Bundles into a single file, even if it shares modules with others. */
const inOneFile = (extension) => ({ entryFileNames: `[name].${extension}`, codeSplitting: false });

const index = from('index.js');
const inNode = await bundle(
  {
    'entry/index': index,
    'cli/main': from('cli/main.js'),
    'cluster/shard-thread': from('cluster/shard-thread.js'),
    'io/matrix-file-thread': from('io/matrix-file-thread.js'),
    'cli/page-thread': resolve('web/src/compute/command-thread.ts'),
    'cli/report-thread': resolve('web/src/compute/report-thread.ts'),
  },
  // The page imports the library by its name.
  { platform: 'node', resolve: { alias: { allpairs: index } } },
  inChunks('node', [
    { name: 'library', root: 'index.js' },
    { name: 'shard', root: 'cluster/job/run-shard.js' },
    { name: 'terminal', root: 'cli/command-line.js', packagesOnly: true },
  ]),
);
// For `require` where it cannot load ESM, as in Jest. It also contains all formats, because their errors must be instances of its
// classes.
const inCommonJs = await bundle(
  { 'entry/index': index },
  // The code handles an empty `import.meta.url` here.
  { platform: 'node', checks: { ...shared.checks, emptyImportMeta: false } },
  // Errors are named after their classes.
  { ...inOneFile('cjs'), format: 'cjs', minify: true, keepNames: true },
);

/** Browsers have no zlib, no Buffer and no addon. */
const replacedOnTheWeb = {
  name: 'replaced on the web',
  resolveId(id, importer) {
    if (/\/native\/backend\.js$/.test(id)) return resolve(importer, '../native/backend-web.js');
    const [, name] = /\/(zlib|find-byte)-node\.js$/.exec(id) ?? [];
    return name && resolve(importer, `../${name}-web.js`);
  },
};

const browser = { platform: 'browser', plugins: [replacedOnTheWeb] };
const inBrowsers = await bundle(
  { 'entry/browser': from('browser.js') },
  browser,
  inChunks('browser', [{ name: 'library', root: 'browser.js' }]),
);
// A single file, so that tools that copy it need not follow its imports.
await bundle({ 'backends/tiled/worker-browser': from('backends/tiled/worker-browser.js') }, browser, {
  ...inOneFile('js'),
  format: 'es',
});

// The script that `open` runs on Linux, which it expects next to its own code.
await copyFile('node_modules/open/xdg-open', 'dist/node/xdg-open');
// Executable, as npm makes it when it installs the package; a checkout runs the file directly.
await chmod('dist/cli/main.js', 0o755);
await writeFile('dist/node/LICENSES.txt', await licensesOf([...inNode, ...inCommonJs]));
await writeFile('dist/browser/LICENSES.txt', await licensesOf(inBrowsers));
