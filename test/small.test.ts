// Small problems take a short path, a single call of the backend. It gives the bits of the general path, and leaves to that path what it
// does not compute and everything that is refused.

import type { ArgumentError, BackendName, Rows } from 'allpairs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createApi } from '#src/api.js';
import { NativeMemory } from '#src/backends/native/memory.js';
import { TiledBackend } from '#src/backends/tiled/tiled-backend.js';
import { checkDenseCall, checkSyncCall } from '#src/check.js';
import { checkRows, plainRows } from '#src/check-rows.js';
import { computeDense, computeDenseSync } from '#src/engine/dense.js';
import { computeSmallDense } from '#src/engine/small.js';
import { nodePlatform } from '#src/platform/node.js';
import { Matrix } from '#src/rows/dense-matrix.js';
import { BACKENDS, runner } from './conformance/node-runner.js';
import { sameBits } from './conformance/runner.js';
import { randomRows } from './random.js';
import { detach, resizableBuffer, resize } from './torture/misuse.js';

const { cosineSimilarity, cosineSimilaritySync } = createApi(nodePlatform);
const { data, shape } = randomRows(50, 64, 40);
const other = randomRows(7, 64, 41);
const FAST = BACKENDS.flatMap(({ name, backend }) => (backend?.computeSmall ? [name] : []));

afterEach(() => vi.restoreAllMocks());

/** The outcome of a call with its arguments: its scores or its refusal. */
interface Outcome {
  readonly scores?: Matrix;
  readonly refusal?: Pick<ArgumentError, 'message' | 'code' | 'argument'> | unknown;
}

async function outcomeOf(call: () => Matrix | Promise<Matrix>): Promise<Outcome> {
  try {
    return { scores: await call() };
  } catch (error) {
    const { message, code, argument } = error as ArgumentError;
    return { refusal: code ? { message, code, argument } : error };
  }
}

type Arguments = readonly [x: unknown, y?: unknown, options?: unknown];

/** The general path alone, with the checks before it. */
function generalSync(...args: Arguments): Matrix {
  const call = checkSyncCall(...args);
  const scores = computeDenseSync(call, runner.setting(runner.selection.chooseSync(call.backend ?? AUTOMATIC), 'sync'));
  return new Matrix(scores, [call.x.rows, (call.y ?? call.x).rows]);
}

async function general(...args: Arguments): Promise<Matrix> {
  const call = checkDenseCall(...args);
  const scores = await computeDense(call, runner.setting(runner.selection.chooseSync(call.backend ?? AUTOMATIC), 'turns'));
  return new Matrix(scores, [call.x.rows, (call.y ?? call.x).rows]);
}

/** The backend of calls that do not name one. */
const AUTOMATIC: BackendName = runner.selection.status('native').backend ? 'native' : 'wasm';

/** `make` returns new arguments each time. Both versions of the call have the outcome of the general path. */
async function expectLikeGeneral(make: () => Arguments): Promise<Outcome> {
  const wants = [await outcomeOf(() => generalSync(...make())), await outcomeOf(() => general(...make()))];
  const gots = [
    await outcomeOf(() => cosineSimilaritySync(...(make() as [Rows]))),
    await outcomeOf(() => cosineSimilarity(...(make() as [Rows]))),
    // The backend of calls that do not name one is now loaded.
    await outcomeOf(() => cosineSimilarity(...(make() as [Rows]))),
  ];
  for (const [at, got] of gots.entries()) {
    const want = wants[Math.min(at, 1)] as Outcome;
    expect(got.refusal).toEqual(want.refusal);
    expect(got.scores?.shape).toEqual(want.scores?.shape);
    expect(got.scores && want.scores && sameBits(got.scores.data, want.scores.data)).toBe(want.scores && true);
  }
  return gots[0] as Outcome;
}

/** Counts the calls that would take the general path, by the memory they use. */
function watchGeneralPath(): () => number {
  const spies = [vi.spyOn(NativeMemory.prototype, 'configure'), vi.spyOn(TiledBackend.prototype, 'createJob')];
  return () => spies.reduce((sum, { mock }) => sum + mock.calls.length, 0);
}

