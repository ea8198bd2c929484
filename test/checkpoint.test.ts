// Saved and resumed calls give the same results as uninterrupted ones.

import { describe, expect, it } from 'vitest';
import { ArgumentError } from '#src/errors.js';
import type { BlockPartOptions } from '#src/part-options.js';
import type { PairsBatch } from '#src/results.js';
import type { SavedState } from '#src/saved-state.js';
import { randomRows } from './random.js';
import { WAYS } from './ways.js';

const x = randomRows(9000, 12, 4);
const y = randomRows(1500, 12, 5);

/** Copies of everything that is saved. */
function recorder() {
  const states: SavedState[] = [];
  const save = ({ row, arrays }: SavedState) => {
    states.push({ row, arrays: Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.slice()])) });
  };
  return { states, checkpoint: { save, interval: 0 } };
}

/** First, middle and last. */
function some<T>(all: readonly T[]): T[] {
  return [all[0], all[Math.floor(all.length / 2)], all.at(-1)] as T[];
}

describe.each(WAYS.map((api, at) => [['automatic', 'on workers', 'alone'][at], api] as const))('%s', (_, api) => {
  it('topK continues from any state', async () => {
    for (const other of [undefined, y]) {
      const { states, checkpoint } = recorder();
      const options = { k: 4, threads: 2 };
      const expected = await api.topK(x, other, { k: 4 });
      expect(await api.topK(x, other, { ...options, checkpoint })).toEqual(expected);
      expect(states.length).toBeGreaterThan(other ? 0 : 1);
      for (const saved of some(states)) {
        const resumed = await api.topK(x, other, { ...options, checkpoint: { saved, save: () => {} } });
        expect(resumed).toEqual(expected);
      }
    }
  });

  it('histogram and groups continue from any state', async () => {
    const counted = recorder();
    const expected = await api.histogram(x, undefined, { bins: 30 });
    expect(await api.histogram(x, undefined, { bins: 30, checkpoint: counted.checkpoint })).toEqual(expected);
    const joined = recorder();
    const groups = await api.groups(x, { threshold: 0.93 });
    expect(await api.groups(x, { threshold: 0.93, checkpoint: joined.checkpoint })).toEqual(groups);
    expect(Math.min(counted.states.length, joined.states.length)).toBeGreaterThan(1);
    for (const saved of some(counted.states)) {
      expect(await api.histogram(x, undefined, { bins: 30, checkpoint: { saved, save: () => {} } })).toEqual(expected);
    }
    for (const saved of some(joined.states)) {
      expect(await api.groups(x, { threshold: 0.93, checkpoint: { saved, save: () => {} } })).toEqual(groups);
    }
  });

  it('pairs continue from any row', async () => {
    const batches: PairsBatch[] = [];
    for await (const batch of api.streamPairs(x, { threshold: 0.9, threads: 2 })) batches.push(batch);
    expect(batches.length).toBeGreaterThan(1);
    expect(batches.map(({ rowEnd }) => rowEnd)).toEqual(batches.map(({ rowEnd }) => rowEnd).sort((a, b) => a - b));
    const all = await api.pairs(x, { threshold: 0.9 });
    for (const rowStart of [0, 1, 77, batches[0]?.rowEnd ?? 0, 8999, 9000]) {
      const rest = await api.pairs(x, { threshold: 0.9, rowStart });
      const first = all.rows.findIndex((row) => row >= rowStart);
      const expected = first < 0 ? [] : all.cols.slice(first);
      expect(Array.from(rest.cols)).toEqual(Array.from(expected));
    }
  });

  it('an aborted call saves its complete windows long before the interval ends', async () => {
    const calls = {
      topK: (options: object) => api.topK(x, { k: 4, ...options }),
      others: (options: object) => api.topK(x, y, { k: 4, ...options }),
      histogram: (options: object) => api.histogram(x, { bins: 30, ...options }),
      groups: (options: object) => api.groups(x, { threshold: 0.93, ...options }),
    };
    // With this little memory each window is a block of rows, and there are several, whatever the processor.
    for (const [name, call] of Object.entries(calls)) {
      const { states, checkpoint } = recorder();
      const abort = new AbortController();
      const stopped = call({
        threads: 2,
        // Groups take 56 bytes per row.
        memoryBudget: name === 'groups' ? 1_270_000 : 800_000,
        checkpoint: { ...checkpoint, interval: 3_600_000 },
        signal: abort.signal,
        onProgress: ({ done, total }: { done: number; total: number }) => done > 0.6 * total && abort.abort(),
      });
      await expect(stopped, name).rejects.toThrow(/abort/i);
      expect(states.length, name).toBe(1);
      const [saved] = states as [SavedState];
      const seen: number[] = [];
      const resumed = await call({
        checkpoint: { saved, save: () => {} },
        onProgress: ({ done, total }: { done: number; total: number }) => seen.push(done / total),
      });
      expect(resumed, name).toEqual(await call({}));
      // It was aborted in the window after the last complete one.
      expect(saved.row, name).toBeGreaterThan(1000);
      expect(Math.min(...seen), name).toBeGreaterThan(0.2);
    }
  });

  it('progress continues where it stopped', async () => {
    const { states, checkpoint } = recorder();
    await api.topK(x, { k: 2, checkpoint });
    const saved = states.at(-1) as SavedState;
    const seen: number[] = [];
    await api.topK(x, { k: 2, checkpoint: { saved, save: () => {} }, onProgress: ({ done }) => seen.push(done) });
    expect(Math.min(...seen)).toBeGreaterThan(9000 ** 2 - (9000 - saved.row) ** 2 - 1);
    expect(seen.at(-1)).toBe(9000 ** 2);
  });

  it('a failing save ends the call with its error, and the next call works', async () => {
    const save = () => Promise.reject(new Error('disk full'));
    await expect(api.topK(x, { k: 2, checkpoint: { save, interval: 0 } })).rejects.toThrow('disk full');
    expect((await api.topK(y, { k: 2 })).shape).toEqual([1500, 2]);
  });

  it('skipped blocks of a matrix are not delivered', async () => {
    const all: number[] = [];
    for await (const { index } of api.streamMatrix(y, { blockRows: 400 })) all.push(index);
    expect(all).toEqual(Array.from({ length: 10 }, (_, index) => index));
    const rest: number[] = [];
    const part: BlockPartOptions = { skip: (index) => index % 3 === 0 };
    for await (const { index } of api.streamMatrix(y, { blockRows: 400, ...part })) rest.push(index);
    expect(rest).toEqual([1, 2, 4, 5, 7, 8]);
  });
});

describe('a state saved by another call', () => {
  const [api] = WAYS as readonly [(typeof WAYS)[number]];

  it('is refused', async () => {
    const { states, checkpoint } = recorder();
    await api.topK(x, { k: 4, checkpoint });
    const saved = states[0] as SavedState;
    const go = (k: number, of: typeof x) => api.topK(of, { k, checkpoint: { saved, save: () => {} } });
    await expect(go(5, x)).rejects.toThrow(ArgumentError);
    await expect(go(5, x)).rejects.toThrow('resume with a state saved by a call with the same input');
    await expect(go(4, y)).rejects.toThrow(ArgumentError);
    const beyond = { saved: { ...saved, row: 1501 }, save: () => {} };
    await expect(api.topK(y, { k: 4, checkpoint: beyond })).rejects.toThrow(
      'expected a whole number from 0 to 1500 for `checkpoint.saved.row`, got 1501',
    );
    await expect(api.topK(x, { k: 1, checkpoint: {} as never })).rejects.toThrow('an object with a function `save`');
    await expect(api.groups(x, { threshold: 0.9, method: 'community', checkpoint })).rejects.toThrow(
      "works with method: 'components'",
    );
  });
});
