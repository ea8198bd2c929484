// Sample rows for trying the page. They are next to the page, and read on request.

import { pictureBy } from './choices.js';
import { showDropped } from './showing.js';

export interface Sample {
  readonly text: string;
  readonly rows: string;
  readonly names: string;
  /** The source of the rows' pictures. */
  readonly pictures?: string;
}

export const SAMPLES: readonly Sample[] = [
  { text: '1,500 sentences', rows: 'sentences.npy', names: 'sentences.tsv' },
  { text: '1,797 handwritten digits', rows: 'digits.npy', names: 'digits.txt', pictures: 'rows' },
];

export async function showSample({ rows, names, pictures }: Sample): Promise<void> {
  const files = await Promise.all([fileAt(rows), fileAt(names)]);
  if (pictures !== undefined) pictureBy.value = pictures;
  await showDropped({ rows: files[0], names: files[1], pictures: [], reading: {} });
}

async function fileAt(name: string): Promise<File> {
  const answer = await fetch(new URL(`samples/${name}`, document.baseURI)).catch(() => null);
  if (!answer?.ok) throw new Error(`samples/${name} could not be read; is the page still served?`);
  return new File([await answer.blob()], name);
}
