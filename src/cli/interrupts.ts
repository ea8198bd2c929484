// Handles Ctrl-C and SIGTERM. This module imports nothing slow, because main.ts loads it first.

import process from 'node:process';
import { wrapBlocking } from '../io/blocking.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Between two blocks of a file, nothing listens. After a longer pause, the signal aborts again. */
const PAUSE_MS = 50;

/** Waits until Node has reported signals that have arrived, which it does at the end of a turn of the event loop. */
export async function reportSignals(): Promise<void> {
  // A whole turn in which nothing else happens leaves it a few microseconds for that.
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Returns a signal that aborts at the first SIGINT or SIGTERM, so that the command can save its state and clean up. A second one kills the
 * process. So does the first one while a library that blocks the thread reads a file, because handlers are not called then.
 */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  let listening = false;
  const abort = () => {
    stopListening();
    controller.abort();
  };
  const listen = () => {
    if (listening || controller.signal.aborted) return;
    listening = true;
    for (const name of SIGNALS) process.on(name, abort);
  };
  const stopListening = () => {
    listening = false;
    for (const name of SIGNALS) process.off(name, abort);
  };
  listen();
  let resumed: NodeJS.Timeout | undefined;
  wrapBlocking(async (work) => {
    clearTimeout(resumed);
    if (listening) {
      // Node forgets a signal that it has not reported if nothing listens any more.
      await reportSignals();
      stopListening();
    }
    try {
      return work();
    } finally {
      resumed = setTimeout(listen, PAUSE_MS).unref();
    }
  });
  return controller.signal;
}
