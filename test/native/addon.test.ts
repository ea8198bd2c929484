// The addon in Node: its threads, several isolates, abrupt ends, and invalid arguments.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { cosineSimilarity, cosineSimilaritySync, pairs } from 'allpairs';
import { describe, expect, it, vi } from 'vitest';
import { createApi } from '#src/api.js';
import type { NativeAddon } from '#src/backends/native/addon.js';
import { nodePlatform } from '#src/platform/node.js';
import { BACKENDS } from '../conformance/node-runner.js';
import { WAIT_MS } from '../limits.js';
import { inTheMiddle, whenStarted } from '../middle.js';
import { fc } from '../property.js';
import { randomRows } from '../random.js';
import { turnsDuring } from '../turns.js';

vi.mock('#src/engine/watch.js', async (original) => (await import('../middle.js')).withMiddle(await original()));

const available = BACKENDS.some(({ name, backend }) => name.startsWith('native-') && backend);
const native = { backend: 'native' } as const;
const exec = promisify(execFile);

/** Runs a script that may use `allpairs` and a large problem `x`. A crash is an exit by signal, which rejects. */
async function run(body: string): Promise<string> {
  const script = `
    import { Worker } from 'node:worker_threads';
    import { cosineSimilarity, cosineSimilaritySync, pairs } from 'allpairs';
    const native = { backend: 'native' };
    const make = (rows, depth) => ({ data: Float32Array.from({ length: rows * depth }, (_, i) => Math.sin(i * i)), shape: [rows, depth] });
    ${body}
  `;
  const { stdout } = await exec(process.execPath, ['--input-type=module', '-e', script], { timeout: WAIT_MS });
  return stdout.trim();
}

/** Source of a worker that computes until it is ended. Workers inherit that they are modules. */
const BUSY_WORKER = `
  import { parentPort } from 'node:worker_threads';
  import { cosineSimilarity, pairs } from 'allpairs';
  const x = { data: Float32Array.from({ length: 3000 * 256 }, (_, i) => Math.sin(i * i)), shape: [3000, 256] };
  await cosineSimilarity([[1, 2], [3, 4]], { backend: 'native' });
  parentPort.postMessage('busy');
  for (;;) await CALL;
`;
/** Source of a worker that posts a sum of scores. */
const SUMMING_WORKER = `
  import { parentPort } from 'node:worker_threads';
  import { cosineSimilarity } from 'allpairs';
  const x = { data: Float32Array.from({ length: 1500 * 90 }, (_, i) => Math.sin(i * i)), shape: [1500, 90] };
  let sum = 0;
  for (let i = 0; i < 5; i++) sum += (await cosineSimilarity(x, { backend: 'native', threads: 2 })).data.reduce((a, b) => a + b);
  parentPort.postMessage(sum / 5);
`;

