// Keeps the garbage of a process within a memory limit small.

import { setFlagsFromString } from 'node:v8';

/** Within larger limits, 48 MiB do not matter. */
const SMALL_LIMIT = 2 ** 30;

/**
 * Keeps the young generation of V8 at its present size if `limit` bytes are few. Otherwise it grows to 48 MiB where rows are decoded, most of it
 * garbage. Collections become more frequent, which takes some 5 % longer.
 */
export function limitYoungGeneration(limit: number): void {
  // Bun has another engine.
  if (limit < SMALL_LIMIT && !('bun' in process.versions)) setFlagsFromString('--semi-space-growth-factor=1');
}
