import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  cosineSimilarity,
  cosineSimilaritySync,
  type Options,
  type Progress,
  type Rows,
  type ScoreArray,
  type ThreadError,
} from 'allpairs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createApi } from '#src/api.js';
import { nodePlatform } from '#src/platform/node.js';
import type { OnEnd, Platform, Thread } from '#src/platform/platform.js';
import { WAIT_MS } from './limits.js';
import { inTheMiddle } from './middle.js';
import { randomRows } from './random.js';
import { turnsDuring } from './turns.js';
import { alone, automatic, onWorkers, preferring, WAYS } from './ways.js';

vi.mock('#src/engine/watch.js', async (original) => (await import('./middle.js')).withMiddle(await original()));
afterEach(() => {
  vi.restoreAllMocks();
});

/** Enough work for threads: about 0.2 s. */
const large = randomRows(3000, 384, 50);

describe('an asynchronous call', () => {
  it.each([
    ['the threads of the addon', automatic],
    ['workers', onWorkers],
  ])('leaves the event loop free while %s compute', async (_, api) => {
    // A Sync call would take one turn.
    expect(await turnsDuring(() => api.cosineSimilarity(large, { threads: 2 }))).toBeGreaterThan(10);
  });

  it('gives the event loop a turn after every long tile if it computes on the calling thread', async () => {
    // A clock on which every step takes long.
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => {
      now += 1000;
      return now;
    });
    let turns = 0;
    let tiles = 0;
    const api = createApi({
      ...preferring('wasm'),
      threadRefusal: 'not in this test',
      yieldToEventLoop: () => {
        turns++;
        return nodePlatform.yieldToEventLoop();
      },
    });
    await api.cosineSimilarity(large, { onProgress: () => tiles++ });
    expect(tiles).toBeGreaterThan(10);
    expect(turns).toBeGreaterThanOrEqual(tiles - 1);
  });

  it('fills `out` in place, shared or not', async () => {
    const want = cosineSimilaritySync(large).data;
    const shared = new SharedArrayBuffer(want.byteLength);
    // ES2024, which the types of Node 20 lack.
    const resizable = Reflect.construct(ArrayBuffer, [want.byteLength, { maxByteLength: 2 * want.byteLength }]) as ArrayBuffer;
    for (const buffer of [new ArrayBuffer(want.byteLength), shared, resizable]) {
      const out = new Float32Array(buffer, 0, want.length);
      const matrix = await cosineSimilarity(large, { out, threads: 2 });
      expect(matrix.data).toBe(out);
      expect(Buffer.compare(new Uint8Array(buffer), new Uint8Array(want.buffer))).toBe(0);
    }
  });

  it('rejects with the error that onProgress throws', async () => {
    const onProgress = () => {
      throw new Error('no screen');
    };
    await expect(cosineSimilarity(large, { onProgress })).rejects.toThrow('no screen');
    await expect(cosineSimilarity([[1]], { onProgress })).rejects.toThrow('no screen');
  });

  it('uses threads for thin and flat problems too, which are not small', async () => {
    const wasm = { backend: 'wasm' } as const;
    const flat = { data: new Float32Array(4000), shape: [4000, 1] };
    expect((await cosineSimilarity(flat, wasm)).data.buffer).toBeInstanceOf(SharedArrayBuffer);
    const thin = { data: new Float32Array(5e6), shape: [100_000, 50] };
    expect((await cosineSimilarity([thin.data.subarray(0, 50)], thin, wasm)).data.buffer).toBeInstanceOf(SharedArrayBuffer);
    const small = { data: new Float32Array(50 * 64), shape: [50, 64] };
    expect((await cosineSimilarity(small, wasm)).data.buffer).toBeInstanceOf(ArrayBuffer);
    expect(
      (await cosineSimilarity({ data: new Float32Array(4e4), shape: [200, 200] }, { backend: 'reference' })).data.buffer,
    ).toBeInstanceOf(SharedArrayBuffer);
  });

  it('gives the same results for several calls at a time as for each alone', async () => {
    const inputs = [1500, 1600, 1700, 1800].map((rows) => randomRows(rows, 64, rows));
    const together = await Promise.all(inputs.map((x) => cosineSimilarity(x)));
    for (const [i, x] of inputs.entries()) {
      expect(
        Buffer.compare(
          new Uint8Array(together[i]?.data.buffer as ArrayBuffer),
          new Uint8Array(cosineSimilaritySync(x).data.buffer as ArrayBuffer),
        ),
      ).toBe(0);
    }
  });

  it('reports progress that grows to the whole', async () => {
    for (const compute of [cosineSimilarity, async (x: Rows, options: Options) => cosineSimilaritySync(x, options)]) {
      const seen: Progress[] = [];
      await compute(large, { onProgress: (progress) => seen.push(progress) });
      expect(seen.every(({ total }) => total === 9e6)).toBe(true);
      expect(seen.map(({ done }) => done)).toEqual(seen.map(({ done }) => done).sort((a, b) => a - b));
      expect(seen.at(-1)).toEqual({ done: 9e6, total: 9e6 });
    }
  });
});

