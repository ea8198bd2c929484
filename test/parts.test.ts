// A part of the work gives the same bits as the whole, wherever it is cut.

import { describe, expect, it } from 'vitest';
import { ArgumentError } from '#src/errors.js';
import type { PartOptions } from '#src/part-options.js';
import type { Matrix } from '#src/rows/dense-matrix.js';
import { randomRows } from './random.js';
import { automatic, WAYS } from './ways.js';

const x = randomRows(700, 24, 8);
const y = randomRows(500, 24, 9);
const K = 5;
/** One memory budget in which all rows fit, and one in which few do. */
const MEMORY = [undefined, 600_000];

/** Row numbers that are not multiples of anything. */
const OF_ITSELF: PartOptions[] = [
  {},
  { rowEnd: 317 },
  { rowStart: 317, rowEnd: 318 },
  { rowStart: 318, rowEnd: 601, colStart: 33 },
  { rowStart: 601 },
  { rowEnd: 317, colStart: 317 },
  { rowStart: 100, rowEnd: 317, colStart: 555 },
  { rowStart: 100, rowEnd: 317, colStart: 700 },
  { rowStart: 50, rowEnd: 50 },
];
const OF_TWO: PartOptions[] = [{}, { rowEnd: 317, colStart: 411 }, { rowStart: 317, colStart: 1 }, { colStart: 500 }];

const PARTS = [...OF_ITSELF.map((part) => [part, undefined] as const), ...OF_TWO.map((part) => [part, y] as const)];

/** The positions of a part in order; for x with itself, those on and above the diagonal. */
function* placesOf(part: PartOptions, other: typeof y | undefined): Generator<[row: number, col: number]> {
  const { rowStart = 0, rowEnd = x.shape[0], colStart = 0 } = part;
  for (let row = rowStart; row < rowEnd; row++) {
    for (let col = other ? colStart : Math.max(row, colStart); col < (other ?? x).shape[0]; col++) yield [row, col];
  }
}

function bestOf(part: PartOptions, other: typeof y | undefined, whole: Matrix): (readonly [index: number, score: number])[] {
  const lists = Array.from({ length: x.shape[0] }, () => [] as [number, number][]);
  for (const [row, col] of placesOf(part, other)) {
    if (!other && row === col) continue;
    lists[row]?.push([col, whole.at(row, col) as number]);
    if (!other) lists[col]?.push([row, whole.at(row, col) as number]);
  }
  return lists.flatMap((list) => {
    list.sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    return Array.from({ length: K }, (_, rank) => list[rank] ?? ([0xffffffff, -2] as const));
  });
}

describe.each(WAYS.map((api, at) => [['automatic', 'on workers', 'alone'][at], api] as const))('%s', (_, api) => {
  it('topK', async () => {
    for (const [part, other] of PARTS) {
      const expected = bestOf(part, other, await api.cosineSimilarity(x, other));
      for (const memoryBudget of MEMORY) {
        const { indices, scores, shape } = await api.topK(x, other, { k: K, ...part, memoryBudget, threads: 3 });
        expect(shape).toEqual([700, K]);
        expect([part, Array.from(indices, (index, at) => [index, scores[at]])]).toEqual([part, expected]);
      }
    }
  });

  it('pairs', async () => {
    for (const [part, other] of PARTS) {
      const whole = await api.cosineSimilarity(x, other);
      const expected = Array.from(placesOf(part, other)).filter(
        ([row, col]) => (other || row !== col) && (whole.at(row, col) as number) >= 0.6,
      );
      for (const memoryBudget of MEMORY) {
        const { rows, cols, scores } = await api.pairs(x, other, { threshold: 0.6, ...part, memoryBudget });
        expect([part, Array.from(rows, (row, at) => [row, cols[at]])]).toEqual([part, expected]);
        expect(Array.from(scores).every((score, at) => score === whole.at(rows[at] as number, cols[at] as number))).toBe(true);
      }
    }
  });

  it('blocks of the matrix', async () => {
    for (const [part, other] of PARTS) {
      const whole = await api.cosineSimilarity(x, other);
      const left = new Set(Array.from(placesOf(part, other), ([row, col]) => row * 1000 + col));
      for await (const { row, col, matrix, mirrored } of api.streamMatrix(x, other, { ...part, blockRows: 256 })) {
        expect(mirrored).toBe(!other && row !== col);
        const [rows, cols] = matrix.shape;
        for (let i = 0; i < rows; i++) {
          for (let j = 0; j < cols; j++) {
            if (matrix.at(i, j) !== whole.at(row + i, col + j)) expect([row + i, col + j]).toBe('as in the whole');
            if (!left.delete((row + i) * 1000 + col + j)) expect(other || row + i > col + j).toBe(true);
          }
        }
      }
      expect([part, left.size]).toEqual([part, 0]);
    }
  });

  it('reports its own progress, to its own end', async () => {
    const reports: { done: number; total: number }[] = [];
    const part: PartOptions = { rowEnd: 317, colStart: 317 };
    await api.topK(x, { k: K, ...part, onProgress: (progress) => reports.push(progress) });
    const total = 2 * 317 * 383;
    expect(reports.at(-1)).toEqual({ done: total, total });
    expect(reports.every((report) => report.total === total)).toBe(true);
  });
});

describe('refused parts:', () => {
  it.each([
    [{ rowEnd: 701 }, 'rowEnd'],
    [{ rowStart: 20, rowEnd: 10 }, 'rowEnd'],
    [{ rowStart: -1 }, 'rowStart'],
    [{ rowEnd: 100, colStart: 50 }, 'colStart'],
  ])('%j', async (part, argument) => {
    const refusal = expect(automatic.topK(x, { k: 1, ...part })).rejects;
    await refusal.toThrow(ArgumentError);
    await expect(automatic.topK(x, { k: 1, ...part })).rejects.toThrow(`\`${argument}\``);
  });

  it('include rows that are not finite, wherever they are', async () => {
    const bad = { data: x.data.slice(), shape: x.shape };
    bad.data[400 * 24] = Number.NaN;
    const part: PartOptions = { rowEnd: 100, colStart: 600 };
    await expect(automatic.topK(bad, { k: 1, ...part })).rejects.toThrow('row 400');
  });
});
