// Tables as text, separated by commas or tabs: the numeric columns of each line, or one column with a JSON array in each cell.
// They become numbers as each record ends, so that no more than a piece of the file is held.

import { ArgumentError, FormatError } from '../../errors.js';
import type { ByteSource } from '../byte-source.js';
import { MOST_DEPTH, type RowReader, type TextReader } from '../row-reader.js';
import { withoutKeys } from './column-choice.js';
import { type OnRecord, RecordFault, RecordScanner } from './csv-records.js';
import { NAMES_AT_ONCE, parseJson, piecesOf } from './jsonl.js';
import { listNames, nameValue, putVector, RowBlocks } from './query-rows.js';

/**
 * Rows of a table separated by commas, as float32. The first line names the columns if a cell of it is neither a number nor a
 * JSON array of numbers. The columns are those of `column` (names separated by commas; numbers from 1 on where the first line
 * names none); without it the only column whose first cell is a JSON array, or else all whose first cell is a number but those
 * called id, index and the like. 'nan',
 * 'inf' and 'infinity' are numbers. Blank lines are skipped.
 */
export const readCsv: RowReader = (source, { column }) => readTable(source, ',', column);

/** The same, separated by tabs. */
export const readTsv: RowReader = (source, { column }) => readTable(source, '\t', column);

/** The cells of a column: of the one that the first line calls `column`, or of that number, and then of the first line too. */
export const readCsvText: TextReader = (source, column) => readTexts(source, ',', column);

/** The same, separated by tabs. */
export const readTsvText: TextReader = (source, column) => readTexts(source, '\t', column);

async function readTable(source: ByteSource, delimiter: ',' | '\t', column: string | undefined): ReturnType<RowReader> {
  const table = new Table(source.name, column);
  const pieces = parseRecords(source, delimiter, (cells, line) => table.add(cells, line));
  while (!table.blocks) if ((await pieces.next()).done) break;
  const { blocks } = table;
  if (!blocks) throw new FormatError(source.name, source.size, 'no rows');
  return {
    kind: 'stream',
    depth: table.depth,
    type: 'float32',
    async *blocks() {
      yield* blocks.takeFull();
      for await (const _ of pieces) yield* blocks.takeFull();
      yield* blocks.takeRest();
    },
  };
}

async function* readTexts(
  source: ByteSource,
  delimiter: ',' | '\t',
  column: string,
): AsyncGenerator<string[], void, undefined> {
  let at: number | undefined;
  let width = 0;
  let names: string[] = [];
  const pieces = parseRecords(source, delimiter, (cells, line) => {
    if (at === undefined) {
      width = cells.length;
      at = columnNumber(column, width);
      if (at === undefined) {
        at = cells.indexOf(column);
        if (at < 0) throw noColumn(source.name, column, cells);
        return;
      }
    }
    checkWidth(cells, width, line);
    names.push(cells[at] as string);
  });
  for await (const _ of pieces) {
    for (let from = 0; from < names.length; from += NAMES_AT_ONCE) yield names.slice(from, from + NAMES_AT_ONCE);
    names = [];
  }
}

/** Which columns hold the rows, and the rows themselves. */
class Table {
  readonly #file: string;
  readonly #column: string | undefined;
  #width = -1;
  #names: readonly string[] | undefined;
  /** Columns of a number each; or the one of arrays. */
  #columns: readonly number[] = [];
  #arrays = false;
  depth = 0;
  /** From the first row on. */
  blocks: RowBlocks | undefined;

  constructor(file: string, column: string | undefined) {
    this.#file = file;
    this.#column = column;
  }

  add(cells: readonly string[], line: number): void {
    if (this.#width < 0) {
      this.#width = cells.length;
      if (cells.some((cell) => numberOf(cell) === undefined && !isArray(cell))) {
        this.#names = cells;
        return;
      }
    }
    checkWidth(cells, this.#width, line);
    this.blocks ??= this.#begin(cells, line);
    this.#put(cells, line, this.blocks.nextRow());
  }

  #begin(cells: readonly string[], line: number): RowBlocks {
    this.#columns = this.#column === undefined ? this.#chooseColumns(cells, line) : this.#findColumns(this.#column, cells);
    const [first] = this.#columns as [number, ...number[]];
    this.#arrays = this.#columns.length === 1 && isArray(cells[first] as string);
    this.depth = this.#arrays ? this.#parseArray(cells, first, line).length : this.#columns.length;
    if (this.depth > MOST_DEPTH) throw this.#faultAt(first, line, `${this.depth} numbers; at most ${MOST_DEPTH} make sense`);
    return new RowBlocks(this.depth);
  }

