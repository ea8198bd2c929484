// Scores as results contain them, or as distances.

import type { MatrixBlock } from '../index.js';
import type { Column } from '../io/records/record-sink.js';
import type { ResultNames } from './result-names.js';

export function scoreColumn({ score, distance }: ResultNames): Column {
  return { name: distance ? 'distance' : 'score', type: score };
}

/** Returns `scores`, or 1 - score for each in the same type: 0 for a score of 1, and exact for scores of at least 0.5. */
export function written<T extends Float32Array | Float64Array>(scores: T, distance: boolean | undefined): T {
  return distance ? (scores.map((score) => 1 - score) as T) : scores;
}

/** Converts scores to distances in place. */
export function turnIntoDistances(scores: Float32Array | Float64Array): void {
  for (let i = 0; i < scores.length; i++) scores[i] = 1 - (scores[i] as number);
}

/** Yields the blocks of a matrix, of distances if those are requested. */
export async function* writtenBlocks(
  blocks: AsyncIterable<MatrixBlock>,
  distance: boolean,
): AsyncGenerator<MatrixBlock, void, undefined> {
  for await (const block of blocks) {
    if (distance) turnIntoDistances(block.matrix.data);
    yield block;
  }
}
