// The backends by name, best first, and why each that cannot run here cannot. The only place that names one.
//
// These are imported at once rather than lazily: the Sync calls cannot wait, and together they are a few kilobytes.

import { AllpairsError, UnsupportedError } from '../errors.js';
import type { ScoreArray } from '../rows/dtype.js';
import { ContiguousRows } from '../rows/row-source.js';
import { BACKEND_NAMES, type BackendName } from '../types.js';
import type { Backend, Host, JobShape, TileBackend, TileComputer } from './backend.js';
import { createNativeBackend } from './native/backend.js';
import { referenceBackend } from './reference.js';
import { createWasmBackend, createWideWasmBackend, describeWideWasm } from './wasm/backend.js';
import { attachTiles as attachWasmTiles } from './wasm/job.js';

interface Candidate {
  /** Chosen only by name. */
  readonly byName: boolean;
  readonly create: (host: Host) => Backend;
  /** What `create` would give, where creating changes the whole process. */
  readonly describe?: (host: Host) => string;
}

const CANDIDATES: Record<BackendName, Candidate> = {
  native: { byName: false, create: (host) => createNativeBackend(host) },
  wasm256: { byName: true, create: (host) => proven(createWideWasmBackend(host)), describe: describeWideWasm },
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

  /** What a backend is, or why it cannot run here; switches nothing on that calls would not switch on anyway. */
  describe(name: BackendName): BackendInfo {
    const { byName, describe } = CANDIDATES[name];
    try {
      const known = this.found.get(name);
      const description = known || !describe ? this.choose(name).description : describe(this.host);
      return { name, available: true, description, byName };
    } catch (error) {
      if (!(error instanceof UnsupportedError)) throw error;
      return { name, available: false, description: this.found.get(name)?.refusal ?? error.message, byName };
    }
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

/** Long enough for V8 to replace its first, simple code by the optimised code that is to be proved. */
const WARM_UP_MS = 15;

/** `backend` if it, once optimised, agrees with the reference for every kind of input and result; else throws UnsupportedError. */
function proven(backend: TileBackend): TileBackend {
  const rows = 50;
  const depth = 600; // two depth blocks and a rest
  const values = Float64Array.from({ length: rows * depth }, (_, index) => Math.fround(Math.sin(index * index)));
  for (const [dtype, bound] of [
    ['float32', 1e-6],
    ['float64', 1e-14],
  ] as const) {
    const purpose = { kind: 'dense', detachable: false } as const;
    const tileRows = backend.tileRows(dtype, depth);
    const shape = { purpose, dtype, depth, xRows: rows, yRows: 0, tileRows, threads: 1, shared: false };
    const truth = onlyTile(referenceBackend, { ...shape, tileRows: rows }, new ContiguousRows(values, 0, rows, depth));
    for (const data of [values, Float32Array.from(values)]) {
      const source = new ContiguousRows(data, 0, rows, depth);
      const warm = performance.now() + WARM_UP_MS;
      while (performance.now() < warm) onlyTile(backend, shape, source);
      const got = onlyTile(backend, shape, source);
      const wrong = truth.findIndex((score, index) => !(Math.abs((got[index] as number) - score) <= bound));
      if (wrong >= 0) {
        throw new UnsupportedError(`it gave ${got[wrong]} where the reference gives ${truth[wrong]} (${dtype})`);
      }
    }
  }
  return backend;
}

/** All scores of rows that fit one tile. */
function onlyTile(backend: TileBackend, shape: JobShape, source: ContiguousRows): ScoreArray {
  const { rows } = source;
  const job = backend.createJob(shape);
  for (let row = 0; row < rows; row += job.packBlock) {
    job.packRows('x', source, row, Math.min(row + job.packBlock, rows), row, false);
  }
  const tile = {
    rowStart: 0,
    rowEnd: rows,
    colStart: 0,
    colEnd: rows,
    colOperand: 'x',
    diagonal: true,
    mirrored: false,
  } as const;
  const { scores, direct } = job.tiles.computeTile(tile);
  job.release();
  return scores.slice(direct, direct + rows * rows);
}
