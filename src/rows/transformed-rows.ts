// Rows that are transformed as they are read, a block at a time: nothing is held but the blocks.

import { elementBytes } from './dtype.js';
import { ContiguousRows, type RowSource, type StagedType } from './row-source.js';
import { type AnyRows, type BlockReader, StoredRows } from './stored-rows.js';
import type { Transform } from './transform.js';

/** The event loop gets its turn this often. */
const TURN_MS = 8;

/** The rows of `source`, in memory or not, transformed and rounded to `staged`. */
export class TransformedRows extends StoredRows {
  declare readonly name?: string;

  constructor(
    readonly source: AnyRows,
    private readonly transform: Transform,
    staged: StagedType,
    private readonly signal?: AbortSignal,
  ) {
    super(source.rows, source.depth, staged);
    if (source instanceof StoredRows && source.name !== undefined) this.name = source.name;
  }

  /** The same transformation of other rows. */
  of(source: AnyRows): TransformedRows {
    return new TransformedRows(source, this.transform, this.staged, this.signal);
  }

  createReader(mostRows: number): BlockReader {
    const { source } = this;
    const reader = source instanceof StoredRows ? source.createReader(mostRows) : undefined;
    return {
      read: async (from, to) => this.transformBlock(reader ? await reader.read(from, to) : (source as RowSource), from, to),
    };
  }

  /** Rows in memory are read from no file. */
  override storedBytes(rows: number): number {
    return this.source instanceof StoredRows ? this.source.storedBytes(rows) : 0;
  }

  override readerBytes(mostRows: number): number {
    const { source, depth, staged } = this;
    const transformed = 2 * mostRows * depth * elementBytes(staged);
    return transformed + (source instanceof StoredRows ? source.readerBytes(mostRows) : 0);
  }

  private async transformBlock(block: RowSource, from: number, to: number): Promise<RowSource> {
    const { depth, staged, rows, transform, signal } = this;
    const transformed = staged === 'float32' ? new Float32Array((to - from) * depth) : new Float64Array((to - from) * depth);
    const [row, scratch] = [new Float64Array(depth), new Float64Array(depth)];
    let since = performance.now();
    for (let at = from; at < to; at++) {
      // What is no longer there is for the call to say, which asks `isIntact`.
      if (!block.isIntact(at, at + 1)) return block;
      copyTransformed(block, at, transform, row, scratch);
      transformed.set(row, (at - from) * depth);
      if (performance.now() - since < TURN_MS) continue;
      await new Promise((resolve) => setTimeout(resolve, 0));
      signal?.throwIfAborted();
      since = performance.now();
    }
    return new ContiguousRows(transformed, -from * depth, rows, depth);
  }
}

/** All rows of `source` at once, for calls that cannot wait. Rows that are no longer there stay as they are. */
export function transformNow(source: RowSource, transform: Transform, staged: StagedType): RowSource {
  const { rows, depth } = source;
  if (!source.isIntact(0, rows)) return source;
  const transformed = staged === 'float32' ? new Float32Array(rows * depth) : new Float64Array(rows * depth);
  const [row, scratch] = [new Float64Array(depth), new Float64Array(depth)];
  for (let at = 0; at < rows; at++) {
    copyTransformed(source, at, transform, row, scratch);
    transformed.set(row, at * depth);
  }
  return new ContiguousRows(transformed, 0, rows, depth);
}

function copyTransformed(
  source: RowSource,
  row: number,
  transform: Transform,
  target: Float64Array,
  scratch: Float64Array,
): void {
  source.copyRows(row, row + 1, target, 0);
  transform.apply(target, scratch);
}
