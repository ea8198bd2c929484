// The session in the page's own thread, which reads files.

import { openRows } from 'allpairs';
import { rowsOfNpy } from './npy-bytes.js';
import type { Opening, Reading } from './opening.js';
import { type Facts, Session } from './session.js';

export class FileSession extends Session {
  /** Opens the rows that the page was created with, a .npy. */
  async openNpy(
    bytes: Uint8Array<ArrayBuffer>,
    name: string,
    nonFinite: 'throw' | 'zero',
    othersFrom: number | null,
  ): Promise<Facts> {
    const { data, shape } = rowsOfNpy(bytes);
    return this.takeFrom(name, data, shape, nonFinite, othersFrom);
  }

  /** Takes the same rows by a second model, as a .npy. */
  async openCompared(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const { data, shape } = rowsOfNpy(bytes);
    await this.takeCompared(data, shape);
  }

  /** Opens the rows of a file of any format, and the columns next to them; or returns what has to be chosen. */
  async openFile(file: File, { nonFinite = 'throw', ...reading }: Reading): Promise<Opening> {
    try {
      const opened = await openRows(file, reading);
      try {
        checkSize(file.name, opened.rows, opened.depth);
        const { data, shape } = await opened.toMatrix();
        const facts = await this.takeFrom(file.name, data, shape, nonFinite);
        const { columnsBeside } = await loadOpening();
        return { opened: { facts, ...(await columnsBeside(opened, file, reading)) }, refusal: null };
      } finally {
        await opened.close();
      }
    } catch (error) {
      const refusal = (await loadOpening()).refusalOf(error);
      if (refusal) return { opened: null, refusal };
      throw error;
    }
  }

  private async takeFrom(
    name: string,
    data: Float32Array | Float64Array,
    shape: readonly number[],
    nonFinite: 'throw' | 'zero',
    othersFrom: number | null = null,
  ): Promise<Facts> {
    try {
      return await this.take(data, shape, nonFinite, othersFrom);
    } catch (error) {
      throw (await loadOpening()).notFinite(error, name);
    }
  }
}

/** Loaded only for dropped files, or to refuse one. */
const loadOpening = () => import('./opening.js');

/** Limits for a browser. */
const MAX_ROWS = 100_000;
const MAX_ELEMENTS = 2 ** 28;

function checkSize(file: string, rows: number, depth: number): void {
  if (rows <= MAX_ROWS && rows * depth <= MAX_ELEMENTS) return;
  const count = (number: number) => number.toLocaleString('en');
  throw new Error(
    `${file} has ${count(rows)} rows of ${count(depth)} numbers: a browser takes up to ${count(MAX_ROWS)} rows and ` +
      `${count(MAX_ELEMENTS)} numbers; “allpairs view FILE” computes outside the browser and takes up to 1,000,000 rows`,
  );
}
