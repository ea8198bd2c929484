// Turns texts into sparse rows: n-grams are counted in one pass, then weighted.

import { describe, fail, refuse } from '../argument.js';
import { grown } from '../growing.js';
import { createAnalyzer } from './analyzers.js';
import { checkOrder, checkTextOptions, documentsOf, type TextSettings } from './check-texts.js';
import { TermTable } from './term-table.js';
import type { TextRows, TextRowsOptions } from './text-types.js';

/** UTF-16 units of text after which the event loop gets a turn. */
const UNITS_PER_TURN = 2 ** 17;

export async function buildTextRows(texts: Iterable<string>, options: TextRowsOptions): Promise<TextRows> {
  const settings = checkTextOptions(options);
  const counts = new TermCounts(settings);
  let units = 0;
  let row = 0;
  settings.signal?.throwIfAborted();
  for (const text of checkTexts(texts)) {
    if (typeof text !== 'string') fail('texts', 'strings', `${describe(text)} at index ${row}`);
    counts.addText(text);
    row++;
    units += text.length;
    if (units < UNITS_PER_TURN) continue;
    units = 0;
    await new Promise((resolve) => setTimeout(resolve, 0));
    settings.signal?.throwIfAborted();
  }
  return counts.finish();
}

function checkTexts(texts: unknown): Iterable<unknown> {
  if (typeof texts === 'string') refuse('texts', '`texts` is one string', 'pass an array of strings, one for each row');
  const isIterable = typeof texts === 'object' && texts !== null && Symbol.iterator in texts;
  return isIterable ? (texts as Iterable<unknown>) : fail('texts', 'an array of strings', describe(texts));
}

/** The counts of all texts so far, as sparse rows. */
class TermCounts {
  readonly #table = new TermTable();
  readonly #analyze: (text: string) => void;
  #rows = 0;
  #stored = 0;
  #starts = new Uint32Array(2 ** 10);
  #columns = new Int32Array(2 ** 12);
  #counts = new Float32Array(2 ** 12);
  /** For each term: the number of texts that contain it, the last of them + 1, and the count in that text. */
  #documents = new Uint32Array(2 ** 10);
  #lastRow = new Uint32Array(2 ** 10);
  #inRow = new Uint32Array(2 ** 10);

  constructor(private readonly settings: TextSettings) {
    const { analyzer, ngrams, known } = settings;
    const analyze = createAnalyzer(analyzer, ...ngrams);
    if (known) this.#addTerms(known.terms);
    const adds = known === undefined;
    const take = (units: Uint16Array, start: number, end: number) => {
      const term = this.#table.find(units, start, end, adds);
      if (term >= 0) this.#count(term);
    };
    this.#analyze = (text) => analyze(text, take);
  }

  addText(text: string): void {
    this.#analyze(this.settings.lowercase ? text.toLowerCase() : text);
    const start = this.#starts[this.#rows] as number;
    const columns = this.#columns.subarray(start, this.#stored);
    sortAscending(columns);
    this.#counts = grown(this.#counts, this.#stored);
    for (let i = 0; i < columns.length; i++) this.#counts[start + i] = this.#inRow[columns[i] as number] as number;
    this.#rows++;
    this.#starts = grown(this.#starts, this.#rows + 1);
    this.#starts[this.#rows] = this.#stored;
  }

