// Names of rows in a column of a file, in browsers.

import { ArgumentError } from '../../errors.js';
import { sourceOf } from '../rows/open-blob-rows.js';
import { FORMATS_OF_BYTES, findFormat } from '../rows/row-formats.js';

export async function readBlobTexts(input: Blob, column: string): Promise<string[]> {
  const source = sourceOf(input);
  const { name, textReader } = await findFormat(source, undefined, FORMATS_OF_BYTES);
  if (!textReader) throw new ArgumentError('input', `${source.name}: expected a table with a column of text, got ${name}`);
  const read = await textReader();
  const texts: string[] = [];
  for await (const some of read(source, column)) for (const text of some) texts.push(text);
  return texts;
}
