// Sparse rows that use few of many columns: memory per column grows with the stored elements.

import { cosineSimilarity, groups, pairs, topK } from 'allpairs';
import { describe, expect, it } from 'vitest';
import { CsrRows } from '#src/rows/csr-rows.js';
import { withFewerColumns } from '#src/rows/fewer-columns.js';
import { randomSparse, type Sparse } from './sparse-rows.js';

const COLUMNS = 2 ** 31 - 1024;

/** The same rows with their columns as far apart as possible. */
function scattered({ indptr, indices, data, shape }: Sparse): Sparse {
  const step = Math.floor((COLUMNS - 1) / (shape[1] - 1));
  return { indptr, indices: indices.map((column) => column * step), data, shape: [shape[0], COLUMNS] };
}

function csrOf({ indptr, indices, data, shape }: Sparse): CsrRows {
  return new CsrRows(Float64Array.from(indptr), indices, data, shape[1]);
}

describe('rows of two billion columns', () => {
  const x = randomSparse(60, 50, 0.2, 1);
  const y = randomSparse(40, 50, 0.1, 2);

  it.each(['reference', 'wasm'] as const)('have the scores of the same rows with few columns: %s', async (backend) => {
    const [far, farY] = [scattered(x), scattered(y)];
    const options = { backend, threads: 1 };
    expect((await cosineSimilarity(far, farY, options)).data).toEqual((await cosineSimilarity(x, y, options)).data);
    const [asked, k] = [
      { threshold: 0.3, ...options },
      { k: 3, ...options },
    ];
    expect(await pairs(far, asked)).toEqual(await pairs(x, asked));
    expect(await topK(far, k)).toEqual(await topK(x, k));
    expect((await groups(far, asked)).groups).toEqual((await groups(x, asked)).groups);
  });

  it('are renumbered in the same order, by the columns that either side stores', () => {
    const fewer = withFewerColumns(csrOf(scattered(x)), csrOf(scattered(y)));
    const stored = [...new Set([...x.indices, ...y.indices])].sort((a, b) => a - b);
    expect(fewer.x.depth).toBe(stored.length);
    expect(Array.from(fewer.x.columns)).toEqual(Array.from(x.indices, (column) => stored.indexOf(column)));
    expect(Array.from(fewer.y.columns)).toEqual(Array.from(y.indices, (column) => stored.indexOf(column)));
    expect(Array.from(fewer.x.columnsGiven ?? [])).toEqual(stored.map((column) => column * Math.floor((COLUMNS - 1) / 49)));
  });

  it('stay unchanged if there are few columns', () => {
    const rows = csrOf(x);
    expect(withFewerColumns(rows, undefined).x).toBe(rows);
  });

  it('are refused with the column that the caller gave', async () => {
    const far = scattered(x);
    far.data[7] = Number.NaN;
    await expect(cosineSimilarity(far, { backend: 'wasm', threads: 1 })).rejects.toThrow(`column ${far.indices[7]}`);
  });
});
