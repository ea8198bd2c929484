// Records what was built, so that `npm test` right after `npm ci` does not build again.
//
//     node scripts/build-stamp.mjs --write     at the end of `npm run build`
//     node scripts/build-stamp.mjs             exits with 1 unless another build would give the same result

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'build/stamp');

const INPUTS = ['src', 'wasm', 'native', 'web', 'scripts', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
/** Generated files inside the input folders. */
const MADE = [
  join('native', 'build'),
  join('src', 'backends', 'wasm', 'binaries.ts'),
  join('src', 'backends', 'wasm', 'search-binaries.ts'),
  join('src', 'platform', 'worker-source-browser.ts'),
  join('src', 'platform', 'worker-source-node.ts'),
];
const OUTPUTS = ['dist', 'build/src', 'build/report', ...MADE];
/** If the addon is missing, a compiler may have been installed since. */
const NEEDED = ['dist/entry/index.js', 'dist/web', 'build/src', 'build/report', 'native/build/Release/allpairs.node'];

/** Returns all files in folders below the root, or the files themselves, in order. */
function filesIn(paths, except = []) {
  return paths.flatMap((path) => {
    if (except.includes(path) || !existsSync(join(root, path))) return [];
    if (!statSync(join(root, path)).isDirectory()) return [path];
    const names = readdirSync(join(root, path)).sort();
    return filesIn(
      names.map((name) => join(path, name)),
      except,
    );
  });
}

/** Returns a digest of all inputs of a build. */
function digestOfInputs() {
  const { scripts, version, exports, imports, peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const hash = createHash('sha256').update(
    JSON.stringify([scripts.build, version, exports, imports, peerDependencies, process.version, process.arch]),
  );
  for (const path of filesIn(INPUTS, MADE)) hash.update(`\n${path}\n`).update(readFileSync(join(root, path)));
  return hash.digest('hex');
}

/** Returns false if outputs were built or removed after the stamp was written. */
function outputsAreOlder() {
  const { mtimeMs } = statSync(stamp);
  return (
    NEEDED.every((path) => existsSync(join(root, path))) &&
    filesIn(OUTPUTS).every((path) => statSync(join(root, path)).mtimeMs <= mtimeMs)
  );
}

if (process.argv.includes('--write')) writeFileSync(stamp, digestOfInputs());
else process.exitCode = existsSync(stamp) && readFileSync(stamp, 'utf8') === digestOfInputs() && outputsAreOlder() ? 0 : 1;
