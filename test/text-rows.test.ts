// Rows of texts: the same n-grams and weights as scikit-learn's vectorizers, and what is refused.

import { readFile } from 'node:fs/promises';
import { cosineSimilarity, pairs, type TextRows, type TextRowsOptions, textRows } from 'allpairs';
import { beforeAll, describe, expect, it } from 'vitest';

interface Case {
  readonly options: TextRowsOptions;
  readonly terms: readonly string[];
  /** Columns and weights of each row; rows of weighting 'tfidf' have length 1. */
  readonly rows: readonly (readonly [columns: readonly number[], weights: readonly number[]])[];
}

interface Golden {
  readonly texts: string[];
  readonly cases: Case[];
}

const readGolden = async (name: string): Promise<Golden> =>
  JSON.parse(await readFile(new URL(`golden/${name}.json`, import.meta.url), 'utf8'));

let golden: Golden;
beforeAll(async () => {
  golden = await readGolden('text-rows');
});

/** Returns the weight of each n-gram of a row. */
function weightsOf({ indptr, indices, data, vocabulary }: TextRows, row: number): Map<string, number> {
  const weights = new Map<string, number>();
  for (let i = indptr[row] as number; i < (indptr[row + 1] as number); i++) {
    weights.set(vocabulary?.terms[indices[i] as number] as string, data[i] as number);
  }
  return weights;
}

