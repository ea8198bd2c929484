import { serialize } from 'node:v8';
import type { DType, ScoreArray } from 'allpairs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Backend } from '#src/backends/backend.js';
import { BackendSelection } from '#src/backends/select.js';
import { checkDenseCall } from '#src/check.js';
import { nodePlatform } from '#src/platform/node.js';
import { randomRows } from '../random.js';
import { casesOf, stepsOf } from './cases.js';
import { BACKENDS, runner, truth } from './node-runner.js';
import { BOUNDS, largestError, sameBits } from './runner.js';

const DTYPES: readonly DType[] = ['float32', 'float64'];

for (const { name, backend, reason } of BACKENDS) {
  describe.skipIf(!backend)(`${name}${reason ? ` (skipped: ${reason})` : ''}`, () => {
    holdsContract(backend, () => backend as Backend);
  });
}

describe('wasm without relaxed SIMD', () => {
  afterEach(() => vi.restoreAllMocks());
  holdsContract(runner.selection.chooseSync('wasm'), () => {
    // Simulates an engine without relaxed SIMD, neither by default nor behind its flag.
    const answers = [false, false, true];
    const engine = vi.spyOn(WebAssembly, 'validate').mockImplementation(() => answers.shift() ?? true);
    const backend = new BackendSelection({ ...nodePlatform, enableEngineFlag: () => true }).chooseSync('wasm');
    expect(backend.description).toBe('WebAssembly, 128-bit SIMD');
    engine.mockRestore();
    return backend;
  });
});

/** `like` has the steps of the backend that `find` returns, or is undefined if all tests are skipped. */
function holdsContract(like: Backend | undefined, find: () => Backend): void {
  for (const dtype of DTYPES) {
    it.each(like ? casesOf(dtype, stepsOf(like, dtype)) : [])(`${dtype}: $name`, async ({ x, y }) => {
      const backend = find();
      const { x: rowsOfX, y: rowsOfY } = checkDenseCall(x, y, undefined);
      const want = truth(x, y);
      const inputBefore = serialize(x);
      let first: ScoreArray | undefined;
      for (const mode of runner.modes) {
        const got = await runner.run(backend, mode, x, y, { dtype });
        expect(got.length, mode).toBe(rowsOfX.rows * (rowsOfY ?? rowsOfX).rows);
        if (first) {
          expect(sameBits(got, first), `${mode} gives the bits of ${runner.modes[0]}`).toBe(true);
          continue;
        }
        first = got;
        expect(largestError(got, want)).toBeLessThanOrEqual(BOUNDS[dtype]);
        expect(got.every((score) => Math.abs(score) <= 1)).toBe(true);
        if (!rowsOfY) {
          expect(isSymmetric(got, rowsOfX.rows)).toBe(true);
          for (let i = 0; i < rowsOfX.rows; i++) expect(got[i * rowsOfX.rows + i]).toBe(want[i * rowsOfX.rows + i]);
        }
      }
      const small = runner.small(backend, x, y, { dtype });
      if (small) expect(sameBits(small, first as ScoreArray), `the short path gives the bits of ${runner.modes[0]}`).toBe(true);
      expect(serialize(x).equals(inputBefore)).toBe(true);
    });

    it.runIf(like?.computeSmall)(`${dtype}: computes most cases by the short path`, () => {
      const backend = find();
      const cases = casesOf(dtype, stepsOf(backend, dtype));
      const small = cases.filter(({ x, y }) => runner.small(backend, x, y, { dtype }));
      expect(small.length).toBeGreaterThan(0.8 * cases.length);
    });

    it(`${dtype}: gives 0 for zero rows and 1 on the rest of the diagonal`, async () => {
      const rows = randomRows(40, 10, 30);
      rows.data.fill(0, 20, 30);
      const got = await runner.run(find(), 'sync', rows, undefined, { dtype });
      for (let i = 0; i < 40; i++) {
        expect(got[i * 40 + i]).toBe(i === 2 ? 0 : 1);
        expect(Object.is(got[2 * 40 + i], 0) && Object.is(got[i * 40 + 2], 0)).toBe(true);
      }
    });

    it(`${dtype}: gives exactly 1 or -1 for rows that differ by a power of two, also for x against y`, async () => {
      const { data } = randomRows(20, 300, 31);
      const x = Array.from({ length: 20 }, (_, i) => data.slice(i * 300, (i + 1) * 300));
      const y = x.map((row, i) => row.map((value) => value * (i % 2 ? -(2 ** (i - 10)) : 2 ** (i * 5))));
      const got = await runner.run(find(), 'sync', x, y, { dtype });
      for (let i = 0; i < 20; i++) expect(got[i * 20 + i]).toBe(i % 2 ? -1 : 1);
    });

    it(`${dtype}: gives the same bits for rows scaled by powers of two`, async () => {
      const rows = randomRows(60, 70, 32);
      const scaled = { ...rows, data: rows.data.map((value, i) => value * 2 ** ((Math.floor(i / 70) % 40) - 20)) };
      const [plain, moved] = await Promise.all([rows, scaled].map((x) => runner.run(find(), 'sync', x, undefined, { dtype })));
      expect(sameBits(plain as ScoreArray, moved as ScoreArray)).toBe(true);
    });

    it(`${dtype}: gives the same bits in more passes with a small memory budget`, async () => {
      const backend = find();
      const x = randomRows(1500, 40, 33);
      const y = randomRows(700, 40, 34);
      for (const other of [undefined, y]) {
        const out = () => newScores(dtype, 1500 * (other?.shape[0] ?? 1500));
        const whole = await runner.run(backend, 'sync', x, other, { dtype, out: out() });
        for (const mode of ['sync', '2 threads'] as const) {
          const attempt = (memoryBudget: number) => runner.run(backend, mode, x, other, { dtype, out: out(), memoryBudget });
          const got = await attempt(1.2 * (await smallestBudget(attempt)));
          expect(sameBits(got, whole), mode).toBe(true);
        }
      }
    });
  }
}

/** The amount named in the error about an impossible budget. */
async function smallestBudget(attempt: (memoryBudget: number) => Promise<unknown>): Promise<number> {
  const error = await attempt(1).catch((reason: unknown) => reason);
  return (error as { bytes: number }).bytes;
}

function newScores(dtype: DType, length: number): ScoreArray {
  return dtype === 'float32' ? new Float32Array(length) : new Float64Array(length);
}

function isSymmetric(scores: ScoreArray, rows: number): boolean {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < i; j++) if (!Object.is(scores[i * rows + j], scores[j * rows + i])) return false;
  }
  return true;
}
