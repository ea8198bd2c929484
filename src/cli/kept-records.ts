// What -o of dedupe writes: the kept records of the input, unchanged.

import { extname } from 'node:path';
import { type InputRecords, recordsAt, recordsOfNpy, recordsOfParquet } from '../io/records/input-records.js';
import type { RecordPlaces } from '../io/rows/record-places.js';
import { formatByExtension } from '../io/rows/row-formats.js';
import type { Call } from './call.js';
import { UsageError } from './exit-codes.js';
import { STDIN } from './input.js';
import { rowsInInput } from './row-numbers.js';

const PARQUET = ['.parquet', '.pq'];

/** Extensions of files whose records can be copied. */
export const COPIED_FORMATS: readonly string[] = [
  ...['.csv', '.tsv', '.tab', '.txt', '.vec', '.jsonl', '.ndjson', '.json', '.npy'],
  ...PARQUET,
];

/** Returns the records of the input, for an output with this extension. Throws UsageError if they cannot be written to it. */
export function recordsFor(
  { x, files }: Pick<Call, 'x' | 'files'>,
  places: RecordPlaces,
  format: string | undefined,
): InputRecords {
  const refuse = (why: string): never => {
    throw new UsageError(
      `${x.name}: its records cannot be written, because ${why}; write the numbers of the rows with --keep kept.txt`,
    );
  };
  const [path = ''] = files;
  if (x.files) return refuse('the input is several files');
  if (path === STDIN) return refuse('stdin cannot be read again; give it as a file, or -o a file name');
  if (places.refusal !== undefined) return refuse(places.refusal);
  const own = extensionOf(path);
  const checkFormat = (extensions: readonly string[]) => {
    if (format === undefined || extensions.includes(format)) return;
    throw new UsageError(
      `-o: records are written as they are; expected a name that ends in ${extensions.join(' or ')} for ${x.name}`,
    );
  };
  if (places.isParquet) {
    checkFormat(PARQUET);
    return recordsOfParquet(path);
  }
  if (places.extensions.length > 0) {
    const known = own !== undefined && COPIED_FORMATS.includes(own) ? [own] : [];
    checkFormat([...new Set([...known, ...places.extensions])]);
    if (places.starts.length !== rowsInInput(x)) return refuse('there is not one for each row');
    return recordsAt(path, places.starts);
  }
  if (x.inMemory()) return refuse('it holds sparse rows');
  if (formatByExtension(path)?.name !== 'npy' || own !== '.npy')
    return refuse('only records of text formats, .parquet and .npy can be copied');
  if (x.decoded) return refuse('it is stored by columns or as 64-bit integers');
  checkFormat(['.npy']);
  return recordsOfNpy(path, x.rows, x.layout.recordOffset ?? x.layout.offset, x.layout.rowBytes);
}

/** Ignores the extension of a compression. */
function extensionOf(path: string): string | undefined {
  const extension = extname(path.replace(/\.(gz|zst)$/i, '')).toLowerCase();
  return extension === '' ? undefined : extension;
}

/** Passes the kept records to `append`. */
export async function writeRecordsOf(
  records: InputRecords,
  rows: Uint32Array,
  append: (bytes: Uint8Array) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for await (const piece of records.copy(rows, signal)) await append(piece);
}
