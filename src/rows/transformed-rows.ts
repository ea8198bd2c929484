// Rows that are transformed as they are read, one block at a time; only the blocks are held in memory.

import { twoBuffers } from './block-buffers.js';
import { elementBytes } from './dtype.js';
import { ContiguousRows, type RowSource, type StagedType } from './row-source.js';
import { type AnyRows, type BlockReader, StoredRows } from './stored-rows.js';

/** Transforms a row in place; `scratch` has the same length. */
export type ApplyTransform = (row: Float64Array, scratch: Float64Array) => void;

/** Milliseconds between turns of the event loop. */
const TURN_MS = 8;

/** The rows of `source`, in memory or in a file, transformed and rounded to `staged`. */
export class TransformedRows extends StoredRows {
  declare readonly name?: string;

  /** A plan reads no rows and needs no `apply`. */
  constructor(
    readonly source: AnyRows,
    private readonly apply: ApplyTransform | undefined,
    staged: StagedType,
    private readonly signal?: AbortSignal,
  ) {
    super(source.rows, source.depth, staged);
    if (source instanceof StoredRows && source.name !== undefined) this.name = source.name;
  }

  /** Applies the same transform to other rows. */
  of(source: AnyRows): TransformedRows {
    return new TransformedRows(source, this.apply, this.staged, this.signal);
  }

  createReader(mostRows: number): BlockReader {
    const { source } = this;
    const reader = source instanceof StoredRows ? source.createReader(mostRows) : undefined;
    const room = twoBuffers(this.staged);
    return {
      read: async (from, to) => {
        const transformed = room((to - from) * this.depth);
        return this.transformBlock(reader ? await reader.read(from, to) : (source as RowSource), from, to, transformed);
      },
    };
  }

  /** Rows in memory have no file. */
  override storedBytes(rows: number): number {
    return this.source instanceof StoredRows ? this.source.storedBytes(rows) : 0;
  }

  override readerBytes(mostRows: number): number {
    const { source, depth, staged } = this;
    const transformed = 2 * mostRows * depth * elementBytes(staged);
    return transformed + (source instanceof StoredRows ? source.readerBytes(mostRows) : 0);
  }

  private async transformBlock(
    block: RowSource,
    from: number,
    to: number,
    transformed: Float32Array | Float64Array,
  ): Promise<RowSource> {
    const { depth, rows, apply, signal } = this;
    const [row, scratch] = [new Float64Array(depth), new Float64Array(depth)];
    let since = performance.now();
    for (let at = from; at < to; at++) {
      // The call checks `isIntact` and reports rows that are gone.
      if (!block.isIntact(at, at + 1)) return block;
      block.copyRows(at, at + 1, row, 0);
      apply?.(row, scratch);
      transformed.set(row, (at - from) * depth);
      if (performance.now() - since < TURN_MS) continue;
      await new Promise((resolve) => setTimeout(resolve, 0));
      signal?.throwIfAborted();
      since = performance.now();
    }
    return new ContiguousRows(transformed, -from * depth, rows, depth);
  }
}
