// With pairs that may or may not count, every call gives the same answer as plain loops over the matrix of the same backend: on every
// backend, with any number of threads, in several passes, and with sketches.

import type { BestPairsOptions, DType, GroupsOfRows, Pairs, PairsOptions, Rows, ScoreArray, TopK, TopKOptions } from 'allpairs';
import { describe, expect, it } from 'vitest';
import type { Backend, Sketching } from '#src/backends/backend.js';
import { checkBestPairsCall, checkDedupeCall, checkGroupsCall, checkPairsCall, checkTopKCall } from '#src/check.js';
import { computeBestPairs } from '#src/engine/best-pairs.js';
import { computeDedupe } from '#src/engine/dedupe.js';
import { computeGroups } from '#src/engine/groups.js';
import { computePairs, streamPairs } from '#src/engine/pairs.js';
import type { Setting } from '#src/engine/setting.js';
import { computeTopK } from '#src/engine/top-k.js';
import { nodePlatform } from '#src/platform/node.js';
import { boundErrors } from '#src/pruning/bound.js';
import { randomRows, randomSource } from '../random.js';
import { TrueCosines } from './exact.js';
import { BACKENDS, runner } from './node-runner.js';

const NO_INDEX = 4294967295;

/** Rows, their groups, and the scores and cosines of all pairs. */
interface Input {
  readonly x: Rows;
  readonly y: Rows | undefined;
  readonly rows: number;
  readonly cols: number;
  readonly groups: { readonly x: (number | null)[]; readonly y: (number | null)[] };
  readonly isZero: { readonly x: boolean[]; readonly y: boolean[] };
  readonly scores: ScoreArray;
  readonly truth: TrueCosines;
}

interface Question {
  readonly across?: boolean;
  readonly within?: boolean;
  readonly zeroRows?: 'zero' | 'exclude';
}

const QUESTIONS: readonly Question[] = [
  { across: true },
  { within: true },
  { zeroRows: 'exclude' },
  { across: true, zeroRows: 'exclude' },
  { within: true, zeroRows: 'exclude' },
];

/** Some rows are zero, some are copies of others, and some are in no group. */
function someRows(count: number, depth: number, seed: number, sorted: boolean) {
  const { data } = randomRows(count, depth, seed);
  const random = randomSource(seed + 100);
  const isZero = Array.from({ length: count }, () => random() < 0.04);
  for (let row = 0; row < count; row++) {
    if (isZero[row]) data.fill(0, row * depth, (row + 1) * depth);
    else if (row % 5 === 4) {
      const other = Math.floor(random() * row);
      data.copyWithin(row * depth, other * depth, (other + 1) * depth);
      isZero[row] = isZero[other] as boolean;
    }
  }
  const groups = Array.from({ length: count }, (_, row) => {
    const group = sorted ? Math.floor((row * 7) / count) : Math.floor(random() * 5);
    return random() < 0.1 ? (random() < 0.5 ? -1 : null) : group;
  });
  return { rows: { data, shape: [count, depth] as [number, number] }, groups, isZero };
}

async function inputOf(backend: Backend, dtype: DType, seed: number, crossed: boolean): Promise<Input> {
  const [rows, others, depth] = [80 + (seed % 3) * 60, 70 + (seed % 4) * 30, 5 + (seed % 6) * 9];
  const ofX = someRows(rows, depth, seed, seed % 2 === 0);
  const ofY = crossed ? someRows(others, depth, seed + 1, seed % 2 === 0) : ofX;
  const y = crossed ? ofY.rows : undefined;
  return {
    x: ofX.rows,
    y,
    rows,
    cols: crossed ? others : rows,
    groups: { x: ofX.groups, y: ofY.groups },
    isZero: { x: ofX.isZero, y: ofY.isZero },
    scores: await runner.run(backend, 'sync', ofX.rows, y, { dtype }),
    truth: new TrueCosines(ofX.rows, y, dtype),
  };
}

const isNone = (group: number | null) => group === null || group === -1;

/** The definition of pairs that count. */
function counts({ groups, isZero, y }: Input, { across, within, zeroRows }: Question, row: number, col: number): boolean {
  if (!y && row === col) return false;
  if (zeroRows === 'exclude' && (isZero.x[row] || isZero.y[col])) return false;
  const [ofRow, ofCol] = [groups.x[row] as number | null, groups.y[col] as number | null];
  if (across) return isNone(ofRow) || isNone(ofCol) || ofRow !== ofCol;
  return within ? !isNone(ofRow) && ofRow === ofCol : true;
}