describe.each(FAST)('a small problem on %s', (backend) => {
  const calls: readonly [string, () => Arguments][] = [
    ['x', () => [{ data, shape }, { backend }]],
    ['x and y', () => [{ data, shape }, other, { backend }]],
    ['float64 rows', () => [{ data: Float64Array.from(data), shape }, { backend }]],
    ['float64 rows against float32', () => [{ data, shape }, { ...other, data: Float64Array.from(other.data) }, { backend }]],
    [
      'float32 rows with float64 scores',
      () => [
        { data, shape },
        { backend, dtype: 'float64' },
      ],
    ],
    [
      'float64 rows with float32 scores',
      () => [
        { data: Float64Array.from(data), shape },
        { backend, dtype: 'float32' },
      ],
    ],
    ['a matrix', () => [new Matrix(data, shape), { backend }]],
    [
      'arrays of numbers',
      () => [
        [
          [1, 2, 3],
          [4, 5, 6.5],
          [0, 0, 0],
        ],
        { backend },
      ],
    ],
    ['typed arrays', () => [[data.subarray(0, 64), data.subarray(64, 128)], { backend }]],
    ['bytes', () => [{ data: Uint8Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] }, { backend }]],
    ['strided rows', () => [{ data, shape: [64, 50], stride: [1, 64] }, { backend }]],
    ['rows from an offset on', () => [{ data, shape: [49, 64], offset: 64 }, { backend }]],
    ['rows in shared memory', () => [{ data: new Float32Array(new SharedArrayBuffer(24)), shape: [2, 3] }, { backend }]],
    [
      'an out',
      () => [
        { data, shape },
        { backend, out: new Float32Array(2500) },
      ],
    ],
    [
      'an out in shared memory',
      () => [
        { data, shape },
        { backend, out: new Float32Array(new SharedArrayBuffer(10000)) },
      ],
    ],
    [
      'an out with float64 scores',
      () => [
        { data, shape },
        { backend, out: new Float64Array(2500) },
      ],
    ],
    [
      'a part of a buffer as out',
      () => [
        { data, shape },
        { backend, out: new Float32Array(2600).subarray(50, 2550) },
      ],
    ],
    [
      'threads',
      () => [
        { data, shape },
        { backend, threads: 2 },
      ],
    ],
    [
      'a signal',
      () => [
        { data, shape },
        { backend, signal: new AbortController().signal },
      ],
    ],
    [
      'rows that count as zero',
      () => [
        [
          [1, 2],
          [Number.NaN, 1],
          [3, 4],
        ],
        { backend, nonFinite: 'zero' },
      ],
    ],
    ['rows without elements', () => [{ data: new Float32Array(0), shape: [3, 0] }, { backend }]],
  ];

  it.each(calls)('takes the short path with %s, and gives the bits of the general path', async (_, make) => {
    const outcome = await expectLikeGeneral(make);
    expect(outcome.refusal).toBeUndefined();
    const jobs = watchGeneralPath();
    const { out } = checkDenseCall(...make());
    const args = make() as [Rows];
    const results = [cosineSimilaritySync(...args), await cosineSimilarity(...args)];
    expect(jobs()).toBe(0);
    if (out) for (const { data } of results) expect(data).toBe(checkDenseCall(...args).out);
  });

  it('gives a new result each time, in memory of its own', () => {
    const first = cosineSimilaritySync({ data, shape }, { backend }).data;
    const kept = first.slice();
    const second = cosineSimilaritySync(randomRows(50, 64, 42), { backend }).data;
    expect(second.buffer).not.toBe(first.buffer);
    expect(first).toEqual(kept);
    expect(first.buffer.byteLength).toBe(first.byteLength);
  });

  it('serves calls within calls', () => {
    const rows = [Array.from(data.subarray(0, 64)), Array.from(data.subarray(64, 128))];
    const want = generalSync(rows, { backend });
    // While a row is read, the rows before it have already been copied.
    let inner: Matrix | undefined;
    const value = rows[1]?.[3];
    Object.defineProperty(rows[1], 3, {
      get: () => {
        inner = cosineSimilaritySync(
          [
            [3, 4],
            [5, 6],
          ],
          { backend },
        );
        return value;
      },
    });
    const got = cosineSimilaritySync(rows, { backend });
    expect(sameBits(got.data, want.data)).toBe(true);
    expect(inner?.at(0, 0)).toBe(1);
  });

  const general: readonly [string, () => Arguments][] = [
    [
      'onProgress',
      () => [
        { data, shape },
        { backend, onProgress: () => {} },
      ],
    ],
    [
      'a memory budget',
      () => [
        { data, shape },
        { backend, memoryBudget: 2 ** 20 },
      ],
    ],
    ['more scores than few', () => [randomRows(513, 3), { backend }]],
    ['more elements than few', () => [randomRows(3, 2 ** 16), { backend }]],
    ['more work than a thread is worth', () => [randomRows(500, 512), { backend }]],
  ];

  it.each(general)('takes the general path with %s', async (_, make) => {
    const jobs = watchGeneralPath();
    cosineSimilaritySync(...(make() as [Rows]));
    expect(jobs()).toBeGreaterThan(0);
    vi.restoreAllMocks();
    await expectLikeGeneral(make);
  });

  const refused: readonly [string, () => Arguments, unknown][] = [
    ['a NaN', () => [{ data: with3(Number.NaN), shape }, { backend }], 'got NaN in row 0, column 3'],
    ['an infinity', () => [{ data: with3(-1 / 0), shape }, { backend }], 'got -Infinity in row 0, column 3'],
    ['a NaN in y', () => [other, { data: with3(Number.NaN), shape }, { backend }], 'in `y`, got NaN in row 0, column 3'],
    [
      'no memory',
      () => [
        { data, shape },
        { backend, memoryBudget: 1 },
      ],
      'memoryBudget',
    ],
    [
      'an out of another length',
      () => [
        { data, shape },
        { backend, out: new Float32Array(2499) },
      ],
      'exactly 2500 elements',
    ],
    [
      'an out that is detached',
      () => [
        { data, shape },
        { backend, out: detached(2500) },
      ],
      'exactly 2500 elements',
    ],
    [
      'an out of another type',
      () => [
        { data, shape },
        { backend, out: new Float64Array(2500), dtype: 'float32' },
      ],
      'Float32Array',
    ],
    // Code optimised by V8 may still see the old length; a later check then refuses the argument in other words.
    ['rows that are detached', () => [{ data: detached(3200), shape }, { backend }], '`x`'],
    [
      'an unknown option',
      () => [
        { data, shape },
        { backend, treads: 2 },
      ],
      "Unknown option 'treads'",
    ],
    ['rows of other depths', () => [{ data, shape }, randomRows(3, 5), { backend }], 'rows of length 64'],
  ];

  it.each(refused)('is refused with %s as in the general path', async (_, make, message) => {
    const { refusal } = await expectLikeGeneral(make);
    expect((refusal as ArgumentError).message).toContain(message);
  });

  it('leaves `out` unchanged if a row is not finite', () => {
    const out = new Float32Array(2500).fill(7);
    expect(() => cosineSimilaritySync({ data: with3(Number.NaN), shape }, { backend, out })).toThrow('got NaN');
    expect(out.every((score) => score === 7)).toBe(true);
  });

  it('refuses an `out` that overlaps its rows', async () => {
    const buffer = new Float32Array(3200 + 2499);
    const make = () =>
      [
        { data: buffer.subarray(0, 3200), shape },
        { backend, out: buffer.subarray(3199) },
      ] as const;
    expect(((await expectLikeGeneral(make)).refusal as ArgumentError).message).toContain('one that overlaps `x`');
  });

  it('refuses rows that a getter of the other rows detaches', () => {
    const x = { data: new Float32Array(data), shape };
    const y = {
      get data() {
        if (x.data.length) detach(x.data.buffer);
        return other.data;
      },
      shape: other.shape,
    };
    expect(() => cosineSimilaritySync(x, y, { backend })).toThrow(expect.objectContaining({ argument: 'x' }));
  });

  it('refuses an `out` that a getter in a row detaches', async () => {
    const make = (): Arguments => {
      const out = new Float32Array(4);
      const row = [1, 2];
      Object.defineProperty(row, 1, {
        get: () => {
          if (out.length) detach(out.buffer);
          return 2;
        },
      });
      return [[[3, 4], row], { backend, out }];
    };
    expect((await expectLikeGeneral(make)).refusal).toBeDefined();
  });

  it('reads rows and scores in resizable memory, which may shrink', async () => {
    const buffer = resizableBuffer(24);
    const rows = { data: new Float32Array(buffer), shape: [2, 3] } as const;
    rows.data.set([1, 2, 3, 4, 5, 6]);
    const out = new Float32Array(resizableBuffer(16));
    await expectLikeGeneral(() => [rows, { backend, out }]);
    await expectLikeGeneral(() => [rows, { backend }]);
    resize(buffer, 20);
    const { refusal } = await expectLikeGeneral(() => [rows, { backend }]);
    expect((refusal as ArgumentError).message).toContain('2 x 3 = 6 elements');
  });

  it('is aborted before the call, and right after it', async () => {
    const aborted = { backend, signal: AbortSignal.abort('enough') };
    expect(() => cosineSimilaritySync({ data, shape }, aborted)).toThrow('enough');
    await expect(cosineSimilarity({ data, shape }, aborted)).rejects.toBe('enough');
    const control = new AbortController();
    const call = cosineSimilarity({ data, shape }, { backend, signal: control.signal });
    control.abort('after all');
    await expect(call).rejects.toBe('after all');
  });

  it('is refused if another call fills the same `out`', async () => {
    const out = new Float32Array(2500);
    const calls = [0, 1].map(() => cosineSimilarity({ data, shape }, { backend, out, onProgress: () => {} }));
    const small = cosineSimilarity({ data, shape }, { backend, out });
    await expect(small).rejects.toThrow('another call is filling `out`');
    await Promise.allSettled(calls);
  });
});

