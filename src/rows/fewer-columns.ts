// Sparse rows without the columns that no row stores: what is made for each column then grows with the stored elements, not with the columns
// that rows could have, of which hashed features have millions.

import { CsrRows } from './csr-rows.js';

/** Numbering this many columns anew saves nothing. */
const FEW_COLUMNS = 2 ** 16;

/** The same rows with their columns counted from 0 among those that any of them stores, in the same order, where few columns are stored. */
export function withFewerColumns<Y extends CsrRows | undefined>(x: CsrRows, y: Y): { readonly x: CsrRows; readonly y: Y } {
  const stored = storedIn(x) + (y ? storedIn(y) : 0);
  if (Math.max(x.depth, y?.depth ?? 0) <= Math.max(FEW_COLUMNS, stored)) return { x, y };
  const numbering = new Numbering();
  for (const { columns } of y ? [x, y] : [x]) for (let i = 0; i < columns.length; i++) numbering.add(columns[i] as number);
  const given = numbering.finish();
  const renumbered = ({ starts, columns, values, isFloat64, numbers }: CsrRows) => {
    const fewer = new Uint32Array(columns.length);
    for (let i = 0; i < fewer.length; i++) fewer[i] = numbering.numberOf(columns[i] as number);
    return new CsrRows(starts, fewer, values, given.length, isFloat64, numbers, given);
  };
  return { x: renumbered(x), y: y && (renumbered(y) as Y) };
}

function storedIn({ starts }: CsrRows): number {
  return starts[starts.length - 1] as number;
}

/** No column has this number. */
const FREE = 0xffffffff;
const FIRST_SIZE = 2 ** 12;
/** Spreads columns that are near each other: 2^32 by the golden ratio. */
const SPREAD = 0x9e3779b1;

/** An open hash table of columns. */
class Numbering {
  private keys = new Uint32Array(FIRST_SIZE).fill(FREE);
  private numbers = new Uint32Array();
  private count = 0;

  add(column: number): void {
    const place = this.placeOf(column);
    if (this.keys[place] === column) return;
    this.keys[place] = column;
    if (2 * ++this.count > this.keys.length) this.grow();
  }

  /** Numbers the columns in ascending order, and returns them in that order. */
  finish(): Uint32Array {
    const given = this.keys.filter((key) => key !== FREE).sort();
    this.numbers = new Uint32Array(this.keys.length);
    for (let at = 0; at < given.length; at++) this.numbers[this.placeOf(given[at] as number)] = at;
    return given;
  }

  /** Of a column that was added. */
  numberOf(column: number): number {
    return this.numbers[this.placeOf(column)] as number;
  }

  private placeOf(column: number): number {
    const { keys } = this;
    const mask = keys.length - 1;
    let place = (Math.imul(column, SPREAD) >>> 7) & mask;
    for (; keys[place] !== column && keys[place] !== FREE; place = (place + 1) & mask);
    return place;
  }

  private grow(): void {
    const before = this.keys;
    this.keys = new Uint32Array(2 * before.length).fill(FREE);
    for (const key of before) if (key !== FREE) this.keys[this.placeOf(key)] = key;
  }
}
