// Scores as results hold them, or as distances.

import type { MatrixBlock } from '../index.js';
import type { Column } from '../io/records/record-sink.js';
import type { ResultNames } from './result-names.js';

export function scoreColumn({ score, distance }: ResultNames): Column {
  return { name: distance ? 'distance' : 'score', type: score };
}

/** `scores`, or 1 - score for each in the same type: 0 for a score of 1, and exact from a score of 0.5 on. */
export function written<T extends Float32Array | Float64Array>(scores: T, distance: boolean | undefined): T {
  return distance ? (scores.map((score) => 1 - score) as T) : scores;
}

/** Turns scores into distances where they lie. */
export function turnIntoDistances(scores: Float32Array | Float64Array): void {
  for (let i = 0; i < scores.length; i++) scores[i] = 1 - (scores[i] as number);
}

/** The blocks of a matrix, of distances where those are asked for. */
export async function* writtenBlocks(
  blocks: AsyncIterable<MatrixBlock>,
  distance: boolean,
): AsyncGenerator<MatrixBlock, void, undefined> {
  for await (const block of blocks) {
    if (distance) turnIntoDistances(block.matrix.data);
    yield block;
  }
}
