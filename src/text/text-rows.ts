// Sparse rows of texts. What counts the n-grams is loaded when it is first called.

import type { TextRows, TextRowsOptions } from './text-types.js';

/**
 * Returns texts as sparse rows of their n-grams, as scikit-learn's `TfidfVectorizer` and `CountVectorizer` count and weigh them. Texts that share many
 * n-grams have a high cosine, so near-duplicate names are found without a model. A text without any n-gram is a zero row. Time and memory grow
 * with the length of the texts.
 *
 * @param texts strings, one for each row
 * @param options what is counted (`analyzer`, `ngrams`, `lowercase`, `minimumDocuments`, `maximumDocuments`), how it is weighed (`weighting`), and the
 *   `vocabulary` to return or to count by
 * @returns rows of shape [texts, n-grams]
 * @throws {ArgumentError} where a text is no string, or an option is unknown or out of range
 * @throws {MemoryError} where the rows do not fit in memory
 * @example
 * const x = await textRows(['Acme Holdings Ltd', 'ACME Holding Ltd.', 'Bolt & Sons']);
 * const { rows, cols } = await pairs(x, 0.6);
 * rows[0] + ' ' + cols[0]; // '0 1'
 */
export async function textRows(texts: Iterable<string>, options: TextRowsOptions = {}): Promise<TextRows> {
  return (await import('./build-rows.js')).buildTextRows(texts, options);
}
