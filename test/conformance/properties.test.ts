import { cosineSimilaritySync } from 'allpairs';
import { describe, expect, it } from 'vitest';
import { fc } from '../property.js';
import { truth } from './node-runner.js';
import { BOUNDS, largestError } from './runner.js';

/** Any finite float32 rows: zeros, subnormals and the largest among them. */
const anyRows = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 20 })).chain(([rows, depth]) =>
  fc.array(fc.float32Array({ minLength: depth, maxLength: depth, noNaN: true, noDefaultInfinity: true }), {
    minLength: rows,
    maxLength: rows,
  }),
);

describe('for any finite rows', () => {
  it('scores are within the bound of float64 arithmetic, symmetric, and 1 on the diagonal of rows that are not zero', () => {
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

  it('the order of rows does not matter', () => {
    fc.assert(
      fc.property(anyRows, (x) => {
        const forward = cosineSimilaritySync(x);
        const backward = cosineSimilaritySync([...x].reverse());
        expect(Array.from(backward.data).reverse()).toEqual(Array.from(forward.data));
      }),
    );
  });

  it('x against x, and x against a copy, give the same bits', () => {
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

  it('float64 rows of any size too', () => {
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
