// Numbers that this code and the WASM kernels share. The kernels export theirs by the same names (wasm/index.ts), and
// test/backends/constants.test.ts compares them: a comparison at run time would cost every start.

/** Bytes of a panel's depth step. */
export const PANEL_STEP_BYTES = 48;
/** Products that are added before a sum restarts. */
export const DEPTH_BLOCK = 256;
/** Kernels mark hits that they leave open by adding this to the row. */
export const OPEN_HIT: number = 2 ** 31;
/** What wasm/settle.ts needs for each row and each column, and for itself. */
export const FACT_BYTES = 19;
export const SETTLING_BYTES = 64;
/** What wasm/row-filter.ts is told of a tile. */
export const FILTER_TABLE_BYTES = 144;
