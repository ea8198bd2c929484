// Calls of libraries that work in one go, such as a query in WebAssembly: nothing else on this thread runs meanwhile, handlers of signals
// included. The command has the signals end the process then (cli/interrupts.ts); in the library the caller's handlers are left alone.

type Around = <T>(work: () => T) => T;

let around: Around = (work) => work();

/** Has `wrap` call what blocks the thread. */
export function wrapBlocking(wrap: Around): void {
  around = wrap;
}

/** Calls `work`, which may take any time without a turn of the event loop. */
export function runBlocking<T>(work: () => T): T {
  return around(work);
}
