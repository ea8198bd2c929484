// Reads the numbers of a row from the bytes of its record.

import { decodeElements } from '../columns/bytes-element.js';
import type { ChosenColumns } from '../columns/choose.js';
import { columnLabel } from '../columns/column.js';
import { DecimalReader } from '../columns/decimal-bytes.js';
import { isTinyNumber, isTinyRow, MIN_NORMAL, TINY_ROW } from '../columns/tiny-rows.js';
import { isNullText, MAX_NUMBER, parseNumber, parseVectorText } from '../columns/vector-text.js';
import {
  BLANK,
  countCells,
  endOfCell,
  HASH,
  NEWLINE,
  QUOTE,
  type Separator,
  skipBlanks,
  skipSeparator,
  textOfCell,
  withoutQuotes,
} from './csv-cells.js';
import { INTEGER, isLongNumber, MAX_TEXT_CELL, numberOfCell, type TextColumn } from './csv-columns.js';
import type { Dialect } from './csv-dialect.js';
import { RecordFault } from './csv-records.js';
import { nameValue } from './query-rows.js';
import { decodeCell } from './text-bytes.js';

/** 'skip' for a comment line; 'null' for a row without a vector. */
export type ParsedRecord = 'row' | 'null' | 'skip';

/** Value in `#places` for a column of a table without names that was not used because it was empty, or held integers, in the sample. */
const WAS_EMPTY = -2;
const WAS_WHOLE = -3;

/** The brackets that open a list of numbers, with those that close it. */
const CLOSING: ReadonlyMap<number, number> = new Map([
  [0x5b, 0x5d],
  [0x28, 0x29],
  [0x7b, 0x7d],
]);

export class RowParser {
  /** The most recent row. */
  readonly row: Float32Array;
  /** Its label, if a column holds labels. */
  label = '';
  readonly #dialect: Dialect;
  readonly #separator: Separator;
  readonly #width: number;
  readonly #reader: DecimalReader;
  /** For each column: the position of its number in the row, -1 if it is unused, or what it was in the sample if it is checked. */
  readonly #places: Int32Array;
  /** The column of whole vectors, or -1. */
  readonly #vector: number;
  readonly #labels: number;
  /** True if the label comes first and may contain blanks, which also separate the numbers. */
  readonly #tokens: boolean;

  /**
   * `labels` is the index of the column with the labels of rows, or -1. With `fromSample`, the columns were chosen by a sample, and cells
   * that would have changed the choice are refused.
   */
  constructor(dialect: Dialect, chosen: ChosenColumns, labels: number, fromSample: boolean) {
    const { columns, named, separator, point } = dialect;
    this.#dialect = dialect;
    this.#separator = separator;
    this.#width = columns.length;
    this.#reader = new DecimalReader(point);
    this.#labels = labels;
    const [first] = chosen.columns as [number, ...number[]];
    this.#vector = chosen.kind === 'vector' ? first : -1;
    this.row = new Float32Array(chosen.kind === 'vector' ? (columns[first]?.length ?? 0) : chosen.columns.length);
    this.#places = new Int32Array(columns.length).fill(-1);
    if (chosen.kind === 'elements') {
      for (const [index, { kind }] of columns.entries()) {
        if (named || !fromSample) break;
        if (kind === 'null') this.#places[index] = WAS_EMPTY;
        if (kind === 'integer') this.#places[index] = WAS_WHOLE;
      }
      for (const [place, column] of chosen.columns.entries()) this.#places[column] = place;
    }
    this.#tokens = separator === BLANK && labels === 0 && !chosen.columns.includes(0);
  }

