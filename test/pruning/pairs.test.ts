// Pruning by sketches changes no bit of an answer: on every backend that supports it, for every case of the conformance table and for rows
// where sketches work worst, with directions from a sample and with meaningless ones.

import {
  bestPairs,
  type DType,
  groups,
  type Pairs,
  type PairsOptions,
  type Progress,
  pairs,
  plan,
  type Rows,
  type ScoreArray,
  streamPairs,
  type TopKOptions,
  topK,
} from 'allpairs';
import { describe, expect, it, vi } from 'vitest';
import type { Backend, Sketching } from '#src/backends/backend.js';
import { ThreadPool } from '#src/backends/tiled/thread-pool.js';
import { TiledBackend } from '#src/backends/tiled/tiled-backend.js';
import { createWasmBackend } from '#src/backends/wasm/backend.js';
import { checkBestPairsCall, checkPairsCall, checkTopKCall } from '#src/check.js';
import { computeBestPairs } from '#src/engine/best-pairs.js';
import type { Cosines } from '#src/engine/cosines-between.js';
import { computePairs } from '#src/engine/pairs.js';
import { computeTopK } from '#src/engine/top-k.js';
import { nodePlatform } from '#src/platform/node.js';
import { boundErrors } from '#src/pruning/bound.js';
import { findDirections } from '#src/pruning/directions.js';
import { casesOf, stepsOf } from '../conformance/cases.js';
import { BACKENDS } from '../conformance/node-runner.js';
import { fc } from '../property.js';
import { randomRows, randomSource } from '../random.js';

/** The WASM backend of an engine without relaxed SIMD. */
function withoutRelaxedSimd(): Backend {
  const validate = vi.spyOn(WebAssembly, 'validate').mockReturnValueOnce(false);
  try {
    const tiles = createWasmBackend({ ...nodePlatform, enableEngineFlag: () => false });
    return new TiledBackend(tiles, new ThreadPool(nodePlatform));
  } finally {
    validate.mockRestore();
  }
}

const backends = [
  ...BACKENDS.flatMap(({ name, backend }) => (backend?.pruningCosts ? [{ name, backend }] : [])),
  { name: 'wasm without relaxed SIMD', backend: withoutRelaxedSimd() },
];
// The engine is called directly, without the part that waits for this.
for (const { backend } of backends) await backend.ready?.();
const THRESHOLDS = [-1, 0, 0.5, 0.9, 1];

/** Sketches by float64 directions, which need not be exactly orthonormal: only short ones, or also long ones. */
function sketchingsBy(
  directions: Float64Array,
  dtype: DType,
  depth: number,
  { depthBlock, pruningCosts }: Backend,
): Sketching[] {
  const stored: ScoreArray = dtype === 'float32' ? Float32Array.from(directions) : directions;
  const count = directions.length / depth;
  const row = (at: number) => stored.subarray(at * depth, (at + 1) * depth);
  let squares = 0;
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < count; b++) squares += (product(row(a), row(b)) - (a === b ? 1 : 0)) ** 2;
  }
  const made = { directions: stored, ...boundErrors(dtype, depth, depthBlock, count, Math.sqrt(squares)) };
  const depths = [{ short: count + 1, long: 0 }];
  if (pruningCosts?.narrowing !== undefined) depths.push({ short: Math.max(2, Math.ceil(count / 3)), long: count + 1 });
  return depths.map((some) => ({ ...made, depths: some }));
}

function product(a: ScoreArray, b: ScoreArray): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] as number) * (b[k] as number);
  return sum;
}

/** The first coordinates: valid directions, but useless ones. */
function axes(count: number, depth: number): Float64Array {
  const directions = new Float64Array(count * depth);
  for (let at = 0; at < count; at++) directions[at * depth + at] = 1;
  return directions;
}