interface Found {
  readonly row: number;
  readonly col: number;
  readonly score: number;
}

function pairsThatCount(input: Input, question: Question): Found[] {
  const { rows, cols, scores, y } = input;
  const found: Found[] = [];
  for (let row = 0; row < rows; row++) {
    for (let col = y ? 0 : row + 1; col < cols; col++) {
      if (counts(input, question, row, col)) found.push({ row, col, score: scores[row * cols + col] as number });
    }
  }
  return found;
}

function plainLists(input: Input, question: Question, k: number) {
  const { rows, cols, scores } = input;
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: cols }, (_, col) => ({ col, score: scores[row * cols + col] as number }))
      .filter(({ col }) => counts(input, question, row, col))
      .sort((a, b) => b.score - a.score || a.col - b.col)
      .slice(0, k),
  );
}

function optionsOf<T extends object>({ groups, y }: Input, { across, within, zeroRows }: Question, options: T) {
  const groupOf: GroupsOfRows = groups.x;
  const grouped = across || within ? { groupOf, ...(y && { groupOfY: groups.y as GroupsOfRows }), across, within } : {};
  return { ...options, ...grouped, zeroRows };
}

function foundIn({ rows, cols, scores }: Pick<Pairs, 'rows' | 'cols' | 'scores'>): Found[] {
  return Array.from(rows, (row, at) => ({ row, col: cols[at] as number, score: scores[at] as number }));
}

function expectLists(
  { indices, scores, counts: lengths, shape: [rows, k] }: Pick<TopK, 'indices' | 'scores' | 'counts' | 'shape'>,
  want: ReturnType<typeof plainLists>,
  what: string,
): void {
  const got = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: lengths?.[row] ?? k }, (_, rank) => ({
      col: indices[row * k + rank] as number,
      score: scores[row * k + rank] as number,
    })),
  );
  expectSame(got.flat(), want.flat(), what);
  expect(Array.from({ length: rows }, (_, row) => lengths?.[row] ?? k)).toEqual(want.map(({ length }) => length));
  const isFree = (at: number) => at % k >= (lengths?.[Math.floor(at / k)] ?? k);
  const free = Array.from(indices.keys()).filter(isFree);
  expect(free.every((at) => indices[at] === NO_INDEX && Number.isNaN(scores[at]))).toBe(true);
}

interface Listed {
  readonly row?: number;
  readonly col: number;
  readonly score: number;
}

/** Faster than toEqual, which would take longer than the work. */
function expectSame(got: readonly Listed[], want: readonly Listed[], what: string): void {
  const same = ({ row, col, score }: Listed, other: Listed | undefined) =>
    row === other?.row && col === other?.col && score === other?.score;
  const differing = got.findIndex((one, at) => !same(one, want[at]));
  if (differing < 0 && got.length === want.length) return;
  expect.fail(`${what}: ${got.length} for ${want.length}, the first difference at ${differing}`);
}

/** The first coordinates, which are correct directions for any rows. */
function sketchingOf(backend: Backend, dtype: DType, depth: number): Sketching | undefined {
  const count = Math.min(4, depth - 1);
  if (!backend.pruningCosts || count < 1) return undefined;
  const directions = dtype === 'float32' ? new Float32Array(count * depth) : new Float64Array(count * depth);
  for (let at = 0; at < count; at++) directions[at * depth + at] = 1;
  const long = backend.pruningCosts.narrowing === undefined || count < 3 ? 0 : count + 1;
  const depths = { short: long ? count : count + 1, long };
  return { depths, directions, ...boundErrors(dtype, depth, backend.depthBlock, count, 0) };
}

/** Threads, memory and sketches. */
function waysOf(backend: Backend, dtype: DType, depth: number) {
  const sketching = sketchingOf(backend, dtype, depth);
  const way = (name: string, threads: number | undefined, memoryBudget: 'little' | undefined, some: Sketching | undefined) => {
    const setting: Setting = { backend, platform: nodePlatform, threads, sketching: some };
    return { name, setting, memoryBudget };
  };
  const all = [way('in turns', undefined, undefined, undefined), way('2 threads, little memory', 2, 'little', undefined)];
  if (sketching) {
    all.push(way('sketches, 2 threads', 2, undefined, sketching));
    all.push(way('sketches, little memory', undefined, 'little', sketching));
  }
  return all;
}