  #chooseColumns(cells: readonly string[], line: number): number[] {
    const indices = [...cells.keys()];
    const arrays = indices.filter((i) => isArray(cells[i] as string));
    if (arrays.length === 1) return arrays;
    if (arrays.length > 1) {
      const names = listNames(arrays.map((i) => this.#nameOf(i)));
      throw new ArgumentError('column', `${this.#file}: several columns hold arrays of numbers: ${names}; name one`);
    }
    const numbers = indices.filter((i) => numberOf(cells[i] as string) !== undefined);
    if (numbers.length > 0) return withoutKeys(numbers, (index) => this.#names?.[index]);
    throw new RecordFault(`line ${line}: no column holds a number or a JSON array of numbers`);
  }

  #findColumns(column: string, cells: readonly string[]): number[] {
    const find = (name: string): number | undefined => {
      if (!this.#names) return columnNumber(name, this.#width);
      const at = this.#names.indexOf(name);
      return at >= 0 ? at : undefined;
    };
    // The name of one column may have a comma in it.
    const whole = find(column);
    if (whole !== undefined) return [whole];
    return column.split(',').map((part, _, parts) => {
      const at = find(part.trim());
      if (at === undefined) throw noColumn(this.#file, part.trim(), this.#names ?? this.#width);
      if (parts.length > 1 && isArray(cells[at] as string)) {
        throw new ArgumentError('column', `${this.#file}: column ${part.trim()} holds arrays of numbers; name it alone`);
      }
      return at;
    });
  }

  #put(cells: readonly string[], line: number, target: Float32Array): void {
    if (this.#arrays) {
      const [at] = this.#columns as [number];
      const fault = putVector(this.#parseArray(cells, at, line), target);
      if (fault) throw this.#faultAt(at, line, fault);
      return;
    }
    for (let i = 0; i < this.#columns.length; i++) {
      const at = this.#columns[i] as number;
      const value = numberOf(cells[at] as string);
      if (value === undefined) throw this.#faultAt(at, line, `expected a number, got ${nameCell(cells[at] as string)}`);
      target[i] = value;
    }
  }

  #parseArray(cells: readonly string[], at: number, line: number): unknown[] {
    const cell = cells[at] as string;
    const value = parseJson(cell, (fault) => {
      throw this.#faultAt(at, line, fault);
    });
    if (!Array.isArray(value)) throw this.#faultAt(at, line, `expected an array of numbers, got ${nameCell(cell)}`);
    if (value.length === 0) throw this.#faultAt(at, line, 'an array without numbers');
    return value;
  }

  #nameOf(at: number): string {
    return this.#names?.[at] ?? String(at + 1);
  }

  #faultAt(at: number, line: number, fault: string): RecordFault {
    return new RecordFault(`line ${line}, column ${nameValue(this.#nameOf(at))}: ${fault}`);
  }
}

function nameCell(cell: string): string {
  return cell === '' ? 'an empty cell' : nameValue(cell);
}

/** A number from 1 on as an index. */
function columnNumber(column: string, width: number): number | undefined {
  const number = /^\d{1,9}$/.test(column) ? Number(column) : 0;
  return number >= 1 && number <= width ? number - 1 : undefined;
}

function noColumn(file: string, column: string, there: readonly string[] | number): ArgumentError {
  const names = typeof there === 'number' ? `1 to ${there}, without names` : listNames(there);
  return new ArgumentError('column', `${file}: no column ${column}; there are ${names}`);
}

function checkWidth(cells: readonly string[], width: number, line: number): void {
  if (cells.length !== width) throw new RecordFault(`line ${line}: expected ${width} cells, got ${cells.length}`);
}

/** The number in a cell. */
function numberOf(cell: string): number | undefined {
  const value = Number(cell);
  // Number takes blanks and 0x1f for numbers, and knows no nan and inf.
  if (!Number.isNaN(value)) return NO_DECIMAL.test(cell) ? undefined : value;
  const [, sign, word] = WORD.exec(cell) ?? [];
  if (!word) return undefined;
  return word.toLowerCase() === 'nan' ? Number.NaN : sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

const NO_DECIMAL = /^\s*$|[box]/i;
const WORD = /^\s*([-+]?)(nan|inf|infinity)\s*$/i;

/** Whether a cell looks like an array of numbers: what is amiss inside shows when it is read. */
function isArray(cell: string): boolean {
  return /^\s*\[\s*[-\d]/.test(cell);
}

/**
 * Hands each record of a table to `onRecord`; yields after each piece of the file. Faults of records end it: as FormatError at
 * the byte where the record begins.
 */
async function* parseRecords(
  source: ByteSource,
  delimiter: ',' | '\t',
  onRecord: OnRecord,
): AsyncGenerator<void, void, undefined> {
  const scanner = new RecordScanner(delimiter, onRecord);
  try {
    for await (const { bytes, offset } of piecesOf(source)) {
      scanner.take(bytes, offset);
      yield;
    }
    scanner.end();
    yield;
  } catch (error) {
    throw error instanceof RecordFault ? new FormatError(source.name, scanner.start, error.message) : error;
  }
}