const plainCosines: Cosines = async (a, b, depth) => {
  const [rows, cols] = [a.length / depth, b.length / depth];
  const row = (of: ScoreArray, at: number) => of.subarray(at * depth, (at + 1) * depth);
  const cosines = a.slice(0, 0).constructor === Float64Array ? new Float64Array(rows * cols) : new Float32Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const norms = Math.sqrt(product(row(a, i), row(a, i)) * product(row(b, j), row(b, j)));
      cosines[i * cols + j] = norms > 0 ? product(row(a, i), row(b, j)) / norms : 0;
    }
  }
  return cosines as typeof a;
};

async function pairsOf(
  backend: Backend,
  threads: number | undefined,
  sketching: Sketching | undefined,
  x: Rows,
  y: Rows | undefined,
  options: PairsOptions,
) {
  return computePairs(checkPairsCall(x, y, options), { backend, platform: nodePlatform, threads, sketching });
}

type PairArrays = Pick<Pairs, 'rows' | 'cols' | 'scores' | 'length'>;

const bytes = (array: Uint32Array | ScoreArray) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
/** Faster than toEqual, which would take longer than the work. */
function expectSame(got: PairArrays, want: PairArrays, what: string): void {
  const same =
    bytes(got.rows).equals(bytes(want.rows)) &&
    bytes(got.cols).equals(bytes(want.cols)) &&
    bytes(got.scores).equals(bytes(want.scores));
  expect(same ? 'the same pairs' : `${what}: ${got.length} pairs for ${want.length}`).toBe('the same pairs');
}

/** Compares the results with sketches to those without. */
async function compare(
  backend: Backend,
  x: Rows,
  y: Rows | undefined,
  options: PairsOptions,
  directions: Float64Array,
): Promise<void> {
  const { dtype, x: source } = checkPairsCall(x, y, options);
  const want = await pairsOf(backend, undefined, undefined, x, y, options);
  for (const sketching of sketchingsBy(directions, dtype, source.depth, backend)) {
    for (const threads of [undefined, 2]) {
      const got = await pairsOf(backend, threads, sketching, x, y, options);
      expectSame(got, want, `${backend.name}, ${threads ?? 0} threads, threshold ${options.threshold}`);
    }
  }
}

/** Rows with a few long directions, as in embeddings, and copies of some with slight noise. */
function spectrumRows(rows: number, depth: number, seed: number): { data: Float32Array; shape: [number, number] } {
  const { data } = randomRows(rows, depth, seed);
  const random = randomSource(seed + 1);
  for (let row = 0; row < rows; row++) {
    const from = row % 3 === 2 ? Math.floor(random() * row) : row;
    for (let k = 0; k < depth; k++) {
      const own = (data[row * depth + k] as number) * 0.85 ** k;
      data[row * depth + k] = from === row ? own : (data[from * depth + k] as number) + 0.2 * own;
    }
  }
  return { data, shape: [rows, depth] };
}

async function foundDirections({ data, shape: [rows, depth] }: { data: Float32Array; shape: [number, number] }, count: number) {
  const unit = data.slice();
  for (let row = 0; row < rows; row++) {
    const length = Math.sqrt(
      product(unit.subarray(row * depth, (row + 1) * depth), unit.subarray(row * depth, (row + 1) * depth)),
    );
    for (let k = 0; k < depth; k++) unit[row * depth + k] = (unit[row * depth + k] as number) / length;
  }
  return findDirections(unit, depth, count, plainCosines);
}

