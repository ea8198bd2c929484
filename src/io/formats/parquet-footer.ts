// What the footer of a Parquet file says: its columns, as far as they can be rows or names, and where the chunks of each lie.
// hyparquet parses it, after a look at whether its counts can be true.
//
// https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift

import type { FileMetaData, RowGroup, SchemaElement } from 'hyparquet';
import { FormatError } from '../../errors.js';
import type { ElementType } from '../../matrix/element-type.js';
import type { ByteSource } from '../byte-source.js';
import type { ColumnCandidate } from './column-choice.js';
import { decodeAt, statedCount } from './format-failure.js';
import { endOfThriftStruct } from './thrift-check.js';

/** A leaf of the schema. */
export interface ParquetColumn extends ColumnCandidate {
  /** Where it comes in a row group. */
  readonly index: number;
  readonly physical: string;
  /** Of a number, or of the elements of a list; undefined of anything else. */
  readonly element: ElementType | undefined;
  /** 64-bit and unsigned whole numbers need more care than their element type tells. */
  readonly unsigned: boolean;
  /** Bytes of a FIXED_LEN_BYTE_ARRAY. */
  readonly fixedBytes: number;
  /** The highest definition and repetition levels, and the definition level of an element that exists, null or not. */
  readonly definition: number;
  readonly repetition: number;
  readonly repeated: number;
  /** Can be the names of rows. */
  readonly text: boolean;
}

/** The pages of one column in one row group. */
export interface ParquetChunk {
  readonly offset: number;
  readonly bytes: number;
  readonly codec: string;
  readonly values: number;
}

export interface ParquetFooter {
  readonly offset: number;
  readonly columns: readonly ParquetColumn[];
  readonly groups: readonly RowGroup[];
  readonly rows: number;
}

const MAGIC = 0x31524150; // PAR1
/** Footers of a thousand columns and a hundred row groups have some 15 MiB. */
const MOST_FOOTER_BYTES = 64 * 2 ** 20;
const MOST_COLUMNS = 2 ** 20;
const MOST_NESTING = 32;

export async function readParquetFooter(source: ByteSource): Promise<ParquetFooter> {
  const { name, size } = source;
  if (size < 12) throw new FormatError(name, 0, 'not a Parquet file: too short');
  const tail = await source.read(size - 8, 8);
  const view = new DataView(tail.buffer);
  if (view.getUint32(4, true) !== MAGIC) throw new FormatError(name, size - 4, 'not a Parquet file: it does not end with PAR1');
  const bytes = view.getUint32(0, true);
  const offset = size - 8 - bytes;
  if (offset < 4 || bytes > MOST_FOOTER_BYTES) {
    throw new FormatError(name, size - 8, `a footer of ${bytes} bytes in a file of ${size}`);
  }
  const footer = await source.read(offset, bytes + 8);
  const { parquetMetadata } = await import('hyparquet/src/metadata.js');
  return decodeAt(name, offset, () => {
    endOfThriftStruct(footer.subarray(0, bytes), 0);
    const metadata = parquetMetadata(footer, { geoparquet: false });
    const rows = statedCount(metadata.num_rows, 'the number of rows', 2 ** 32);
    checkGroups(metadata, rows);
    return { offset, columns: columnsOf(metadata.schema), groups: metadata.row_groups, rows };
  });
}

function checkGroups({ row_groups }: FileMetaData, rows: number): void {
  let sum = 0;
  for (const group of row_groups) sum += statedCount(group.num_rows, 'the number of rows of a group');
  if (sum !== rows) throw new Error(`${rows} rows, but ${sum} in the row groups`);
}

/** The leaves of the schema, which lists each element before its children. */
function columnsOf(schema: readonly SchemaElement[]): ParquetColumn[] {
  if (schema.length > MOST_COLUMNS) throw new Error(`a schema of ${schema.length} elements`);
  const columns: ParquetColumn[] = [];
  let next = 1;

  function visit(path: readonly SchemaElement[]): void {
    const element = schema[next++];
    if (!element || typeof element.name !== 'string') throw new Error('the schema ends before its columns do');
    if (path.length > MOST_NESTING) throw new Error(`columns nested more than ${MOST_NESTING} deep`);
    const inner = [...path, element];
    const children = statedCount(element.num_children ?? 0, `the number of children of ${element.name}`);
    if (children === 0) columns.push(describeLeaf(inner, columns.length));
    for (let i = 0; i < children; i++) visit(inner);
  }

  const children = statedCount(schema[0]?.num_children ?? 0, 'the number of columns');
  for (let i = 0; i < children; i++) visit([]);
  return columns;
}

