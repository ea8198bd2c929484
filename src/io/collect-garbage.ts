// Collects garbage on request, where memory that the engine does not see depends on it.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collector: (() => void) | undefined;

/** Collects all garbage; takes some 10 ms. Does nothing in runtimes that do not offer it. */
export function collectGarbage(): void {
  collector ??= findCollector();
  collector();
}

function findCollector(): () => void {
  if ('bun' in process.versions) return () => {};
  setFlagsFromString('--expose-gc');
  return runInNewContext("typeof gc === 'function' ? gc : () => {}") as () => void;
}
