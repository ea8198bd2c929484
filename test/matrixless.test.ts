// The public calls without a matrix: what they guarantee in addition to their numbers.

import {
  ArgumentError,
  cosineSimilarity,
  groups,
  histogram,
  MemoryError,
  type Progress,
  pairs,
  streamPairs,
  topK,
} from 'allpairs';
import { describe, expect, it, vi } from 'vitest';
import { createApi } from '#src/api.js';
import { nodePlatform } from '#src/platform/node.js';
import { inTheMiddle } from './middle.js';
import { randomRows } from './random.js';
import { turnsDuring } from './turns.js';
import { alone, automatic, preferring, WAYS } from './ways.js';

vi.mock('#src/engine/watch.js', async (original) => (await import('./middle.js')).withMiddle(await original()));

const large = randomRows(4000, 96);
/** Rows for calls that are aborted. */
const endless = randomRows(20_000, 96);
/** 500 rows that are all similar to each other. */
const alike = { data: new Float32Array(500 * 8).fill(1), shape: [500, 8] };

describe('topK', () => {
  it('omits the row itself, but not equal rows', async () => {
    const x = [
      [1, 0],
      [2, 0],
      [0, 1],
    ];
    const { indices, scores, shape } = await topK(x, { k: 1 });
    expect(shape).toEqual([3, 1]);
    expect(Array.from(indices)).toEqual([1, 0, 0]);
    expect(Array.from(scores)).toEqual([1, 1, 0]);
    expect(Array.from((await topK(x, x, { k: 1 })).indices)).toEqual([0, 0, 2]);
  });

  it('returns as many columns as there are other rows if k is larger', async () => {
    expect((await topK([[1], [2], [3]], { k: 9 })).shape).toEqual([3, 2]);
    expect((await topK([[1]], { k: 9 })).shape).toEqual([1, 0]);
    expect((await topK([], { k: 9 })).shape).toEqual([0, 0]);
    expect((await topK([[1]], [[1], [2]], { k: 9 })).shape).toEqual([1, 2]);
    expect((await topK([[1]], [], { k: 9 })).shape).toEqual([1, 0]);
  });

  it('has scores of the requested type', async () => {
    const { scores } = await topK(
      [
        [1, 2],
        [3, 4],
      ],
      { k: 1, dtype: 'float64' },
    );
    const exact: Float64Array = scores;
    expect(exact).toBeInstanceOf(Float64Array);
  });
});

describe('a threshold', () => {
  it('is compared with true cosines, not with stored scores', async () => {
    // cos = 0.6 exactly; float32 stores it as 0.60000002.
    const x = [
      [1, 0],
      [3, 4],
    ];
    for (const [threshold, found] of [
      [0.6, 1],
      [0.6 + 2 ** -53, 0],
      [Math.fround(0.6), 0],
    ] as const) {
      expect((await pairs(x, { threshold })).length).toBe(found);
    }
  });
});

describe('streamPairs', () => {
  it('yields in batches what pairs returns at once', async () => {
    for (const [y, threshold] of [
      [undefined, 0.2],
      [randomRows(1000, 96, 5), 0.25],
    ] as const) {
      const all = await pairs(large, y, { threshold });
      expect(all.length).toBeGreaterThan(1000);
      let at = 0;
      for await (const batch of streamPairs(large, y, { threshold, memoryBudget: 6e6 })) {
        expect(batch.rows).toEqual(all.rows.subarray(at, at + batch.length));
        expect(batch.cols).toEqual(all.cols.subarray(at, at + batch.length));
        expect(batch.scores).toEqual(all.scores.subarray(at, at + batch.length));
        at += batch.length;
      }
      expect(at).toBe(all.length);
    }
  });

  it('waits for a slow consumer', async () => {
    let done = 0;
    const onProgress = (progress: Progress) => {
      done = progress.done;
    };
    // Small windows, because nearly every score is a pair and there is little memory.
    const stream = streamPairs(large, { threshold: -1, memoryBudget: 6e6, onProgress });
    const first = await stream.next();
    expect(first.value?.length).toBeGreaterThan(0);
    // This is enough time for three times the whole work.
    for (let turn = 0; turn < 3; turn++) await pairs(large, { threshold: 1 });
    expect(done).toBeLessThan(16e6 / 4);
    await stream.return();
  });

  it('ends its work when the loop is left, or the signal aborts', async () => {
    for await (const _ of streamPairs(large, { threshold: 0, memoryBudget: 6e6 })) break;
    const controller = new AbortController();
    const seen: number[] = [];
    const loop = async () => {
      for await (const { length } of streamPairs(large, { threshold: 0, memoryBudget: 6e6, signal: controller.signal })) {
        seen.push(length);
        controller.abort(new Error('seen enough'));
      }
    };
    await expect(loop()).rejects.toThrow('seen enough');
    expect(seen.length).toBe(1);
    expect((await pairs(alike, { threshold: 1 })).length).toBe((500 * 499) / 2);
  });

  it('checks its arguments immediately, and computes nothing until the first batch is requested', async () => {
    expect(() => streamPairs(large, { threshold: 2 })).toThrow(ArgumentError);
    streamPairs([[Number.NaN]], { threshold: 0 });
    await expect(streamPairs([[Number.NaN]], { threshold: 0 }).next()).rejects.toThrow('NaN in row 0, column 0');
  });

  it('holds no more than its budget allows, even with thousands of equal rows', async () => {
    let count = 0;
    for await (const { length } of streamPairs(alike, { threshold: 1, memoryBudget: 2e6 })) {
      expect(length).toBeLessThan(2e6 / 12);
      count += length;
    }
    expect(count).toBe((500 * 499) / 2);
  });
});

