// Checks the options of textRows.

import { describe, describeShape, fail, refuse } from '../argument.js';
import type { TextAnalyzer, TextRowsOptions, TextVocabulary } from './text-types.js';

/** Options of textRows with all defaults filled in. */
export interface TextSettings {
  readonly analyzer: TextAnalyzer;
  readonly ngrams: readonly [shortest: number, longest: number];
  readonly weighting: 'tfidf' | 'count';
  readonly lowercase: boolean;
  readonly minimumDocuments: number;
  readonly maximumDocuments: number;
  /** True if the vocabulary is returned. */
  readonly returnsVocabulary: boolean;
  /** The n-grams to count, if they are given. */
  readonly known: TextVocabulary | undefined;
  readonly signal: AbortSignal | undefined;
}

const ANALYZERS: readonly string[] = ['char_wb', 'char', 'word'];
const WEIGHTINGS: readonly string[] = ['tfidf', 'count'];
/** Options that a vocabulary determines. */
const OF_VOCABULARY = ['analyzer', 'ngrams', 'weighting', 'lowercase', 'minimumDocuments', 'maximumDocuments'] as const;
const NAMES: readonly string[] = [...OF_VOCABULARY, 'vocabulary', 'signal'];

export function checkTextOptions(options: TextRowsOptions): TextSettings {
  if (typeof options !== 'object' || options === null) fail('options', 'an object', describe(options));
  const unknown = Object.keys(options).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) refuse(unknown, `unknown option ${describe(unknown)}; there are ${NAMES.join(', ')}`);
  const { vocabulary = false, signal } = options;
  const known = typeof vocabulary === 'boolean' ? undefined : checkVocabulary(vocabulary);
  const settled = known && OF_VOCABULARY.find((name) => options[name] !== undefined);
  if (settled !== undefined) {
    refuse(settled, `\`${settled}\` has no effect when a \`vocabulary\` is given`, `leave \`${settled}\` out`);
  }
  const { analyzer = 'char_wb', weighting = 'tfidf', lowercase = true } = known ?? options;
  const { minimumDocuments = 1, maximumDocuments = Number.MAX_SAFE_INTEGER } = options;
  checkOneOf('analyzer', analyzer, ANALYZERS);
  checkOneOf('weighting', weighting, WEIGHTINGS);
  if (typeof lowercase !== 'boolean') fail('lowercase', 'true or false', describe(lowercase));
  checkDocuments('minimumDocuments', minimumDocuments);
  checkDocuments('maximumDocuments', maximumDocuments);
  // A fraction and a number can only be compared when the number of texts is known.
  if (isFraction(minimumDocuments) === isFraction(maximumDocuments)) checkOrder(minimumDocuments, maximumDocuments);
  const { ngrams = analyzer === 'word' ? 1 : 3 } = known ?? options;
  return {
    analyzer,
    ngrams: checkNgrams(ngrams),
    weighting,
    lowercase,
    minimumDocuments,
    maximumDocuments,
    returnsVocabulary: vocabulary !== false,
    known,
    signal,
  };
}

/** True if a limit is a fraction of the texts; 1 means one text. */
function isFraction(documents: number): boolean {
  return documents < 1;
}

function checkDocuments(name: string, documents: unknown): void {
  if (typeof documents === 'number' && documents > 0 && isFraction(documents)) return;
  if (Number.isSafeInteger(documents) && (documents as number) >= 1) return;
  fail(name, 'a number of texts from 1, or a fraction of them between 0 and 1', describe(documents));
}

/** Throws ArgumentError if no number satisfies both limits. */
export function checkOrder(minimum: number, maximum: number): void {
  if (minimum <= maximum) return;
  fail('maximumDocuments', `at least ${minimum}, as \`minimumDocuments\` is`, `${maximum}`);
}

/** Returns the limit as a number of texts. */
export function documentsOf(limit: number, texts: number): number {
  return isFraction(limit) ? limit * texts : limit;
}

function checkOneOf(name: string, value: unknown, names: readonly string[]): void {
  if (!names.includes(value as string)) fail(name, names.map((each) => `'${each}'`).join(' or '), describe(value));
}

function checkNgrams(ngrams: unknown): readonly [number, number] {
  const [shortest, longest, ...more] = Array.isArray(ngrams) ? ngrams : [ngrams, ngrams];
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 1;
  if (isCount(shortest) && isCount(longest) && shortest <= longest && more.length === 0) return [shortest, longest];
  return fail('ngrams', 'a length, or [shortest, longest], of 1 or more', describeShape(ngrams));
}

function checkVocabulary(vocabulary: unknown): TextVocabulary {
  const { terms, weights } = (vocabulary ?? {}) as Partial<TextVocabulary>;
  if (!Array.isArray(terms) || !terms.every((term) => typeof term === 'string')) {
    fail('vocabulary', 'true, false, or the `vocabulary` of other rows', describe(vocabulary));
  }
  const numbers = Array.from(weights ?? []);
  if (numbers.length !== terms.length || !numbers.every(Number.isFinite)) {
    fail('vocabulary', `as many numbers in \`vocabulary.weights\` as it has terms (${terms.length})`, `${numbers.length}`);
  }
  return vocabulary as TextVocabulary;
}
