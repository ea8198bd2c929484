// What the user is asked about a file before it can be read.

import { signal } from '@preact/signals';
import type { Reading, Refusal } from '../compute/opening.js';

/** A file that was dropped, what was dropped beside it, and how the user has it read. */
export interface Dropped {
  readonly rows: File;
  /** Names, a line each. */
  readonly names: File | undefined;
  readonly pictures: readonly File[];
  readonly reading: Reading;
}

export const asked = signal<{ readonly dropped: Dropped; readonly refusal: Refusal } | null>(null);

/** Names of columns that were too much to read. */
export const columnsLeft = signal<readonly string[]>([]);