  /** Reads a record. Throws RecordFault if it is not a row. */
  parse(bytes: Uint8Array, start: number, end: number): ParsedRecord {
    let from = start;
    let to = end;
    if (this.#separator === BLANK) {
      from = skipBlanks(bytes, start, end);
      while (to > from && (bytes[to - 1] as number) <= BLANK) to -= 1;
    }
    if (bytes[from] === HASH && countCells(bytes, from, to, this.#separator) !== this.#width && !this.#tokens) return 'skip';
    if (this.#tokens) return this.#parseToken(bytes, from, to);
    return this.#parseCells(bytes, from, to, 0);
  }

  /** Reads a token and numbers. The numbers are counted from the end of the line, because the token may contain blanks. */
  #parseToken(bytes: Uint8Array, start: number, end: number): ParsedRecord {
    const numbers = this.#width - 1;
    let at = end;
    for (let count = 0; count < numbers; count++) {
      let from = at;
      while (from > start && !isGap(bytes[from - 1] as number)) from -= 1;
      at = from;
      if (count < numbers - 1) while (at > start && isGap(bytes[at - 1] as number)) at -= 1;
    }
    const tokenEnd = at;
    let last = tokenEnd;
    while (last > start && isGap(bytes[last - 1] as number)) last -= 1;
    if (last === start) {
      if (bytes[start] === HASH) return 'skip';
      throw new RecordFault(`expected ${this.#width} cells, got ${countCells(bytes, start, end, this.#separator)}`);
    }
    this.label = withoutQuotes(decodeCell(bytes.subarray(start, last)));
    // A number after the token is an extra number rather than a part of it.
    const tail = /[ \t](\S+)$/.exec(this.label)?.[1];
    if (tail !== undefined && parseNumber(tail) !== undefined) {
      throw new RecordFault(`expected a token and ${numbers} numbers, got ${nameValue(tail)} before them`);
    }
    return this.#parseCells(bytes, tokenEnd, end, 1);
  }

  /** Reads cells from column `first`. */
  #parseCells(bytes: Uint8Array, start: number, end: number, first: number): ParsedRecord {
    const separator = this.#separator;
    const byBlanks = separator === BLANK;
    const reader = this.#reader;
    const places = this.#places;
    const { row } = this;
    reader.seenTiny = false;
    let isNull = false;
    let at = start;
    let column = first;
    for (; ; column++) {
      const place = column < this.#width ? (places[column] as number) : -1;
      let cellEnd = -1;
      if (place >= 0) {
        while (at < end && bytes[at] === BLANK) at += 1;
        if (reader.number(bytes, at, end, row, place)) {
          cellEnd = reader.at;
          while (cellEnd < end && bytes[cellEnd] === BLANK && !byBlanks) cellEnd += 1;
          if (cellEnd < end && bytes[cellEnd] !== separator && !(byBlanks && isGap(bytes[cellEnd] as number))) cellEnd = -1;
        }
        if (cellEnd < 0) {
          cellEnd = endOfCell(bytes, at, end, separator);
          const other = this.#numberOf(bytes, at, cellEnd, column);
          if (other === undefined) isNull = true;
          else {
            row[place] = other;
            if (isTinyNumber(other)) reader.seenTiny = true;
          }
        }
      } else if (column === this.#vector) {
        cellEnd = endOfCell(bytes, at, end, separator);
        if (!this.#parseVector(bytes, at, cellEnd)) isNull = true;
      } else {
        cellEnd = endOfCell(bytes, at, end, separator);
        if (column === this.#labels && first === 0) this.label = textOfCell(bytes, at, cellEnd);
        if (place < -1 && cellEnd > at) this.#checkUnused(place, textOfCell(bytes, at, cellEnd), column);
      }
      if (cellEnd >= end) break;
      at = skipSeparator(bytes, cellEnd, end, separator);
    }
    const cells = column + 1;
    if (cells !== this.#width && separator !== NEWLINE) throw new RecordFault(`expected ${this.#width} cells, got ${cells}`);
    if (!isNull && reader.seenTiny && row.every((value) => Math.abs(value) < MIN_NORMAL)) throw new RecordFault(TINY_ROW);
    // With na_rep='nan', pandas writes a missing row as 'nan' in each column.
    return isNull || (this.#vector < 0 && row.every((value) => Number.isNaN(value))) ? 'null' : 'row';
  }

  /** Returns the number of a cell that is quoted or a word such as 'inf'; undefined if it is null. */
  #numberOf(bytes: Uint8Array, start: number, end: number, column: number): number | undefined {
    const fault = (what: string) => new RecordFault(`expected a number${what}`, this.#labelOf(column));
    if (end - start > MAX_TEXT_CELL) throw fault(`, got a cell of ${end - start} bytes`);
    const text = textOfCell(bytes, start, end);
    const value = numberOfCell(text, this.#dialect.point);
    // NaN is accepted here; non-finite numbers are handled later.
    if (value !== undefined) return value;
    if (isNullText(text)) return undefined;
    if (isLongNumber(text, this.#dialect.point)) throw fault(` of at most ${MAX_NUMBER} characters, got one of ${text.length}`);
    throw fault(`, got ${nameValue(text)}`);
  }

  /** Throws RecordFault if a cell of an unused column would have made it a column of the rows. */
  #checkUnused(place: number, text: string, column: number): void {
    if (isNullText(text) || (place === WAS_WHOLE && INTEGER.test(text))) return;
    const was = place === WAS_EMPTY ? 'was empty' : 'held whole numbers only';
    throw new RecordFault(
      `got ${nameValue(text)}; the column ${was} further up and is not used; select the columns to read`,
      this.#labelOf(column),
    );
  }

  /** Reads a whole vector; returns false if it is null. */
  #parseVector(bytes: Uint8Array, start: number, end: number): boolean {
    const { byBlanks, element } = this.#dialect.columns[this.#vector] as TextColumn;
    const quoted = end - start > 1 && bytes[start] === QUOTE && bytes[end - 1] === QUOTE;
    const to = quoted ? end - 1 : end;
    const from = skipBlanks(bytes, quoted ? start + 1 : start, to);
    const closing = from < to ? CLOSING.get(bytes[from] as number) : undefined;
    if (closing !== undefined) {
      const count = this.#reader.list(bytes, from + 1, to, this.row, closing, byBlanks ? ' ' : ',');
      if (count > 0 && skipBlanks(bytes, this.#reader.at, to) === to) {
        if (count !== this.row.length) throw this.#vectorFault(`expected ${this.row.length} numbers, got ${count}`);
        return true;
      }
    }
    if (to - from > MAX_TEXT_CELL) throw this.#vectorFault(`expected a list of numbers, got ${to - from} bytes of text`);
    const text = textOfCell(bytes, start, end);
    const found = parseVectorText(text);
    if (found.kind === 'null') return false;
    if (found.kind === 'cut') throw this.#vectorFault("an array that was cut ('...') when it was printed");
    let values: ArrayLike<number> | undefined;
    if (found.kind === 'vector' && element === undefined) values = found.values;
    if (found.kind === 'bytes' && element !== undefined) values = decodeElements(found.bytes, element);
    if (values === undefined) throw this.#vectorFault(`expected a vector, got ${nameValue(text)}`);
    if (values.length !== this.row.length) {
      throw this.#vectorFault(`expected ${this.row.length} numbers, got ${values.length}`);
    }
    if (isTinyRow(values)) this.#reader.seenTiny = true;
    this.row.set(values);
    return true;
  }

  #vectorFault(message: string): RecordFault {
    return new RecordFault(message, this.#labelOf(this.#vector));
  }

  #labelOf(column: number): string {
    return columnLabel(this.#dialect.columns, column);
  }
}

function isGap(byte: number): boolean {
  return byte === BLANK || byte === 0x09;
}
