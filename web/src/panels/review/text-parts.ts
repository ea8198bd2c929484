// What a text has and what it lacks in comparison with another text. Pure.

import { diffWordsWithSpace } from 'diff';

/** Longer texts are shown without marks. */
const MAX_COMPARED = 5000;

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

export interface Part {
  readonly text: string;
  /** Whether both texts have it, only this one, or only the other one. */
  readonly kind: 'same' | 'added' | 'missing';
}

/** The parts of `text` and of what it lacks, word by word. One part where the texts are too long to compare. */
export function partsOf(text: string, other: string): readonly Part[] {
  if (text === other || text.length + other.length > MAX_COMPARED) return [{ text, kind: text === other ? 'same' : 'added' }];
  return diffWordsWithSpace(other, text, { intlSegmenter: segmenter }).map(({ value, added, removed }) => ({
    text: value,
    kind: added ? 'added' : removed ? 'missing' : 'same',
  }));
}
