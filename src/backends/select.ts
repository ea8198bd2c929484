// The backends by name, best first, and why each that cannot run here is unavailable. No other module names one.
//
// All except WebGPU are imported eagerly, because Sync calls cannot wait and together they are only a few kilobytes.

import { AllpairsError, UnsupportedError } from '../errors.js';
import type { Platform } from '../platform/platform.js';
import { BACKEND_NAMES, type BackendInfo, type BackendName } from '../types.js';
import type { Backend } from './backend.js';
import { createNativeBackend } from './native/backend.js';
import { referenceBackend } from './reference.js';
import { ThreadPool } from './tiled/thread-pool.js';
import { TiledBackend } from './tiled/tiled-backend.js';
import { createWasmBackend } from './wasm/backend.js';

/** A way to create a backend. `create` throws an AllpairsError with the reason if it cannot run. */
export interface Candidate {
  /** Used only if it is named. */
  readonly byName: boolean;
  /** Not created just to describe it, because that loads much code and may wake a device. */
  readonly isLazy?: boolean;
  /** Returns a promise if the backend loads asynchronously; Sync calls do not use it until then. */
  readonly create: (platform: Platform, pool: ThreadPool) => Backend | Promise<Backend>;
}

const CANDIDATES: Record<BackendName, Candidate> = {
  native: { byName: false, create: (platform) => createNativeBackend(platform) },
  wasm: { byName: false, create: (platform, pool) => new TiledBackend(createWasmBackend(platform), pool) },
  reference: { byName: false, create: (_, pool) => new TiledBackend(referenceBackend, pool) },
  'native-avx512': { byName: true, create: (platform) => createNativeBackend(platform, 'avx512') },
  'native-avx2': { byName: true, create: (platform) => createNativeBackend(platform, 'avx2') },
  'native-sse2': { byName: true, create: (platform) => createNativeBackend(platform, 'sse2') },
  'native-neon': { byName: true, create: (platform) => createNativeBackend(platform, 'neon') },
  webgpu: { byName: true, isLazy: true, create: (platform) => createGpuBackend('webgpu', platform) },
  'webgpu-software': { byName: true, isLazy: true, create: (platform) => createGpuBackend('webgpu-software', platform) },
};

/** Loaded on demand, because few calls compute on a GPU, and those wait for it anyway. */
async function createGpuBackend(name: BackendName, platform: Platform): Promise<Backend> {
  const gpu = await platform.loadGpu().catch((error) => {
    throw new UnsupportedError(error instanceof Error ? error.message : String(error));
  });
  const { createWebGpuBackend } = await import('./webgpu/backend.js');
  return createWebGpuBackend(name, gpu as GPU, { software: name === 'webgpu-software' });
}

/** A backend, or why it cannot run here. */
export interface BackendStatus {
  readonly name: BackendName;
  readonly backend?: Backend;
  readonly refusal?: string;
}

/** Finds backends for one platform and creates each at most once. */
export class BackendSelection {
  /** The threads of all backends that have none of their own. */
  private readonly pool: ThreadPool;
  private readonly found = new Map<BackendName, BackendStatus>();
  /** Backends that are still loading. */
  private readonly coming = new Map<BackendName, Promise<BackendStatus>>();

  constructor(
    private readonly platform: Platform,
    private readonly candidates: Readonly<Partial<Record<BackendName, Candidate>>> = CANDIDATES,
  ) {
    this.pool = new ThreadPool(platform);
  }

  /** True if a backend that need not be named is still loading. */
  get isComing(): boolean {
    for (const name of this.coming.keys()) if (this.candidates[name]?.byName === false) return true;
    return false;
  }

  /** Why backends without their own threads compute on the calling thread only, once this is known; otherwise undefined. */
  get threadRefusal(): string | undefined {
    return this.pool.refusal;
  }

