// Selected rows of a source, in any order and possibly repeated, as a source of rows.

import { twoBuffers } from './block-buffers.js';
import { CsrRows } from './csr-rows.js';
import { elementBytes } from './dtype.js';
import { ContiguousRows, type RowSource, type StagedType } from './row-source.js';
import { type AnyRows, type BlockReader, StoredRows } from './stored-rows.js';
import { TransformedRows } from './transformed-rows.js';

/** Row i is row `numbers[i]` of `source`. */
export function listRows(source: AnyRows, numbers: Uint32Array): AnyRows {
  if (source instanceof CsrRows) {
    const { starts, columns, values, depth, isFloat64, columnsGiven } = source;
    return new CsrRows(starts, columns, values, depth, isFloat64, numbers, columnsGiven);
  }
  // Transforms only the rows that are needed.
  if (source instanceof TransformedRows) return source.of(listRows(source.source, numbers));
  return source instanceof StoredRows ? new ListedStoredRows(source, numbers) : new ListedRows(source, numbers);
}

/** Returns the number of row `row` in the caller's numbering. */
export function numberGiven(source: AnyRows, row: number): number {
  if (source instanceof CsrRows) return source.numbers ? (source.numbers[row] as number) : row;
  if (source instanceof TransformedRows) return numberGiven(source.source, row);
  return source instanceof ListedRows || source instanceof ListedStoredRows ? (source.numbers[row] as number) : row;
}

/** Returns the rows that a list was made from, or the rows themselves. */
export function unlisted(source: AnyRows): AnyRows {
  return source instanceof ListedRows || source instanceof ListedStoredRows ? source.source : source;
}

class ListedRows implements RowSource {
  readonly rows: number;
  readonly depth: number;
  readonly staged: StagedType;

  constructor(
    readonly source: RowSource,
    readonly numbers: Uint32Array,
  ) {
    this.rows = numbers.length;
    this.depth = source.depth;
    this.staged = source.staged;
  }

  isIntact(from: number, to: number): boolean {
    return this.numbers.subarray(from, to).every((row) => this.source.isIntact(row, row + 1));
  }

  copyRows(from: number, to: number, target: Float32Array | Float64Array, at: number): void {
    for (let i = from; i < to; i++, at += this.depth) {
      const row = this.numbers[i] as number;
      this.source.copyRows(row, row + 1, target, at);
    }
  }
}

/** Reading this many unneeded bytes takes as long as another request. */
const GAP_BYTES = 2 ** 16;
/** Bytes read from the source at a time. */
const SPAN_BYTES = 2 ** 19;

class ListedStoredRows extends StoredRows {
  declare readonly name?: string;

  constructor(
    readonly source: StoredRows,
    readonly numbers: Uint32Array,
  ) {
    super(numbers.length, source.depth, source.type);
    if (source.name !== undefined) this.name = source.name;
  }

  createReader(mostRows: number): BlockReader {
    const most = this.spanRows(mostRows);
    const reader = this.source.createReader(most);
    const room = twoBuffers(this.staged);
    return { read: (from, to) => this.gather(reader, most, from, to, room((to - from) * this.depth)) };
  }

  override storedBytes(rows: number): number {
    return this.source.storedBytes(rows);
  }

  override readerBytes(mostRows: number): number {
    const gathered = mostRows * this.depth * elementBytes(this.staged);
    return this.source.readerBytes(this.spanRows(mostRows)) + 2 * gathered;
  }

  private spanRows(mostRows: number): number {
    const span = Math.max(1, Math.floor(SPAN_BYTES / (this.source.storedBytes(1) + 1)));
    return Math.min(mostRows, this.source.rows, span);
  }

  /** Reads the rows in the order of the source, up to `most` at a time, and reorders them. */
  private async gather(
    reader: BlockReader,
    most: number,
    from: number,
    to: number,
    gathered: Float32Array | Float64Array,
  ): Promise<RowSource> {
    const { depth, numbers } = this;
    const count = to - from;
    const numberAt = (at: number) => numbers[from + at] as number;
    const order = Uint32Array.from({ length: count }, (_, at) => at).sort((a, b) => numberAt(a) - numberAt(b));
    const gap = Math.floor(GAP_BYTES / (this.source.storedBytes(1) + 1));
    for (let start = 0; start < count; ) {
      const first = numberAt(order[start] as number);
      let end = start + 1;
      let last = first;
      for (; end < count; end++) {
        const next = numberAt(order[end] as number);
        if (next - last > gap + 1 || next - first >= most) break;
        last = next;
      }
      const block = await reader.read(first, last + 1);
      for (; start < end; start++) {
        const at = order[start] as number;
        block.copyRows(numberAt(at), numberAt(at) + 1, gathered, at * depth);
      }
    }
    return new ContiguousRows(gathered, -from * depth, numbers.length, depth);
  }
}
