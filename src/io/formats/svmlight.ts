// The text format of SVMlight and LIBSVM: a row a line, `label index:value index:value # comment`.

import { FormatError } from '../../errors.js';
import { grown } from '../../growing.js';
import type { RowReader } from '../rows/row-reader.js';
import { csrOf, MAX_COLUMNS, sparseStream } from './sparse-parts.js';
import { TextBytes } from './text-bytes.js';
import { linesOf, numberOf } from './text-lines.js';

/**
 * Reads the elements; labels and query ids are left out. An index is the column as it is written, whether the file counts from 0 or 1: a
 * first column of zeros changes no cosine, and two files with one way of counting stay comparable.
 */
export const readSvmlight: RowReader = async (source) => {
  let starts = new Float64Array(2 ** 10);
  let columns = new Int32Array(2 ** 10);
  let values = new Float32Array(2 ** 10);
  let rows = 0;
  let stored = 0;
  let depth = 0;
  for await (const { line, number } of linesOf(await TextBytes.open(source))) {
    const fail = (message: string) => new FormatError(source.name, 'whole', `line ${number}: ${message}`);
    const comment = line.indexOf('#');
    const text = (comment < 0 ? line : line.slice(0, comment)).trim();
    if (text === '') continue;
    const [label = '', ...elements] = text.split(/\s+/);
    if (label.split(',').some((each) => Number.isNaN(numberOf(each)))) {
      throw fail(`expected a label as the first number, got ${JSON.stringify(label.slice(0, 40))}`);
    }
    let last = -1;
    for (const element of elements) {
      if (element.startsWith('qid:')) continue;
      const [, index, given = ''] = /^(\d{1,10}):(.+)$/.exec(element) ?? [];
      const column = Number(index);
      const value = numberOf(given);
      if (index === undefined || Number.isNaN(value)) {
        throw fail(`expected an index and a number, as in 7:0.5, got ${JSON.stringify(element.slice(0, 40))}`);
      }
      if (column >= MAX_COLUMNS) throw fail(`index ${column}; at most ${MAX_COLUMNS - 1} is read`);
      if (column <= last) throw fail(`indices ascend and come once; got ${column} after ${last}`);
      last = column;
      if (stored === columns.length) {
        columns = grown(columns, stored + 1);
        values = grown(values, stored + 1);
      }
      columns[stored] = column;
      values[stored++] = value;
    }
    depth = Math.max(depth, last + 1);
    rows++;
    starts = grown(starts, rows + 1);
    starts[rows] = stored;
  }
  if (rows === 0) throw new FormatError(source.name, 'whole', 'no line with a row');
  return sparseStream(csrOf(source.name, starts.slice(0, rows + 1), columns.slice(0, stored), values.slice(0, stored), depth));
};