describe('abort', () => {
  it('takes effect before the call, and for small work', async () => {
    const signal = AbortSignal.abort('no more');
    await expect(cosineSimilarity(large, { signal })).rejects.toBe('no more');
    await expect(cosineSimilarity([[1]], { signal })).rejects.toBe('no more');
    expect(() => cosineSimilaritySync([[1]], { signal })).toThrow('no more');
  });

  it('takes effect in the middle, with and without threads, and the next call works', async () => {
    for (const api of WAYS) {
      const controller = new AbortController();
      const abort = () => controller.abort(new Error('enough'));
      const seen: number[] = [];
      const onProgress = ({ done }: Progress) => {
        seen.push(done);
        if (api === alone) abort();
      };
      if (api !== alone) inTheMiddle(abort);
      const call = api.cosineSimilarity(large, { threads: 2, signal: controller.signal, onProgress });
      await expect(call).rejects.toThrow('enough');
      expect(seen).not.toContain(9e6);
      expect((await api.cosineSimilarity(randomRows(1000, 64))).at(999, 999)).toBe(1);
    }
  });
});

describe('threads', () => {
  it('cause a clear error when one dies, and the next call starts another', async () => {
    const started: Thread[] = [];
    const platform: Platform = {
      ...nodePlatform,
      startThread() {
        const thread = nodePlatform.startThread();
        started.push(thread);
        return thread;
      },
    };
    const api = createApi(platform);
    // A tile is done, so one of the threads has started. A thread that has not started counts as one that could not be started.
    inTheMiddle(() => {
      for (const thread of started) thread.stop();
    });
    // Every score is a pair, and threads only deliver pairs while the calling thread receives them, so none finishes early.
    const call = api.pairs(randomRows(3000, 8), { threshold: -1, threads: 2, backend: 'wasm' });
    const error = await call.catch((reason: unknown) => reason);
    expect((error as ThreadError).code).toBe('ERR_ALLPAIRS_THREAD');
    expect((error as Error).message).toMatch(/^a computing thread ended before its work was done: it exited with code/);
    const again = await api.cosineSimilarity(large, { threads: 2, backend: 'wasm' });
    expect(again.at(2999, 2999)).toBe(1);
    expect(started.length).toBe(4);
  });

  const isSame = (got: ScoreArray, right: ScoreArray) => got.every((score, at) => score === right[at]);

  /** A thread that ends without having run. */
  const unstarted = (): Thread => {
    let end: OnEnd = () => {};
    return {
      post: () => void setImmediate(() => end(new Error('no such file'), false)),
      listen: (_, onEnd) => {
        end = onEnd;
      },
      hold() {},
      letGo() {},
      stop() {},
    };
  };
  const refused = (): Thread => {
    throw new Error('no more processes');
  };

  it.each([
    ['end before they start', unstarted, 'no such file'],
    ['are refused at once', refused, 'no more processes'],
  ])('that %s leave all calls to the calling thread, and runtimeInfo gives the reason', async (_, startThread, reason) => {
    let asked = 0;
    const start = () => {
      asked++;
      return startThread();
    };
    const right = createApi(nodePlatform);
    const x = randomRows(1000, 150);
    const options = { backend: 'wasm', threads: 2 } as const;
    const apis = () => createApi({ ...nodePlatform, startThread: start });
    const first = apis();
    expect(first.runtimeInfo().threadRefusal).toBeUndefined();
    const { data } = right.cosineSimilaritySync(x, { backend: 'wasm' });
    expect(isSame((await first.cosineSimilarity(x, options)).data, data)).toBe(true);
    expect(first.runtimeInfo().threadRefusal).toBe(`threads cannot be started here: ${reason}`);
    const tried = asked;
    const out = new Float32Array(1000 * 1000);
    await first.cosineSimilarity(x, { ...options, out });
    expect(isSame(out, data)).toBe(true);
    expect(asked).toBe(tried);
    // Each call is the first one of its own library, with memory that would have been shared.
    await apis().cosineSimilarity(x, { ...options, out: out.fill(0) });
    expect(isSame(out, data)).toBe(true);
    expect(await apis().topK(x, { ...options, k: 5 })).toEqual(await right.topK(x, { ...options, k: 5 }));
    expect(await apis().pairs(x, { ...options, threshold: 0.3 })).toEqual(await right.pairs(x, { ...options, threshold: 0.3 }));
    expect(await apis().histogram(x, options)).toEqual(await right.histogram(x, options));
    expect(await apis().groups(x, { ...options, threshold: 0.3 })).toEqual(
      await right.groups(x, { ...options, threshold: 0.3 }),
    );
    const { value } = await apis()
      .streamMatrix(x, { ...options, blockRows: 700 })
      .next();
    expect(value?.matrix.at(699, 0)).toBe(data[699 * 1000]);
  });

  it.each([
    ['does not start', unstarted],
    ['is refused', refused],
  ])('of which one %s leave the work to the others', async (_, second) => {
    const started: Thread[] = [];
    const api = createApi({
      ...nodePlatform,
      startThread() {
        started.push(started.length === 0 ? nodePlatform.startThread() : second());
        return started.at(-1) as Thread;
      },
    });
    const x = randomRows(1200, 96);
    const { data } = api.cosineSimilaritySync(x, { backend: 'wasm' });
    expect(isSame((await api.cosineSimilarity(x, { backend: 'wasm', threads: 2 })).data, data)).toBe(true);
    expect(api.runtimeInfo().threadRefusal).toBeUndefined();
  });

  const available = createApi(nodePlatform)
    .runtimeInfo()
    .backends.flatMap(({ name, available }) => (available ? [name] : []));

  it.each(available)('never outnumber the tiles, and are at most 32 or four per core (%s)', async (backend) => {
    let started = 0;
    const startThread = () => {
      started++;
      return nodePlatform.startThread();
    };
    const api = createApi({ ...nodePlatform, startThread, cores: () => 2 });
    const call = { backend, threads: 100_000 };
    const x = randomRows(800, 200);
    for (const rows of [x, randomRows(200, 4000)]) {
      const { threads, tiles } = api.plan.topK(rows, { ...call, k: 3 });
      expect(threads).toBeGreaterThan(1);
      expect(threads).toBeLessThanOrEqual(Math.min(32, tiles));
    }
    expect((await api.cosineSimilarity(x, call)).at(799, 799)).toBe(1);
    expect(started).toBeLessThanOrEqual(32);
  });

  it('do not keep the process alive, but their work does', async () => {
    const script = `
      import { cosineSimilarity } from 'allpairs';
      const x = { data: new Float32Array(2000 * 300).fill(1), shape: [2000, 300] };
      cosineSimilarity(x, { threads: 2 }).then(({ data }) => console.log(data.length));
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { timeout: WAIT_MS });
    expect(stdout).toBe('4000000\n');
  });
});

describe('ALLPAIRS_BACKEND', () => {
  const apiWith = (name: string) => createApi({ ...nodePlatform, environment: () => name });

  it('selects the backend of calls that do not name one', () => {
    expect(apiWith('reference').runtimeInfo().backend).toBe('reference');
  });

  it('is an error if it contains an unknown name', async () => {
    await expect(apiWith('fast').cosineSimilarity([[1]])).rejects.toThrow(
      /^expected native or wasm or reference or .* in ALLPAIRS_BACKEND, got fast$/,
    );
  });
});

describe('runtimeInfo', () => {
  it('lists every backend, with the reason if it cannot run', () => {
    const loadNativeAddon = () => {
      throw new Error('none for riscv64');
    };
    const platform = { ...nodePlatform, architecture: 'riscv64', loadNativeAddon };
    const { backend, backends, cores, runtime } = createApi(platform).runtimeInfo();
    expect(backend).toBe('wasm');
    expect(cores).toBeGreaterThan(0);
    expect(runtime).toMatch(/^Node\.js \d/);
    expect(backends.filter(({ name }) => !name.startsWith('native-')).map(({ name, available }) => [name, available])).toEqual([
      ['native', false],
      ['wasm', true],
      ['reference', true],
      // No call has looked for a GPU.
      ['webgpu', false],
      ['webgpu-software', false],
    ]);
    expect(backends[0]?.description).toBe('none for riscv64');
  });
});
