// The original records of the rows that the page keeps.

import { extname } from 'node:path';
import type { InputRecords } from '../../io/records/input-records.js';
import type { RecordPlaces } from '../../io/rows/record-places.js';
import type { Call } from '../call.js';
import { UsageError } from '../exit-codes.js';
import { recordsFor } from '../kept-records.js';
import type { Content } from './content.js';

export interface CopiedRecords {
  readonly records: InputRecords;
  /** The extension of a file of these records, such as .csv. */
  readonly extension: string;
}

/** Returns the records of the input; null if they cannot be copied one by one. */
export function recordsOfInput(input: Pick<Call, 'x' | 'files'>, places: RecordPlaces): CopiedRecords | null {
  try {
    const records = recordsFor(input, places, undefined);
    return { records, extension: extname((input.files[0] as string).replace(/\.(gz|zst)$/i, '')) };
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}

/** Returns a file of the records whose row numbers are listed in `body` as JSON, ascending; undefined if it is not such a list. */
export function keptRecords(
  { records }: CopiedRecords,
  body: Uint8Array,
  rows: number,
  signal: AbortSignal,
): Content | undefined {
  const kept = numbersIn(Buffer.from(body).toString(), rows);
  if (!kept) return undefined;
  return { type: 'application/octet-stream', size: undefined, read: () => records.copy(kept, signal) };
}

function numbersIn(text: string, rows: number): Uint32Array | undefined {
  try {
    const numbers: unknown = JSON.parse(text);
    if (!Array.isArray(numbers)) return undefined;
    const isRight = numbers.every(
      (row, at) => Number.isInteger(row) && row >= 0 && row < rows && (at === 0 || row > numbers[at - 1]),
    );
    return isRight ? Uint32Array.from(numbers as number[]) : undefined;
  } catch {
    return undefined;
  }
}