describe('pairs that do not fit', () => {
  it('cause an error with their count so far and advice, never a partial result', async () => {
    const error = await pairs(alike, { threshold: 0.9, memoryBudget: 2e6 }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MemoryError);
    expect((error as Error).message).toMatch(
      /^not enough memory: there are already \d+ pairs at or above 0\.9\. Try a higher threshold, or use streamPairs /,
    );
    expect((error as Error).message).toContain('-o');
  });
});

describe('a result that cannot fit', () => {
  it('causes an error that names the calls that would fit', async () => {
    const error = await cosineSimilarity(large, { memoryBudget: 1e6 }).catch((reason: unknown) => reason);
    expect((error as Error).message).toContain('topK, pairs and histogram need no matrix');
    expect((error as MemoryError).bytes).toBeGreaterThan(64e6);
    await expect(topK(large, { k: 100, memoryBudget: 1e6 })).rejects.toThrow('3200000 for 4000 x 100 indices and scores');
    await expect(histogram(large, { bins: 1e6, memoryBudget: 1e6 })).rejects.toThrow(MemoryError);
  });
});

describe('bad input', () => {
  it.each([
    ['k', 'a positive integer', () => topK(large, {} as never)],
    ['k', 'a positive integer', () => topK(large, { k: 0 })],
    ['k', 'a positive integer', () => topK(large, { k: 1.5 })],
    ['threshold', 'a number from -1 to 1', () => pairs(large, {} as never)],
    ['threshold', 'a number from -1 to 1', () => pairs(large, { threshold: 1.01 })],
    ['threshold', 'a number from -1 to 1', () => pairs(large, { threshold: Number.NaN })],
    ['threshold', 'a number from -1 to 1', () => groups(large, { threshold: '0.9' as never })],
    ['threshold', 'a number from -1 to 1', () => groups(large, undefined as never)],
    ['method', "'components' or 'complete' or 'community'", () => groups(large, { threshold: 0.9, method: 'kmeans' as never })],
    ['minimumSize', 'a positive integer', () => groups(large, { threshold: 0.9, minimumSize: 0 })],
    ['bins', 'a positive integer', () => histogram(large, { bins: -3 })],
    ['y', 'rows of length 96', () => topK(large, [[1]], { k: 1 })],
    ['x', 'at most 4294967294 rows', () => topK({ data: new Float32Array(0), shape: [2 ** 32, 0] }, { k: 1 })],
  ])('%s: expected %s', async (argument, expected, call) => {
    const error = await call().then(undefined, (reason: unknown) => reason);
    expect(error).toBeInstanceOf(ArgumentError);
    expect((error as ArgumentError).argument).toBe(argument);
    expect((error as Error).message).toContain(expected);
  });

  it('with a row that is not finite is an error, or a zero row', async () => {
    const x = [
      [1, 0],
      [Number.NaN, 1],
      [1, 0],
    ];
    const zero = { nonFinite: 'zero' } as const;
    await expect(topK(x, { k: 1 })).rejects.toThrow('NaN in row 1, column 0');
    expect(Array.from((await topK(x, { k: 1, ...zero })).scores)).toEqual([1, 0, 1]);
    expect((await pairs(x, { threshold: 0.5, ...zero })).length).toBe(1);
    expect((await histogram(x, { bins: 2, ...zero })).counts).toEqual(Float64Array.of(0, 3));
    expect((await groups(x, { threshold: -1, ...zero })).groups[0]?.representative).toBe(0);
  });
});

