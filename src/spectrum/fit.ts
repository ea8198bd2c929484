// Fits a Transform to rows: their mean, the directions of largest variance, and the spread of the rest.

import { notFinite } from '../engine/packing.js';
import { requireBytes } from '../engine/plan.js';
import { feedBytes, RowFeed } from '../engine/row-feed.js';
import type { Setting } from '../engine/setting.js';
import { inTurns } from '../engine/turns.js';
import { ArgumentError } from '../errors.js';
import { type Message, mention, say } from '../message.js';
import type { Problem } from '../problem.js';
import { unlisted } from '../rows/listed-rows.js';
import { findNonFinite } from '../rows/non-finite.js';
import { fileOf } from '../rows/stored-rows.js';
import type { Transform, TransformOptions } from '../types.js';
import { decompose } from './cholesky.js';
import { findMoments, momentsBytes, type ReadRow } from './covariance.js';
import { EXACT, principalDirections } from './directions.js';
import { productsBy } from './products.js';

/** Elements between two turns of the event loop. */
const STEP_ELEMENTS = 2 ** 16;

/** Fits the transform that `options` describe to all rows of the input behind the problem's x. */
export async function fitTo(problem: Problem, options: TransformOptions, setting: Setting): Promise<Transform> {
  const { signal } = problem;
  const { removeComponents = 0, whiten = false } = options;
  const x = unlisted(problem.x);
  const { depth } = x;
  const needsCovariance = removeComponents > 0 || whiten;
  const step = Math.max(1, Math.floor(STEP_ELEMENTS / (depth + 1)));
  const bytes = momentsBytes(x, needsCovariance) + feedBytes(x, step);
  const size = {
    bytes,
    what: needsCovariance ? `the covariance of ${depth} elements` : `the mean of rows of ${depth} elements`,
    advice: needsCovariance
      ? say`${mention.option('center')} alone needs less.`
      : say`Raise ${mention.option('memoryBudget')}.`,
  };
  requireBytes(bytes, size, problem, setting.platform.memoryBytes());
  const feed = new RowFeed(x, 'x', step);
  const readRow: ReadRow = (block, row, target) => {
    block.copyRows(row, row + 1, target, 0);
    let nonZero = false;
    for (const value of target) {
      if (value - value !== 0) {
        if (problem.zeroNonFinite) return false;
        throw notFinite(feed, row, findNonFinite(block, row, row + 1));
      }
      nonZero ||= value !== 0;
    }
    return nonZero;
  };
  const products = productsBy(problem, setting);
  const moments = findMoments(feed, readRow, needsCovariance ? products : undefined);
  const { count, mean, covariance } = await inTurns(setting.platform, signal, moments);
  const named = mention.argument('x', fileOf(x));
  if (count < 2) {
    refuse(
      say`a transform is fitted to at least two rows that are not zero, but ${named} has ${count}`,
      say`fit a transform to more rows with ${mention.call('fitTransform')}, and pass it as ${mention.option('transform')}`,
    );
  }
  if (!mean.every(Number.isFinite) || !covariance.every(Number.isFinite)) {
    refuse(say`the numbers in ${named} are too large for their squares to be added in float64`, 'scale the rows');
  }
  const removed = await principalDirections(covariance, depth, removeComponents, products, EXACT);
  const found = removed.variances.length;
  if (found < removeComponents) {
    refuse(say`the rows of ${named} vary in ${found} directions only`, `remove at most ${found}`);
  }
  const fitted: Transform = {
    kind: 'allpairs-transform',
    version: 1,
    depth,
    fittedRows: count,
    removeComponents: found,
    mean: Array.from(mean),
    components: Array.from(removed.vectors),
  };
  if (!whiten) return fitted;
  const largest = Math.max(...removed.variances, largestOnDiagonal(covariance, depth));
  takeOut(covariance, removed.vectors, removed.variances, depth);
  const whitening = await inTurns(setting.platform, signal, decompose(covariance, depth, largest));
  const rank = whitening.elements.length;
  if (rank === 0)
    refuse(say`the rows of ${named} are equal, so there is nothing to whiten`, say`leave ${mention.option('whiten')} out`);
  if (count - 1 <= rank + removeComponents) {
    refuse(
      say`${named} has ${count} rows that vary in ${rank + removeComponents} directions, so that whitening would give every pair of rows the same cosine`,
      say`fit a transform to more rows with ${mention.call('fitTransform')}, or use ${mention.option('removeComponents')} instead`,
    );
  }
  return { ...fitted, rank, whitening: { elements: Array.from(whitening.elements), factor: Array.from(whitening.factor) } };
}

function refuse(message: Message, advice: Message): never {
  throw new ArgumentError('x', message, { advice });
}

function largestOnDiagonal(matrix: Float64Array, depth: number): number {
  let largest = 0;
  for (let k = 0; k < depth; k++) largest = Math.max(largest, matrix[k * (depth + 1)] as number);
  return largest;
}

/** Subtracts the covariance of orthonormal directions. */
function takeOut(covariance: Float64Array, vectors: Float64Array, variances: Float64Array, depth: number): void {
  for (const [at, variance] of variances.entries()) {
    const vector = vectors.subarray(at * depth, (at + 1) * depth);
    for (let i = 0; i < depth; i++) {
      const weight = variance * (vector[i] as number);
      for (let j = 0; j < depth; j++) {
        const to = i * depth + j;
        covariance[to] = (covariance[to] as number) - weight * (vector[j] as number);
      }
    }
  }
}