describe('textRows', () => {
  it.each([
    ['text-rows', 15],
    ['text-rows-unusual', 7],
  ])('finds the n-grams and weights that scikit-learn finds: %s', async (file, count) => {
    const { texts, cases } = await readGolden(file);
    expect(cases).toHaveLength(count);
    for (const { options, terms, rows } of cases) {
      const name = JSON.stringify(options);
      const found = await textRows(texts, { ...options, vocabulary: true });
      expect(found.shape, name).toEqual([texts.length, terms.length]);
      expect([...(found.vocabulary?.terms ?? [])].sort(), name).toEqual([...terms].sort());
      for (const [row, [columns, weights]] of rows.entries()) {
        const own = weightsOf(found, row);
        expect(own.size, `${name} ${texts[row]}`).toBe(columns.length);
        const norm = options.weighting === 'tfidf' ? Math.hypot(...own.values()) : 1;
        for (const [i, column] of columns.entries()) {
          const weight = (own.get(terms[column] as string) ?? Number.NaN) / norm;
          expect(Math.abs(weight - (weights[i] as number)), `${name} ${texts[row]}`).toBeLessThan(1e-6);
        }
      }
    }
  });

  it('returns ascending columns, numbered in the order of their appearance', async () => {
    const { indptr, indices, data, shape, vocabulary } = await textRows(['ba ab', 'ab cc ba ab'], {
      analyzer: 'word',
      weighting: 'count',
      vocabulary: true,
    });
    expect(vocabulary?.terms).toEqual(['ba', 'ab', 'cc']);
    expect([indptr, indices, data].map((array) => [...array])).toEqual([
      [0, 2, 5],
      [0, 1, 0, 1, 2],
      [1, 1, 1, 2, 1],
    ]);
    expect(shape).toEqual([2, 3]);
  });

  it('uses three letters within words, weighted by tf-idf, by default', async () => {
    const texts = ['Acme Holdings', 'ACME Holding', 'Li'];
    const explicit = await textRows(texts, { analyzer: 'char_wb', ngrams: [3, 3], weighting: 'tfidf', lowercase: true });
    expect(await textRows(texts)).toEqual(explicit);
    expect(await textRows(texts, { ngrams: 3 })).toEqual(explicit);
    expect((await pairs(explicit, 0.6)).toArray()).toMatchObject([{ row: 0, col: 1 }]);
  });

  it('counts the n-grams of other texts by a vocabulary, so that both can be compared', async () => {
    const texts = golden.texts.slice(0, 12);
    const x = await textRows(texts, { ngrams: [2, 3], minimumDocuments: 2, vocabulary: true });
    const y = await textRows([...texts, 'zzzzz'], { vocabulary: x.vocabulary });
    expect(y.shape).toEqual([13, x.shape[1]]);
    expect(y.vocabulary).toBe(x.vocabulary);
    const saved = JSON.parse(JSON.stringify(x.vocabulary));
    expect((await textRows([...texts, 'zzzzz'], { vocabulary: saved })).data).toEqual(y.data);
    expect(y.data.subarray(0, x.data.length)).toEqual(x.data);
    expect(y.indices).toEqual(x.indices);
    const scores = await cosineSimilarity(x, y);
    for (let i = 0; i < 12; i++) expect(scores.data[i * 13 + i]).toBe(1);
  });

  it('gives equal texts 1, and texts without any n-gram 0', async () => {
    const { data } = await cosineSimilarity(await textRows(['same text', 'Same  Text', '', 'x']));
    expect([...data.subarray(0, 4)]).toEqual([1, 1, 0, 0]);
    expect((await textRows([])).shape).toEqual([0, 0]);
    expect((await textRows(['', ' '])).shape).toEqual([2, 0]);
  });

  it('keeps its counts right while its arrays and tables grow', async () => {
    const texts = Array.from({ length: 3000 }, (_, i) => `${i * i} ${(i * 7919) % 1000} ${'ab '.repeat(i % 90)}`);
    const { indptr, indices, data, vocabulary } = await textRows(new Set(texts), {
      analyzer: 'word',
      ngrams: [1, 2],
      weighting: 'count',
      vocabulary: true,
    });
    const rows = [...new Set(texts)];
    expect(indptr).toHaveLength(rows.length + 1);
    for (const [row, text] of rows.entries()) {
      const words = text.match(/\w\w+/g) ?? [];
      const expected = new Map<string, number>();
      for (const [i, word] of words.entries()) {
        expected.set(word, (expected.get(word) ?? 0) + 1);
        if (i + 1 < words.length) expected.set(`${word} ${words[i + 1]}`, (expected.get(`${word} ${words[i + 1]}`) ?? 0) + 1);
      }
      const columns = indices.subarray(indptr[row], indptr[row + 1]);
      expect([...columns]).toEqual([...columns].sort((a, b) => a - b));
      const found = new Map([...columns].map((c, i) => [vocabulary?.terms[c], data[(indptr[row] as number) + i]]));
      expect(found).toEqual(expected);
    }
  });

  it.each([
    [['a', null], {}, 'expected strings for `texts`, got null at index 1'],
    ['one text', {}, '`texts` is one string; pass an array of strings, one for each row'],
    [7, {}, 'expected an array of strings for `texts`, got 7'],
    [[], { analyser: 'char' }, 'unknown option "analyser"'],
    [[], { analyzer: 'chars' }, "expected 'char_wb' or 'char' or 'word' for `analyzer`, got \"chars\""],
    [[], { ngrams: [3, 2] }, 'expected a length, or [shortest, longest], of 1 or more for `ngrams`, got [3, 2]'],
    [[], { ngrams: 0 }, 'for `ngrams`, got 0'],
    [[], { weighting: 'idf' }, "expected 'tfidf' or 'count' for `weighting`"],
    [[], { lowercase: 1 }, 'expected true or false for `lowercase`, got 1'],
    [
      [],
      { minimumDocuments: 1.5 },
      'expected a number of texts from 1, or a fraction of them between 0 and 1 for `minimumDocuments`, got 1.5',
    ],
    [[], { maximumDocuments: 0 }, 'for `maximumDocuments`, got 0'],
    [[], { minimumDocuments: 0.5, maximumDocuments: 0.25 }, 'expected at least 0.5, as `minimumDocuments` is'],
    [
      ['a', 'b'],
      { minimumDocuments: 2, maximumDocuments: 0.5 },
      'expected at least 2, as `minimumDocuments` is for `maximumDocuments`, got 1',
    ],
    [[], { minimumDocuments: 3, maximumDocuments: 2 }, 'expected at least 3, as `minimumDocuments` is'],
    [[], { vocabulary: {} }, 'expected true, false, or the `vocabulary` of other rows for `vocabulary`, got Object'],
    [[], { vocabulary: { terms: ['a'], weights: [] } }, 'expected as many numbers in `vocabulary.weights` as it has terms (1)'],
  ])('refuses %j with %j', async (texts, options, message) => {
    await expect(textRows(texts as string[], options as TextRowsOptions)).rejects.toThrow(message);
  });

  it('refuses options that a vocabulary determines, and a vocabulary with a repeated term', async () => {
    const { vocabulary } = await textRows(['abc'], { vocabulary: true });
    await expect(textRows(['abc'], { vocabulary, ngrams: 2 } as TextRowsOptions)).rejects.toThrow('leave `ngrams` out');
    const twice = { ...vocabulary, terms: ['abc', 'abc'], weights: [1, 1] } as TextRowsOptions['vocabulary'];
    await expect(textRows(['abc'], { vocabulary: twice } as TextRowsOptions)).rejects.toThrow('has "abc" twice');
  });

  it('gives the event loop turns, and stops when it is aborted meanwhile', async () => {
    const texts = Array.from({ length: 20_000 }, (_, row) => `text number ${row} of many`);
    const controller = new AbortController();
    let turns = 0;
    const timer = setInterval(() => {
      if (++turns === 2) controller.abort(new Error('enough'));
    }, 0);
    await expect(textRows(texts, { signal: controller.signal })).rejects.toThrow('enough');
    clearInterval(timer);
  });

  it('stops when it is aborted', async () => {
    await expect(textRows(['abc'], { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });
});
