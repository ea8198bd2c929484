// Matrix Market's coordinate format (.mtx): a header line, comments, the sizes, then one element per line.
// https://math.nist.gov/MatrixMarket/formats.html

import { FormatError } from '../../errors.js';
import { freeBuffers } from '../bytes/free-buffer.js';
import type { RowReader } from '../rows/row-reader.js';
import type { SparseRoom } from '../rows/sparse-room.js';
import { NumberPieces } from './number-pieces.js';
import { checkSparseShape, csrOfTriplets, sparseStream } from './sparse-parts.js';
import { TextBytes } from './text-bytes.js';
import { linesOf, numberOf } from './text-lines.js';

/** The shortest element is '1 1' with the end of its line. */
const LEAST_ELEMENT_BYTES = 4;
/** While elements are arranged by row: row, column and value, and the arranged columns or values. */
const ARRANGED_BYTES = 16;

const FIELDS: readonly string[] = ['real', 'double', 'integer', 'unsigned-integer', 'pattern'];

/**
 * Reads coordinates of real numbers, integers or patterns (in which each element is 1), general or symmetric. Duplicate elements are added.
 */
export const readMatrixMarket: RowReader = async (source, { memoryBudget, sparseRoom }) => {
  const elements = new Elements(source.name, source.size, sparseRoom);
  for await (const { line, number } of linesOf(await TextBytes.open(source, memoryBudget))) elements.addLine(line, number);
  return sparseStream(elements.finish());
};

class Elements {
  readonly #rows = new NumberPieces(Uint32Array);
  readonly #columns = new NumberPieces(Uint32Array);
  readonly #values = new NumberPieces(Float32Array);
  #kind: { readonly isPattern: boolean; readonly isSymmetric: boolean } | undefined;
  #sizes: readonly [rows: number, columns: number, stored: number] | undefined;
  #read = 0;

  constructor(
    private readonly file: string,
    private readonly size: number,
    private readonly room: SparseRoom | undefined,
  ) {}

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
    const values = new Float32Array(this.#values.length);
    const pieces = { rows: this.#rows.pieces(), columns: this.#columns.drain(), values: this.#values.drain() };
    const csr = csrOfTriplets(this.file, pieces, values, rows, columns, this.room);
    freeBuffers(pieces.rows.map(({ buffer }) => buffer));
    return csr;
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
    checkSparseShape(this.file, rows, columns, stored);
    // A file that states more elements than its bytes can hold is not complete, which is the better error.
    this.#checkRoom(rows, Math.min(stored, this.size / LEAST_ELEMENT_BYTES));
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
    if (isSymmetric && row !== column) {
      this.#add(column - 1, row - 1, value);
      if (this.#rows.length > stored) this.#checkRoom(rows, this.#rows.length);
    }
  }

  #add(row: number, column: number, value: number): void {
    this.#rows.push(row);
    this.#columns.push(column);
    this.#values.push(value);
  }

  /** Throws MemoryError if there is too little room for a matrix of `elements` elements. */
  #checkRoom(rows: number, elements: number): void {
    this.room?.check(this.file, 8 * (rows + 1) + ARRANGED_BYTES * elements);
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
