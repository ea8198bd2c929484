import { setTimeout as sleep } from 'node:timers/promises';
import { WAIT_MS } from './limits.js';

/** Resolves as soon as `holds` returns true. Throws, with `what` in the message, if that takes longer than WAIT_MS. */
export async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${WAIT_MS / 1000} s in vain until ${what}`);
    await sleep(2);
  }
}