/** The rows with another value in row 0, column 3. */
function with3(value: number): Float32Array {
  return Float32Array.from(data, (own, at) => (at === 3 ? value : own));
}

function detached(length: number): Float32Array {
  const array = new Float32Array(length);
  detach(array.buffer);
  return array;
}

describe('plain rows', () => {
  const six = Float32Array.of(1, 2, 3, 4, 5, 7);

  it.each<[string, unknown]>([
    ['floats', { data: six, shape: [2, 3] }],
    ['doubles', { data: Float64Array.from(six), shape: [3, 2] }],
    ['no rows', { data: new Float32Array(0), shape: [0, 4] }],
    ['properties that no check reads', { data: six, shape: [2, 3], name: 'six', rowIds: ['a', 'b'] }],
    ['a matrix', new Matrix(six, [2, 3])],
  ])('are read as by the general checks: %s', (_, value) => {
    const given = value as { data: Float32Array; shape: [number, number] };
    // A meaningless offset makes the rows no longer plain.
    const { source } = checkRows('x', { data: given.data, shape: given.shape, offset: 0 });
    expect(plainRows({ ...given, offset: 0 })).toBeUndefined();
    expect(plainRows(value)).toEqual(source);
    expect(checkRows('x', value)).toEqual({ source, lone: false });
  });

  const hidden = (properties: object) =>
    Object.defineProperties({ data: six, shape: [2, 3] }, Object.getOwnPropertyDescriptors(properties));
  const unseen = { enumerable: false, configurable: true };

  it.each<[string, () => unknown, string | undefined]>([
    ['another length', () => ({ data: six, shape: [2, 4] }), '2 x 4 = 8 elements'],
    ['a negative size', () => ({ data: six, shape: [-2, -3] }), 'a shape'],
    ['half a row', () => ({ data: six, shape: [1.5, 4] }), 'a shape'],
    ['sizes as text', () => ({ data: six, shape: ['2', '3'] }), 'a shape'],
    ['a size that is missing', () => ({ data: six, shape: [undefined, 6] }), 'a shape'],
    ['one size', () => ({ data: six, shape: [6] }), 'one vector'],
    ['three sizes', () => ({ data: six, shape: [1, 2, 3] }), undefined],
    ['a shape in a typed array', () => ({ data: six, shape: Int32Array.of(2, 3) }), undefined],
    ['dims of the same sizes', () => ({ data: six, shape: [2, 3], dims: [2, 3] }), undefined],
    ['dims of other sizes', () => ({ data: six, shape: [2, 3], dims: [3, 2] }), 'differ'],
    ['strides', () => ({ data: six, shape: [2, 3], strides: [1, 2] }), undefined],
    ['a stride', () => ({ data: six, shape: [2, 3], stride: [1, 2] }), undefined],
    [
      'strides that keys do not show',
      () => hidden(Object.defineProperty({}, 'strides', { value: [1, 2], ...unseen })),
      undefined,
    ],
    ['inherited strides', () => Object.assign(Object.create({ strides: [1, 2] }), { data: six, shape: [2, 3] }), undefined],
    ['an order', () => ({ data: six, shape: [2, 3], order: 'F' }), undefined],
    ['fortranOrder', () => ({ data: six, shape: [2, 3], fortranOrder: true }), undefined],
    ['fortran_order', () => ({ data: six, shape: [2, 3], fortran_order: false }), 'is not read'],
    ['a layout', () => ({ data: six, shape: [2, 3], layout: 'C' }), 'is not read'],
    ['an offset', () => ({ data: six, shape: [2, 2], offset: 1 }), undefined],
    ['a type that fits', () => ({ data: six, shape: [2, 3], type: 'float32' }), undefined],
    ['a type that does not', () => ({ data: six, shape: [2, 3], type: 'int8' }), "declares its elements as 'int8'"],
    ['a dtype that does not', () => ({ data: six, shape: [2, 3], dtype: 'float64' }), "declares its elements as 'float64'"],
    ['dataSync', () => ({ data: () => six, shape: [2, 3], dataSync: () => six.map((v) => v * v) }), undefined],
    ['dataSync beside data', () => ({ data: six, shape: [2, 3], dataSync: () => six.map((v) => v * v) }), undefined],
    ['a method then', () => Object.assign({ data: six, shape: [2, 3] }, { ['th' + 'en']: () => {} }), 'did you forget await?'],
    [
      'a class of their own',
      () =>
        new (class {
          data = six;
          shape = [2, 3];
          get strides() {
            return [1, 2];
          }
        })(),
      undefined,
    ],
    ['no prototype', () => Object.assign(Object.create(null), { data: six, shape: [2, 3] }), undefined],
    [
      'an array with properties',
      () =>
        Object.assign(
          [
            [1, 2],
            [3, 5],
          ],
          { data: six, shape: [2, 3] },
        ),
      undefined,
    ],
    ['a typed array with properties', () => Object.assign(six.slice(), { data: six, shape: [2, 3] }), 'one vector'],
    ['bytes', () => ({ data: Uint8Array.from(six), shape: [2, 3] }), undefined],
    ['a buffer', () => ({ data: Buffer.from(six.buffer), shape: [2, 12] }), 'not an array of numbers'],
    ['64-bit integers', () => ({ data: BigInt64Array.of(1n, 2n), shape: [1, 2] }), '64-bit integers'],
    ['nothing', () => null, 'rows'],
    ['a promise', () => Promise.resolve({ data: six, shape: [2, 3] }), 'did you forget await?'],
  ])('do not include those with %s', async (_, make, message) => {
    expect(plainRows(make())).toBeUndefined();
    for (const options of [undefined, { backend: AUTOMATIC }]) {
      const { refusal, scores } = await expectLikeGeneral(() => [make(), options]);
      if (message === undefined) expect(scores).toBeDefined();
      else expect((refusal as ArgumentError).message).toContain(message);
    }
  });

  it('are read once, whatever their getters return next time', () => {
    let reads = 0;
    const x = {
      get data() {
        return reads++ === 0 ? six : new Float32Array(1);
      },
      shape: [2, 3] as const,
    };
    expect(sameBits(cosineSimilaritySync(x).data, generalSync({ data: six, shape: [2, 3] }).data)).toBe(true);
    expect(reads).toBe(1);
  });
});