describe.each(backends)('$name: pairs with sketches are the same as without', ({ backend }) => {
  describe.each(['float32', 'float64'] as const)('%s', (dtype) => {
    it.each(casesOf(dtype, stepsOf(backend, dtype)).filter(({ x, y }) => fitsSketches(x, y)))('$name', async ({ x, y }) => {
      const { depth } = checkPairsCall(x, y, { threshold: 0 }).x;
      // Sums differ most for long rows, and there is no time for every threshold.
      for (const threshold of depth > 1000 ? [0.5] : THRESHOLDS) {
        await compare(backend, x, y, { threshold, dtype }, axes(Math.min(depth - 1, 5), depth));
      }
    });

    it('for directions found by sampling', async () => {
      const rows = spectrumRows(500, 70, 3);
      const directions = await foundDirections(rows, 31);
      for (const count of [1, 8, 31]) {
        for (const threshold of THRESHOLDS)
          await compare(backend, rows, undefined, { threshold, dtype }, directions.slice(0, count * 70));
        await compare(backend, rows, spectrumRows(230, 70, 4), { threshold: 0.8, dtype }, directions.slice(0, count * 70));
      }
    });

    it('rows in the space of the directions, rows orthogonal to it, and rows with one huge element', async () => {
      const [count, depth] = [12, 40];
      const { data } = randomRows(300, depth, 5);
      for (let row = 0; row < 300; row++) {
        const [from, to] = [
          [count, depth],
          [0, count],
          [0, 0],
        ][row % 3] as [number, number];
        data.fill(0, row * depth + from, row * depth + to);
        if (row % 3 === 2) data[row * depth + (row % depth)] = 1e20;
      }
      for (const threshold of [0.3, 0.95, 1]) {
        await compare(backend, { data, shape: [300, depth] }, undefined, { threshold, dtype }, axes(count, depth));
      }
    });

    it('for thresholds that scores meet exactly, and their neighbours', async () => {
      const rows = {
        data: Float32Array.from({ length: 200 * 16 }, (_, i) => ((i * 7 + ((i / 16) | 0) * 3) % 5) - 2),
        shape: [200, 16] as [number, number],
      };
      for (const threshold of [0.5, 0.8, 0.6, 1]) {
        const ulp = 2 ** -53;
        for (const near of [threshold - ulp, threshold, threshold + 2 * ulp]) {
          if (near <= 1) await compare(backend, rows, undefined, { threshold: near, dtype }, axes(6, 16));
        }
      }
    });

    it('for thousands of equal and opposite rows', async () => {
      const data = new Float32Array(1500 * 24);
      const { data: kinds } = randomRows(4, 24, 6);
      for (let row = 0; row < 1500; row++) {
        for (let k = 0; k < 24; k++) data[row * 24 + k] = (kinds[(row % 4) * 24 + k] as number) * (row % 3 === 0 ? -1 : 2);
      }
      await compare(backend, { data, shape: [1500, 24] }, undefined, { threshold: 1, dtype }, axes(9, 24));
    });

    it('with the fraction of multiply-adds that was computed', async () => {
      const computed = async (rows: ReturnType<typeof randomRows>, threshold: number) => {
        const parts: (number | undefined)[] = [];
        const call = checkPairsCall(rows, undefined, {
          threshold,
          dtype,
          onProgress: (progress: Progress) => parts.push(progress.computed),
        });
        const [sketching] = sketchingsBy(await foundDirections(rows, 15), dtype, 64, backend);
        await computePairs(call, { backend, platform: nodePlatform, threads: 2, sketching });
        return parts.at(-1) as number;
      };
      // Elements and the few remaining pairs: 16 of 64, or all of both. WebAssembly adds the block around each pair.
      const few = await computed(spectrumRows(400, 64, 8), 0.97);
      expect(few).toBeGreaterThan(0.25);
      expect(few).toBeLessThan(0.4);
      expect(await computed(randomRows(400, 64, 9), 0)).toBeCloseTo(1.25, 1);
    });

    it('for the best pairs, including equal scores', async () => {
      const rows = spectrumRows(420, 64, 10);
      // Every score occurs nine times, so rows and columns decide ties.
      const tripled = {
        data: Float32Array.of(...rows.data, ...rows.data, ...rows.data),
        shape: [1260, 64] as [number, number],
      };
      const sketching = sketchingsBy(await foundDirections(rows, 15), dtype, 64, backend).at(-1);
      for (const [count, lowest] of [
        [1, 0.9],
        [700, 0.9],
        [2000, 0.1],
        [10, -0.9],
      ] as const) {
        const call = checkBestPairsCall(tripled, undefined, { count, dtype });
        const want = await computeBestPairs(call, { backend, platform: nodePlatform, threads: undefined });
        for (const threads of [undefined, 2]) {
          const got = await computeBestPairs(call, { backend, platform: nodePlatform, threads, sketching }, lowest);
          expectSame(got, want, `the best ${count}`);
        }
      }
    });

    it('in several passes, if memory is limited', async () => {
      const rows = spectrumRows(1700, 64, 7);
      const directions = await foundDirections({ ...rows, shape: [200, 64], data: rows.data.subarray(0, 200 * 64) }, 15);
      const sketching = sketchingsBy(directions, dtype, 64, backend).at(-1);
      const options = { threshold: 0.9, dtype };
      const want = await pairsOf(backend, undefined, undefined, rows, undefined, options);
      const passes: number[] = [];
      for (const memoryBudget of [3e6, 6e6]) {
        const call = checkPairsCall(rows, undefined, { ...options, memoryBudget });
        const got = await computePairs(call, { backend, platform: nodePlatform, threads: undefined, sketching });
        passes.push(got.length);
        expectSame(got, want, `${memoryBudget} bytes`);
      }
      expect(passes[0]).toBeGreaterThan(0);
    });

    it('for any rows and directions', async () => {
      const size = fc.integer({ min: 1, max: 60 });
      await fc.assert(
        fc.asyncProperty(
          size,
          fc.integer({ min: 2, max: 40 }),
          fc.double({ min: 0, max: 1, noNaN: true }),
          fc.integer({ min: 1, max: 1e6 }),
          async (rows, depth, threshold, seed) => {
            const x = spectrumRows(rows, depth, seed);
            const y = seed % 2 === 0 ? spectrumRows(1 + (seed % 50), depth, seed + 1) : undefined;
            const directions = await foundDirections(spectrumRows(40, depth, seed + 2), 1 + (seed % (depth - 1)));
            await compare(backend, x, y, { threshold, dtype }, directions);
          },
        ),
        { numRuns: 60 },
      );
    });
  });
});

