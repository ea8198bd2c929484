// Memory of the caller that is detached, resized or replaced while a call uses it. A call refuses this by the name of the argument, and
// never crashes or returns wrong scores. Events, never timers, determine the moments in the middle of a call.

import { type ArgumentError, type CosineSimilarityOptions, cosineSimilarity, cosineSimilaritySync } from 'allpairs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AddonJob } from '#src/backends/native/addon.js';
import { NativeMemory } from '#src/backends/native/memory.js';
import type { Api } from '#src/calls.js';
import { DenseCollector } from '#src/epilogues/dense.js';
import { ContiguousRows } from '#src/rows/row-source.js';
import type { SavedState } from '#src/saved-state.js';
import { BACKENDS } from './conformance/node-runner.js';
import { randomRows } from './random.js';
import { collectGarbage, detach, misuseCalls, resizableBuffer, resize } from './torture/misuse.js';
import { automatic, onWorkers, WAYS } from './ways.js';

const LOST = 'was detached or resized during the call; transfer or resize its buffer only after the call has settled';
/** Several tiles of any backend, and enough work for threads. */
const ROWS = 700;
const LENGTH = ROWS * ROWS;
const DEPTH = 200;
const x = randomRows(ROWS, DEPTH, 70);
const backends = BACKENDS.filter(({ backend }) => backend).map(({ name }) => name);
const hasNative = backends.some((name) => name.startsWith('native-'));

afterEach(() => {
  vi.restoreAllMocks();
});

/** The argument that a call refuses and its message, or the error that it throws instead. */
async function refusalOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    const { argument, message } = error as ArgumentError;
    return argument ? [argument, message] : error;
  }
  return undefined;
}

/** Calls `then` once when native threads have computed some tiles, none of which is in the result yet. */
function whenTilesAreDone(then: () => void): void {
  const { configure } = NativeMemory.prototype;
  vi.spyOn(NativeMemory.prototype, 'configure').mockImplementationOnce(function (this: NativeMemory, shape) {
    configure.call(this, shape);
    const { job } = this;
    // The addon's own method cannot be replaced, but that of an object can.
    const start = (...args: Parameters<AddonJob['start']>) => {
      Reflect.deleteProperty(job, 'start');
      job.start(...args);
      while (job.tilesDone() < 2);
      then();
    };
    Object.defineProperty(job, 'start', { value: start, configurable: true });
  });
}

/** Ways to take memory away; `lose` returns what remains of it. */
const LOSSES: readonly [string, () => { out: Float32Array; lose: () => ArrayBuffer }][] = [
  [
    'detached',
    () => {
      const out = new Float32Array(LENGTH);
      return { out, lose: () => detach(out.buffer) };
    },
  ],
  [
    'shortened',
    () => {
      const buffer = resizableBuffer(4 * LENGTH);
      const lose = () => {
        resize(buffer, buffer.byteLength - 4);
        return buffer;
      };
      return { out: new Float32Array(buffer, 0, LENGTH), lose };
    },
  ],
  [
    'lengthened, with a length that follows its buffer,',
    () => {
      const buffer = resizableBuffer(4 * LENGTH);
      const lose = () => {
        resize(buffer, buffer.byteLength + 4);
        return buffer;
      };
      return { out: new Float32Array(buffer), lose };
    },
  ],
];

describe.each(LOSSES)('`out` that is %s', (_, make) => {
  it.each(backends)('in onProgress is refused by %s', async (backend) => {
    const { out, lose } = make();
    const onProgress = vi.fn<NonNullable<CosineSimilarityOptions['onProgress']>>().mockImplementationOnce(() => void lose());
    expect(await refusalOf(() => cosineSimilaritySync(x, { backend, out, onProgress }))).toEqual(['out', `\`out\` ${LOST}`]);
    expect(onProgress).toHaveBeenCalled();
  });

  it.each(backends)('right after an asynchronous call is refused by %s', async (backend) => {
    const { out, lose } = make();
    const call = cosineSimilarity(x, { backend, out, threads: 2 });
    lose();
    expect(await refusalOf(() => call)).toEqual(['out', `\`out\` ${LOST}`]);
  });

  it('while workers compute is refused', async () => {
    const { out, lose } = make();
    const { receive } = DenseCollector.prototype;
    const spy = vi.spyOn(DenseCollector.prototype, 'receive').mockImplementationOnce(function (this: DenseCollector, content) {
      lose();
      receive.call(this, content);
    });
    expect(await refusalOf(() => onWorkers.cosineSimilarity(x, { out, threads: 2 }))).toEqual(['out', `\`out\` ${LOST}`]);
    expect(spy).toHaveBeenCalled();
  });

  it.runIf(hasNative)('while native threads compute is refused, and they write nowhere', async () => {
    const { out, lose } = make();
    out.fill(7);
    let left: ArrayBuffer | undefined;
    whenTilesAreDone(() => {
      left = lose();
      collectGarbage();
    });
    expect(await refusalOf(() => automatic.cosineSimilarity(x, { backend: 'native', out, threads: 2 }))).toEqual([
      'out',
      `\`out\` ${LOST}`,
    ]);
    const kept = new Float32Array(left as ArrayBuffer, 0, LENGTH - 1);
    expect(kept.every((value) => value === 7)).toBe(true);
  });
});

