// Pruning on the GPU gives the same bits as computing everything, on rows for which sketches work worst.

import type { PairsOptions, Progress, Rows } from 'allpairs';
import { describe, expect, it } from 'vitest';
import type { Backend, Sketching } from '#src/backends/backend.js';
import { lowestProduct } from '#src/backends/webgpu/filter.js';
import { checkBestPairsCall, checkGroupsCall, checkPairsCall } from '#src/check.js';
import { computeBestPairs } from '#src/engine/best-pairs.js';
import { computeGroups } from '#src/engine/groups.js';
import { computePairs } from '#src/engine/pairs.js';
import { nodePlatform } from '#src/platform/node.js';
import { boundErrors } from '#src/pruning/bound.js';
import { runner } from '../conformance/node-runner.js';
import { randomRows, randomSource } from '../random.js';
import { device, software } from './webgpu-software.js';

const { missing } = software;
const backend = software.backend as Backend;
const DEPTH = 40;
const COUNT = 6;

/** Sketches from the first coordinates. */
function sketchingOf(depth: number, count: number, depthBlock = backend.depthBlock): Sketching {
  const directions = new Float32Array(count * depth);
  for (let at = 0; at < count; at++) directions[at * depth + at] = 1;
  return { directions, depths: { short: count + 1, long: 0 }, ...boundErrors('float32', depth, depthBlock, count, 0) };
}

const settingOf = (sketching?: Sketching) => ({ backend, platform: nodePlatform, threads: undefined, sketching });

async function pairsOf(x: Rows, y: Rows | undefined, options: PairsOptions, sketching?: Sketching) {
  return computePairs(checkPairsCall(x, y, { dtype: 'float32', ...options }), settingOf(sketching));
}

/** Checks that the pairs and bits are the same. Returns the fraction of the multiply-adds that was computed. */
async function expectSame(x: Rows, y: Rows | undefined, options: PairsOptions, depth = DEPTH, count = COUNT) {
  const want = await pairsOf(x, y, options);
  let computed: number | undefined;
  const onProgress = (progress: Progress) => {
    ({ computed } = progress);
  };
  const got = await pairsOf(x, y, { ...options, onProgress }, sketchingOf(depth, count));
  expect({ rows: got.rows, cols: got.cols }).toEqual({ rows: want.rows, cols: want.cols });
  expect(new Uint32Array(got.scores.buffer)).toEqual(new Uint32Array(want.scores.buffer));
  return { computed: computed as number, found: want };
}

/** Rows near one of many axes that sketches cover, so that most pairs are excluded, and copies of some with slight noise. */
function clustered(rows: number, depth: number, seed: number): Float32Array {
  const random = randomSource(seed);
  const data = new Float32Array(rows * depth);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < depth; k++) data[row * depth + k] = (random() - 0.5) * (k < COUNT ? 1 : 0.02);
  }
  for (let copy = 7; copy < rows; copy += 29) {
    for (let k = 0; k < depth; k++) data[copy * depth + k] = (data[(copy - 7) * depth + k] as number) + 0.01 * (random() - 0.5);
  }
  return data;
}

it('excludes only products that are below the threshold by more than the slack, and keeps as few others as float32 allows', () => {
  const random = randomSource(77);
  const thresholds = [-1, -0.5, 0, 2 ** -30, 0.3, 0.9, 0.999, 1, ...Array.from({ length: 200 }, () => 2 * random() - 1)];
  for (const slack of [0, 2 ** -24, 2 ** -12, boundErrors('float32', DEPTH, 256, COUNT, 0).slack, 1]) {
    for (const threshold of thresholds) {
      const lowest = lowestProduct(threshold, { ...sketchingOf(DEPTH, COUNT, 256), slack });
      const exact = threshold - slack;
      expect(lowest).toBe(Math.fround(lowest));
      expect(lowest).toBeLessThanOrEqual(exact);
      expect(exact - lowest).toBeLessThanOrEqual(Math.abs(exact) * 2 ** -22 + 2 ** -148);
    }
  }
});

