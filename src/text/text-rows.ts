// Sparse rows of texts. The code that counts n-grams is loaded on the first call.

import type { TextRows, TextRowsOptions } from './text-types.js';

/**
 * Returns texts as sparse rows of their n-grams, counted and weighted as in scikit-learn's `TfidfVectorizer` and `CountVectorizer`. Texts
 * that share many n-grams have a high cosine, so near-duplicate names are found without a model. A text without n-grams is a zero row. Time
 * and memory grow with the length of the texts.
 *
 * @param texts strings, one for each row
 * @param options what is counted (`analyzer`, `ngrams`, `lowercase`, `minimumDocuments`, `maximumDocuments`), how it is weighted
 *   (`weighting`), and the `vocabulary` to return or to count by
 * @returns rows of shape [texts, n-grams]
 * @throws {ArgumentError} if a text is not a string, or an option is unknown or out of range
 * @throws {MemoryError} if the rows do not fit in memory
 * @example
 * const x = await textRows(['Acme Holdings Ltd', 'ACME Holding Ltd.', 'Bolt & Sons']);
 * const { rows, cols } = await pairs(x, 0.6);
 * rows[0] + ' ' + cols[0]; // '0 1'
 */
export async function textRows(texts: Iterable<string>, options: TextRowsOptions = {}): Promise<TextRows> {
  return (await import('./build-rows.js')).buildTextRows(texts, options);
}