function describeLeaf(path: readonly SchemaElement[], index: number): ParquetColumn {
  const leaf = path.at(-1) as SchemaElement;
  const physical = String(leaf.type);
  const fixedBytes = physical === 'FIXED_LEN_BYTE_ARRAY' ? statedCount(leaf.type_length, 'the length of a value', 2 ** 26) : 0;
  const unsigned = isUnsigned(leaf);
  const element = elementOf(leaf, unsigned);
  const repeated = path.findIndex(({ repetition_type }) => repetition_type === 'REPEATED');
  const definition = countLevels(path, path.length);
  const repetition = path.filter(({ repetition_type }) => repetition_type === 'REPEATED').length;
  const list = repeated >= 0 ? listDepth(path, repeated) : undefined;
  const number = element !== undefined;
  const bytes = isBytes(leaf, fixedBytes);
  const kind =
    repetition === 0 ? (number ? 'number' : bytes ? 'rows' : 'other') : list !== undefined && number ? 'rows' : 'other';
  return {
    name: path
      .slice(0, list ?? path.length)
      .map((part) => part.name)
      .join('.'),
    kind,
    type: (repetition > 0 ? 'list of ' : '') + String(leaf.logical_type?.type ?? leaf.converted_type ?? physical).toLowerCase(),
    index,
    physical,
    element,
    unsigned,
    fixedBytes,
    definition,
    repetition,
    repeated: repeated < 0 ? definition : countLevels(path, repeated + 1),
    text: repetition === 0 && (number || physical === 'BYTE_ARRAY'),
  };
}

/** Every part that may be missing or repeated has a level. */
function countLevels(path: readonly SchemaElement[], end: number): number {
  return path.slice(0, end).filter(({ repetition_type }) => repetition_type !== 'REQUIRED').length;
}

/**
 * How many parts of the path name a list: up to the group around the repeated part, or that part itself where none is (old
 * writers). Undefined where there is more than one value an element, as in maps, or lists in lists.
 */
function listDepth(path: readonly SchemaElement[], repeated: number): number | undefined {
  const below = path.slice(repeated, -1);
  if (below.some(({ num_children }) => num_children !== 1)) return undefined;
  if (path.slice(repeated + 1).some(({ repetition_type }) => repetition_type === 'REPEATED')) return undefined;
  const around = path[repeated - 1];
  const annotated = around?.converted_type === 'LIST' || around?.logical_type?.type === 'LIST';
  return around?.num_children === 1 && annotated ? repeated : repeated + 1;
}

const SMALL_INTEGERS = new Set<unknown>([
  undefined,
  'INT_8',
  'INT_16',
  'INT_32',
  'INT_64',
  'UINT_8',
  'UINT_16',
  'UINT_32',
  'UINT_64',
]);

function isUnsigned({ converted_type, logical_type }: SchemaElement): boolean {
  return logical_type?.type === 'INTEGER' ? !logical_type.isSigned : String(converted_type).startsWith('UINT_');
}

function elementOf(
  { type, type_length, converted_type, logical_type }: SchemaElement,
  unsigned: boolean,
): ElementType | undefined {
  if (type === 'FIXED_LEN_BYTE_ARRAY') return logical_type?.type === 'FLOAT16' && type_length === 2 ? 'float16' : undefined;
  // Dates, times and decimals are numbers of something else.
  if (!SMALL_INTEGERS.has(converted_type)) return undefined;
  const logical = logical_type?.type;
  if (logical !== undefined && logical !== 'INTEGER') return undefined;
  if (type === 'FLOAT') return 'float32';
  if (type === 'DOUBLE' || type === 'INT64') return 'float64';
  if (type === 'INT32') return unsigned ? 'uint32' : 'int32';
  return undefined;
}

/** Bytes without a meaning of their own can be the float32 of a row. */
function isBytes({ type, converted_type, logical_type }: SchemaElement, fixedBytes: number): boolean {
  if (converted_type !== undefined || logical_type?.type !== undefined) return false;
  return type === 'BYTE_ARRAY' || (type === 'FIXED_LEN_BYTE_ARRAY' && fixedBytes > 0 && fixedBytes % 4 === 0);
}

/**
 * Elements that come from no bytes at all, all the same, are rows of no use: beyond this many a byte a count is not believed.
 */
const MOST_VALUES_A_BYTE = 2 ** 16;

/**
 * The chunks of `column`, one a row group, each inside the file and together no larger than it: whoever lists one chunk a
 * thousand times makes no more work.
 */
export function chunksOf(source: ByteSource, footer: ParquetFooter, column: ParquetColumn): ParquetChunk[] {
  return decodeAt(source.name, footer.offset, () => {
    let sum = 0;
    return footer.groups.map((group) => {
      const chunk = group.columns[column.index];
      const meta = chunk?.meta_data;
      if (!meta) throw new Error(`column ${column.name} has no data in a row group; encrypted columns are not supported`);
      if (chunk.file_path) throw new Error(`column ${column.name} lies in another file, ${chunk.file_path}`);
      if (meta.type !== column.physical) throw new Error(`column ${column.name} is ${column.physical} and ${meta.type}`);
      const data = statedCount(meta.data_page_offset, 'the offset of a page');
      const dictionary = statedCount(meta.dictionary_page_offset ?? 0, 'the offset of a dictionary');
      const offset = dictionary >= 4 ? Math.min(dictionary, data) : data;
      const bytes = statedCount(meta.total_compressed_size, 'the size of a column chunk');
      sum += bytes;
      if (offset < 4 || offset + bytes > footer.offset || sum > source.size) {
        throw new Error(`column ${column.name} has ${bytes} bytes from byte ${offset} on, in a file of ${source.size}`);
      }
      const values = statedCount(meta.num_values, 'a number of values', MOST_VALUES_A_BYTE * (bytes + 1));
      return { offset, bytes, codec: String(meta.codec), values };
    });
  });
}