describe('options of a small call', () => {
  it.each<[string, () => readonly unknown[]]>([
    ['none', () => []],
    ['undefined', () => [undefined, undefined]],
    ['null', () => [null, null]],
    ['an empty object', () => [{}]],
    ['a backend', () => [{ backend: AUTOMATIC }]],
    ['a backend behind y', () => [other, { backend: AUTOMATIC }]],
    ['a backend that is undefined', () => [{ backend: undefined }]],
    ['a backend that there is not', () => [{ backend: 'gpu' }]],
    ['a backend that is no text', () => [{ backend: [AUTOMATIC] }]],
    ['a backend and another option', () => [{ backend: AUTOMATIC, dtype: 'float64' }]],
    ['an option that there is not', () => [{ backends: AUTOMATIC }]],
    ['options twice', () => [{ backend: AUTOMATIC }, { backend: AUTOMATIC }]],
    [
      'options in a class',
      () => [
        new (class {
          backend = AUTOMATIC;
        })(),
      ],
    ],
    ['a backend that keys do not show', () => [Object.defineProperty({}, 'backend', { value: 'wasm', enumerable: false })]],
    ['rows that have a backend', () => [{ ...other, backend: AUTOMATIC }]],
    ['text', () => ['native']],
    ['a number', () => [5]],
  ])('%s are understood as in the general path', async (_, make) => {
    await expectLikeGeneral(() => [{ data, shape }, ...make()] as unknown as Arguments);
  });

  it('are refused if there are too many arguments', () => {
    const call = cosineSimilaritySync as unknown as (...args: unknown[]) => Matrix;
    expect(() => call({ data, shape }, other, {}, { threads: 1 })).toThrow('all options of cosineSimilaritySync in one object');
  });
});

it('a small call reports the backend that cannot run here', () => {
  const loadNativeAddon = () => {
    throw new Error('not in this test');
  };
  const api = createApi({ ...nodePlatform, loadNativeAddon });
  expect(() => api.cosineSimilaritySync({ data, shape }, { backend: 'native' })).toThrow(
    "backend 'native' cannot run here: not in this test",
  );
  expect(api.cosineSimilaritySync({ data, shape }).at(3, 3)).toBe(1);
});

it('the reference has no short path', () => {
  const backend = runner.selection.chooseSync('reference');
  expect(computeSmallDense(checkDenseCall({ data, shape }), backend)).toBeUndefined();
});
