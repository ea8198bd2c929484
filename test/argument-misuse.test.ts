// Arguments that would be ignored silently, or used twice.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ArgumentError,
  bestPairs,
  cosineSimilarity,
  groups,
  openRows,
  pairs,
  plan,
  type Rows,
  readNpy,
  topK,
  writeNpy,
} from 'allpairs';
import { describe, expect, it } from 'vitest';
import { randomRows } from './random.js';

/** The calls as in JavaScript, with any arguments. */
type Loose = (...args: unknown[]) => Promise<never>;
const loose = (call: unknown) => call as Loose;

const x = Array.from({ length: 12 }, (_, i) => [Math.cos(i / 4), Math.sin(i / 4)]);

describe('a number instead of the options', () => {
  it('may be followed by the other options', async () => {
    const found = await loose(groups)(x, 0.95, { method: 'community', minimumSize: 2 });
    const same = await groups(x, { threshold: 0.95, method: 'community', minimumSize: 2 });
    expect(found).toMatchObject({ groups: same.groups });
    expect(((await loose(topK)(x, 2, { dtype: 'float64' })) as { scores: unknown }).scores).toBeInstanceOf(Float64Array);
  });

  it.each<[what: string, call: () => Promise<unknown>, says: string]>([
    ['options behind a number behind y', () => loose(pairs)(x, x, 0.5, { rowStart: 6 }), 'in one object'],
    ['an unknown option behind it', () => loose(groups)(x, 0.5, { nonsense: 1 }), 'nonsense'],
    ['the same option twice', () => loose(topK)(x, 2, { k: 3 }), 'one k for topK'],
    ['options twice', () => loose(cosineSimilarity)(x, x, {}, { threads: 1 }), 'in one object'],
  ])('refuses %s', async (_, call, says) => {
    const error = await call().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ArgumentError);
    expect((error as Error).message).toContain(says);
  });
});

describe('a single value instead of the options', () => {
  it.each<[what: string, call: () => unknown, argument: string, message: string]>([
    ['pairs(x, "0.9")', () => loose(pairs)(x, '0.9'), 'threshold', 'expected a number from -1 to 1 for `threshold`, got "0.9"'],
    [
      'pairs(x, "0.9", options)',
      () => loose(pairs)(x, '0.9', { dtype: 'float64' }),
      'threshold',
      'expected a number from -1 to 1 for `threshold`, got "0.9"',
    ],
    [
      'pairs(x, x, true)',
      () => loose(pairs)(x, x, true),
      'threshold',
      'expected a number from -1 to 1 for `threshold`, got true',
    ],
    [
      'groups(x, "0.9")',
      () => loose(groups)(x, '0.9'),
      'threshold',
      'expected a number from -1 to 1 for `threshold`, got "0.9"',
    ],
    ['topK(x, "5")', () => loose(topK)(x, '5'), 'k', 'expected a positive integer for `k`, got "5"'],
    ['topK(x, 5n)', () => loose(topK)(x, 5n), 'k', 'expected a positive integer for `k`, got 5n'],
    ['topK(x, x, () => 5)', () => loose(topK)(x, x, () => 5), 'k', 'expected a positive integer for `k`, got a function'],
    ['bestPairs(x, "3")', () => loose(bestPairs)(x, '3'), 'count', 'expected a positive integer for `count`, got "3"'],
    ['plan.topK(x, "5")', async () => loose(plan.topK)(x, '5'), 'k', 'expected a positive integer for `k`, got "5"'],
    [
      'topK(x, "y.npy", 5)',
      () => loose(topK)(x, 'y.npy', 5),
      'y',
      'expected rows for `y`, got "y.npy"; to read rows from a file, pass await openRows("y.npy")',
    ],
    [
      'topK(x, "y.npy", { k })',
      () => loose(topK)(x, 'y.npy', { k: 5 }),
      'y',
      'expected rows for `y`, got "y.npy"; to read rows from a file, pass await openRows("y.npy")',
    ],
  ])('%s is refused with the name of the argument it stands for', async (_, call, argument, message) => {
    await expect(call()).rejects.toMatchObject({ name: 'ArgumentError', argument, message });
  });
});

describe('single-use arguments', () => {
  it('include iterators, which are refused when they are exhausted', async () => {
    const rows = new Map([
      ['a', [1, 2]],
      ['b', [2, 1]],
    ]).values() as unknown as Rows;
    expect((await pairs(rows, 0.5)).length).toBe(1);
    await expect(pairs(rows, 0.5)).rejects.toThrow('used before');
  });

  it('include `out`, which is refused while another call fills it', async () => {
    const rows = randomRows(1500, 64);
    const out = new Float32Array(1500 * 1500);
    const first = cosineSimilarity(rows, { out });
    await expect(cosineSimilarity(rows, { out })).rejects.toThrow('another call is filling');
    await first;
    await cosineSimilarity(rows, { out });
  });

  it('do not include one buffer of which two calls fill different parts', async () => {
    const rows = randomRows(300, 64);
    const buffer = new ArrayBuffer(2 * 300 * 300 * 4);
    const outs = [0, 1].map((half) => new Float32Array(buffer, half * 300 * 300 * 4, 300 * 300));
    const [one, other] = await Promise.all(outs.map((out) => cosineSimilarity(rows, { out })));
    expect(other?.data).toEqual(one?.data);
    expect(one?.at(299, 299)).toBe(1);
  });

  it('include opened rows, which are refused after they are closed', async () => {
    const rows = await openRows(new Blob(['[1,2]\n[3,4]\n']), { format: 'jsonl' });
    await rows.close();
    await expect(topK(rows, 1)).rejects.toMatchObject({ code: 'ERR_ALLPAIRS_CLOSED' });
  });
});

describe('writeNpy', () => {
  it('refuses matrices that it would write as different numbers', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'allpairs-npy-'));
    const path = join(folder, 'x.npy');
    const data = Float32Array.of(0, 1, 2, 3, 4, 5);
    for (const wrong of [
      { data, shape: [3, 2], stride: [1, 3] },
      { data, shape: [3, 2], order: 'F' },
      { data: Int32Array.from(data), shape: [3, 2] },
      { data: [...data], shape: [3, 2] },
      { data, shape: [2, 2] },
      [[1, 2]],
      undefined,
    ]) {
      await expect(writeNpy(path, wrong as never)).rejects.toThrow(ArgumentError);
    }
    await writeNpy(path, { data, shape: [3, 2] } as never);
    expect((await readNpy(path)).shape).toEqual([3, 2]);
    await rm(folder, { recursive: true });
  });
});
