// Scores of given pairs have the same bits as the matrix, for every case, backend and dtype.

import { describe, expect, it } from 'vitest';
import type { Backend } from '#src/backends/backend.js';
import { checkDenseCall } from '#src/check.js';
import { randomSource } from '../random.js';
import { casesOf, stepsOf } from './cases.js';
import { BACKENDS, runner } from './node-runner.js';
import { sameBits } from './runner.js';

for (const { name, backend: available, reason } of BACKENDS) {
  describe.skipIf(!available)(`${name}${reason ? ` (skipped: ${reason})` : ''}`, () => {
    const backend = available as Backend;
    for (const dtype of ['float32', 'float64'] as const) {
      it.each(available ? casesOf(dtype, stepsOf(available, dtype)) : [])(`${dtype}: $name`, async ({ x, y }) => {
        const matrix = await runner.run(backend, 'sync', x, y, { dtype });
        const call = checkDenseCall(x, y);
        const [rowCount, colCount] = [call.x.rows, (call.y ?? call.x).rows];
        const random = randomSource(rowCount + colCount + 1);
        const count = matrix.length === 0 ? 0 : 3 * backend.panelRows(dtype) + 1;
        const some = (limit: number) => Uint32Array.from({ length: count }, () => random() * limit);
        const [rows, cols] = [some(rowCount), some(colCount)];
        const got = await runner.scorePairs(backend, 'turns', x, y, { rows, cols, dtype });
        const want = got.slice().map((_, pair) => matrix[(rows[pair] as number) * colCount + (cols[pair] as number)] as number);
        expect(got.length).toBe(count);
        expect(sameBits(got, want)).toBe(true);
      });
    }
  });
}
