// More memory never makes a plan worse.

import { MemoryError, type Options, plan } from 'allpairs';
import { describe, expect, it } from 'vitest';
import { randomRows } from '../random.js';

const CALLS = {
  topK: (x, options) => plan.topK(x, { k: 10, ...options }),
  'topK against others': (x, options) => plan.topK(x, x, { k: 10, ...options }),
  streamPairs: (x, options) => plan.streamPairs(x, { threshold: 0.9, ...options }),
  bestPairs: (x, options) => plan.bestPairs(x, { count: 100, ...options }),
  groups: (x, options) => plan.groups(x, { threshold: 0.9, ...options }),
  histogram: (x, options) => plan.histogram(x, options),
  streamMatrix: (x, options) => plan.streamMatrix(x, options),
} satisfies Record<string, (x: ReturnType<typeof randomRows>, options: Options) => { passes: number }>;

const CASES = (['wasm', 'reference'] as const).flatMap((backend) =>
  Object.keys(CALLS).flatMap((call) => [1, 2, 8].map((threads) => ({ backend, call: call as keyof typeof CALLS, threads }))),
);

/** Number of passes with a budget; more than any plan has if it is refused. */
function passesWith(call: () => { passes: number }): number {
  try {
    return call().passes;
  } catch (error) {
    if (error instanceof MemoryError) return Number.POSITIVE_INFINITY;
    throw error;
  }
}

describe('a larger memoryBudget', () => {
  const x = randomRows(1797, 64);

  it.each(CASES)('never takes more passes: $call on $backend, $threads threads', ({ backend, call, threads }) => {
    let before = Number.POSITIVE_INFINITY;
    const seen = new Set<number>();
    for (let memoryBudget = 2 ** 17; before > 1; memoryBudget = Math.ceil(memoryBudget * 1.03)) {
      const passes = passesWith(() => CALLS[call](x, { backend, threads, memoryBudget }));
      expect(passes, `with ${memoryBudget} bytes`).toBeLessThanOrEqual(before);
      before = passes;
      seen.add(passes);
    }
    expect(seen.size).toBeGreaterThan(2);
  });
});

it('plans rows without elements, or refuses a result that is too large', () => {
  const none = { data: new Float32Array(0), shape: [500, 0] as const };
  for (const backend of ['wasm', 'reference'] as const) {
    expect(plan.topK(none, { k: 1, backend }).passes).toBe(1);
    expect(() => plan.topK(none, { k: 1, backend, memoryBudget: 6000 })).toThrow(MemoryError);
  }
});
