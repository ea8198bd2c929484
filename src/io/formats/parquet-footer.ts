// The footer of a Parquet file: the columns that can be rows or names, and the location of their chunks. Only what is needed is read;
// statistics, for example, are skipped.
//
// https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift

import { FormatError } from '../../errors.js';
import type { ElementType } from '../../rows/element-type.js';
import type { ByteSource } from '../bytes/byte-source.js';
import type { ReaderOptions } from '../rows/row-reader.js';
import { type CreateStore, createMemoryStore } from '../rows/row-store.js';
import { decodeAt, statedCount } from './format-failure.js';
import { refineByArrow } from './parquet-arrow.js';
import { type ParquetColumn, type ParquetLeaf, readParquetSchema } from './parquet-schema.js';
import { SpareBuffer } from './spare-buffer.js';
import { endOfThriftStruct } from './thrift-check.js';
import { checkApart, heldBytesFor, MAX_VALUES_A_BYTE, WorkLimit } from './work-limit.js';

/** The pages of one column in one row group. */
export interface ParquetChunk {
  readonly offset: number;
  readonly bytes: number;
  readonly codec: string;
  readonly values: number;
  /** Number of values in the whole file. */
  readonly work: WorkLimit;
  readonly heldBytes: number;
  readonly createStore: CreateStore;
  readonly spare: SpareBuffer;
}

/** A Thrift struct as hyparquet parses it. */
export type ThriftStruct = Readonly<Record<`field_${number}`, unknown>>;

/** Where the values of a file are stored. */
export interface ParquetLayout {
  /** Position of the footer. */
  readonly offset: number;
  /** For each row group with rows: their number, and its chunks as in the footer. */
  readonly groups: readonly { readonly rows: number; readonly chunks: readonly ThriftStruct[] }[];
  readonly rows: number;
  readonly work: WorkLimit;
  /** Maximum number of bytes of pages held in memory at once. */
  readonly heldBytes: number;
  /** Creates a store for decoded pages that exceed it. */
  readonly createStore: CreateStore;
  /** For the bytes of pages. */
  readonly spare: SpareBuffer;
}

export interface ParquetFooter extends ParquetLayout {
  readonly columns: readonly ParquetColumn[];
}

/** A parsed footer whose columns have not been examined. */
export interface ParsedFooter extends ParquetLayout {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly metadata: ThriftStruct;
}

const MAGIC = 'PAR1';
const ENCRYPTED_MAGIC = 'PARE';
/** A footer with a thousand columns and a hundred row groups has about 15 MiB. */
const MAX_FOOTER_BYTES = 64 * 2 ** 20;
const PHYSICAL = ['BOOLEAN', 'INT32', 'INT64', 'INT96', 'FLOAT', 'DOUBLE', 'BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY'];
export const CODECS: readonly string[] = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'LZO', 'BROTLI', 'LZ4', 'ZSTD', 'LZ4_RAW'];

/** How much may be decoded at a time, and where the rest goes. */
type Room = Pick<ReaderOptions, 'memoryBudget' | 'createStore'>;

export async function readParquetFooter(source: ByteSource, room?: Room): Promise<ParquetFooter> {
  const { metadata, bytes: _, ...layout } = await parseParquetFooter(source, room);
  const { offset } = layout;
  const columns: readonly ParquetColumn[] = decodeAt(source.name, offset, () => readParquetSchema(structsOf(metadata.field_2)));
  const entries = decodeAt(source.name, offset, () => structsOf(metadata.field_5));
  return { ...layout, columns: await refineByArrow(columns, entries) };
}

