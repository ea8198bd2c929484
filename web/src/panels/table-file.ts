// Saves tables as files of CSV or JSON.

import { csvFormatRows } from 'd3-dsv';

export type Format = 'csv' | 'json';

/** A table: names of columns, and rows of cells. The columns are those of the command line's files. */
export interface Table {
  readonly columns: readonly string[];
  readonly length: number;
  cells(at: number): (string | number)[];
}

/** Number of records that are converted to text at a time. */
const AT_ONCE = 8192;

/** The file's text, in pieces. */
export async function textOf({ columns, length, cells }: Table, format: Format): Promise<string[]> {
  const pieces = [format === 'csv' ? `${csvFormatRows([[...columns]])}\n` : '['];
  for (let from = 0; from < length; from += AT_ONCE) {
    // The page stays responsive meanwhile.
    await new Promise((resolve) => setTimeout(resolve));
    const some = Array.from({ length: Math.min(AT_ONCE, length - from) }, (_, at) => cells(from + at));
    if (format === 'csv') pieces.push(`${csvFormatRows(some.map((record) => record.map(String)))}\n`);
    else {
      const objects = some.map((record) => JSON.stringify(Object.fromEntries(columns.map((name, at) => [name, record[at]]))));
      pieces.push(`${from > 0 ? ',' : ''}\n${objects.join(',\n')}`);
    }
  }
  if (format === 'json') pieces.push('\n]\n');
  return pieces;
}

/** Downloads a file of this name. */
export function saveFile(name: string, content: BlobPart[]): void {
  const url = URL.createObjectURL(new Blob(content));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has started by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
