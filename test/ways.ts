// The ways in which asynchronous calls compute in Node: as calls that name no backend do (on the addon's threads, if it is built), on
// workers, and on the calling thread in turns with its event loop.

import { createApi } from '#src/api.js';
import type { Api } from '#src/calls.js';
import { nodePlatform } from '#src/platform/node.js';
import type { Platform } from '#src/platform/platform.js';

/** Calls that do not name a backend use `backend`. */
export function preferring(backend: string): Platform {
  return { ...nodePlatform, environment: (name) => (name === 'ALLPAIRS_BACKEND' ? backend : undefined) };
}

export const automatic: Api = createApi(nodePlatform);
export const onWorkers: Api = createApi(preferring('wasm'));
export const alone: Api = createApi({ ...preferring('wasm'), threadRefusal: 'not in this test' });
export const WAYS: readonly Api[] = [automatic, onWorkers, alone];