describe.each(backends)('$name: lists of top-k with sketches are the same as without', ({ backend }) => {
  const compareLists = async (x: Rows, y: Rows | undefined, options: TopKOptions, directions: Float64Array) => {
    const call = checkTopKCall(x, y, options);
    const want = await computeTopK(call, { backend, platform: nodePlatform, threads: undefined });
    for (const sketching of sketchingsBy(directions, call.dtype, call.x.depth, backend)) {
      for (const threads of [undefined, 2]) {
        const got = await computeTopK(call, { backend, platform: nodePlatform, threads, sketching });
        const same = bytes(got.indices).equals(bytes(want.indices)) && bytes(got.scores).equals(bytes(want.scores));
        expect(same ? 'the same lists' : `other lists, k = ${options.k}, ${threads} threads`).toBe('the same lists');
      }
    }
  };

  describe.each(['float32', 'float64'] as const)('%s', (dtype) => {
    it.each(casesOf(dtype, stepsOf(backend, dtype)).filter(({ x, y }) => fitsSketches(x, y)))('$name', async ({ x, y }) => {
      const { depth } = checkTopKCall(x, y, { k: 1 }).x;
      for (const k of depth > 1000 ? [2] : [1, 3, 50]) {
        await compareLists(x, y, { k, dtype }, axes(Math.min(depth - 1, 6), depth));
      }
    });

    it('by directions that were found, for x with itself, against y and for all others', async () => {
      const rows = spectrumRows(500, 70, 30);
      const directions = await foundDirections(rows, 31);
      for (const k of [1, 10, 499]) await compareLists(rows, undefined, { k, dtype }, directions);
      await compareLists(rows, spectrumRows(230, 70, 31), { k: 5, dtype }, directions);
      await compareLists(rows, undefined, { k: 5, dtype, memoryBudget: 6e5 }, directions);
    });

    it('for thousands of equal and opposite rows', async () => {
      const data = new Float32Array(1500 * 24);
      const { data: kinds } = randomRows(4, 24, 6);
      for (let row = 0; row < 1500; row++) {
        for (let k = 0; k < 24; k++) data[row * 24 + k] = (kinds[(row % 4) * 24 + k] as number) * (row % 3 === 0 ? -1 : 2);
      }
      await compareLists({ data, shape: [1500, 24] }, undefined, { k: 7, dtype }, axes(9, 24));
    });
  });
});

