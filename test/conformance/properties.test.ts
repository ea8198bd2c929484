import { cosineSimilaritySync } from 'allpairs';
import { describe, expect, it } from 'vitest';
import { fc } from '../property.js';
import { truth } from './node-runner.js';
import { BOUNDS, largestError } from './runner.js';

/** Any finite float32 rows, including zeros, subnormals and the largest numbers. */
const anyRows = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 20 })).chain(([rows, depth]) =>
  fc.array(fc.float32Array({ minLength: depth, maxLength: depth, noNaN: true, noDefaultInfinity: true }), {
    minLength: rows,
    maxLength: rows,
  }),
);

describe('for any finite rows', () => {
  it('scores are accurate, symmetric, and 1 on the diagonal of non-zero rows', () => {
    fc.assert(
      fc.property(anyRows, (x) => {
        const { data } = cosineSimilaritySync(x);
        expect(largestError(data, truth(x))).toBeLessThanOrEqual(BOUNDS.float32);
        for (let i = 0; i < x.length; i++) {
          expect(data[i * x.length + i]).toBe(x[i]?.some((value) => value !== 0) ? 1 : 0);
          for (let j = 0; j < i; j++) expect(data[i * x.length + j]).toBe(data[j * x.length + i]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('scores do not depend on the order of the rows', () => {
    fc.assert(
      fc.property(anyRows, (x) => {
        const forward = cosineSimilaritySync(x);
        const backward = cosineSimilaritySync([...x].reverse());
        expect(Array.from(backward.data).reverse()).toEqual(Array.from(forward.data));
      }),
    );
  });

  it('x against x and x against a copy give the same bits', () => {
    fc.assert(
      fc.property(anyRows, (x) => {
        expect(
          cosineSimilaritySync(
            x,
            x.map((row) => row.slice()),
          ).data,
        ).toEqual(cosineSimilaritySync(x).data);
      }),
    );
  });

  it('float64 scores are accurate for rows of any magnitude', () => {
    const anyFloat64Rows = fc.array(fc.float64Array({ minLength: 7, maxLength: 7, noNaN: true, noDefaultInfinity: true }), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(anyFloat64Rows, (x) => {
        expect(largestError(cosineSimilaritySync(x).data, truth(x))).toBeLessThanOrEqual(BOUNDS.float64);
      }),
      { numRuns: 300 },
    );
  });
});
