// Keeps V8 from optimizing the code of HDF5. That takes 24 MiB, which the threads that optimize never give back, and makes it hardly faster.

import { setFlagsFromString } from 'node:v8';

/** Bun has another engine. */
const FLAGS = 'bun' in process.versions ? [] : ['wasm-tier-up', 'wasm-dynamic-tiering'];

let users = 0;

/** Call before HDF5 is compiled or called, which compiles more of it, and `allowOptimizing` after. Applies to all WebAssembly meanwhile. */
export function avoidOptimizing(): void {
  if (users++ === 0) for (const flag of FLAGS) setFlagsFromString(`--no-${flag}`);
}

export function allowOptimizing(): void {
  if (--users === 0) for (const flag of FLAGS) setFlagsFromString(`--${flag}`);
}
