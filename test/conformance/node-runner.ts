import type { BackendName, Rows, ScoreArray } from 'allpairs';
import type { Backend } from '#src/backends/backend.js';
import { nodePlatform } from '#src/platform/node.js';
import { BACKEND_NAMES } from '#src/types.js';
import { Runner } from './runner.js';

export const runner = new Runner(nodePlatform);

export function truth(x: Rows, y?: Rows): ScoreArray {
  return runner.truth(x, y);
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
