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
  let resumed: NodeJS.Immediate | undefined;
  wrapBlocking((work) => {
    if (controller.signal.aborted) return work();
    // Node forgets a signal that it has noticed if nothing listens when it would report it, which is after the turn that may lead here.
    // Listening therefore continues only once the event loop has taken a turn without such calls.
    clearImmediate(resumed);
    stopListening();
    try {
      return work();
    } finally {
      resumed = setImmediate(listen);
    }
  });
  return controller.signal;
}
