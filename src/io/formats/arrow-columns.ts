// The columns of an Arrow record batch: which buffers belong to which, and reading parts of them. Uncompressed buffers are read
// where they lie, a few rows at a time; compressed ones have to be decompressed whole.

import { FormatError } from '../../errors.js';
import type { ByteSource } from '../byte-source.js';
import type { ArrowBatch, ArrowField } from './arrow-messages.js';
import { openDecompress } from './decompress.js';
import { decodeAt, formatFailure, statedCount } from './format-failure.js';

/** A field with its parts of one batch. */
export interface ArrowColumn {
  readonly field: ArrowField;
  readonly length: number;
  readonly nulls: number;
  /** Validity, offsets and values, as the type has them. */
  readonly buffers: readonly ArrowBuffer[];
  readonly children: readonly ArrowColumn[];
}

/** Buffers of a type besides those of its children. */
const BUFFERS: Partial<Record<ArrowField['type'], number>> = {
  Null: 0,
  RunEndEncoded: 0,
  Struct: 1,
  FixedSizeList: 1,
  Binary: 3,
  Utf8: 3,
  LargeBinary: 3,
  LargeUtf8: 3,
  ListView: 3,
  LargeListView: 3,
};

/** Hands the nodes and buffers of `batch` to its fields. */
export function columnsOfBatch(source: ByteSource, fields: readonly ArrowField[], batch: ArrowBatch): ArrowColumn[] {
  const nodes = batch.nodes.values();
  const buffers = batch.buffers.values();
  const variadic = batch.variadic.values();

  function take(field: ArrowField): ArrowColumn {
    const node = nodes.next().value;
    if (!node) throw new Error('a record batch with fewer columns than the schema');
    const [length, nulls] = node;
    let count = field.dictionary ? 2 : (BUFFERS[field.type] ?? 2);
    // Unions have no validity of their own: types, and offsets unless all parts are as long.
    if (field.type === 'Union') count = field.size === 0 ? 1 : 2;
    if (!field.dictionary && field.type.endsWith('View') && !field.type.includes('List')) count += variadic.next().value ?? 0;
    const own: ArrowBuffer[] = [];
    for (let i = 0; i < count; i++) {
      const range = buffers.next().value;
      if (!range) throw new Error('a record batch with fewer buffers than its columns need');
      own.push(new ArrowBuffer(source, batch, range[0], range[1]));
    }
    return { field, length, nulls, buffers: own, children: field.dictionary ? [] : field.children.map(take) };
  }

  return decodeAt(source.name, batch.offset, () => {
    const columns = fields.map(take);
    for (const { field, length } of columns) {
      if (length !== batch.rows) throw new Error(`column ${field.name} has ${length} of the ${batch.rows} rows of its batch`);
    }
    return columns;
  });
}

/** One buffer in the file, read in parts. */
export class ArrowBuffer {
  #whole: Uint8Array<ArrayBuffer> | undefined;

  constructor(
    private readonly source: ByteSource,
    private readonly batch: ArrowBatch,
    readonly offset: number,
    private readonly stored: number,
  ) {}

  get empty(): boolean {
    return this.stored === 0;
  }

  /** `length` bytes from `at` on, at the beginning of a buffer of the caller's own. */
  async read(at: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    if (length === 0) return new Uint8Array(0);
    if (this.batch.compression) {
      this.#whole ??= await this.#decompress(this.batch.compression);
      this.#check(at, length, this.#whole.length);
      return this.#whole.slice(at, at + length);
    }
    this.#check(at, length, this.stored);
    return this.source.read(this.offset + at, length);
  }

  #check(at: number, length: number, size: number): void {
    if (at + length <= size) return;
    throw new FormatError(this.source.name, this.offset, `a buffer of ${size} bytes where ${at + length} are needed`);
  }

  /** Before the data stands its length in memory, -1 where it is not compressed after all. */
  async #decompress(method: 'LZ4_FRAME' | 'ZSTD'): Promise<Uint8Array<ArrayBuffer>> {
    const { source, offset, stored } = this;
    try {
      if (stored < 8) throw new Error('a compressed buffer without its length');
      const stated = new DataView((await source.read(offset, 8)).buffer).getBigInt64(0, true);
      const packed = await source.read(offset + 8, stored - 8);
      if (stated === -1n) return packed;
      const decompress = await openDecompress(method);
      return await decompress(packed, statedCount(stated, 'the length of a buffer'));
    } catch (error) {
      throw formatFailure(source.name, offset, error);
    }
  }
}

/** The bits of a validity bitmap are looked at in parts of this many bytes. */
const BITMAP_PIECE = 2 ** 16;

/** The first index from `start` to before `end` that is null, if any. */
export async function findNull(column: ArrowColumn, start: number, end: number): Promise<number | undefined> {
  if (column.field.type === 'Null') return start < end ? start : undefined;
  const validity = column.buffers[0];
  if (column.nulls === 0 || !validity || validity.empty) return undefined;
  for (let from = start - (start % 8); from < end; from += BITMAP_PIECE * 8) {
    const bits = Math.min(BITMAP_PIECE * 8, end - from);
    const bytes = await validity.read(from / 8, Math.ceil(bits / 8));
    for (let i = Math.max(0, start - from); i < bits; i++) {
      if (((bytes[i >> 3] as number) & (1 << (i & 7))) === 0) return from + i;
    }
  }
  return undefined;
}

/** All that are null of the values `start` to before `end`, which are some thousand at most. */
export async function findNulls(column: ArrowColumn, start: number, end: number): Promise<number[]> {
  const first = await findNull(column, start, end);
  if (first === undefined) return [];
  const all = Array.from({ length: end - first }, (_, i) => first + i);
  const validity = column.buffers[0];
  if (!validity) return all;
  const from = first - (first % 8);
  const bytes = await validity.read(from / 8, Math.ceil((end - from) / 8));
  return all.filter((i) => ((bytes[(i - from) >> 3] as number) & (1 << (i & 7))) === 0);
}

/** Offsets number `start` to `start + count` of a column of lists, bytes or text: one more than there are values. */
export async function readOffsets(column: ArrowColumn, start: number, count: number): Promise<Float64Array> {
  const wide = column.field.type.startsWith('Large');
  const size = wide ? 8 : 4;
  const buffer = column.buffers[1] as ArrowBuffer;
  const view = new DataView((await buffer.read(start * size, (count + 1) * size)).buffer);
  const offsets = new Float64Array(count + 1);
  for (let i = 0; i <= count; i++) {
    const offset = wide ? Number(view.getBigInt64(i * 8, true)) : view.getInt32(i * 4, true);
    offsets[i] = offset;
    if (offset < 0 || !Number.isSafeInteger(offset) || (i > 0 && offset < (offsets[i - 1] as number))) {
      throw new Error(`offset ${offset} of column ${column.field.name} is out of order`);
    }
  }
  return offsets;
}