const CALLS = {
  topK: (api: typeof alone, x: typeof large, options: object) => api.topK(x, { k: 3, ...options }),
  pairs: (api: typeof alone, x: typeof large, options: object) => api.pairs(x, { threshold: 0.5, ...options }),
  groups: (api: typeof alone, x: typeof large, options: object) => api.groups(x, { threshold: 0.5, ...options }),
  communities: (api: typeof alone, x: typeof large, options: object) =>
    api.groups(x, { threshold: 0.5, method: 'community', ...options }),
  histogram: (api: typeof alone, x: typeof large, options: object) => api.histogram(x, options),
};

describe.each(Object.entries(CALLS))('%s', (_, call) => {
  it('reports progress that grows to the whole', async () => {
    for (const api of WAYS) {
      const seen: Progress[] = [];
      await call(api, large, { onProgress: (progress: Progress) => seen.push(progress) });
      expect(seen.map(({ done }) => done)).toEqual(seen.map(({ done }) => done).sort((a, b) => a - b));
      expect(seen.at(-1)).toEqual({ done: 16e6, total: 16e6 });
      expect(seen.filter(({ done }) => done === 16e6).length).toBe(1);
    }
  });

  it('can be aborted before and during the work, and the next call works', async () => {
    for (const api of WAYS) {
      const want = await call(api, large, {});
      await expect(call(api, large, { signal: AbortSignal.abort('no more') })).rejects.toBe('no more');
      const controller = new AbortController();
      const abort = () => controller.abort('enough');
      const onProgress = api === alone ? abort : undefined;
      if (api !== alone) inTheMiddle(abort);
      await expect(call(api, endless, { signal: controller.signal, onProgress })).rejects.toBe('enough');
      expect(await call(api, large, {})).toEqual(want);
    }
  });

  it('gives the event loop turns, even if it computes on the calling thread', async () => {
    // A clock on which every step takes long.
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
      now += 1000;
      return now;
    });
    try {
      expect(await turnsDuring(() => call(alone, randomRows(5000, 20), {}))).toBeGreaterThan(20);
    } finally {
      clock.mockRestore();
    }
  });
});

describe('200 aborted calls', () => {
  const here = automatic.runtimeInfo().backends.filter(({ available }) => available);
  it.each(here.filter(({ name }) => name === 'native' || name === 'wasm'))(
    'leave nothing behind: $name',
    async ({ name: backend }) => {
      const threads = new Set<unknown>();
      const api = createApi({
        ...preferring(backend),
        startThread() {
          const thread = nodePlatform.startThread();
          threads.add(thread);
          return thread;
        },
      });
      const signals: AbortSignal[] = [];
      const round = async (count: number) => {
        for (let i = 0; i < count; i++) {
          const controller = new AbortController();
          signals.push(controller.signal);
          const call = Object.values(CALLS)[i % 5] as (typeof CALLS)['topK'];
          const calls = [1, 2].map(() => call(api, endless, { signal: controller.signal }));
          const abort = () => controller.abort('enough');
          // At once, before any thread has started, or when one has finished a tile.
          if (i % 3 === 0) abort();
          else if (i % 3 === 1) queueMicrotask(abort);
          else inTheMiddle(abort);
          for (const { status, reason } of (await Promise.allSettled(calls)) as PromiseRejectedResult[]) {
            expect([status, reason]).toEqual(['rejected', 'enough']);
          }
        }
      };
      await round(100);
      const before = process.memoryUsage();
      await round(100);
      const after = process.memoryUsage();
      expect(threads.size).toBeLessThanOrEqual(nodePlatform.cores());
      expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(40e6);
      expect(after.rss - before.rss).toBeLessThan(100e6);
      expect(signals.length).toBe(200);
      expect((await api.topK(large, { k: 3 })).shape).toEqual([4000, 3]);
    },
  );
});
