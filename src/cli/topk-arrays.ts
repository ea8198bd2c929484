// The lists of top-k as arrays.

import type { TopK } from '../index.js';

export type TopKArrays = Pick<TopK, 'indices' | 'scores' | 'counts' | 'shape'>;

/** Yields where the list of each row begins and ends in indices and scores; unused places follow it. */
export function* listsOf({
  counts,
  shape: [rows, k],
}: Pick<TopK, 'counts' | 'shape'>): Generator<[start: number, end: number]> {
  for (let row = 0; row < rows; row++) yield [row * k, row * k + (counts?.[row] ?? k)];
}
