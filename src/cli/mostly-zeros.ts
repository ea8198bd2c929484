// A hint for rows that are stored with their zeros although nearly all numbers are zeros.

import type { RowFile } from '../index.js';
import { formatPercent, note } from './output.js';

/** Maximum number of sampled rows, and of all their numbers. */
const SAMPLE_ROWS = 64;
const SAMPLE_NUMBERS = 2 ** 20;
/** Shorter rows are computed as fast with their zeros. */
const MIN_DEPTH = 128;
const MIN_ZEROS = 0.95;

/** Prints advice for the first file whose numbers are nearly all zeros, based on a sample of its rows. */
export async function noteMostlyZeros(files: readonly (RowFile | undefined)[]): Promise<void> {
  for (const file of files) {
    if (!file || file.inMemory() || file.depth < MIN_DEPTH) continue;
    const zeros = await fractionOfZeros(file);
    if (zeros <= MIN_ZEROS) continue;
    const write = 'scipy.sparse.save_npz(path, scipy.sparse.csr_array(a))';
    // Rounded down, because 100 % would mean that all numbers are zeros.
    const percent = formatPercent(Math.floor(100 * zeros) / 100);
    note(
      `${file.name}: ${percent} of the numbers are zeros; as sparse rows, written with ${write}, they take less memory and time`,
    );
    return;
  }
}

/** Returns the fraction of zeros in sampled rows that are not all zeros; 0 if there is no such row. */
async function fractionOfZeros(file: RowFile): Promise<number> {
  const { rows, depth } = file;
  const count = Math.min(rows, SAMPLE_ROWS, Math.max(1, Math.floor(SAMPLE_NUMBERS / depth)));
  const reader = file.createReader(1);
  const row = file.staged === 'float64' ? new Float64Array(depth) : new Float32Array(depth);
  let seen = 0;
  let zeros = 0;
  for (let i = 0; i < count; i++) {
    const number = Math.floor((i * rows) / count);
    (await reader.read(number, number + 1)).copyRows(number, number + 1, row, 0);
    let nonzeros = 0;
    for (const value of row) if (value !== 0) nonzeros++;
    if (nonzeros === 0) continue;
    seen += depth;
    zeros += depth - nonzeros;
  }
  return seen === 0 ? 0 : zeros / seen;
}
