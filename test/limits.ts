// The time limits of all tests. They end tests that hang, and are no measure of speed: a machine that is ten times slower stays within
// them.

/** Milliseconds for one test, or for one hook. */
export const TEST_MS = 600_000;

/** Milliseconds for one event that a test waits for: a condition, a process, an element of a page. */
export const WAIT_MS = 300_000;

/** Milliseconds that a file reader may take for one small file. Readers that are slow but end are judged by their steps instead. */
export const READ_MS = 60_000;