describe.skipIf(missing)(`pruning on webgpu-software${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const data = missing ? new Float32Array() : clustered(600, DEPTH, 71);
  const x = { data, shape: [600, DEPTH] };

  it('finds the same pairs, and computes few if few survive', async () => {
    const { computed, found } = await expectSame(x, undefined, { threshold: 0.999 });
    expect(found.length).toBeGreaterThan(10);
    // The products of sketches are two fifths of a score.
    expect(computed).toBeLessThan(0.9);
    const all = await expectSame(x, undefined, { threshold: -1 });
    expect(all.found.length).toBe((600 * 599) / 2);
    expect(all.computed).toBeGreaterThan(1);
  });

  it('finds the same pairs at thresholds next to a score', async () => {
    const { scores } = await pairsOf(x, undefined, { threshold: 0.99 });
    const score = scores[Math.floor(scores.length / 2)] as number;
    for (const threshold of [score - 2 ** -24, score, score + 2 ** -24]) await expectSame(x, undefined, { threshold });
  });

  it('finds the same pairs of equal, opposite, zero and orthogonal rows, and of rows that sketches represent completely', async () => {
    const rows = 300;
    const odd = new Float32Array(rows * DEPTH);
    const random = randomSource(72);
    for (let row = 0; row < rows; row++) {
      const at = row * DEPTH;
      const kind = row % 6;
      // Rows of kind 0 stay zero. All rows of kinds 1 and 2 are equal or opposite.
      if (kind === 1 || kind === 2) for (let k = 0; k < DEPTH; k++) odd[at + k] = (kind === 1 ? 3 : -5) * (k + 1);
      if (kind === 3) for (let k = COUNT; k < DEPTH; k++) odd[at + k] = random() - 0.5;
      if (kind === 4) for (let k = 0; k < COUNT; k++) odd[at + k] = random() - 0.5;
      if (kind === 5) odd[at + (row % DEPTH)] = row % 12 === 5 ? 2 ** -120 : 2 ** 120;
    }
    for (const threshold of [0, 0.6, 1]) await expectSame({ data: odd, shape: [rows, DEPTH] }, undefined, { threshold });
  });

  it('finds pairs whose score comes from the rest of a sketch that float32 rounds to zero', async () => {
    const rowOf = (first: number, last: number) => Float32Array.of(first, ...new Float32Array(DEPTH - 2), last);
    // The square of `rest` is lost next to 1, but `rest * other`, the part of the score that the sketches lack, is not.
    for (const rest of [1e-4, 2e-4, 2.4e-4]) {
      for (const [shared, other] of [
        [0, 1],
        [0.28, 0.96],
        [0.6, 0.8],
      ] as const) {
        const threshold = shared + 0.99 * rest * other;
        const { found } = await expectSame([rowOf(1, rest)], [rowOf(shared, other)], { threshold });
        expect(found.length).toBe(1);
      }
    }
  });

  it('finds the same pairs of x with y, of small shapes, and in several passes', async () => {
    const y = { data: clustered(290, DEPTH, 71).reverse(), shape: [290, DEPTH] };
    await expectSame(x, y, { threshold: 0.995 });
    for (const [rows, depth] of [
      [1, 8],
      [2, 17],
      [130, 300],
    ] as const) {
      const few = randomRows(rows, depth, 73);
      await expectSame(few, undefined, { threshold: 0.05 }, depth, 3);
      await expectSame(few, randomRows(3, depth, 74), { threshold: 0 }, depth, 3);
    }
    // So many directions that their products need more room than the scores of a tile.
    await expectSame(randomRows(140, 300, 75), undefined, { threshold: 0.1 }, 300, 200);
  });

  it('counts only the pairs that options select, and finds the same groups and best pairs', async () => {
    const groupOf = Uint32Array.from({ length: 600 }, (_, row) => row % 5);
    await expectSame(x, undefined, { threshold: 0.99, groupOf, across: true });
    await expectSame(x, undefined, { threshold: 0.99, groupOf, within: true, below: 0.999 });
    const sketching = sketchingOf(DEPTH, COUNT);
    const groupsBy = async (by?: Sketching) =>
      computeGroups(checkGroupsCall(x, { dtype: 'float32', threshold: 0.999 }), settingOf(by));
    expect(await groupsBy(sketching)).toEqual(await groupsBy());
    const best = checkBestPairsCall(x, undefined, { dtype: 'float32', count: 15 });
    const want = await computeBestPairs(best, settingOf());
    expect(await computeBestPairs(best, settingOf(sketching), 0.99)).toEqual(want);
  });

  it('computes a tile again if it has more pairs than its list holds', async () => {
    // Nearly all pairs of one tile are found: first more than expected, then more than fit.
    const same = new Float32Array(260 * DEPTH).map((_, at) => 1 + (at % DEPTH) / 7);
    await expectSame({ data: same, shape: [260, DEPTH] }, undefined, { threshold: 0.5 });
  });

  it('decides by a sample, computed by a backend with float64 scores', async () => {
    const { chooseSketching } = await import('#src/pruning/sketching.js');
    const rows = 700;
    const depth = 128;
    const call = checkPairsCall(
      { data: clustered(rows, depth, 76), shape: [rows, depth] },
      { dtype: 'float32', threshold: 0.9 },
    );
    const sampled: string[] = [];
    const samplingBackend = async () => {
      sampled.push('wasm');
      return runner.selection.choose('wasm');
    };
    const longest = { short: 64, long: 0 };
    const submit = device.queue.submit.bind(device.queue);
    let submitted = 0;
    device.queue.submit = (buffers) => {
      submitted++;
      submit(buffers);
    };
    try {
      const chosen = await chooseSketching(call, { ...settingOf(), samplingBackend }, longest);
      expect(chosen?.depths.long ?? 0).toBe(0);
    } finally {
      device.queue.submit = submit;
    }
    expect(sampled.length).toBeGreaterThan(0);
    expect(submitted).toBe(0);
  });
});