  finish(): TextRows {
    const { settings } = this;
    const kept = settings.known ? undefined : this.#dropTerms();
    const terms = settings.returnsVocabulary ? this.#terms(kept) : undefined;
    const depth = kept?.length ?? this.#table.size;
    const weights = this.#weights(kept);
    if (settings.weighting === 'tfidf') {
      for (let i = 0; i < this.#stored; i++) {
        this.#counts[i] = (this.#counts[i] as number) * (weights[this.#columns[i] as number] as number);
      }
    }
    const { analyzer, ngrams, weighting, lowercase, known } = settings;
    const vocabulary = terms && (known ?? { analyzer, ngrams, weighting, lowercase, terms, weights: Array.from(weights) });
    const indices = this.#columns.slice(0, this.#stored);
    this.#columns = new Int32Array(0);
    return {
      indptr: this.#starts.slice(0, this.#rows + 1),
      indices,
      data: this.#counts.slice(0, this.#stored),
      shape: [this.#rows, depth],
      ...(vocabulary && { vocabulary }),
    };
  }

  #count(term: number): void {
    if (term >= this.#lastRow.length) {
      this.#documents = grown(this.#documents, term + 1);
      this.#lastRow = grown(this.#lastRow, term + 1);
      this.#inRow = grown(this.#inRow, term + 1);
    }
    const row = this.#rows + 1;
    if (this.#lastRow[term] === row) {
      (this.#inRow[term] as number)++;
      return;
    }
    this.#lastRow[term] = row;
    this.#inRow[term] = 1;
    (this.#documents[term] as number)++;
    if (this.#stored === this.#columns.length) this.#columns = grown(this.#columns, this.#stored + 1);
    this.#columns[this.#stored++] = term;
  }

  #addTerms(terms: readonly string[]): void {
    for (const [column, term] of terms.entries()) {
      const units = Uint16Array.from({ length: term.length }, (_, i) => term.charCodeAt(i));
      if (this.#table.find(units, 0, units.length, true) === column) continue;
      refuse('vocabulary', `\`vocabulary.terms\` has ${describe(term)} twice`, 'pass the `vocabulary` of other rows');
    }
  }

  /** Drops the terms of too few or too many texts; returns the remaining ones, or undefined if all remain. */
  #dropTerms(): Uint32Array | undefined {
    const minimum = documentsOf(this.settings.minimumDocuments, this.#rows);
    const maximum = documentsOf(this.settings.maximumDocuments, this.#rows);
    checkOrder(minimum, maximum);
    const { size } = this.#table;
    const newColumn = new Int32Array(size).fill(-1);
    let depth = 0;
    for (let term = 0; term < size; term++) {
      const documents = this.#documents[term] as number;
      if (documents >= minimum && documents <= maximum) newColumn[term] = depth++;
    }
    if (depth === size) return undefined;
    let stored = 0;
    for (let row = 0, i = 0; row < this.#rows; row++) {
      for (const end = this.#starts[row + 1] as number; i < end; i++) {
        const column = newColumn[this.#columns[i] as number] as number;
        if (column < 0) continue;
        this.#columns[stored] = column;
        this.#counts[stored++] = this.#counts[i] as number;
      }
      this.#starts[row + 1] = stored;
    }
    this.#stored = stored;
    const kept = new Uint32Array(depth);
    for (let term = 0; term < size; term++) {
      const column = newColumn[term] as number;
      if (column >= 0) kept[column] = term;
    }
    return kept;
  }

  #terms(kept: Uint32Array | undefined): readonly string[] {
    const terms = this.#table.terms();
    return kept ? Array.from(kept, (term) => terms[term] as string) : terms;
  }

  #weights(kept: Uint32Array | undefined): ArrayLike<number> {
    const { known, weighting } = this.settings;
    if (known) return known.weights;
    const weights = new Float64Array(kept?.length ?? this.#table.size).fill(1);
    if (weighting === 'count') return weights;
    return weights.map((_, column) => {
      const documents = this.#documents[kept ? (kept[column] as number) : column] as number;
      return Math.log((1 + this.#rows) / (1 + documents)) + 1;
    });
  }
}

/** For few numbers, insertion sort is faster than a call of the engine's sort. */
const MAX_INSERTED = 48;

function sortAscending(numbers: Int32Array): void {
  if (numbers.length > MAX_INSERTED) {
    numbers.sort();
    return;
  }
  for (let i = 1; i < numbers.length; i++) {
    const number = numbers[i] as number;
    let at = i;
    for (; at > 0 && (numbers[at - 1] as number) > number; at--) numbers[at] = numbers[at - 1] as number;
    numbers[at] = number;
  }
}
