// Numbers that TypeScript shares with C++ and with AssemblyScript.

import { describe, expect, it } from 'vitest';
import { createApi } from '#src/api.js';
import * as shared from '#src/backends/constants.js';
import type { NativeAddon } from '#src/backends/native/addon.js';
import { type AddonConstants, MAX_TILE_ROWS } from '#src/backends/native/constants.js';
import { binaries } from '#src/backends/wasm/binaries.js';
import { binaryIn } from '#src/backends/wasm/binary.js';
import * as ofWasm from '#src/backends/wasm/constants.js';
import { binaries as searchBinaries } from '#src/backends/wasm/search-binaries.js';
import { nodePlatform } from '#src/platform/node.js';
import { BACKENDS } from '../conformance/node-runner.js';

/** The names in native/core/constants.h. */
const CONSTANTS: AddonConstants = {
  purposes: 'dense,pairs,top-k,histogram,tiles',
  maxTileRows: 16384,
  sumUnits: 8589934592,
  noScore: -2,
  noIndex: 4294967295,
  groupings: ',across,within',
  noGroup: 4294967295,
};

/** Returns the reason for refusing 'native' if the addon has these constants. */
function descriptionWith(constants: unknown) {
  const set = {
    name: 'avx2',
    description: '256 bits',
    runs: true,
    panelRowsFloat32: 24,
    panelRowsFloat64: 12,
    depthBlock: 128,
  };
  const loadNativeAddon = () => ({ constants, instructionSets: () => [set] });
  return createApi({ ...nodePlatform, loadNativeAddon }).runtimeInfo().backends[0];
}

describe('the constants of the addon', () => {
  it('are accepted if they match this code', () => {
    expect(descriptionWith(CONSTANTS)).toMatchObject({ available: true, description: 'C++, 256 bits' });
  });

  it.each([
    ['purposes', 'dense,top-k,pairs,histogram'],
    ['maxTileRows', 8192],
    ['sumUnits', 2 ** 32],
    ['noScore', -1],
    ['noIndex', 0],
    ['groupings', ',within,across'],
    ['noGroup', 0],
  ])('cause an addon in which %s is %s to be refused', (name, value) => {
    const refused = descriptionWith({ ...CONSTANTS, [name]: value });
    expect(refused?.available).toBe(false);
    expect(refused?.description).toBe(
      `the addon was built for another version of allpairs (${name} is ${value} there and ${CONSTANTS[name as keyof AddonConstants]} here); ` +
        'reinstall allpairs, or run "npm run build" in a checkout',
    );
  });

  it('cause an addon without them to be refused', () => {
    expect(descriptionWith(undefined)).toMatchObject({
      available: false,
      description: expect.stringContaining('another version of allpairs (it does not state purposes)'),
    });
  });

  it('give the reason to calls that name native, and the next backend to other calls', async () => {
    const loadNativeAddon = () => ({ constants: { ...CONSTANTS, sumUnits: 1 }, instructionSets: () => [] });
    const api = createApi({ ...nodePlatform, loadNativeAddon });
    await expect(api.cosineSimilarity([[1, 2]], { backend: 'native' })).rejects.toThrow(
      /^backend 'native' cannot run here: the addon was built for another version/,
    );
    expect((await api.cosineSimilarity([[1, 2]])).at(0, 0)).toBe(1);
    expect(api.runtimeInfo().backend).toBe('wasm');
  });

  it.skipIf(!BACKENDS.some(({ name, backend }) => name.startsWith('native-') && backend))('are found in the real addon', () => {
    expect((nodePlatform.loadNativeAddon() as NativeAddon).constants).toEqual(CONSTANTS);
  });
});

describe('the constants of the WebAssembly kernels', () => {
  const { SUM_ROUNDER, NO_SCORE, NO_GROUP } = shared;
  // This engine may lack relaxed SIMD.
  const accepted = (['simd', 'relaxed'] as const).filter((build) => WebAssembly.validate(binaryIn(binaries, build, false)));
  const builds = accepted.flatMap((build) => (['local', 'shared'] as const).map((memory) => ({ build, memory })));

  it.each(builds)('match this code in the build $build, $memory', ({ build, memory: kind }) => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: kind === 'shared' });
    const found = new Map<string, number>();
    for (const text of [binaries, searchBinaries]) {
      const module = new WebAssembly.Module(binaryIn(text, build, kind === 'shared'));
      const { exports } = new WebAssembly.Instance(module, { env: { memory } });
      for (const [name, value] of Object.entries(exports)) {
        if (value instanceof WebAssembly.Global) found.set(name, value.value as number);
      }
    }
    // JavaScript sees an i32 as signed.
    const wanted = { ...ofWasm, OPEN_HIT: ofWasm.OPEN_HIT | 0, SUM_ROUNDER, NO_SCORE, NO_GROUP: NO_GROUP | 0 };
    expect(Object.fromEntries(found)).toEqual(wanted);
  });

  it('are compared in at least one build', () => {
    expect(builds.length).toBeGreaterThan(0);
  });
});

describe('the tiles of every backend', () => {
  it.each(BACKENDS.filter(({ backend }) => backend))(
    '$name begin at whole panels, and are no larger than the addon accepts',
    ({ backend }) => {
      for (const dtype of ['float32', 'float64'] as const) {
        for (const depth of [0, 1, 768, 65536, 2 ** 24]) {
          const rows = backend?.tileRows(dtype, depth) ?? 0;
          expect(rows).toBeGreaterThan(0);
          expect(rows).toBeLessThanOrEqual(MAX_TILE_ROWS);
          expect(rows % (backend?.tileStep(dtype) ?? 0)).toBe(0);
        }
        expect((backend?.tileStep(dtype) ?? 0) % (backend?.panelRows(dtype) ?? 0)).toBe(0);
      }
    },
  );
});