/** Little memory, for several passes: the least that a plan accepts, plus some for pairs. */
async function withLittle<T>(
  memoryBudget: 'little' | undefined,
  compute: (memoryBudget: number | undefined) => Promise<T>,
): Promise<T> {
  if (!memoryBudget) return compute(undefined);
  for (let bytes = 2 ** 14; ; bytes *= 2) {
    try {
      return await compute(bytes);
    } catch (error) {
      if ((error as Error).name !== 'MemoryError' || bytes > 2 ** 26) throw error;
    }
  }
}

for (const { name, backend: available, reason } of BACKENDS) {
  describe.skipIf(!available)(`${name}${reason ? ` (skipped: ${reason})` : ''}`, () => {
    const backend = available as Backend;
    const cases = [2, 3].flatMap((seed) => [false, true].map((crossed) => ({ seed, crossed })));
    describe.each(['float32', 'float64'] as const)('%s', (dtype) => {
      it.each(cases)(
        'pairs finds exactly the pairs that count (rows $seed, against y: $crossed)',
        async ({ seed, crossed }) => {
          const input = await inputOf(backend, dtype, seed, crossed);
          const { x, y, truth } = input;
          const { depth } = checkPairsCall(x, y, { threshold: 0 }).x;
          for (const question of QUESTIONS) {
            const all = pairsThatCount(input, question);
            const ofPairs = [
              { threshold: 0.2 },
              { threshold: -1, below: 0 },
              { threshold: 0.3, below: 1 },
              { threshold: 1 },
            ] satisfies PairsOptions[];
            for (const way of waysOf(backend, dtype, depth)) {
              for (const { threshold, below = 2 } of ofPairs as { threshold: number; below?: number }[]) {
                const want = all.filter(
                  ({ row, col, score }) => truth.reaches(row, col, score, threshold) && !truth.reaches(row, col, score, below),
                );
                const got = await withLittle(way.memoryBudget, (memoryBudget) =>
                  computePairs(
                    checkPairsCall(
                      x,
                      y,
                      optionsOf(input, question, { threshold, ...(below <= 1 && { below }), dtype, memoryBudget }),
                    ),
                    way.setting,
                  ),
                );
                expectSame(foundIn(got), want, `${JSON.stringify(question)}, from ${threshold} to ${below}, ${way.name}`);
              }
            }
          }
        },
      );

      it.each(cases)('topK lists only pairs that count (rows $seed, against y: $crossed)', async ({ seed, crossed }) => {
        const input = await inputOf(backend, dtype, seed, crossed);
        const { x, y } = input;
        const { depth } = checkTopKCall(x, y, { k: 1 }).x;
        for (const question of QUESTIONS) {
          for (const k of [1, 60]) {
            const want = plainLists(input, question, k);
            for (const way of waysOf(backend, dtype, depth)) {
              const options = (memoryBudget: number | undefined): TopKOptions =>
                optionsOf(input, question, { k, dtype, memoryBudget });
              const got = await withLittle(way.memoryBudget, (memoryBudget) =>
                computeTopK(checkTopKCall(x, y, options(memoryBudget)), way.setting),
              );
              expectLists(got, want, `${JSON.stringify(question)}, k = ${k}, ${way.name}`);
            }
          }
        }
      });

      it.each(cases)(
        'bestPairs finds the best pairs that count (rows $seed, against y: $crossed)',
        async ({ seed, crossed }) => {
          const input = await inputOf(backend, dtype, seed, crossed);
          const { x, y, truth } = input;
          const { depth } = checkTopKCall(x, y, { k: 1 }).x;
          for (const question of QUESTIONS) {
            // The sort is stable, and rows and columns arrive in order.
            const all = pairsThatCount(input, question).sort((a, b) => b.score - a.score);
            for (const below of [2, 0.4]) {
              const inBand = all.filter(({ row, col, score }) => !truth.reaches(row, col, score, below));
              for (const count of [100, 1e6]) {
                for (const way of waysOf(backend, dtype, depth)) {
                  const call = (memoryBudget: number | undefined): BestPairsOptions =>
                    optionsOf(input, question, { count, ...(below <= 1 && { below }), dtype, memoryBudget });
                  const got = await withLittle(way.memoryBudget, (memoryBudget) =>
                    computeBestPairs(
                      checkBestPairsCall(x, y, call(memoryBudget)),
                      way.setting,
                      way.setting.sketching && -0.999,
                    ),
                  );
                  expectSame(
                    foundIn(got),
                    inBand.filter(({ score }) => !way.setting.sketching || score > -0.999).slice(0, count),
                    `best ${count} below ${below}, ${JSON.stringify(question)}, ${way.name}`,
                  );
                }
              }
            }
          }
        },
      );

      it('uses the higher threshold of both rows, or that of the row of x against y', async () => {
        for (const crossed of [false, true]) {
          const input = await inputOf(backend, dtype, 2, crossed);
          const { x, y, rows, truth } = input;
          const { depth } = checkTopKCall(x, y, { k: 1 }).x;
          const random = randomSource(9);
          const thresholds = Array.from({ length: rows }, () => [1, 0.5, 0, random()][Math.floor(random() * 4)] as number);
          const want = pairsThatCount(input, { across: true }).filter(({ row, col, score }) =>
            truth.reaches(row, col, score, Math.max(thresholds[row] as number, y ? -1 : (thresholds[col] as number))),
          );
          expect(want.length).toBeGreaterThan(100);
          for (const way of waysOf(backend, dtype, depth)) {
            const got = await withLittle(way.memoryBudget, (memoryBudget) =>
              computePairs(
                checkPairsCall(x, y, optionsOf(input, { across: true }, { threshold: thresholds, dtype, memoryBudget })),
                way.setting,
              ),
            );
            expectSame(foundIn(got), want, way.name);
          }
        }
      });

      it('groups joins rows only by pairs that count', async () => {
        const input = await inputOf(backend, dtype, 3, false);
        const thresholds = Float64Array.from({ length: input.rows }, (_, row) => (row % 3 === 0 ? 0.99 : 0.95));
        for (const question of QUESTIONS) {
          for (const threshold of [0.97, thresholds]) {
            const joined = Array.from({ length: input.rows }, (_, row) => row);
            for (const { row, col, score } of pairsThatCount(input, question)) {
              const least =
                typeof threshold === 'number' ? threshold : Math.max(threshold[row] as number, threshold[col] as number);
              if (!input.truth.reaches(row, col, score, least)) continue;
              const [a, b] = [joined[row] as number, joined[col] as number];
              for (let at = 0; at < joined.length; at++) if (joined[at] === Math.max(a, b)) joined[at] = Math.min(a, b);
            }
            const want = joined
              .map((_, first) => joined.flatMap((root, row) => (root === first ? [row] : [])))
              .filter((rows) => rows.length > 1)
              .sort((a, b) => b.length - a.length || (a[0] as number) - (b[0] as number));
            for (const way of waysOf(backend, dtype, 32)) {
              if (way.setting.sketching || way.memoryBudget) continue;
              const call = checkGroupsCall(input.x, optionsOf(input, question, { threshold, dtype }));
              const { groups } = await computeGroups(call, way.setting);
              expect(groups.map(({ rows }) => rows)).toEqual(want);
            }
          }
        }
      });

      it('dedupe drops a row only for a kept row with which it counts', async () => {
        const input = await inputOf(backend, dtype, 4, false);
        const { rows, truth } = input;
        const priority = Float64Array.from({ length: rows }, (_, row) => (row * 37) % 11);
        const setting: Setting = { backend, platform: nodePlatform, threads: 2 };
        for (const question of QUESTIONS) {
          for (const given of [undefined, priority]) {
            const order = Array.from({ length: rows }, (_, row) => row).sort(
              (a, b) => (given?.[b] ?? 0) - (given?.[a] ?? 0) || a - b,
            );
            const kept: number[] = [];
            for (const row of order) {
              const isDropped = kept.some(
                (keeper) =>
                  counts(input, question, keeper, row) &&
                  truth.reaches(keeper, row, input.scores[keeper * rows + row] as number, 0.98),
              );
              if (!isDropped) kept.push(row);
            }
            const call = checkDedupeCall(input.x, optionsOf(input, question, { threshold: 0.98, dtype, priority: given }));
            const found = await computeDedupe(call, setting, async (problem) => streamPairs(problem, setting));
            expect(Array.from(found.kept)).toEqual(kept.sort((a, b) => a - b));
          }
        }
      });
    });
  });
}
