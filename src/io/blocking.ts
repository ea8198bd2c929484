// Library calls that block the thread, such as a query in WebAssembly. Meanwhile nothing else runs on it, including signal handlers. The
// command lets signals end the process during such calls (cli/interrupts.ts); in the library, the caller's handlers are left alone.

type Around = <T>(work: () => T) => Promise<T>;

let around: Around = async (work) => work();

/** Wraps all calls that block the thread in `wrap`. */
export function wrapBlocking(wrap: Around): void {
  around = wrap;
}

/** Work on more bytes at once may block the thread for a second and more on a busy machine. */
const LONG_BYTES = 2 ** 22;

/** Calls `work`, which examines `bytes` bytes at once. */
export function examining<T>(bytes: number, work: () => T): T | Promise<T> {
  return bytes > LONG_BYTES ? runBlocking(work) : work();
}

/** Calls `work`, which may block the event loop for any length of time. */
export function runBlocking<T>(work: () => T): Promise<T> {
  return around(work);
}
