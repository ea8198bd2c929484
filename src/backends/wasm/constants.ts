// Numbers that this code and the WASM kernels share. The kernels export theirs under the same names (wasm/index.ts), and
// test/backends/constants.test.ts compares them, because a comparison at run time would slow down every start.

/** Bytes of one depth step of a panel. */
export const PANEL_STEP_BYTES = 48;
/** Number of products that are added before a sum restarts. */
export const DEPTH_BLOCK = 256;
/** Kernels mark undecided hits by adding this to the row. */
export const OPEN_HIT: number = 2 ** 31;
/** Bytes that wasm/settle.ts needs for each row and column, and for itself. */
export const FACT_BYTES = 19;
export const SETTLING_BYTES = 64;
/** Bytes of the table that describes a tile to wasm/row-filter.ts. */
export const FILTER_TABLE_BYTES = 144;
