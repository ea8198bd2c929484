// Restricted runtimes: a page with a policy, Deno without permissions.

import { afterEach, expect, it, vi } from 'vitest';
import { createApi } from '#src/api.js';
import { loadNativeAddon } from '#src/platform/native-addon.js';
import { nodePlatform } from '#src/platform/node.js';

afterEach(() => vi.unstubAllGlobals());

it('a runtime that validates WebAssembly without compiling it uses the reference, and reports why', () => {
  const refuse = class {
    constructor() {
      throw new Error("violates 'script-src'");
    }
  };
  vi.stubGlobal('WebAssembly', { validate: () => true, Module: refuse });
  const loadNothing = () => {
    throw new Error('no addon');
  };
  const api = createApi({ ...nodePlatform, loadNativeAddon: loadNothing });
  expect(api.cosineSimilaritySync([[1, 2]]).at(0, 0)).toBe(1);
  const { backend, backends } = api.runtimeInfo();
  expect(backend).toBe('reference');
  expect(backends.find(({ name }) => name === 'wasm')?.description).toContain("needs 'wasm-unsafe-eval' in script-src");
});

it('Deno is not asked for permissions that have not been granted', () => {
  vi.stubGlobal('Deno', { permissions: { querySync: () => ({ state: 'prompt' }) } });
  vi.stubEnv('ALLPAIRS_BACKEND', 'reference');
  expect(nodePlatform.environment('ALLPAIRS_BACKEND')).toBeUndefined();
  expect(loadNativeAddon).toThrow('--allow-ffi');
  vi.stubGlobal('Deno', { permissions: { querySync: () => ({ state: 'granted' }) } });
  expect(nodePlatform.environment('ALLPAIRS_BACKEND')).toBe('reference');
  vi.unstubAllEnvs();
});
