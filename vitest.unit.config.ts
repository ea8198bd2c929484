// What a person runs while editing: tests of the sources as they are, without a build. Kernels and threads need one, so rows are
// compared by the reference backend here; `npm test` has everything.

import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vitest/config';
import { TEST_MS } from './test/limits.js';

const SRC = fileURLToPath(new URL('src/', import.meta.url));

/** What the build writes, as it would be where nothing was built. */
const UNBUILT: readonly (readonly [specifier: RegExp, code: string])[] = [
  [
    /\/wasm\/backend\.js$/,
    `import { UnsupportedError } from '${SRC}errors.ts';
     export function createWasmBackend() { throw new UnsupportedError('nothing is built'); }`,
  ],
  [/\/binaries\.js$/, "export const binaries = '';"],
  [/\/worker-source-(node|browser)\.js$/, "export const workerSource = '';"],
];

const withoutBuild: Plugin = {
  name: 'without a build',
  enforce: 'pre',
  resolveId(specifier) {
    const at = UNBUILT.findIndex(([pattern]) => pattern.test(specifier));
    if (at >= 0) return `\0unbuilt:${at}`;
    if (specifier.endsWith('/native/backend.js')) return `${SRC}backends/native/backend-web.ts`;
    if (specifier === 'allpairs') return `${SRC}index.ts`;
    if (specifier.startsWith('#src/')) return SRC + specifier.slice(5).replace(/\.js$/, '.ts');
    return undefined;
  },
  load: (id) => (id.startsWith('\0unbuilt:') ? UNBUILT[Number(id.slice(9))]?.[1] : undefined),
};

export default defineConfig({
  plugins: [withoutBuild],
  test: {
    include: [
      'test/{architecture,check,errors,exports,option-names,result-json,rows-input}.test.ts',
      'test/backends/select.test.ts',
      'test/engine/**/*.test.ts',
      'test/cluster/{shards,shard-view}.test.ts',
      'test/io/{columns/*,blob-rows,cases,compressed,csv-dialect,empty-files,hdf5,many-files,npy,open-inputs,pytorch,safetensors,stores,vecs,zstd}.test.ts',
      'test/cli/labels.test.ts',
    ],
    testTimeout: TEST_MS,
    hookTimeout: TEST_MS,
    isolate: false,
  },
});
