// The WebGPU backend on the processor, in Node: the conformance table in float32, and failures of a device.

import type { Rows } from 'allpairs';
import { describe, expect, it } from 'vitest';
import type { Backend } from '#src/backends/backend.js';
import { BackendSelection } from '#src/backends/select.js';
import { checkDenseCall } from '#src/check.js';
import { DeviceError, MemoryError, UnsupportedError } from '#src/errors.js';
import { nodePlatform } from '#src/platform/node.js';
import { casesOf, stepsOf } from '../conformance/cases.js';
import { TrueCosines } from '../conformance/exact.js';
import { runner, truth } from '../conformance/node-runner.js';
import { isBestPairs, isHistogram, isPairs, isTopK, type Scores } from '../conformance/plain.js';
import { BOUNDS, largestError, sameBits } from '../conformance/runner.js';
import { randomRows } from '../random.js';
import { randomSparse } from '../sparse-rows.js';
import { device, MAX_TILE_ROWS, options, software } from './webgpu-software.js';

const { missing } = software;
const backend = software.backend as Backend;
const MODE = 'turns';

const denseOf = (x: Rows, y?: Rows) => runner.run(backend, MODE, x, y, { dtype: 'float32' });

async function scoresOf(x: Rows, y?: Rows): Promise<Scores> {
  const call = checkDenseCall(x, y);
  return { data: await denseOf(x, y), rows: call.x.rows, cols: (call.y ?? call.x).rows, self: y === undefined };
}

/** The processor takes seconds for long rows, so only the positive ones, whose rounding errors add up most, are as long as elsewhere. */
const cases = (missing ? [] : casesOf('float32', stepsOf(backend, 'float32'))).map((one) =>
  one.name === 'long rows of either sign' ? { ...one, x: randomRows(5, 8192, 8) } : one,
);

