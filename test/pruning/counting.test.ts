// The search for the best pairs starts from a cosine that only pairs that count determine.

import { describe, expect, it } from 'vitest';
import type { Backend } from '#src/backends/backend.js';
import { checkBestPairsCall } from '#src/check.js';
import { computeBestPairs } from '#src/engine/best-pairs.js';
import { nodePlatform } from '#src/platform/node.js';
import { chooseBestSketching } from '#src/pruning/sketching.js';
import { BACKENDS } from '../conformance/node-runner.js';
import { randomRows } from '../random.js';

const [ROWS, DEPTH] = [480, 128];

/** Neighbouring rows are by far the most similar, and have the same group; every ninth row is a zero row. */
function nearNeighbours() {
  const { data } = randomRows(ROWS, DEPTH, 11);
  for (let row = 0; row < ROWS; row++) {
    for (let k = 0; k < DEPTH; k++) {
      const at = row * DEPTH + k;
      const own = (data[at] as number) * 0.9 ** k;
      data[at] = row % 9 === 0 ? 0 : row % 2 === 1 && (row - 1) % 9 !== 0 ? (data[at - DEPTH] as number) + 1e-3 * own : own;
    }
  }
  return { data, shape: [ROWS, DEPTH] as [number, number] };
}

const groupOf = Uint16Array.from({ length: ROWS }, (_, row) => row >> 1);
const backends = BACKENDS.flatMap(({ name, backend }) => (backend?.pruningCosts ? [{ name, backend }] : []));

describe.each(backends)('$name', ({ backend }) => {
  it.each([
    { groupOf, across: true },
    { groupOf, across: true, zeroRows: 'exclude' as const },
    { zeroRows: 'exclude' as const },
    { below: 0.99 },
    { groupOf: groupOf.map((group) => group % 3), within: true },
  ])('the best pairs are the same as without sketches: %o', async (asked) => {
    const x = nearNeighbours();
    for (const count of [1, 50]) {
      const call = checkBestPairsCall(x, undefined, { count, ...asked });
      const setting = { backend: backend as Backend, platform: nodePlatform, threads: undefined };
      const want = await computeBestPairs(call, setting);
      const chosen = await chooseBestSketching(call, setting, { short: 64, long: 0 });
      expect(chosen?.lowest).toBeLessThanOrEqual(want.scores[count - 1] as number);
      const got = await computeBestPairs(call, { ...setting, sketching: chosen?.sketching }, chosen?.lowest);
      expect(got).toEqual(want);
    }
  });
});
