// Names of rows in a column of a file, in browsers.

import { ArgumentError } from '../../errors.js';
import { checkOptionNames, checkOptionsObject } from '../../option-names.js';
import { openCompressedBlob, sourceOf } from '../rows/open-blob-rows.js';
import type { ReadTextsOptions } from '../rows/open-source.js';
import { FORMATS_OF_BYTES, findFormat } from '../rows/row-formats.js';
import { inTurns } from '../turns.js';

const OPTION_NAMES = {
  format: true,
  header: true,
  missing: true,
  signal: true,
} as const satisfies Record<keyof ReadTextsOptions, true>;

export async function readBlobTexts(input: Blob, column: string, options: ReadTextsOptions): Promise<string[]> {
  checkOptionsObject(options);
  checkOptionNames('readTexts', options, OPTION_NAMES);
  const { format, header, missing, signal } = options;
  signal?.throwIfAborted();
  const source = inTurns(await openCompressedBlob(sourceOf(input), { signal }), signal);
  try {
    const { name, textReader } = await findFormat(source, format, FORMATS_OF_BYTES);
    if (!textReader) throw new ArgumentError('input', `${source.name}: expected a table with a column of text, got ${name}`);
    const read = await textReader();
    const texts: string[] = [];
    for await (const some of read(source, column, missing, undefined, undefined, header))
      for (const text of some) texts.push(text);
    return texts;
  } finally {
    await source.close();
  }
}
