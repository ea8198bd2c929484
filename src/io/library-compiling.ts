// Keeps V8 from optimizing the WebAssembly of libraries. That takes some 20 MiB, which the threads that optimize never give back, and makes
// reading hardly faster.

import { setFlagsFromString } from 'node:v8';

/** Bun has another engine. */
const FLAGS = 'bun' in process.versions ? [] : ['wasm-tier-up', 'wasm-dynamic-tiering'];

let users = 0;

/** Call before a library is compiled or called, which compiles more of it, and `allowOptimizing` after. Applies to all WebAssembly meanwhile. */
export function avoidOptimizing(): void {
  if (users++ === 0) for (const flag of FLAGS) setFlagsFromString(`--no-${flag}`);
}

export function allowOptimizing(): void {
  if (--users === 0) for (const flag of FLAGS) setFlagsFromString(`--${flag}`);
}

export function withoutOptimizing<T>(work: () => T): T {
  avoidOptimizing();
  try {
    return work();
  } finally {
    allowOptimizing();
  }
}