it('there are backends to compare', () => {
  expect(backends.length).toBeGreaterThan(0);
});

describe('calls that are long enough to be pruned', () => {
  const rows = spectrumRows(6500, 768, 20);
  /** The smallest fraction of the multiply-adds that a call reports. */
  const watch = () => {
    let least = 1;
    const onProgress = ({ computed = 1 }: Progress) => {
      least = Math.min(least, computed);
    };
    return { onProgress, least: () => least };
  };

  it('exclude pairs automatically, with the same answer', async () => {
    const pruned = watch();
    const off = { threshold: 0.9, pruning: 'off' } as const;
    expectSame(await pairs(rows, { threshold: 0.9, onProgress: pruned.onProgress }), await pairs(rows, off), 'pairs');
    expect(pruned.least()).toBeLessThan(0.3);
    expect(await groups(rows, { threshold: 0.9 })).toEqual(await groups(rows, off));
    const community = { method: 'community', minimumSize: 3 } as const;
    expect(await groups(rows, { threshold: 0.9, ...community })).toEqual(await groups(rows, { ...off, ...community }));
  });

  it('find the best pairs', async () => {
    const pruned = watch();
    const got = await bestPairs(rows, { count: 1000, onProgress: pruned.onProgress });
    expectSame(got, await bestPairs(rows, { count: 1000, pruning: 'off' }), 'the best pairs');
    expect(pruned.least()).toBeLessThan(0.3);
  });

  it('find the best of each row, among all or against others', async () => {
    const many = spectrumRows(16_200, 768, 23);
    for (const y of [undefined, spectrumRows(8200, 768, 24)]) {
      const pruned = watch();
      const got = await topK(many, y, { k: 5, onProgress: pruned.onProgress });
      const want = await topK(many, y, { k: 5, pruning: 'off' });
      expect(bytes(got.indices).equals(bytes(want.indices)) && bytes(got.scores).equals(bytes(want.scores))).toBe(true);
      expect(pruned.least()).toBeLessThan(0.7);
    }
    // With less work, sampling takes too long.
    const plans = [plan.topK(many, { k: 5 }), plan.topK(many, { k: 5, memoryBudget: 40e6 }), plan.topK(rows, { k: 5 })];
    expect(plans.map(({ pruning }) => pruning)).toEqual(['auto', 'auto', 'off']);
  });

  it('compute every pair on request, or if it is as fast', async () => {
    const [off, random, few] = [watch(), watch(), watch()];
    for await (const _ of streamPairs(rows, { threshold: 0.9, pruning: 'off', onProgress: off.onProgress }));
    // No direction matters more than another.
    for await (const _ of streamPairs(randomRows(6500, 768, 21), { threshold: 0.1, onProgress: random.onProgress }));
    for await (const _ of streamPairs(randomRows(400, 768, 22), { threshold: 0.9, onProgress: few.onProgress }));
    expect([off.least(), random.least(), few.least()]).toEqual([1, 1, 1]);
  });

  it('show this in their plan', () => {
    expect(plan.streamPairs(rows, { threshold: 0.9 }).pruning).toBe('auto');
    expect(plan.groups(rows, { threshold: 0.9, pruning: 'off' }).pruning).toBe('off');
    expect(plan.bestPairs(randomRows(400, 768, 22), { count: 10 }).pruning).toBe('off');
    // Sampling would take more than an eighth of the time.
    expect(plan.streamPairs(rows, { threshold: 0.9, memoryBudget: 24e6 }).pruning).toBe('off');
  });
});

/** A sketch has at least two elements, and at most as many as a row. */
function fitsSketches(x: Rows, y: Rows | undefined): boolean {
  const { x: source, y: other } = checkPairsCall(x, y, { threshold: 0, nonFinite: 'zero' });
  return source.depth >= 2 && source.rows > 0 && (other === undefined || other.rows > 0);
}
