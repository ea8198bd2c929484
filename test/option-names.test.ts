import {
  ArgumentError,
  cosineSimilarity,
  cosineSimilaritySync,
  dedupe,
  fitTransform,
  groups,
  health,
  histogram,
  linkage,
  openRows,
  pairedSimilarity,
  pairs,
  plan,
  scorePairs,
  streamMatrix,
  streamPairs,
  topK,
} from 'allpairs';
import { describe, expect, it } from 'vitest';
import { nearestName } from '#src/option-names.js';

const x = [
  [1, 2],
  [3, 4],
];
const CALLS: Readonly<Record<string, (options: object) => unknown>> = {
  cosineSimilarity: (options) => cosineSimilarity(x, options),
  'cosineSimilarity with y': (options) => cosineSimilarity(x, x, options),
  cosineSimilaritySync: (options) => cosineSimilaritySync(x, options),
  pairedSimilarity: (options) => pairedSimilarity(x, x, options),
  scorePairs: (options) => scorePairs(x, { rows: [0], cols: [1], ...options }),
  streamMatrix: (options) => streamMatrix(x, options),
  topK: (options) => topK(x, { k: 1, ...options }),
  pairs: (options) => pairs(x, { threshold: 0, ...options }),
  streamPairs: (options) => streamPairs(x, { threshold: 0, ...options }),
  groups: (options) => groups(x, { threshold: 0, ...options }),
  dedupe: (options) => dedupe(x, { threshold: 0, ...options }),
  linkage: (options) => linkage(x, options),
  histogram: (options) => histogram(x, options),
  health: (options) => health(x, options),
  fitTransform: (options) => fitTransform(x, options),
  'plan.streamMatrix': (options) => plan.streamMatrix(x, options),
  'plan.topK': (options) => plan.topK(x, { k: 1, ...options }),
  'plan.streamPairs': (options) => plan.streamPairs(x, x, { threshold: 0, ...options }),
  'plan.bestPairs': (options) => plan.bestPairs(x, { count: 1, ...options }),
  'plan.groups': (options) => plan.groups(x, { threshold: 0, ...options }),
  'plan.dedupe': (options) => plan.dedupe(x, { threshold: 0, ...options }),
  'plan.linkage': (options) => plan.linkage(x, options),
  'plan.histogram': (options) => plan.histogram(x, null, options),
  openRows: (options) => openRows('examples/data/digits.npy', options),
};

describe('unknown options', () => {
  it.each(Object.entries(CALLS))('of %s are refused with the known names', async (_, call) => {
    const error = await (async () => call({ colour: 1 }))().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error).toMatchObject({ argument: 'colour' });
    expect((error as Error).message).toMatch(/^Unknown option 'colour'; \w+ takes (\w+, )+\w+$/);
  });

  it.each<[name: string, near: string, call: (options: object) => unknown]>([
    ['threshhold', 'threshold', (options) => pairs(x, options as never)],
    ['Treshold', 'threshold', (options) => groups(x, options as never)],
    ['K', 'k', (options) => topK(x, options as never)],
    ['dtpye', 'dtype', (options) => cosineSimilarity(x, options)],
    ['colum', 'column', (options) => openRows('examples/data/digits.npy', options)],
  ])('named %s are taken for %s', async (name, near, call) => {
    await expect((async () => call({ [name]: 1 }))()).rejects.toThrow(`Unknown option '${name}'; did you mean '${near}'?`);
  });

  it('count as not given if their value is undefined, like known ones', async () => {
    expect((await topK(x, { k: 1, threshhold: undefined, dtype: undefined } as { k: number })).shape).toEqual([2, 1]);
    await (await openRows('examples/data/digits.npy', { colum: undefined, column: undefined } as object)).close();
  });

  it('are options of other calls, too', async () => {
    await expect(topK(x, { k: 1, out: new Float32Array(2) } as { k: number })).rejects.toThrow(
      "Unknown option 'out'; topK takes k,",
    );
    // Nor are they the ids of vectors.
    const out = new Float32Array(2);
    await expect(histogram(x, { out } as never)).rejects.toThrow("Unknown option 'out'; histogram takes");
  });

  it('are not compared with options that only the command line uses, which are accepted', async () => {
    const call = (options: object) => topK(x, { k: 1, ...options });
    await expect(call({ rowStop: 1 })).rejects.toThrow(
      /^Unknown option 'rowStop'; topK takes k, checkpoint, pruning, [a-zA-Z, ]*dtype, [a-zA-Z, ]*onProgress$/,
    );
    expect((await call({ rowEnd: 1 })).shape).toEqual([2, 1]);
  });

  it('are also found among inherited options', async () => {
    await expect(cosineSimilarity(x, Object.create({ thread: 2 }))).rejects.toThrow("did you mean 'threads'?");
    expect((await topK(x, Object.create({ k: 1 }))).shape).toEqual([2, 1]);
  });
});

describe('the nearest name', () => {
  it('does not exist if too many letters differ', () => {
    expect(nearestName('n', ['k'])).toBeUndefined();
    expect(nearestName('limit', ['k', 'threshold'])).toBeUndefined();
    expect(nearestName('min_size', ['minimumSize', 'method'])).toBeUndefined();
    expect(nearestName('minSize', ['method', 'memoryBudget'])).toBeUndefined();
    expect(nearestName('thread', ['threshold', 'threads'])).toBe('threads');
  });
});

describe('the required option of a call', () => {
  it('may replace the options as a number', async () => {
    expect((await topK(x, 1)).shape).toEqual([2, 1]);
    expect((await topK(x, x, 2)).shape).toEqual([2, 2]);
    expect((await topK(x, null, 1)).shape).toEqual([2, 1]);
    expect((await pairs(x, 0.9)).length).toBe(1);
    expect((await pairs(x, x, 0.9999)).length).toBe(2);
    let count = 0;
    for await (const { length } of streamPairs(x, 0.9)) count += length;
    expect(count).toBe(1);
    expect((await groups(x, 0.9)).groups.length).toBe(1);
    expect(plan.topK(x, 1).passes).toBe(1);
    expect(plan.topK(x, x, 1).passes).toBe(1);
    expect(plan.groups(x, 0.5).passes).toBe(1);
    await expect(topK(x, 0)).rejects.toThrow('expected a positive integer for `k`, got 0');
    await expect(pairs(x, 5)).rejects.toThrow('expected a number from -1 to 1 for `threshold`, got 5');
  });

  it('is not replaced by a number in calls that require none', async () => {
    await expect(cosineSimilarity(x, 5 as never)).rejects.toThrow('expected rows for `y`, got 5');
    await expect(histogram(x, null, 5 as never)).rejects.toThrow('expected an object of options for `options`, got 5');
  });
});
