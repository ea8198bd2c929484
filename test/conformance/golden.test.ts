// Compares with float64 results of scikit-learn and SciPy. test/golden/README.md explains where the files come from.

import { fileURLToPath } from 'node:url';
import { cosineSimilarity, type DType, readNpy } from 'allpairs';
import { describe, expect, it } from 'vitest';
import type { NpyRows } from '#src/io/rows/npy.js';
import { BACKENDS } from './node-runner.js';
import { BOUNDS } from './runner.js';

const at = (path: string) => readNpy(fileURLToPath(new URL(path, import.meta.url)));

const SETS = [
  {
    name: 'sentences',
    x: await at('../../examples/data/sentences.npy'),
    golden: await at('../golden/sentences-cosine-first40.npy'),
  },
  { name: 'digits', x: await at('../../examples/data/digits.npy'), golden: await at('../golden/digits-cosine-first40.npy') },
  {
    name: 'zero, subnormal, huge, equal and opposite rows',
    x: await at('../golden/edge-f32.npy'),
    golden: await at('../golden/edge-cosine-f64.npy'),
  },
];

for (const { name: backend, backend: available, reason } of BACKENDS) {
  describe.skipIf(!available)(`${backend}${reason ? ` (skipped: ${reason})` : ''}`, () => {
    for (const dtype of ['float32', 'float64'] as const) {
      it.each(SETS)(`${dtype}: $name`, async ({ x, golden }) => {
        // The reference backend needs seconds for all rows; only the first rows of x have answers.
        const first = { data: x.data.slice(0, golden.shape[0] * x.shape[1]), shape: [golden.shape[0], x.shape[1]] };
        const scores = await cosineSimilarity(first, x, { backend, dtype });
        expect(worstDifference(scores.data, golden)).toBeLessThanOrEqual(bound(dtype));
      });
    }
  });
}

/** scikit-learn itself has errors of a few 1e-15. */
function bound(dtype: DType): number {
  return BOUNDS[dtype] + 5e-15;
}

function worstDifference(scores: Float32Array | Float64Array, golden: NpyRows): number {
  expect(scores.length).toBe(golden.data.length);
  let worst = 0;
  for (let i = 0; i < scores.length; i++) worst = Math.max(worst, Math.abs((scores[i] as number) - (golden.data[i] as number)));
  return worst;
}