describe('an abort', () => {
  it('takes precedence over the loss of `out`', async () => {
    const out = new Float32Array(LENGTH);
    const call = cosineSimilarity(x, { out, signal: AbortSignal.abort('enough') });
    detach(out.buffer);
    await expect(call).rejects.toBe('enough');
  });
});

it('is also noticed by optimised code', () => {
  const arrays = [
    new Float32Array(10),
    new Float32Array(resizableBuffer(40)),
    new Float32Array(10),
    new Float32Array(resizableBuffer(40)),
  ];
  const sources = arrays.map((data) => new ContiguousRows(data, 0, 10, 1));
  // Often enough for V8 to optimise it, with buffers of both kinds.
  let intact = 0;
  for (let at = 0; at < 2e6; at++) if ((sources[at % 4] as ContiguousRows).isIntact(0, 10)) intact++;
  expect(intact).toBe(2e6);
  for (const { buffer } of arrays) detach(buffer);
  expect(sources.map((source) => source.isIntact(0, 10))).toEqual([false, false, false, false]);
});

describe('rows that are lost', () => {
  type Rows = Parameters<Api['topK']>[0];
  /** More than the budgets below allow at once. */
  const TALL = 3000;
  const tall = randomRows(TALL, DEPTH, 71);
  /** Each reads its rows more than once, or in parts. */
  const calls: readonly [string, (api: Api, rows: Rows, lose: () => void) => Promise<unknown>][] = [
    [
      'cosineSimilarity',
      (api, rows, onProgress) => api.cosineSimilarity(rows, { memoryBudget: 4 * TALL ** 2 + 1_600_000, onProgress }),
    ],
    ['topK', (api, rows, onProgress) => api.topK(rows, { k: 3, memoryBudget: 1_600_000, onProgress })],
    ['pairs', (api, rows, onProgress) => api.pairs(rows, { threshold: 0.9, memoryBudget: 1_600_000, onProgress })],
    ['histogram', (api, rows, onProgress) => api.histogram(rows, { memoryBudget: 1_600_000, onProgress })],
    ['groups', (api, rows, onProgress) => api.groups(rows, { threshold: 0.1, onProgress })],
  ];
  const ways = WAYS.flatMap((api, at) =>
    calls.map(([name, call]) => [name, ['automatic', 'on workers', 'alone'][at], api, call] as const),
  );

  it.each(ways)('in the middle of %s (%s) are refused', async (_name, _way, api, call) => {
    const data = tall.data.slice();
    const list = Array.from({ length: TALL }, (_, row) => tall.data.subarray(DEPTH * row, DEPTH * (row + 1)));
    const strided = { data: tall.data.slice(), shape: tall.shape, stride: [DEPTH, 1], offset: 0 } as const;
    const cases: [Rows, () => void][] = [
      [{ data, shape: tall.shape }, () => data.length && detach(data.buffer)],
      [
        { ...strided, stride: [-DEPTH, 1], offset: (TALL - 1) * DEPTH },
        () => strided.data.length && detach(strided.data.buffer),
      ],
      [list, () => list.fill(new Float32Array(DEPTH - 1))],
    ];
    for (const [rows, lose] of cases) expect(await refusalOf(() => call(api, rows, lose))).toEqual(['x', `\`x\` ${LOST}`]);
  });
});

describe.each(WAYS.map((api, at) => [['automatic', 'on workers', 'alone'][at], api] as const))(
  'checkpoint.save (%s)',
  (_, api) => {
    const thin = randomRows(9000, 6, 4);
    /** Transfers everything it can. */
    const checkpoint = () => {
      const save = vi.fn(({ arrays }: SavedState) => {
        for (const { buffer } of Object.values(arrays)) if (buffer instanceof ArrayBuffer) detach(buffer);
        collectGarbage();
      });
      return { save, interval: 0 };
    };

    it('may do anything with the arrays that it receives', async () => {
      const lists = checkpoint();
      expect(await api.topK(thin, { k: 3, checkpoint: lists })).toEqual(await api.topK(thin, { k: 3 }));
      const counts = checkpoint();
      expect(await api.histogram(thin, { checkpoint: counts })).toEqual(await api.histogram(thin));
      const sets = checkpoint();
      expect(await api.groups(thin, { threshold: 0.99, checkpoint: sets })).toEqual(
        await api.groups(thin, { threshold: 0.99 }),
      );
      for (const { save } of [lists, counts, sets]) expect(save.mock.calls.length).toBeGreaterThan(1);
    });
  },
);

it('at random moments leave calls right or refused', async () => {
  const { refused } = await misuseCalls(40, 1);
  expect(Object.keys(refused).sort()).toEqual(['out', 'x']);
}, 120_000);
