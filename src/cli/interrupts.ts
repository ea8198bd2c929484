// Ctrl-C and SIGTERM. This module imports nothing slow: main.ts loads it first.

import process from 'node:process';

/** Aborts at the first SIGINT or SIGTERM, so that the command can save its state and clean up. A second one kills the process. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
  return controller.signal;
}