describe.skipIf(missing)(`webgpu-software${missing ? ` (skipped: ${missing})` : ''}`, () => {
  describe('the conformance table', () => {
    it.each(cases)('$name', async ({ x, y }) => {
      const scores = await scoresOf(x, y);
      const { data, rows, cols, self } = scores;
      const want = truth(x, y);
      expect(largestError(data, want)).toBeLessThanOrEqual(BOUNDS.float32);
      expect(data.every((score) => Math.abs(score) <= 1)).toBe(true);
      for (let i = 0; self && i < rows; i++) {
        expect(data[i * rows + i]).toBe(want[i * rows + i]);
        for (let j = 0; j < i; j++) if (data[i * rows + j] !== data[j * rows + i]) expect.fail(`(${i}, ${j}) is not symmetric`);
      }
      // The processor computes whole panels, so only the larger cases with several tiles also run the calls without a matrix.
      const { depth } = checkDenseCall(x, y, undefined).x;
      if (depth > 1000 || (data.length > 1e4 && Math.max(rows, cols) <= MAX_TILE_ROWS)) return;
      const cosines = new TrueCosines(x, y, 'float32');
      const isLong = data.length > 1e5;
      for (const k of isLong ? [3] : [3, 1000]) {
        expect(isTopK(await runner.topK(backend, MODE, x, y, { k, dtype: 'float32' }), scores, k), `top ${k}`).toBe(true);
      }
      for (const threshold of isLong ? [0.1] : [-1, 0.1, 1]) {
        const got = await runner.pairs(backend, MODE, x, y, { threshold, dtype: 'float32' });
        expect(isPairs(got, scores, threshold, cosines), `pairs ${threshold}`).toBe(true);
      }
      expect(isHistogram(await runner.histogram(backend, MODE, x, y, { bins: 7, dtype: 'float32' }), scores, 7)).toBe(true);
      const best = await runner.bestPairs(backend, MODE, x, y, { count: 40, dtype: 'float32' });
      expect(isBestPairs(best, scores, 40)).toBe(true);
    });
  });

  it('does not change a bit if rows are scaled by powers of two, or if x is compared with a copy of x', async () => {
    const rows = randomRows(60, 70, 32);
    const scaled = { ...rows, data: rows.data.map((value, i) => value * 2 ** ((Math.floor(i / 70) % 40) - 20)) };
    const plain = await denseOf(rows);
    expect(sameBits(await denseOf(scaled), plain)).toBe(true);
    expect(sameBits(await denseOf(rows, { ...rows, data: rows.data.slice() }), plain)).toBe(true);
  });

  it('finds ties, zero rows and many equal rows', async () => {
    const data = Float32Array.from({ length: 400 * 4 }, (_, i) => (Math.floor(i / 4) * 7 + (i % 4) * 3) % 3);
    data.fill(0, 40, 60);
    const x = { data, shape: [400, 4] };
    const scores = await scoresOf(x);
    for (const k of [2, 50]) {
      expect(isTopK(await runner.topK(backend, MODE, x, undefined, { k, dtype: 'float32' }), scores, k)).toBe(true);
    }
    const cosines = new TrueCosines(x, undefined, 'float32');
    for (const threshold of [1, Math.fround(0.6), 0.6]) {
      const got = await runner.pairs(backend, MODE, x, undefined, { threshold, dtype: 'float32' });
      expect(isPairs(got, scores, threshold, cosines), `pairs ${threshold}`).toBe(true);
    }
  });

  it('leaves out pairs that do not count, and respects thresholds of rows', async () => {
    const x = randomRows(300, 12, 50);
    const reference = runner.selection.chooseSync('reference');
    const groupOf = Uint32Array.from({ length: 300 }, (_, row) => row % 5);
    const thresholds = Float64Array.from({ length: 300 }, (_, row) => 0.2 + (row % 7) / 20);
    for (const scope of [
      { groupOf, across: true },
      { groupOf, within: true },
      { threshold: thresholds, below: 0.8 },
      { zeroRows: 'exclude' as const },
    ]) {
      const [got, want] = await Promise.all(
        [backend, reference].map((of) => runner.pairs(of, MODE, x, undefined, { threshold: 0.2, dtype: 'float32', ...scope })),
      );
      expect([got?.rows, got?.cols]).toEqual([want?.rows, want?.cols]);
    }
    for (const scope of [
      { groupOf, across: true },
      { groupOf, within: true },
    ]) {
      const [got, want] = await Promise.all(
        [backend, reference].map((of) => runner.topK(of, MODE, x, undefined, { k: 4, dtype: 'float32', ...scope })),
      );
      expect(got?.indices).toEqual(want?.indices);
    }
  });

  it('gives the same scores for given pairs, and in histograms of many bins', async () => {
    const [x, y] = [randomRows(300, 40, 51), randomRows(300, 40, 52)];
    const matrix = await denseOf(x, y);
    const rows = Uint32Array.from({ length: 300 }, (_, i) => i);
    const cols = rows.map((i) => (i * 7) % 300);
    const listed = await runner.scorePairs(backend, MODE, x, y, { rows, cols, dtype: 'float32' });
    expect(Array.from(listed)).toEqual(Array.from(rows, (row) => matrix[row * 300 + (cols[row] as number)]));
    const scores = await scoresOf(x);
    const counted = await runner.histogram(backend, MODE, x, undefined, { bins: 2000, dtype: 'float32' });
    expect(isHistogram(counted, scores, 2000)).toBe(true);
  });

  it('gives the same answers in several passes if a binding holds few rows', async () => {
    const x = randomRows(500, 64, 53);
    const whole = await scoresOf(x);
    options.maxBindingBytes = 2 ** 17;
    try {
      expect(backend.packedLimit).toBeLessThan(backend.packedBytes('float32', 500, 64, { short: 0, long: 0 }));
      expect(sameBits(await denseOf(x), whole.data)).toBe(true);
      expect(isTopK(await runner.topK(backend, MODE, x, undefined, { k: 5, dtype: 'float32' }), whole, 5)).toBe(true);
      const found = await runner.pairs(backend, MODE, x, undefined, { threshold: 0.3, dtype: 'float32' });
      expect(isPairs(found, whole, 0.3, new TrueCosines(x, undefined, 'float32'))).toBe(true);
    } finally {
      options.maxBindingBytes = undefined;
    }
  });

  it('refuses float64 scores, sparse rows and Sync calls with a reason', async () => {
    const sparse = runner.topK(backend, MODE, randomSparse(30, 500, 0.01, 54), undefined, { k: 2, dtype: 'float32' });
    await expect(sparse).rejects.toThrow(/dense rows only, and these rows are sparse; name another backend/);
    const refused = runner.run(backend, MODE, randomRows(3, 4, 54), undefined, { dtype: 'float64' });
    await expect(refused).rejects.toThrow(UnsupportedError);
    await expect(refused).rejects.toThrow(/float32 scores only.*pass dtype: 'float32'/);
    const candidate = { byName: true, isLazy: true, create: async () => backend };
    const selection = new BackendSelection(nodePlatform, { 'webgpu-software': candidate });
    expect(selection.describe('webgpu-software').available).toBe(false);
    expect(await selection.choose('webgpu-software')).toBe(backend);
    expect(selection.describe('webgpu-software').description).toBe(backend.description);
    expect(() => selection.chooseSync('webgpu-software')).toThrow(/only asynchronous calls can use it/);
  });

  it('does not use an adapter that computes on the processor as webgpu', async () => {
    const { createWebGpuBackend } = await import('#src/backends/webgpu/backend.js');
    const adapter = { info: { description: 'SwiftShader driver', isFallbackAdapter: false } };
    const gpu = { requestAdapter: async () => adapter } as unknown as GPU;
    await expect(createWebGpuBackend('webgpu', gpu, { software: false })).rejects.toThrow(/computes on the processor/);
    const none = { requestAdapter: async () => null } as unknown as GPU;
    await expect(createWebGpuBackend('webgpu', none, { software: false })).rejects.toThrow(/finds no adapter/);
  });

  it('ends aborted calls with the reason, and computes the next call correctly', async () => {
    const x = randomRows(600, 64, 55);
    for (const calls of [0, 2, 3]) {
      const controller = new AbortController();
      const reason = new Error('no longer wanted');
      let left = calls;
      // Counts submitted slices instead of time: after an abort, no further slice is submitted.
      const submit = device.queue.submit.bind(device.queue);
      device.queue.submit = (buffers) => {
        submit(buffers);
        expect(left).toBeGreaterThanOrEqual(0);
        if (left-- === 0) controller.abort(reason);
      };
      try {
        const aborted = runner.topK(backend, MODE, x, undefined, { k: 3, dtype: 'float32', signal: controller.signal });
        await expect(aborted).rejects.toBe(reason);
        expect(left).toBe(-1);
      } finally {
        device.queue.submit = submit;
      }
    }
    const scores = await scoresOf(x);
    expect(isTopK(await runner.topK(backend, MODE, x, undefined, { k: 3, dtype: 'float32' }), scores, 3)).toBe(true);
  });

  it('reports that the GPU is out of memory', async () => {
    const pop = device.popErrorScope.bind(device);
    let told = false;
    device.popErrorScope = async () => {
      const found = await pop();
      if (told) return found;
      told = true;
      return { message: 'no block of that size' } as GPUError;
    };
    try {
      const refused = denseOf(randomRows(20, 8, 56));
      await expect(refused).rejects.toThrow(MemoryError);
      await expect(refused).rejects.toThrow(/out of memory: no block of that size.*memoryBudget/);
    } finally {
      device.popErrorScope = pop;
    }
  });

  it('reports errors of the device instead of an answer', async () => {
    const submit = device.queue.submit.bind(device.queue);
    device.queue.submit = (buffers) => {
      device.queue.submit = submit;
      submit(buffers);
      // A copy beyond the end of a buffer.
      const encoder = device.createCommandEncoder();
      const [from, to] = [0, 0].map(() => device.createBuffer({ size: 16, usage: 12 })) as [GPUBuffer, GPUBuffer];
      encoder.copyBufferToBuffer(from, 0, to, 8, 16);
      submit([encoder.finish()]);
    };
    await expect(denseOf(randomRows(20, 8, 57))).rejects.toThrow(DeviceError);
    expect(largestError(await denseOf(randomRows(20, 8, 57)), truth(randomRows(20, 8, 57)))).toBeLessThan(BOUNDS.float32);
  });

  it('reports that the device was lost during a call, and requests it again for the next call', async () => {
    const x = randomRows(400, 64, 58);
    const lost = device;
    const submit = lost.queue.submit.bind(lost.queue);
    let submitted = 0;
    lost.queue.submit = (buffers) => {
      submit(buffers);
      if (submitted++ === 2) lost.destroy();
    };
    const ended = denseOf(x);
    await expect(ended).rejects.toThrow(DeviceError);
    await expect(ended).rejects.toThrow(/the GPU was lost/);
    await backend.ready?.();
    expect(device).not.toBe(lost);
    expect(largestError(await denseOf(x), truth(x))).toBeLessThan(BOUNDS.float32);
  });
});
