import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';
import { openRows } from '#src/io/rows/open-rows.js';
import { listRows } from '#src/rows/listed-rows.js';
import type { StoredRows } from '#src/rows/stored-rows.js';
import { TransformedRows } from '#src/rows/transformed-rows.js';

const digits = fileURLToPath(new URL('../examples/data/digits.npy', import.meta.url));

/** The memory of each block that is read, one after another, and its rows when the next one has been read. */
async function blocksOf(rows: StoredRows) {
  const reader = rows.createReader(100);
  const memory: ArrayBufferLike[] = [];
  const values: number[] = [];
  const copy = new Float64Array(rows.depth);
  let before: { readonly copyRows: (from: number, to: number, target: Float64Array, at: number) => void } | undefined;
  for (let from = 0; from < 500; from += 100) {
    const block = await reader.read(from, from + 100);
    memory.push((block as unknown as { readonly data: Float64Array }).data.buffer);
    before?.copyRows(from - 100, from - 99, copy, 0);
    if (before) values.push(...copy);
    before = block;
  }
  return { memory, values };
}

describe('rows of a file that are made as they are read', () => {
  it.each([
    ['selected', (file: StoredRows, numbers: Uint32Array) => listRows(file, numbers)],
    ['transformed', (file: StoredRows) => new TransformedRows(file, (row) => row.reverse(), 'float64')],
  ])('are read into two buffers: %s', async (kind, make) => {
    const file = await openRows(digits);
    try {
      const numbers = Uint32Array.from({ length: 1797 }, (_, at) => 1796 - at);
      const { memory, values } = await blocksOf(make(file as unknown as StoredRows, numbers) as StoredRows);
      expect(new Set(memory).size).toBe(2);
      const { data } = await file.toMatrix();
      const expected = [0, 100, 200, 300].flatMap((row) => {
        const at = (kind === 'selected' ? 1796 - row : row) * file.depth;
        const given = [...data.subarray(at, at + file.depth)];
        return kind === 'selected' ? given : given.reverse();
      });
      expect(values).toEqual(expected);
    } finally {
      await file.close();
    }
  });
});
