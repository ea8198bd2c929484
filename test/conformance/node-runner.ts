import type { BackendName, Rows, ScoreArray } from 'allpairs';
import type { Backend } from '#src/backends/backend.js';
import { nodePlatform } from '#src/platform/node.js';
import { BACKEND_NAMES } from '#src/types.js';
import { Runner } from './runner.js';

export const runner = new Runner(nodePlatform);

/** For rows of x without y, and for each y; backends and dtypes share cases. */
const known = new WeakMap<Rows, Map<Rows | undefined, ScoreArray>>();

/** Float64 scores, computed once for the same objects. */
export function truth(x: Rows, y?: Rows): ScoreArray {
  const ofX = known.get(x) ?? new Map<Rows | undefined, ScoreArray>();
  known.set(x, ofX);
  const scores = ofX.get(y) ?? runner.truth(x, y);
  ofX.set(y, scores);
  return scores;
}

/** The backend, or why it cannot run here; REQUIRE_BACKENDS (a list of names) makes that an error. */
function backendOrReason(name: BackendName): { backend?: Backend; reason?: string } {
  const { backend, refusal } = runner.selection.status(name);
  if (backend) return { backend };
  if (process.env.REQUIRE_BACKENDS?.split(',').includes(name)) throw new Error(`${name} is required: ${refusal}`);
  return { reason: refusal ?? 'unknown' };
}

/**
 * All backends except 'native', which stands for the best of the native ones, and WebGPU, which is asynchronous and has its own test
 * (test/backends/webgpu.test.ts).
 */
export const BACKENDS = BACKEND_NAMES.filter((name) => name !== 'native' && !name.startsWith('webgpu')).map((name) => ({
  name,
  ...backendOrReason(name),
}));

// The engine is called directly, without the part that waits for this.
for (const { backend } of BACKENDS) await backend?.ready?.();
