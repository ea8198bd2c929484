// Handles Ctrl-C and SIGTERM. This module imports nothing slow, because main.ts loads it first.

import process from 'node:process';
import { wrapBlocking } from '../io/blocking.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Returns a signal that aborts at the first SIGINT or SIGTERM, so that the command can save its state and clean up. A second one kills the
 * process. So does the first one while a library blocks the thread, because handlers are not called then.
 */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  const abort = () => {
    stopListening();
    controller.abort();
  };
  const listen = () => {
    for (const name of SIGNALS) process.on(name, abort);
  };
  const stopListening = () => {
    for (const name of SIGNALS) process.off(name, abort);
  };
  listen();
  wrapBlocking(async (work) => {
    // Node reports a signal at the end of a turn of the event loop, and forgets it if nothing listens any more. A whole turn in which
    // nothing else happens leaves it a few microseconds for that.
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
    if (controller.signal.aborted) return work();
    stopListening();
    try {
      return work();
    } finally {
      listen();
    }
  });
  return controller.signal;
}
