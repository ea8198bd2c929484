// The columns of an Arrow record batch: which buffers belong to which column, and reading parts of them. Uncompressed buffers are read in
// place, a few rows at a time. Large compressed buffers are decompressed a piece at a time while rows are read in order.

import { FormatError } from '../../errors.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { piecesInTurns, takeTurn } from '../turns.js';
import type { ArrowBatch, ArrowField } from './arrow-messages.js';
import { ByteFeed } from './byte-feed.js';
import { decompressPieces, openDecompress, packedPieces } from './decompress.js';
import { decodeAt, formatFailure, statedCount } from './format-failure.js';

/** A field with its parts in one batch. */
export interface ArrowColumn {
  readonly field: ArrowField;
  readonly length: number;
  readonly nulls: number;
  /** Validity, offsets and values, depending on the type. */
  readonly buffers: readonly ArrowBuffer[];
  readonly children: readonly ArrowColumn[];
}

/** Number of buffers of a type, without those of its children. */
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

/** Assigns the nodes and buffers of `batch` to its fields. */
export function columnsOfBatch(source: ByteSource, fields: readonly ArrowField[], batch: ArrowBatch): ArrowColumn[] {
  const nodes = batch.nodes.values();
  const buffers = batch.buffers.values();
  const variadic = batch.variadic.values();

  function take(field: ArrowField): ArrowColumn {
    const node = nodes.next().value;
    if (!node) throw new Error('a record batch with fewer columns than the schema');
    const [length, nulls] = node;
    let count = field.dictionary ? 2 : (BUFFERS[field.type] ?? 2);
    // Unions have no validity bitmap: they have types, and offsets unless all their children have the same length.
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

/** Larger buffers are decompressed a piece at a time. */
const WHOLE_BYTES = 4 * 2 ** 20;
/** This many of the most recent bytes are kept, because consecutive reads may overlap by an offset or a few bits. */
const KEPT_BYTES = 4096;
/** A buffer that is not read in order is restarted this many times and then decompressed whole. */
const MAX_RESTARTS = 3;

/** One buffer of the file, read in parts. */
export class ArrowBuffer {
  #whole: Uint8Array<ArrayBuffer> | undefined;
  /** Size in memory, or -1 if the buffer turns out not to be compressed. */
  #stated: number | undefined;
  #feed: ByteFeed | undefined;
  /** Position of the next byte from the feed, and the bytes before it. */
  #position = 0;
  #kept: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #restarts = 0;

  constructor(
    private readonly source: ByteSource,
    private readonly batch: ArrowBatch,
    readonly offset: number,
    private readonly stored: number,
  ) {}

  get empty(): boolean {
    return this.stored === 0;
  }

  /** Returns `length` bytes from `at`, at the beginning of a new buffer. */
  async read(at: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const turn = takeTurn(this.source, Math.max(0, length));
    if (turn) await turn;
    if (length === 0) return new Uint8Array(0);
    this.batch.work.spend(Math.max(0, length));
    if (!this.batch.compression) return this.#readStored(at, length, 0);
    try {
      this.#stated ??= await this.#readLength();
      if (this.#stated < 0) return await this.#readStored(at, length, 8);
      this.#check(at, length, this.#stated);
      if (this.#stated > WHOLE_BYTES && this.#restarts <= MAX_RESTARTS)
        return await this.#readInOrder(at, length, this.#stated);
      this.#whole ??= await this.#decompress(this.#stated);
      return this.#whole.slice(at, at + length);
    } catch (error) {
      throw formatFailure(this.source.name, this.offset, error);
    }
  }

  /** Frees what was decompressed, of which no more is read. */
  async close(): Promise<void> {
    if (this.#whole) this.batch.spare.give(this.#whole);
    this.#whole = undefined;
    await this.#feed?.close();
    this.#feed = undefined;
  }

  async #readStored(at: number, length: number, start: number): Promise<Uint8Array<ArrayBuffer>> {
    this.#check(at, length, this.stored - start);
    return this.source.read(this.offset + start + at, length);
  }

  #check(at: number, length: number, size: number): void {
    if (at >= 0 && length >= 0 && at + length <= size) return;
    const wanted = at < 0 || length < 0 ? `bytes ${at} to ${at + length}` : `${at + length}`;
    throw new FormatError(this.source.name, this.offset, `a buffer of ${size} bytes where ${wanted} are needed`);
  }

  /** The length in memory precedes the data. */
  async #readLength(): Promise<number> {
    if (this.stored < 8) throw new Error('a compressed buffer without its length');
    const stated = new DataView((await this.source.read(this.offset, 8)).buffer).getBigInt64(0, true);
    return stated === -1n ? -1 : statedCount(stated, 'the length of a buffer');
  }

  async #decompress(stated: number): Promise<Uint8Array<ArrayBuffer>> {
    await this.#feed?.close();
    this.batch.work.spend(stated);
    const decompress = await openDecompress(this.batch.compression as 'LZ4_FRAME' | 'ZSTD');
    const { spare } = this.batch;
    const room = spare.take(this.stored - 8);
    const whole = await decompress(await this.source.read(this.offset + 8, this.stored - 8, room), stated, spare.take);
    spare.give(room);
    return whole;
  }

  async #readInOrder(at: number, length: number, stated: number): Promise<Uint8Array<ArrayBuffer>> {
    if (!this.#feed || at < this.#position - this.#kept.length) {
      if (this.#feed) this.#restarts++;
      this.batch.work.spend(stated);
      await this.#feed?.close();
      const packed = packedPieces(this.source, this.offset + 8, this.stored - 8);
      const method = this.batch.compression as 'LZ4_FRAME' | 'ZSTD';
      this.#feed = ByteFeed.from(piecesInTurns(this.source, decompressPieces(method, packed, this.stored - 8, stated)));
      this.#position = 0;
      this.#kept = new Uint8Array(0);
    }
    for (let skip = at - this.#position; skip > 0; skip = at - this.#position) {
      this.#position += (await this.#feed.take(Math.min(skip, WHOLE_BYTES))).length;
    }
    const bytes = new Uint8Array(length);
    const before = this.#position - at;
    bytes.set(this.#kept.subarray(this.#kept.length - before).subarray(0, length));
    if (length > before) {
      bytes.set(await this.#feed.take(length - before), before);
      this.#position = at + length;
      this.#kept = bytes.slice(-KEPT_BYTES);
    }
    return bytes;
  }
}

/** The bits of a validity bitmap are examined in parts of this many bytes. */
const BITMAP_PIECE = 2 ** 16;

/**
 * Sets `marks` to 1 for each null among the values from `start`. `marks` begins with the first value and is created when a null is found.
 */
export async function markNulls(
  column: ArrowColumn,
  start: number,
  count: number,
  marks: Uint8Array | undefined,
): Promise<Uint8Array | undefined> {
  if (column.field.type === 'Null') return new Uint8Array(count).fill(1);
  const validity = column.buffers[0];
  if (column.nulls === 0 || !validity || validity.empty || column.field.type === 'Union') return marks;
  let made = marks;
  const end = start + count;
  for (let from = start - (start % 8); from < end; from += BITMAP_PIECE * 8) {
    const bits = Math.min(BITMAP_PIECE * 8, end - from);
    const bytes = await validity.read(from / 8, Math.ceil(bits / 8));
    for (let i = Math.max(0, start - from); i < bits; i++) {
      if (((bytes[i >> 3] as number) & (1 << (i & 7))) !== 0) continue;
      made ??= new Uint8Array(count);
      made[from + i - start] = 1;
    }
  }
  return made;
}

/** Returns the offsets from `start` to `start + count` of a column of lists, bytes or text: one more than there are values. */
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
