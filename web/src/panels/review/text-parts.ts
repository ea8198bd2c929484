// Finds what a text has and lacks compared with another text. Pure functions.

import { diffWordsWithSpace } from 'diff';

/** Longer texts are shown without marks. */
const MAX_COMPARED = 5000;

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

export interface Part {
  readonly text: string;
  /** Whether both texts contain it, only this one, or only the other one. */
  readonly kind: 'same' | 'added' | 'missing';
}

/** Returns the parts of `text`, and the parts that it lacks, word by word. Returns one part if the texts are too long to compare. */
export function partsOf(text: string, other: string): readonly Part[] {
  if (text === other || text.length + other.length > MAX_COMPARED) return [{ text, kind: text === other ? 'same' : 'added' }];
  return diffWordsWithSpace(other, text, { intlSegmenter: segmenter }).map(({ value, added, removed }) => ({
    text: value,
    kind: added ? 'added' : removed ? 'missing' : 'same',
  }));
}