describe.skipIf(!available)('the native addon', () => {
  it('leaves the event loop free and fills `out` in place', async () => {
    const x = randomRows(3000, 384, 60);
    const want = cosineSimilaritySync(x, native).data;
    const out = new Float32Array(want.length);
    let data: unknown;
    const call = async () => {
      ({ data } = await cosineSimilarity(x, { ...native, out, threads: 2 }));
    };
    expect(await turnsDuring(call)).toBeGreaterThan(10);
    expect(data).toBe(out);
    expect(out.buffer).toBeInstanceOf(ArrayBuffer);
    expect(Buffer.compare(new Uint8Array(out.buffer), new Uint8Array(want.buffer))).toBe(0);
  });

  it.each([2000, 2001])(
    'writes large results of %i columns like small ones, with or without streaming stores',
    async (rows) => {
      const x = randomRows(rows, 40, 64);
      const { data } = await cosineSimilarity(x, { ...native, threads: 2 });
      for (const from of [0, 700, rows - 100]) {
        const some = { data: x.data.subarray(from * 40, (from + 100) * 40), shape: [100, 40] };
        const part = cosineSimilaritySync(some, x, native).data;
        const want = data.subarray(from * rows, (from + 100) * rows);
        expect(Buffer.compare(new Uint8Array(part.buffer), new Uint8Array(want.buffer, want.byteOffset, want.byteLength))).toBe(
          0,
        );
      }
    },
  );

  it('keeps a process alive only while it computes', async () => {
    expect(
      await run('cosineSimilarity(make(2500, 300), { ...native, threads: 2 }).then(({ data }) => console.log(data.length));'),
    ).toBe('6250000');
  });

  it('lets a process end in the middle of a call', async () => {
    const body = `
      const leave = () => { console.log('leaving'); process.exit(0); };
      cosineSimilarity(make(6000, 512), { ...native, threads: 2, onProgress: leave });
    `;
    expect(await run(body)).toBe('leaving');
  });

  it.each([
    ['the matrix', 'cosineSimilarity(x, { backend: "native", threads: 2 })'],
    ['pairs, whose deliveries are never taken', 'pairs(x, { backend: "native", threads: 2, threshold: -1 })'],
  ])('survives workers that are ended while they compute %s', async (_, call) => {
    const body = `
      const source = ${JSON.stringify(BUSY_WORKER.replace('CALL', call))};
      for (let round = 0; round < 4; round++) {
        const workers = [0, 1].map(() => new Worker(source, { eval: true }));
        await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('message', resolve))));
        await new Promise((resolve) => setTimeout(resolve, 15 * round));
        await Promise.all(workers.map((worker) => worker.terminate()));
      }
      // The last environment with the addon is gone, and its threads; another starts anew.
      console.log((await cosineSimilarity(make(1000, 100), { ...native, threads: 2 })).at(999, 999));
    `;
    expect(await run(body)).toBe('1');
  });

  it('serves several isolates at a time', async () => {
    const body = `
      const source = ${JSON.stringify(SUMMING_WORKER)};
      const own = cosineSimilaritySync(make(1500, 90), native).data.reduce((a, b) => a + b);
      const sums = await Promise.all([0, 1, 2].map(() => new Promise((resolve) => new Worker(source, { eval: true }).once('message', resolve))));
      console.log(sums.every((sum) => Math.abs(sum - own) < 1e-6 * Math.abs(own)));
    `;
    expect(await run(body)).toBe('true');
  });

  it('frees what it allocates', async () => {
    const body = `
      for (let i = 0; i < 30; i++) {
        await cosineSimilarity(make(2000, 64), { ...native, threads: 2 });
        globalThis.gc?.();
      }
      console.log(process.resourceUsage().maxRSS < 400_000);
    `;
    // Thirty results are 480 MB.
    expect(await run(body)).toBe('true');
  });

  it('reports the first bad row, whichever thread finds others', async () => {
    const x = randomRows(3000, 100, 61);
    x.data[2500 * 100 + 3] = Number.NaN;
    x.data[1700 * 100 + 4] = Number.POSITIVE_INFINITY;
    await expect(cosineSimilarity(x, { ...native, threads: 2 })).rejects.toThrow('got Infinity in row 1700, column 4');
  });

  it('ends a call that waits for threads as soon as it is aborted', async () => {
    const api = createApi(nodePlatform);
    // Far more than is computed before the abort.
    const many = { data: Float32Array.from({ length: 40_000 * 512 }, (_, i) => i % 7), shape: [40_000, 512] };
    const [endOfFirst, endOfSecond] = [new AbortController(), new AbortController()];
    const started = new Promise<void>((resolve) => inTheMiddle(resolve));
    let over = false;
    const first = api.topK(many, { ...native, k: 1, signal: endOfFirst.signal }).finally(() => {
      over = true;
    });
    await started;
    whenStarted(() => endOfSecond.abort('enough'));
    const second = api.cosineSimilarity(randomRows(2000, 64, 65), { ...native, signal: endOfSecond.signal });
    await expect(second).rejects.toBe('enough');
    expect(over).toBe(false);
    endOfFirst.abort('that, too');
    await expect(first).rejects.toBe('that, too');
  });

  it('delivers pairs to a slow event loop at its own speed', async () => {
    const x = randomRows(600, 8, 62);
    const call = pairs(x, { ...native, threshold: -1, threads: 2 });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    expect((await call).length).toBe((600 * 599) / 2);
  });

  describe('the addon with invalid arguments', () => {
    const load = () => nodePlatform.loadNativeAddon() as NativeAddon;
    const makeJob = (): Record<string, (...args: unknown[]) => unknown> => {
      const { Job, instructionSets } = load();
      const job = new Job(instructionSets().find(({ runs }) => runs)?.name as string);
      job.configure(false, 4, 50, 0, 48, 2, 0, 0, 0, 0, 0, false, false, 0, 0, 0, 0, false, 0);
      return job as unknown as Record<string, (...args: unknown[]) => unknown>;
    };

    it('throws an error instead of accessing foreign memory', () => {
      const argument = fc.oneof(
        fc.constantFrom(undefined, null, true, false, 'x', -1, 0, 1, 3, 24, 48, 50, 1e9, 2 ** 53, 1e300, Number.NaN),
        fc.constantFrom<unknown>(
          new Float32Array(2500),
          new Float64Array(7),
          new Uint32Array(10),
          new Float32Array(0),
          () => {},
        ),
      );
      const method = fc.constantFrom(
        'configure',
        'computeSmall',
        'pack',
        'packSparse',
        'packFilter',
        'begin',
        'take',
        'counts',
        'release',
        'tilesDone',
        'stop',
        'setDirections',
        'multiplyAdds',
        'zeroRows',
        'setGroups',
        'setThresholds',
        'reaches',
      );
      const small = (call: { method: string; args: unknown[] }) =>
        // A real but huge shape would be valid, and would be allocated.
        call.method !== 'configure' || call.args.every((value) => typeof value !== 'number' || !(value > 1e4));
      const call = fc.record({ method, args: fc.array(argument, { maxLength: 15 }) }).filter(small);
      fc.assert(
        fc.property(fc.array(call, { minLength: 1, maxLength: 12 }), (calls) => {
          const job = makeJob();
          for (const { method, args } of calls) {
            try {
              job[method]?.(...args);
            } catch (error) {
              expect((error as Error).message).toMatch(/^native: /);
            }
          }
        }),
        { numRuns: 2000 },
      );
    });

    it('stays in its memory for any grid of any job', () => {
      const size = fc.constantFrom(0, 1, 24, 47, 48, 50, 96);
      const shape = fc.tuple(
        fc.boolean(),
        fc.constantFrom(0, 1, 4),
        size,
        size,
        size,
        fc.constantFrom(1, 2),
        fc.nat(3),
        fc.constantFrom(0, 1, 5),
        fc.constantFrom(0, 0, 1, 2, 4, 5),
        fc.constantFrom(0, 0, 2, 4, 5),
        fc.nat(2),
        fc.boolean(),
      );
      const grid = fc.tuple(size, size, size, size, size, size, fc.boolean(), fc.boolean());
      const detail = fc.constantFrom<unknown>(undefined, 0.5, 50, 96, 200, Float64Array.of(-1, 1), new Float64Array(6));
      const target = fc.constantFrom<unknown>(
        undefined,
        new Float32Array(4e4),
        new Float64Array(4e4),
        new Uint32Array(4e4),
        new Float32Array(50),
      );
      fc.assert(
        fc.property(shape, grid, detail, target, target, fc.nat(3), (ofShape, ofGrid, told, first, second, index) => {
          const job = makeJob();
          try {
            job.configure?.(...ofShape, false, 0, 0, 0, 0, false, 0);
            const [doubles, depth] = ofShape;
            const directions = Math.max(0, ...ofShape.slice(8, 10).map(Number)) - 1;
            if (directions > 0) job.setDirections?.(new (doubles ? Float64Array : Float32Array)(directions * depth), 0, 0);
            for (const y of [false, true]) job.pack?.(y, new Float32Array(4e4).fill(1), 0, ofShape[y ? 3 : 2], 0, false, 0);
            for (const y of [false, true]) {
              const rows = ofShape[y ? 3 : 2] as number;
              if (ofShape[10] > 0)
                job.setGroups?.(
                  y,
                  0,
                  Uint32Array.from({ length: rows }, (_, row) => row % 3),
                );
              if (ofShape[11]) job.setThresholds?.(y, 0, new Float64Array(rows).fill(0.5));
              job.zeroRows?.(y, 0, rows);
            }
            job.begin?.(...ofGrid, told, told ? 0.9 : Number.POSITIVE_INFINITY);
            job.take?.(index, first, second);
            if (ofShape[6] !== 2) job.reaches?.(index, ofShape[2] - 1, 0.5, 0.5);
          } catch (error) {
            expect((error as Error).message).toMatch(/^native: /);
          }
        }),
        { numRuns: 5000 },
      );
    });

    it('stays in its memory for any sparse rows', () => {
      const size = fc.constantFrom(0, 1, 24, 48, 50, 96);
      const few = fc.constantFrom(0, 1, 30, 60, 300);
      const shape = fc.tuple(fc.constantFrom(1, 4), size, size, fc.constantFrom(24, 48, 96), fc.nat(4), few, few, few, few);
      const grid = fc.tuple(size, size, size, size, size, size, fc.boolean(), fc.boolean());
      const detail = fc.constantFrom<unknown>(0.5, 96, Float64Array.of(-1, 1));
      const starts = fc.constantFrom(
        new Uint32Array(97),
        Uint32Array.from({ length: 97 }, (_, row) => row),
        Uint32Array.from({ length: 97 }, (_, row) => 3 * row),
        Uint32Array.from({ length: 97 }, (_, row) => 400 * (row % 3)),
      );
      const column = fc.constantFrom(0, 3, 4, 2 ** 31);
      const elements = new Float32Array(400).fill(1);
      let done = 0;
      fc.assert(
        fc.property(
          shape,
          grid,
          detail,
          starts,
          starts,
          column,
          fc.nat(3),
          fc.boolean(),
          fc.constantFrom(1, 0.3, 0, Number.NaN).map((rest) => new Float32Array(400).fill(rest)),
          fc.boolean(),
          (ofShape, ofGrid, told, xStarts, yStarts, last, index, filtered, rests, isWhole) => {
            const job = makeJob();
            const [depth, xRows, yRows, , purpose] = ofShape;
            // Few random shapes and grids are valid, so half of the calls have one tile with room for all rows.
            const tileRows = isWhole ? 96 : ofShape[3];
            const nonzeros = isWhole ? [300, 300, 300, 300] : ofShape.slice(5);
            const grid = isWhole ? [0, 0, yRows || xRows, 0, xRows, 96, false, false] : ofGrid;
            try {
              job.configure?.(
                false,
                depth,
                xRows,
                yRows,
                tileRows,
                1,
                purpose,
                1,
                0,
                0,
                0,
                false,
                true,
                ...nonzeros,
                filtered,
                0.1,
              );
              const columns = Uint32Array.from({ length: 400 }, (_, at) => (at < 390 ? 0 : last));
              job.packSparse?.(false, 0, xRows, xStarts, columns, elements, elements, elements);
              if (filtered) job.packFilter?.(columns, elements, rests);
              job.packSparse?.(true, 0, yRows, yStarts, columns, elements, elements, elements);
              if (filtered) job.packFilter?.(columns, elements, rests);
              job.begin?.(...grid, told, Number.POSITIVE_INFINITY);
              const target = purpose === 2 ? new Uint32Array(4e4) : new Float32Array(4e4);
              job.take?.(index, target, new Float32Array(4e4));
              done++;
            } catch (error) {
              expect((error as Error).message).toMatch(/^native: /);
            }
          },
        ),
        { numRuns: 5000 },
      );
      expect(done).toBeGreaterThan(0);
    });

    it('stays in its memory for any small problem', () => {
      const array = fc.constantFrom<unknown>(
        undefined,
        new Float32Array(0),
        new Float32Array(96),
        new Float64Array(96),
        new Float32Array(2304),
        new Float64Array(2304),
        new Uint32Array(96),
      );
      const size = fc.constantFrom<unknown>(0, 1, 2, 3, 4, 48, 96, 97, 2 ** 31, 2 ** 53, -1, 0.5, undefined);
      const args = fc.tuple(array, size, fc.boolean(), array, size, size, array, size, size);
      let done = 0;
      fc.assert(
        fc.property(args, (args) => {
          const job = makeJob();
          try {
            if (job.computeSmall?.(...args)) done++;
          } catch (error) {
            expect((error as Error).message).toMatch(/^native: /);
          }
        }),
        { numRuns: 20000 },
      );
      expect(done).toBeGreaterThan(0);
    });

    it.each<[string, unknown[]]>([
      ['a result of another length', [new Float32Array(8), 4, false, new Float32Array(12), 0, 3, undefined, 0, 0]],
      ['rows outside their array', [new Float32Array(9), 4, false, new Float32Array(12), 1, 3, undefined, 0, 0]],
      ['rows of y outside their array', [new Float32Array(6), 4, false, new Float32Array(12), 0, 3, new Float32Array(7), 0, 2]],
      [
        'a row that is not finite',
        [new Float32Array(9), 4, false, new Float32Array(12).fill(Number.NaN), 0, 3, undefined, 0, 0],
      ],
    ])('writes nothing for a small problem with %s', (_, args) => {
      (args[0] as Float32Array).fill(5);
      expect(makeJob().computeSmall?.(...args)).toBe(false);
      expect((args[0] as Float32Array).every((score) => score === 5)).toBe(true);
    });

    it.each<[string, (job: Record<string, (...args: unknown[]) => unknown>) => void]>([
      ['rows outside the array', (job) => job.pack?.(false, new Float32Array(199), 0, 50, 0, false, 0)],
      ['rows outside the job', (job) => job.pack?.(false, new Float32Array(400), 0, 51, 0, false, 0)],
      ['rows of a y that it has not', (job) => job.pack?.(true, new Float32Array(400), 0, 1, 0, false, 0)],
      ['a tile before the grid', (job) => job.take?.(0, new Float32Array(2500), undefined)],
      ['a grid of more rows', (job) => job.begin?.(0, 0, 51, 0, 51, 48, true, true, 51)],
      ['an unknown instruction set', () => new (load().Job)('mmx')],
      [
        'a result that is too short',
        (job) => {
          job.begin?.(0, 0, 50, 0, 50, 48, true, true, 50);
          job.take?.(0, new Float32Array(2499), undefined);
        },
      ],
      [
        'a result of another type',
        (job) => {
          job.begin?.(0, 0, 50, 0, 50, 48, true, true, 50);
          job.take?.(0, new Float64Array(2500), undefined);
        },
      ],
    ])('refuses %s', (_, nonsense) => {
      expect(() => nonsense(makeJob())).toThrow(/^native: /);
    });
  });
});