  /** Returns the backend of that name, or the best. Rejects with an UnsupportedError that gives the reason, or every reason. */
  async choose(forced: BackendName | undefined): Promise<Backend> {
    const refused: BackendStatus[] = [];
    for (const name of this.namesFor(forced)) {
      this.status(name);
      const status = (await this.coming.get(name)) ?? this.status(name);
      if (status.backend) return status.backend;
      refused.push(status);
    }
    throw noneRuns(forced, refused);
  }

  /** Like `choose`, for Sync calls: only among the backends that are already available. Throws UnsupportedError. */
  chooseSync(forced: BackendName | undefined): Backend {
    const known = forced && this.ready(forced);
    if (known?.servesSync) return known;
    const refused: BackendStatus[] = [];
    for (const name of this.namesFor(forced)) {
      const status = this.status(name);
      if (status.backend?.servesSync) return status.backend;
      refused.push(status.backend ? { name, refusal: NOT_SYNC } : status);
    }
    throw noneRuns(forced, refused);
  }

  /** Returns the backend of that name if it was created before. */
  ready(name: BackendName): Backend | undefined {
    return this.found.get(name)?.backend;
  }

  /** True if only asynchronous calls can use a backend of that name. */
  isLazy(name: BackendName): boolean {
    return this.candidates[name]?.isLazy ?? false;
  }

  /** Describes a backend, or why it cannot run here. */
  describe(name: BackendName): BackendInfo {
    const { byName = true, isLazy = false } = this.candidates[name] ?? {};
    if (isLazy && !this.found.has(name)) return { name, available: false, description: NOT_LOOKED_FOR, byName };
    const { backend, refusal } = this.status(name);
    return { name, available: backend !== undefined, description: backend?.description ?? (refusal as string), byName };
  }

  /** Creates a backend, or returns why it cannot run here, or not yet. */
  status(name: BackendName): BackendStatus {
    const known = this.found.get(name);
    if (known) return known;
    const coming: BackendStatus = { name, refusal: this.isLazy(name) ? NOT_LOADED : LOADING };
    if (this.coming.has(name)) return coming;
    let created: Backend | Promise<Backend> | undefined;
    try {
      created = this.candidates[name]?.create(this.platform, this.pool);
    } catch (error) {
      return this.settle(name, { refusal: reasonOf(error) });
    }
    if (created instanceof Promise) {
      const settled = created.then(
        (backend) => this.settle(name, { backend }),
        (error) => this.settle(name, { refusal: reasonOf(error) }),
      );
      // Callers that wait for it receive other errors; a Sync call does not wait.
      settled.catch(() => {});
      this.coming.set(name, settled);
      return coming;
    }
    return this.settle(name, created ? { backend: created } : { refusal: 'there is no such backend' });
  }

  private settle(name: BackendName, outcome: Omit<BackendStatus, 'name'>): BackendStatus {
    const status = { name, ...outcome };
    this.found.set(name, status);
    this.coming.delete(name);
    return status;
  }

  private namesFor(forced: BackendName | undefined): readonly BackendName[] {
    return forced ? [forced] : BACKEND_NAMES.filter((name) => this.candidates[name]?.byName === false);
  }
}

const NOT_LOOKED_FOR = 'a call that names it looks for an adapter';
const NOT_SYNC = 'only asynchronous calls can use it';
const LOADING = 'it is still loading; Sync calls and plans can use it after an asynchronous call';
const NOT_LOADED = 'only asynchronous calls can use it, and plans after such a call';

/** Returns why a backend cannot run; rethrows errors that are not such a reason. */
function reasonOf(error: unknown): string {
  if (!(error instanceof AllpairsError)) throw error;
  return error.message;
}

function noneRuns(forced: BackendName | undefined, refused: readonly BackendStatus[]): UnsupportedError {
  if (forced) return new UnsupportedError(`backend '${forced}' cannot run here: ${refused[0]?.refusal}`);
  const reasons = refused.map(({ name, refusal }) => `${name}: ${refusal}`);
  return new UnsupportedError(`no backend can run here: ${reasons.join('; ')}`);
}
