// The order of a clustering, against average linkage as it is defined.

import { cosineSimilaritySync, type Matrix } from 'allpairs';
import { describe, expect, it } from 'vitest';
import { clusterOrder, PairScores } from '../../web/src/compute/cluster-order.js';
import { randomRows } from '../random.js';

async function orderOf(matrix: Matrix, turned = true): Promise<number[]> {
  const [rows] = matrix.shape;
  const scores = new PairScores(rows);
  // In pieces, as blocks of a matrix come.
  for (let row = 0; row < rows; row++) {
    scores.fill(row, 0, matrix.row(row).subarray(0, 3));
    scores.fill(row, 3, matrix.row(row).subarray(3));
  }
  const ends = (a: readonly number[], b: readonly number[]) =>
    a.flatMap((i) => b.map((j) => (turned ? (matrix.at(i, j) as number) : 0)));
  return Array.from(await clusterOrder(scores, ends, async () => {}));
}

/** Every cluster of average linkage: the two with the highest mean score join, again and again. */
function clustersOf(matrix: Matrix): number[][] {
  let open = Array.from({ length: matrix.shape[0] }, (_, row) => [row]);
  const all: number[][] = [];
  const mean = (a: number[], b: number[]) =>
    a.flatMap((i) => b.map((j) => matrix.at(i, j) as number)).reduce((sum, score) => sum + score, 0) / (a.length * b.length);
  while (open.length > 1) {
    let [best, left, right] = [-2, 0, 0];
    for (let i = 0; i < open.length; i++) {
      for (let j = i + 1; j < open.length; j++) {
        const score = mean(open[i] as number[], open[j] as number[]);
        if (score > best) [best, left, right] = [score, i, j];
      }
    }
    const joint = [...(open[left] as number[]), ...(open[right] as number[])];
    open = [...open.filter((_, at) => at !== left && at !== right), joint];
    all.push(joint);
  }
  return all;
}

describe('the order of a clustering', () => {
  it.each([2, 3, 10, 40])('of %i rows has every cluster of average linkage in one piece', async (rows) => {
    const matrix = cosineSimilaritySync(randomRows(rows, 6));
    const order = await orderOf(matrix);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from(order.keys()));
    for (const cluster of clustersOf(matrix)) {
      const places = cluster.map((row) => order.indexOf(row));
      expect(Math.max(...places) - Math.min(...places)).toBe(cluster.length - 1);
    }
  });

  it('turns clusters so that similar rows touch', async () => {
    const matrix = cosineSimilaritySync(randomRows(200, 8));
    const touching = (order: number[]) =>
      order.slice(1).reduce((sum, row, at) => sum + (matrix.at(order[at] as number, row) as number), 0);
    expect(touching(await orderOf(matrix))).toBeGreaterThan(1.05 * touching(await orderOf(matrix, false)));
  });

  it('of few rows, or of none, is theirs', async () => {
    expect(await orderOf(cosineSimilaritySync(randomRows(1, 3)))).toEqual([0]);
    expect(await orderOf(cosineSimilaritySync([]))).toEqual([]);
  });

  it('ends where all rows are equal', async () => {
    const order = await orderOf(cosineSimilaritySync(Array.from({ length: 50 }, () => Float32Array.of(1, 2))));
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from(order.keys()));
  });
});
