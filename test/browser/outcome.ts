// The outcome of opening a file of rows: its rows or the error, in the same form in Node and in a page.

import type { RowFile } from 'allpairs';

export interface Outcome {
  readonly shape?: readonly [number, number];
  readonly type?: string;
  readonly values?: readonly number[];
  /** The name and the message of the error. */
  readonly error?: string;
  readonly message?: string;
}

export async function outcomeOf(open: () => Promise<RowFile>): Promise<Outcome> {
  try {
    const rows = await open();
    const { data, shape } = await rows.toMatrix();
    await rows.close();
    return { shape, type: rows.type, values: Array.from(data) };
  } catch (error) {
    const { name, message } = error as Error;
    return { error: name, message };
  }
}
