import { afterEach, expect, it, vi } from 'vitest';
import { measureRate } from '#src/cluster/job/measure-rate.js';
import { SparseRowFile } from '#src/io/rows/sparse-row-file.js';
import { CsrRows } from '#src/rows/csr-rows.js';

afterEach(() => {
  vi.restoreAllMocks();
});

it('the rate of a job of wide sparse rows is measured with few of them, because the job computes dense rows', async () => {
  const [rows, depth] = [4096, 2 ** 17];
  const starts = Float64Array.from({ length: rows + 1 }, (_, row) => row);
  const columns = Uint32Array.from({ length: rows }, (_, row) => row * 16);
  const csr = new CsrRows(starts, columns, new Float32Array(rows).fill(1), depth);
  const file = new SparseRowFile('rows.npz', csr, { depth, type: 'float32' });
  const copyRows = vi.spyOn(CsrRows.prototype, 'copyRows');
  const job = { question: { kind: 'topk', k: 1 }, dtype: 'float32', backend: 'wasm' } as const;
  expect(await measureRate(job, file, undefined, new AbortController().signal)).toBeGreaterThan(0);
  const last = Math.max(...copyRows.mock.calls.map(([, to]) => to));
  // As float64 these are 32 MiB.
  expect(last * depth * 8).toBeLessThanOrEqual(2 ** 25);
  expect(last).toBeGreaterThan(1);
});
