// The order of a clustering, compared with average linkage by its definition.

import { cosineSimilaritySync, type Matrix } from 'allpairs';
import { describe, expect, it } from 'vitest';
import { type Clustering, clusterOrder, PairScores } from '../../web/src/compute/cluster-order.js';
import { branchesOf, clustersAt, firstCut } from '../../web/src/compute/clusters.js';
import { randomRows } from '../random.js';

async function orderOf(matrix: Matrix, turned = true): Promise<number[]> {
  return Array.from((await clusteringOf(matrix, turned)).order);
}

async function clusteringOf(matrix: Matrix, turned = true): Promise<Clustering> {
  const [rows] = matrix.shape;
  const scores = new PairScores(rows);
  // In pieces, as blocks of a matrix arrive.
  for (let row = 0; row < rows; row++) {
    scores.fill(row, 0, matrix.row(row).subarray(0, 3));
    scores.fill(row, 3, matrix.row(row).subarray(3));
  }
  const ends = (a: readonly number[], b: readonly number[]) =>
    a.flatMap((i) => b.map((j) => (turned ? (matrix.at(i, j) as number) : 0)));
  return clusterOrder(scores, ends, async () => {});
}

/** Returns every cluster of average linkage: repeatedly joins the two with the highest mean score. */
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

  it('turns clusters so that similar rows are neighbours', async () => {
    const matrix = cosineSimilaritySync(randomRows(200, 8));
    const touching = (order: number[]) =>
      order.slice(1).reduce((sum, row, at) => sum + (matrix.at(order[at] as number, row) as number), 0);
    expect(touching(await orderOf(matrix))).toBeGreaterThan(1.05 * touching(await orderOf(matrix, false)));
  });

  it('of few rows, or of none, is their order', async () => {
    expect(await orderOf(cosineSimilaritySync(randomRows(1, 3)))).toEqual([0]);
    expect(await orderOf(cosineSimilaritySync([]))).toEqual([]);
  });

  it('is found even if all rows are equal', async () => {
    const order = await orderOf(cosineSimilaritySync(Array.from({ length: 50 }, () => Float32Array.of(1, 2))));
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from(order.keys()));
  });
});

describe('clusters at a cut', () => {
  it.each([3, 10, 40])('of %i rows are those of average linkage whose mean scores reach it', async (rows) => {
    const matrix = cosineSimilaritySync(randomRows(rows, 6));
    const clustering = await clusteringOf(matrix);
    const all = clustersOf(matrix);
    const places = (cluster: readonly number[]) => cluster.map((row) => clustering.order.indexOf(row));
    // The last join of a cluster is at the lowest score between its rows.
    const scoreOf = (cluster: readonly number[]) => {
      const at = places(cluster);
      return Math.min(...clustering.joins.subarray(Math.min(...at), Math.max(...at)));
    };
    for (const cluster of all) {
      const inside = all.filter((other) => other.length < cluster.length && other.every((row) => cluster.includes(row)));
      const [left = []] = inside.sort((a, b) => b.length - a.length);
      const right = cluster.filter((row) => !left.includes(row));
      const halves = left.length > 0 ? [left, right] : [cluster.slice(0, 1), cluster.slice(1)];
      const scores = (halves[0] as number[]).flatMap((i) => (halves[1] as number[]).map((j) => matrix.at(i, j) as number));
      expect(scoreOf(cluster)).toBeCloseTo(scores.reduce((sum, score) => sum + score, 0) / scores.length, 3);
    }
    for (const cut of [-1, -0.2, 0.1, 0.4, 0.9, 1.1]) {
      const whole = all.filter((cluster) => scoreOf(cluster) >= cut);
      const largest = whole.filter(
        (cluster) => !whole.some((other) => other !== cluster && cluster.every((row) => other.includes(row))),
      );
      const sorted = (clusters: readonly (readonly number[])[]) =>
        clusters.map((rows) => [...rows].sort((a, b) => a - b)).sort();
      expect(sorted(clustersAt(clustering, cut))).toEqual(sorted(largest));
    }
  });

  it('are ordered by size, and have branches from the highest score to the whole', () => {
    const clustering = { order: Uint32Array.of(4, 2, 0, 1, 3), joins: Float32Array.of(0.9, 0.5, 0.1, 0.7) };
    expect(clustersAt(clustering, 0.5)).toEqual([
      [0, 2, 4],
      [1, 3],
    ]);
    expect(clustersAt(clustering, 0.95)).toEqual([]);
    expect(branchesOf(clustering.joins).map(({ start, end, middle }) => [start, end, middle])).toEqual([
      [0, 2, 1],
      [3, 5, 4],
      [0, 3, 1.75],
      [0, 5, 2.875],
    ]);
  });

  it('are first cut where most of them are large', () => {
    // Three times ten rows at 0.8, and pairs within them at 0.95.
    const joins = Float32Array.from({ length: 29 }, (_, at) => (at % 10 === 9 ? 0.2 : at % 2 === 0 ? 0.95 : 0.8));
    const order = Uint32Array.from({ length: 30 }, (_, row) => row);
    const cut = firstCut({ order, joins });
    expect(clustersAt({ order, joins }, cut).length).toBe(15);
    // Five times 200 rows.
    const noisy = Float32Array.from({ length: 999 }, (_, at) => (at % 200 === 199 ? 0.3 : 0.5));
    const all = { order: Uint32Array.from({ length: 1000 }, (_, row) => row), joins: noisy };
    expect(clustersAt(all, firstCut(all)).map(({ length }) => length)).toEqual(new Array(5).fill(200));
  });
});
