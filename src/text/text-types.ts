// The arguments and results of textRows.

import type { SparseRows } from '../types.js';

/** The units of n-grams: letters, letters within words, or words. */
export type TextAnalyzer = 'char' | 'char_wb' | 'word';

/** How texts become rows. */
export interface TextRowsOptions {
  /**
   * What n-grams consist of, as in scikit-learn's vectorizers. 'char_wb' (default): code points of each word, with a blank before and after
   * it, so that short words also have n-grams. 'char': code points of the whole text. 'word': words of at least two letters, digits or
   * underscores.
   */
  readonly analyzer?: TextAnalyzer;
  /** Length of the n-grams, or the shortest and the longest. Default: 3, or 1 for words. */
  readonly ngrams?: number | readonly [shortest: number, longest: number];
  /** 'tfidf' (default): count times smoothed inverse document frequency, ln((1 + N) / (1 + documents)) + 1. 'count': how often a text has the n-gram. */
  readonly weighting?: 'tfidf' | 'count';
  /** Treats upper-case letters as lower-case letters. Default: true. */
  readonly lowercase?: boolean;
  /** Omits n-grams that occur in fewer texts: a number of texts, or a fraction between 0 and 1. Default: 1. */
  readonly minimumDocuments?: number;
  /** Omits n-grams that occur in more texts: a number of texts, or a fraction between 0 and 1 (1 means one text). Default: no limit. */
  readonly maximumDocuments?: number;
  /**
   * True to return the vocabulary; or the vocabulary of other rows, to count only its n-grams with its options, so that both can be
   * compared.
   */
  readonly vocabulary?: boolean | TextVocabulary | undefined;
  /** Aborts the call. */
  readonly signal?: AbortSignal;
}

/** The n-grams that are the columns of rows, and the options they were made with. */
export interface TextVocabulary {
  readonly analyzer: TextAnalyzer;
  readonly ngrams: readonly [shortest: number, longest: number];
  readonly weighting: 'tfidf' | 'count';
  readonly lowercase: boolean;
  /** The n-gram of each column. */
  readonly terms: readonly string[];
  /** The factors of the counts in each column; 1 if `weighting` is 'count'. */
  readonly weights: ArrayLike<number>;
}

/** Texts as sparse rows, which every call accepts as rows. */
export interface TextRows extends SparseRows {
  /** Start of each row in `indices` and `data`: rows + 1 numbers. */
  readonly indptr: Uint32Array<ArrayBuffer>;
  /** Columns, ascending in each row. Columns are numbered in the order in which n-grams first appear. */
  readonly indices: Int32Array<ArrayBuffer>;
  /** Weights of the n-grams. Rows are not scaled to length 1, because cosines do not depend on it. */
  readonly data: Float32Array<ArrayBuffer>;
  readonly shape: [rows: number, columns: number];
  /** The n-grams of the columns, if they were requested. */
  readonly vocabulary?: TextVocabulary;
}
