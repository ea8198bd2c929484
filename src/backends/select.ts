// The backends by name, best first, and why each that cannot run here cannot. The only place that names one.
//
// These are imported at once rather than lazily: the Sync calls cannot wait, and together they are a few kilobytes.

import { AllpairsError, UnsupportedError } from '../errors.js';
import { BACKEND_NAMES, type BackendName } from '../types.js';
import type { Backend, Host, TileComputer } from './backend.js';
import { createNativeBackend } from './native/backend.js';
import { referenceBackend } from './reference.js';
import { createWasmBackend } from './wasm/backend.js';
import { attachTiles as attachWasmTiles } from './wasm/job.js';

interface Candidate {
  /** Chosen only by name. */
  readonly byName: boolean;
  readonly create: (host: Host) => Backend;
}

const CANDIDATES: Record<BackendName, Candidate> = {
  native: { byName: false, create: (host) => createNativeBackend(host) },
  wasm: { byName: false, create: createWasmBackend },
  reference: { byName: false, create: () => referenceBackend },
  'native-avx512': { byName: true, create: (host) => createNativeBackend(host, 'avx512') },
  'native-avx2': { byName: true, create: (host) => createNativeBackend(host, 'avx2') },
  'native-sse2': { byName: true, create: (host) => createNativeBackend(host, 'sse2') },
  'native-neon': { byName: true, create: (host) => createNativeBackend(host, 'neon') },
};

/** A backend, or why it cannot run here. */
export interface BackendStatus {
  readonly name: BackendName;
  readonly backend?: Backend;
  readonly refusal?: string;
}

/** What a backend is and whether it runs here. */
export interface BackendInfo {
  readonly name: BackendName;
  readonly available: boolean;
  /** What it runs on, or why it does not. */
  readonly description: string;
  /** Chosen only by name. */
  readonly byName: boolean;
}

/** Finds backends for one host, creating each at most once. */
export class BackendSelection {
  private readonly found = new Map<BackendName, BackendStatus>();

  constructor(private readonly host: Host) {}

  /** The backend of that name, or the best; throws UnsupportedError with the reason, or with every reason. */
  choose(forced: BackendName | undefined): Backend {
    if (forced) {
      const { backend, refusal } = this.status(forced);
      if (backend) return backend;
      throw new UnsupportedError(`backend '${forced}' cannot run here: ${refusal}`);
    }
    const reasons: string[] = [];
    for (const name of BACKEND_NAMES) {
      if (CANDIDATES[name].byName) continue;
      const { backend, refusal } = this.status(name);
      if (backend) return backend;
      reasons.push(`${name}: ${refusal}`);
    }
    throw new UnsupportedError(`no backend can run here: ${reasons.join('; ')}`);
  }

  /** What a backend is, or why it cannot run here. */
  describe(name: BackendName): BackendInfo {
    const { byName } = CANDIDATES[name];
    const { backend, refusal } = this.status(name);
    if (backend) return { name, available: true, description: backend.description, byName };
    return { name, available: false, description: refusal as string, byName };
  }

  /** Creates a backend, or says why it cannot run here. */
  status(name: BackendName): BackendStatus {
    const known = this.found.get(name);
    if (known) return known;
    let status: BackendStatus;
    try {
      status = { name, backend: CANDIDATES[name].create(this.host) };
    } catch (error) {
      if (!(error instanceof AllpairsError)) throw error;
      status = { name, refusal: error.message };
    }
    this.found.set(name, status);
    return status;
  }
}

/** The thread's end of a job that `backend` shared. */
export function attachTiles(backend: string, shared: unknown): TileComputer {
  return backend === referenceBackend.name ? referenceBackend.attach(shared) : attachWasmTiles(shared);
}
