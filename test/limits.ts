// Every time limit of the tests. They end what hangs and never judge what is slow: a machine ten times slower keeps them.

/** Milliseconds for one test, or for one hook. */
export const TEST_MS = 600_000;

/** Milliseconds for one thing that a test waits for: a condition, a process, an element of a page. */
export const WAIT_MS = 300_000;

/** Milliseconds that a reader of files may take for one small file. What is slow but ends is judged by its steps instead. */
export const READ_MS = 60_000;
