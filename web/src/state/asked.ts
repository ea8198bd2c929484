// What the user is asked about a file before it can be read.

import { signal } from '@preact/signals';
import type { Reading, Refusal } from '../compute/opening.js';

/** A dropped file, the files dropped with it, and how the user wants it read. */
export interface Dropped {
  readonly rows: File;
  /** Names, one per line. */
  readonly names: File | undefined;
  readonly pictures: readonly File[];
  readonly reading: Reading;
}

export const asked = signal<{ readonly dropped: Dropped; readonly refusal: Refusal } | null>(null);

/** Names of columns that were too large to read. */
export const columnsLeft = signal<readonly string[]>([]);
