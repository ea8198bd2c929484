// The text format of SVMlight and LIBSVM: one row per line, `label index:value index:value # comment`.

import { ArgumentError, FormatError } from '../../errors.js';
import { mention, say } from '../../message.js';
import { MAX_COLUMNS } from '../../rows/csr-rows.js';
import type { OpenColumns } from '../../rows/stored-rows.js';
import type { RowReader } from '../rows/row-reader.js';
import { NumberPieces } from './number-pieces.js';
import { csrOf, sparseStream } from './sparse-parts.js';
import { TextBytes } from './text-bytes.js';
import { linesOf, numberOf } from './text-lines.js';

/**
 * Reads the elements; labels and query ids are ignored. Without `indexBase`, an index is used as the column number, whether the file counts
 * from 0 or 1: a first column of zeros changes no cosine, and two files that count the same way stay comparable. Throws ArgumentError if a
 * `width` does not decide it.
 */
export const readSvmlight: RowReader = async (source, { width, indexBase, memoryBudget, sparseRoom }) => {
  const base = indexBase ?? 0;
  const most =
    Math.min(MAX_COLUMNS, width === undefined || indexBase !== undefined ? (width ?? MAX_COLUMNS) : width + 1) + base;
  let lowest = Number.POSITIVE_INFINITY;
  const starts = new NumberPieces(Float64Array);
  const columns = new NumberPieces(Int32Array);
  const values = new NumberPieces(Float32Array);
  starts.push(0);
  let depth = 0;
  let deepest = 0;
  for await (const { line, number, read } of linesOf(await TextBytes.open(source, memoryBudget))) {
    const fail = (message: string) => new FormatError(source.name, 'whole', `line ${number}: ${message}`);
    const comment = line.indexOf('#');
    // All elements of a long line as texts would take many times its memory.
    const words = (comment < 0 ? line : line.slice(0, comment)).matchAll(/\S+/g);
    const label = words.next().value?.[0];
    if (label === undefined) continue;
    if (label.split(',').some((each) => Number.isNaN(numberOf(each)))) {
      throw fail(`expected a label as the first number, got ${JSON.stringify(label.slice(0, 40))}`);
    }
    let last = -1;
    for (const [element] of words) {
      if (element.startsWith('qid:')) continue;
      const [, index, given = ''] = /^(\d{1,10}):(.+)$/.exec(element) ?? [];
      const column = Number(index);
      const value = numberOf(given);
      if (index === undefined || Number.isNaN(value)) {
        throw fail(`expected an index and a number, as in 7:0.5, got ${JSON.stringify(element.slice(0, 40))}`);
      }
      if (column >= most) throw fail(outside(column, most - 1, width));
      if (column < base) throw fail(`index ${column}, where columns are counted from ${base}`);
      if (column <= last) throw fail(`expected indices in ascending order, each once; got ${column} after ${last}`);
      if (last < 0) lowest = Math.min(lowest, column);
      last = column;
      columns.push(column - base);
      values.push(value);
    }
    if (last + 1 - base > depth) {
      depth = last + 1 - base;
      deepest = number;
    }
    starts.push(columns.length);
    sparseRoom?.check(source.name, 8 * (starts.length + columns.length), Math.min(1, read / source.size));
  }
  if (starts.length === 1) throw new FormatError(source.name, 'whole', 'no rows');
  const isOpen = indexBase === undefined && lowest > 0 && columns.length > 0;
  const parts = [starts.finish(), columns.finish(), values.finish()] as const;
  if (width === undefined) {
    return sparseStream(csrOf(source.name, ...parts, depth, sparseRoom), { openColumns: openColumns(isOpen) });
  }
  // An index equal to the number of columns is the last column, counted from 1.
  const countsFromOne = isOpen && depth > width;
  if (depth > width && !isOpen) {
    const message = `line ${deepest}: index ${width}, but columns are counted from 0 and there are ${width}`;
    throw new FormatError(source.name, 'whole', message);
  }
  if (isOpen && !countsFromOne) {
    const message = `${source.name}: columns may be counted from 0 or from 1, as none is 0`;
    const advice = CHOOSE_BASE;
    throw new ArgumentError('indexBase', message, { advice });
  }
  if (countsFromOne)
    parts[1].forEach((column, i) => {
      parts[1][i] = column - 1;
    });
  return sparseStream(csrOf(source.name, ...parts, width, sparseRoom));
};

const CHOOSE_BASE = say`choose with ${mention.option('indexBase', 1)} or ${mention.option('indexBase', 0)}`;

/** Advice for columns that the file does not describe. */
function openColumns(isBaseOpen: boolean): OpenColumns {
  return {
    chooseWidth: (most) => {
      const width = mention.option('width', most);
      const base = isBaseOpen ? say`, and ${mention.option('indexBase', 1)} or ${mention.option('indexBase', 0)}` : '';
      return say`an SVMlight file does not state how many columns there are; give their number with ${width} or more${base}`;
    },
    ...(isBaseOpen && { chooseBase: CHOOSE_BASE }),
  };
}

function outside(index: number, highest: number, width: number | undefined): string {
  return width === undefined
    ? `expected an index of at most ${highest}, got ${index}`
    : `index ${index} is beyond the ${width} columns`;
}
