// Numbers that the engine, its epilogues and the kernels of every backend share. The kernels define them in their own languages: those of
// the addon are compared when it loads (native/constants.ts), those of WebAssembly by a test (wasm/constants.ts).

/** The sum of a histogram adds scores rounded to multiples of 1 / SUM_UNITS, so that the order of addition does not matter. */
export const SUM_UNITS: number = 2 ** 33;

/** Adding this to a score and subtracting it again rounds the score to a multiple of 1 / SUM_UNITS. */
export const SUM_ROUNDER: number = (1.5 * 2 ** 52) / SUM_UNITS;

/** Fills the unused places in the lists of top-k: a score below every score, and an index above every index. */
export const NO_SCORE = -2;
export const NO_INDEX = 0xffffffff;

/** The group of a row that belongs to no pair. */
export const NO_GROUP = 0xffffffff;