export async function parseParquetFooter(
  source: ByteSource,
  { memoryBudget, createStore = createMemoryStore }: Room = {},
): Promise<ParsedFooter> {
  const { name, size } = source;
  if (size < 12) throw new FormatError(name, 0, 'not a Parquet file: too short');
  const tail = await source.read(size - 8, 8);
  const magic = String.fromCharCode(...tail.subarray(4));
  if (magic === ENCRYPTED_MAGIC) {
    throw new FormatError(name, size - 4, 'the Parquet file is encrypted, its footer included', {
      advice: 'write it without encryption',
    });
  }
  if (magic !== MAGIC) throw new FormatError(name, size - 4, 'not a Parquet file: it does not end with PAR1');
  const bytes = new DataView(tail.buffer).getUint32(0, true);
  const offset = size - 8 - bytes;
  if (offset < 4 || bytes > MAX_FOOTER_BYTES) {
    throw new FormatError(name, size - 8, `a footer of ${bytes} bytes in a file of ${size}`);
  }
  const footer = await source.read(offset, bytes);
  const { deserializeTCompactProtocol } = await import('hyparquet/src/thrift.js');
  return decodeAt(name, offset, () => {
    endOfThriftStruct(footer, 0);
    const metadata: ThriftStruct = deserializeTCompactProtocol({ view: new DataView(footer.buffer, 0, bytes), offset: 0 });
    const rows = statedCount(metadata.field_3, 'the number of rows', 2 ** 32);
    const groups = structsOf(metadata.field_4).map((group) => ({
      rows: statedCount(group.field_3, 'the number of rows of a group'),
      chunks: structsOf(group.field_1),
    }));
    const sum = groups.reduce((total, group) => total + group.rows, 0);
    if (sum !== rows) throw new Error(`${rows} rows, but ${sum} in the row groups`);
    // Writers give groups without rows no pages, and their chunks have meaningless offsets.
    const filled = groups.filter((group) => group.rows > 0);
    const work = new WorkLimit(size);
    const heldBytes = heldBytesFor(memoryBudget);
    const spare = new SpareBuffer();
    return { offset, groups: filled, rows, work, heldBytes, createStore, spare, bytes: footer, metadata };
  });
}

export function structsOf(value: unknown): ThriftStruct[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((each) => typeof each === 'object' && each !== null)) return value as ThriftStruct[];
  throw new Error('expected a list in the footer, got another value');
}

/** Returns the chunks of `column`, one per row group. Each lies inside the file, and none overlap. */
export function chunksOf(source: ByteSource, footer: ParquetLayout, column: ParquetLeaf): ParquetChunk[] {
  return decodeAt(source.name, footer.offset, () => {
    const { work, heldBytes, createStore, spare } = footer;
    const found = footer.groups.map(({ chunks }): ParquetChunk => {
      const chunk = chunks[column.index];
      if (!chunk) throw new Error(`column ${column.name} has no chunk in a row group`);
      if (chunk.field_8 !== undefined || chunk.field_9 !== undefined) {
        throw new Error(`column ${column.name} is encrypted; write the file without encryption`);
      }
      if (chunk.field_1 !== undefined) throw new Error(`column ${column.name} lies in another file`);
      const meta = chunk.field_3 as ThriftStruct | undefined;
      if (typeof meta !== 'object') throw new Error(`column ${column.name} has no data in a row group`);
      const physical = PHYSICAL[meta.field_1 as number];
      if (physical !== column.physical) throw new Error(`column ${column.name} is ${column.physical} and ${physical}`);
      const data = statedCount(meta.field_9, 'the offset of a page');
      const dictionary = statedCount(meta.field_11 ?? 0, 'the offset of a dictionary');
      const offset = dictionary >= 4 ? Math.min(dictionary, data) : data;
      const bytes = statedCount(meta.field_7, 'the size of a column chunk');
      if (offset < 4 || offset + bytes > footer.offset) {
        throw new Error(`column ${column.name} has ${bytes} bytes from byte ${offset} on, in a file of ${source.size}`);
      }
      const values = statedCount(meta.field_5, 'a number of values', MAX_VALUES_A_BYTE * (bytes + 1));
      const codec = CODECS[meta.field_4 as number] ?? String(meta.field_4);
      return { offset, bytes, codec, values, work, heldBytes, createStore, spare };
    });
    checkApart(found, `the chunks of column ${column.name}`);
    return found;
  });
}

/** Returns the smallest element type that holds every number in `columns`. */
export function commonElement(columns: readonly ParquetColumn[]): ElementType {
  const types = new Set(columns.map(({ element }) => element as ElementType));
  return types.size === 1 ? ([...types][0] as ElementType) : 'float64';
}
