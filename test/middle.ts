// The middle of a call, as an event that does not depend on the speed of the machine. Test files use it as
//
//     vi.mock('#src/engine/watch.js', async (original) => (await import('./middle.js')).withMiddle(await original()));

import type * as watching from '#src/engine/watch.js';
import { WAIT_MS } from './limits.js';

/** More bytes than a backend needs to start its threads. */
const MICROTASKS = 20;

let onStart: ((tilesDone: () => number) => void) | undefined;

/**
 * Calls `act` once in the middle of the next call that computes on other threads, when they have finished a tile. The calling thread is
 * blocked until then, so the call cannot settle before `act` returns, however fast the threads are.
 */
export function inTheMiddle(act: () => void): void {
  onStart = (tilesDone) => {
    blockUntil(() => tilesDone() > 0);
    act();
  };
}

/** Calls `act` once, as soon as the next call has asked other threads to compute. It may still be waiting for them. */
export function whenStarted(act: () => void): void {
  onStart = act;
}

/** Returns the module with a `watch` that reports the start. */
export function withMiddle(original: typeof watching): typeof watching {
  const watch: typeof watching.watch = (run, control, work) =>
    original.watch(run, control, async (receive) => {
      const done = work(receive);
      const act = onStart;
      onStart = undefined;
      if (!act) return done;
      try {
        // Threads are leased and receive their orders between microtasks; their messages arrive in a separate turn.
        for (let turn = 0; turn < MICROTASKS; turn++) await undefined;
        act(control.tilesDone);
      } catch (error) {
        control.stop();
        await done.catch(() => {});
        throw error;
      }
      return done;
    });
  return { ...original, watch };
}

function blockUntil(holds: () => boolean): void {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const deadline = performance.now() + WAIT_MS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('no tile was finished');
    Atomics.wait(cell, 0, 0, 1);
  }
}
