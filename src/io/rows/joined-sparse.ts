// Presents the sparse rows of many files as those of one, in memory.

import type { FormatError } from '../../errors.js';
import { CsrRows } from '../../rows/csr-rows.js';
import type { NumericArray } from '../../rows/dtype.js';
import { freeBuffer } from '../bytes/free-buffer.js';
import { disagreement, partOf } from './joined-rows.js';
import type { JoinedFile, RowFile } from './row-file.js';
import type { RowStream } from './row-reader.js';
import { SparseRowFile } from './sparse-row-file.js';

/** Sparse rows as a reader returns them. */
export type SparseStream = RowStream & { readonly sparse: CsrRows };

interface Part {
  readonly name: string;
  readonly stream: SparseStream;
}

/** Joins the rows of files that are added one after another. */
export class SparseJoiner {
  readonly #parts: Part[] = [];
  readonly #files: JoinedFile[] = [];
  #rows = 0;
  #stored = 0;

  /** `empty` contains the errors of earlier files, which have no rows. */
  constructor(empty: readonly FormatError[]) {
    for (const error of empty) this.addEmpty(error);
  }

  /** Adds the rows of a file. Throws FormatError if they do not match those of the first one. */
  add(name: string, stream: SparseStream): void {
    const [first] = this.#parts;
    if (first) checkAgree(first, { name, stream });
    const { rows, starts } = stream.sparse;
    this.#parts.push({ name, stream });
    this.#files.push({ name, firstRow: this.#rows, rows });
    this.#rows += rows;
    this.#stored += starts[rows] as number;
  }

  /** Adds a file that has no rows. */
  addEmpty({ file }: FormatError): void {
    this.#files.push({ name: file, firstRow: this.#rows, rows: 0 });
  }

  /** Returns all rows under one name. */
  finish(name: string): RowFile {
    const { stream } = this.#parts[0] as Part;
    const { depth, type, origin, openColumns } = stream;
    const columns = this.#joinElements('columns', new Uint32Array(this.#stored));
    const values = this.#joinElements('values', this.#emptyValues());
    const starts = new Float64Array(this.#rows + 1);
    const labels: string[] = [];
    let row = 0;
    let at = 0;
    for (const { stream } of this.#parts) {
      const { sparse, labels: names = [] } = stream;
      for (let i = 1; i <= sparse.rows; i++) starts[row + i] = at + (sparse.starts[i] as number);
      for (const label of names) labels.push(label);
      row += sparse.rows;
      at = starts[row] as number;
      freeBuffer(sparse.starts.buffer as ArrayBuffer);
    }
    return new SparseRowFile(name, new CsrRows(starts, columns, values, depth), {
      ...{ depth, type, files: this.#files },
      ...(origin && { origin }),
      ...(openColumns && { openColumns }),
      ...(labels.length === row && row > 0 && { labels }),
    });
  }

  /** Moves one array of all parts to `target`. Those of a part are freed as soon as they have been copied. */
  #joinElements<T extends NumericArray>(name: 'columns' | 'values', target: T): T {
    let at = 0;
    for (const { stream } of this.#parts) {
      const { sparse } = stream;
      const stored = sparse.starts[sparse.rows] as number;
      target.set(sparse[name].subarray(0, stored), at);
      freeBuffer(sparse[name].buffer as ArrayBuffer);
      at += stored;
    }
    return target;
  }

  /** Creates an array for the elements of all parts, in their type or a wider one. */
  #emptyValues(): NumericArray {
    const types = new Set(this.#parts.map(({ stream }) => stream.sparse.values.constructor));
    const [only] = types as Set<new (length: number) => NumericArray>;
    if (types.size === 1 && only) return new only(this.#stored);
    const { staged } = (this.#parts[0] as Part).stream.sparse;
    return staged === 'float64' ? new Float64Array(this.#stored) : new Float32Array(this.#stored);
  }
}

function checkAgree(first: Part, { name, stream }: Part): void {
  const there = first.stream;
  const refuse = (what: string, here: string, other: string, advice?: Parameters<typeof disagreement>[4]) => {
    throw disagreement(name, first.name, what, [here, other], advice);
  };
  const [open, openThere] = [stream.openColumns, there.openColumns];
  if (!open?.chooseBase !== !openThere?.chooseBase) {
    const [mayBeOne, fromZero] = ['columns that may be counted from 1, as none is 0', 'columns counted from 0'];
    if (open?.chooseBase) refuse('', mayBeOne, fromZero, open.chooseBase);
    refuse('', fromZero, mayBeOne, openThere?.chooseBase);
  }
  if (stream.depth !== there.depth) {
    const advice = (open ?? openThere)?.chooseWidth(Math.max(stream.depth, there.depth));
    refuse('rows of', `${stream.depth} numbers`, `${there.depth}`, advice);
  }
  if (stream.sparse.staged !== there.sparse.staged) refuse('rows of', stream.sparse.staged, there.sparse.staged);
  const [here, other] = [partOf(stream.origin) ?? 'the whole file', partOf(there.origin) ?? 'the whole file'];
  if (here !== other) refuse('rows from', here, other);
}
