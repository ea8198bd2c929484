// What textRows takes and returns.

import type { SparseRows } from '../types.js';

/** What an n-gram is made of: letters, letters within words, or words. */
export type TextAnalyzer = 'char' | 'char_wb' | 'word';

/** How texts become rows. */
export interface TextRowsOptions {
  /**
   * What n-grams are made of, as scikit-learn's vectorizers define it. 'char_wb' (default): code points of each word with a blank before and behind
   * it, so that short words have n-grams, too. 'char': code points of the whole text. 'word': words of two or more letters, digits or underscores.
   */
  readonly analyzer?: TextAnalyzer;
  /** Length of the n-grams, or the shortest and the longest. Default: 3, of words 1. */
  readonly ngrams?: number | readonly [shortest: number, longest: number];
  /** 'tfidf' (default): count times smoothed inverse document frequency, ln((1 + N) / (1 + documents)) + 1. 'count': how often a text has the n-gram. */
  readonly weighting?: 'tfidf' | 'count';
  /** Whether upper-case letters count as lower-case ones. Default: true. */
  readonly lowercase?: boolean;
  /** Leaves out n-grams that fewer texts have: a number of texts, or a fraction of all between 0 and 1. Default: 1. */
  readonly minimumDocuments?: number;
  /** Leaves out n-grams that more texts have: a number of texts, or a fraction of all between 0 and 1 (1 is one text). Default: no limit. */
  readonly maximumDocuments?: number;
  /** True to return the vocabulary. The vocabulary of other rows to count their n-grams alone, by their options, so that both can be compared. */
  readonly vocabulary?: boolean | TextVocabulary | undefined;
  /** Aborts the call. */
  readonly signal?: AbortSignal;
}

/** The n-grams that are the columns of rows, and what made them. */
export interface TextVocabulary {
  readonly analyzer: TextAnalyzer;
  readonly ngrams: readonly [shortest: number, longest: number];
  readonly weighting: 'tfidf' | 'count';
  readonly lowercase: boolean;
  /** The n-gram of each column. */
  readonly terms: readonly string[];
  /** What the counts of each column are multiplied by; 1 where `weighting` is 'count'. */
  readonly weights: ArrayLike<number>;
}

/** Texts as sparse rows: what every call takes as rows. */
export interface TextRows extends SparseRows {
  /** Where each row begins in `indices` and `data`: rows + 1 numbers. */
  readonly indptr: Uint32Array<ArrayBuffer>;
  /** Columns, ascending in each row. Columns are numbered in the order in which n-grams first appear. */
  readonly indices: Int32Array<ArrayBuffer>;
  /** Weights of the n-grams. Rows are not scaled to length 1, as a cosine does not depend on it. */
  readonly data: Float32Array<ArrayBuffer>;
  readonly shape: [rows: number, columns: number];
  /** The n-grams of the columns, where they were asked for. */
  readonly vocabulary?: TextVocabulary;
}
