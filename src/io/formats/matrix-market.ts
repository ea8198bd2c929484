// Matrix Market's coordinate format (.mtx): a header line, comments, the sizes, then one element per line.
// https://math.nist.gov/MatrixMarket/formats.html

import { FormatError } from '../../errors.js';
import { grown } from '../../growing.js';
import type { RowReader } from '../rows/row-reader.js';
import { checkSparseShape, csrOfTriplets, sparseStream } from './sparse-parts.js';
import { TextBytes } from './text-bytes.js';
import { linesOf, numberOf } from './text-lines.js';

const FIELDS: readonly string[] = ['real', 'double', 'integer', 'unsigned-integer', 'pattern'];

/**
 * Reads coordinates of real numbers, integers or patterns (in which each element is 1), general or symmetric. Duplicate elements are added.
 */
export const readMatrixMarket: RowReader = async (source, { memoryBudget }) => {
  const elements = new Elements(source.name);
  for await (const { line, number } of linesOf(await TextBytes.open(source, memoryBudget))) elements.addLine(line, number);
  return sparseStream(elements.finish());
};

class Elements {
  #rows = new Uint32Array(2 ** 10);
  #columns = new Uint32Array(2 ** 10);
  #values = new Float64Array(2 ** 10);
  #count = 0;
  #kind: { readonly isPattern: boolean; readonly isSymmetric: boolean } | undefined;
  #sizes: readonly [rows: number, columns: number, stored: number] | undefined;
  #read = 0;

  constructor(private readonly file: string) {}

  addLine(line: string, number: number): void {
    if (!this.#kind) this.#kind = this.#readBanner(line);
    else if (line.trim() !== '' && !line.startsWith('%')) {
      const words = line.trim().split(/\s+/);
      if (this.#sizes) this.#addElement(words, number, this.#sizes, this.#kind);
      else this.#sizes = this.#readSizes(words, number, this.#kind.isSymmetric);
    }
  }

  finish() {
    const sizes = this.#sizes;
    if (!sizes) throw new FormatError(this.file, 'whole', 'the file ends before the line of its sizes');
    const [rows, columns, stored] = sizes;
    if (this.#read !== stored) {
      throw new FormatError(this.file, 'whole', `expected ${stored} elements, got ${this.#read}; the file is not complete`);
    }
    checkSparseShape(this.file, rows, columns, stored);
    const values = Float32Array.from(this.#values.subarray(0, this.#count));
    return csrOfTriplets({ rows: this.#rows, columns: this.#columns, values }, this.#count, rows, columns);
  }

  #readBanner(line: string): { isPattern: boolean; isSymmetric: boolean } {
    const [banner, object, layout, field = '', symmetry] = line.trim().toLowerCase().split(/\s+/);
    const fail = (expected: string, received: string | undefined, advice?: string) =>
      new FormatError(this.file, 'whole', `line 1: expected ${expected}, got ${received ?? 'nothing'}`, {
        ...(advice !== undefined && { advice }),
      });
    if (banner !== '%%matrixmarket') throw fail('%%MatrixMarket', banner);
    if (object !== 'matrix') throw fail('matrix', object);
    if (layout !== 'coordinate')
      throw fail('coordinate', layout, 'write it with scipy.io.mmwrite(path, scipy.sparse.csr_array(a))');
    if (!FIELDS.includes(field)) throw fail('real, integer or pattern', field);
    if (symmetry !== 'general' && symmetry !== 'symmetric') throw fail('general or symmetric', symmetry);
    return { isPattern: field === 'pattern', isSymmetric: symmetry === 'symmetric' };
  }

  #readSizes(words: readonly string[], line: number, isSymmetric: boolean): readonly [number, number, number] {
    const [rows = Number.NaN, columns = Number.NaN, stored = Number.NaN] = words.map(numberOf);
    const isSize = (size: number) => Number.isSafeInteger(size) && size >= 0 && size < 2 ** 32;
    if (words.length !== 3 || ![rows, columns, stored].every(isSize)) {
      throw this.#error(line, `expected rows, columns and the number of elements, got ${quote(words)}`);
    }
    if (isSymmetric && rows !== columns) throw this.#error(line, `a symmetric matrix of ${rows} rows and ${columns} columns`);
    return [rows, columns, stored];
  }

  #addElement(
    words: readonly string[],
    line: number,
    [rows, columns, stored]: readonly [number, number, number],
    { isPattern, isSymmetric }: { readonly isPattern: boolean; readonly isSymmetric: boolean },
  ): void {
    if (this.#read === stored) throw this.#error(line, `more than the expected ${stored} elements`);
    this.#read++;
    const [row = Number.NaN, column = Number.NaN, value = isPattern ? 1 : Number.NaN] = words.map(numberOf);
    if (words.length !== (isPattern ? 2 : 3) || Number.isNaN(value)) {
      throw this.#error(line, `expected a row, a column${isPattern ? '' : ' and a number'}, got ${quote(words)}`);
    }
    if (!isPlace(row, rows) || !isPlace(column, columns)) {
      throw this.#error(line, `expected a row from 1 to ${rows} and a column from 1 to ${columns}, got ${quote(words)}`);
    }
    if (isSymmetric && column > row) {
      throw this.#error(line, `an element above the diagonal of a symmetric matrix: ${quote(words)}`);
    }
    this.#add(row - 1, column - 1, value);
    if (isSymmetric && row !== column) this.#add(column - 1, row - 1, value);
  }

  #add(row: number, column: number, value: number): void {
    const at = this.#count++;
    if (at === this.#rows.length) {
      this.#rows = grown(this.#rows, at + 1);
      this.#columns = grown(this.#columns, at + 1);
      this.#values = grown(this.#values, at + 1);
    }
    this.#rows[at] = row;
    this.#columns[at] = column;
    this.#values[at] = value;
  }

  #error(line: number, message: string): FormatError {
    return new FormatError(this.file, 'whole', `line ${line}: ${message}`);
  }
}

function isPlace(place: number, size: number): boolean {
  return Number.isInteger(place) && place >= 1 && place <= size;
}

function quote(words: readonly string[]): string {
  return JSON.stringify(words.slice(0, 4).join(' ').slice(0, 60));
}
