// The messages of Arrow IPC: the schema, and the location of record batches in files (where a footer lists them) and in streams (where they
// follow each other). The metadata is parsed here, because the apache-arrow package trusts every count in it.
//
// https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc

import { FormatError } from '../../errors.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { FlatTable } from './flatbuffer.js';
import { decodeAt, statedCount } from './format-failure.js';
import { SpareBuffer } from './spare-buffer.js';
import { checkApart, MAX_VALUES_A_BYTE, WorkLimit } from './work-limit.js';

/** A column, or a part of one. */
export interface ArrowField {
  readonly name: string;
  readonly type: ArrowType;
  /**
   * Depends on the type. Integers and decimals: bits. FixedSizeBinary: bytes. FixedSizeList: elements. Floats: 0, 1, 2 for 16, 32, 64 bits.
   * Unions: 0 if all children have the same length. Dates: 0 for days, 1 for milliseconds. Timestamps: 0 to 3 for seconds to nanoseconds.
   */
  readonly size: number;
  readonly signed: boolean;
  /** For decimals. */
  readonly precision: number;
  readonly scale: number;
  /** True for timestamps that have a time zone, which are stored in UTC. */
  readonly isUtc: boolean;
  /** Set if the values are indices into a dictionary. */
  readonly dictionary: ArrowDictionary | undefined;
  /** The name of the extension type, and its metadata. */
  readonly extension: string;
  readonly extensionMetadata: string;
  readonly children: readonly ArrowField[];
}

export interface ArrowDictionary {
  readonly id: number;
  /** The type of the indices. */
  readonly bits: number;
  readonly signed: boolean;
}

/** Buffers, in the order of the format. */
const TYPES = [
  ...[
    'None',
    'Null',
    'Int',
    'Float',
    'Binary',
    'Utf8',
    'Bool',
    'Decimal',
    'Date',
    'Time',
    'Timestamp',
    'Interval',
    'List',
    'Struct',
  ],
  ...['Union', 'FixedSizeBinary', 'FixedSizeList', 'Map', 'Duration', 'LargeBinary', 'LargeUtf8', 'LargeList', 'RunEndEncoded'],
  ...['BinaryView', 'Utf8View', 'ListView', 'LargeListView'],
] as const;
export type ArrowType = (typeof TYPES)[number];

/** A record batch: its rows, and the location of the parts of its columns. */
export interface ArrowBatch extends Shared {
  /** Position of the message. */
  readonly offset: number;
  readonly rows: number;
  /** Length and number of nulls of every field, in depth-first order. */
  readonly nodes: readonly (readonly [length: number, nulls: number])[];
  /** Ranges of the file in the same order, each inside the body. */
  readonly buffers: readonly (readonly [offset: number, length: number])[];
  readonly compression: 'LZ4_FRAME' | 'ZSTD' | undefined;
  /** Number of additional buffers of each view column. */
  readonly variadic: readonly number[];
  /** The parts of the dictionaries that precede the batch, by dictionary id. */
  readonly dictionaries: ReadonlyMap<number, readonly ArrowBatch[]>;
}

/** What the batches of a file have in common. */
interface Shared {
  readonly work: WorkLimit;
  /** For decompressed buffers. */
  readonly spare: SpareBuffer;
}

export interface ArrowFile {
  readonly fields: readonly ArrowField[];
  readonly batches: () => AsyncGenerator<ArrowBatch, void, undefined>;
}

const MAGIC = [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31]; // ARROW1
/** With padding. */
const MAGIC_BYTES = 8;
const SCHEMA = 1;
const DICTIONARY_BATCH = 2;
const RECORD_BATCH = 3;
/** Limit for the size of the metadata; anything beyond this has an implausible number of columns. */
const MAX_METADATA_BYTES = 16 * 2 ** 20;
/** Minimum bytes of a field that is not shared: a table, the offset of its name, and an entry in a list. */
const FIELD_BYTES = 16;
const MAX_NESTING = 32;
/** Limit for names; a name that is stored once may serve many fields. */
const MAX_NAMES = 2 ** 20;
/** Limit for the parts of a dictionary. */
const MAX_DELTAS = 256;
const EXTENSION_NAME = 'ARROW:extension:name';
const EXTENSION_METADATA = 'ARROW:extension:metadata';
/** Limit for the key-value pairs that are searched for an extension type. */
const MAX_METADATA = 64;

export async function openArrow(source: ByteSource): Promise<ArrowFile> {
  const { name, size } = source;
  if (size < 12) throw new FormatError(name, 0, 'not an Arrow file: too short');
  const start = await source.read(0, 8);
  if (MAGIC.every((byte, i) => start[i] === byte)) return openFile(source);
  if (new TextDecoder().decode(start.subarray(0, 4)) === 'FEA1') {
    throw new FormatError(name, 0, 'the file is Feather version 1', {
      advice: 'write it as version 2, which is Arrow: df.to_feather(path, version=2)',
    });
  }
  return openStream(source);
}

/** A file: its footer lists the blocks. */
async function openFile(source: ByteSource): Promise<ArrowFile> {
  const { name, size } = source;
  const tail = await source.read(size - 10, 10);
  if (!MAGIC.every((byte, i) => tail[4 + i] === byte)) {
    throw new FormatError(name, size - 6, 'the Arrow file does not end with ARROW1');
  }
  const length = new DataView(tail.buffer).getUint32(0, true);
  const offset = size - 10 - length;
  if (offset < 8 || length > MAX_METADATA_BYTES) {
    throw new FormatError(name, size - 10, `a footer of ${length} bytes in a file of ${size}`);
  }
  const bytes = await source.read(offset, length);
  const shared: Shared = { work: new WorkLimit(size), spare: new SpareBuffer() };
  const first = await readMessage(source, MAGIC_BYTES, offset, new Map(), shared);
  return decodeAt(name, offset, () => {
    const footer = FlatTable.root(bytes);
    const fields = readSchema(footer.table(1));
    // A type with a changed bit would still give numbers. Some files of apache-arrow have no schema at the beginning.
    if (first?.fields && shapeOf(first.fields) !== shapeOf(fields)) {
      throw new Error('the schema in the footer is not the one at the beginning of the file');
    }
    const blocks = footer.structs(3, 24, [0]) as [offset: number][];
    const dictionaryBlocks = footer.structs(2, 24, [0]) as [offset: number][];
    return {
      fields,
      async *batches() {
        let sum = 0;
        const readBlock = async (at: number, dictionaries: Dictionaries, what: string) => {
          const message = await readMessage(source, at, offset, dictionaries, shared);
          if (!message || (what === 'record batch' ? !message.batch : !message.dictionary)) {
            throw new FormatError(name, Math.min(at, size), `no ${what} where the footer lists one`);
          }
          // Batches must not overlap: listing one a thousand times is refused.
          sum += message.end - at;
          if (sum > size) throw new FormatError(name, at, `record batches of ${sum} bytes and more in a file of ${size}`);
          return message;
        };
        const dictionaries: Dictionaries = new Map();
        for (const [at] of dictionaryBlocks) await readBlock(at, dictionaries, 'dictionary');
        for (const [at] of blocks) yield (await readBlock(at, dictionaries, 'record batch')).batch as ArrowBatch;
      },
    };
  });
}

type Dictionaries = Map<number, ArrowBatch[]>;

/** A stream: the schema comes first, then batches until its end. */
async function openStream(source: ByteSource): Promise<ArrowFile> {
  const { name, size } = source;
  const shared: Shared = { work: new WorkLimit(size), spare: new SpareBuffer() };
  const schema = await readMessage(source, 0, size, new Map(), shared);
  if (!schema?.fields) throw new FormatError(name, 0, 'not an Arrow file: it begins neither with ARROW1 nor with a schema');
  return {
    fields: schema.fields,
    async *batches() {
      const dictionaries: Dictionaries = new Map();
      for (let at = schema.end; at < size; ) {
        const message = await readMessage(source, at, size, dictionaries, shared);
        if (!message) return checkEnd(source, at);
        if (message.fields) throw new FormatError(name, at, 'a second schema');
        if (message.batch) yield message.batch;
        at = message.end;
      }
    },
  };
}

/** Throws FormatError if another stream follows the end marker at byte `at`; its rows would be lost. */
async function checkEnd(source: ByteSource, at: number): Promise<void> {
  const bytes = await source.read(at, Math.min(16, source.size - at));
  // The marker has eight bytes, of which old writers omit the first four.
  const rest = bytes.subarray(bytes[0] === 0xff ? 8 : 4);
  if (rest.every((byte) => byte === 0)) return;
  throw new FormatError(source.name, at, 'the Arrow stream ends here, but the file continues', {
    advice: 'write each stream to a file of its own',
  });
}

/** Describes fields without the ids of their dictionaries, which are only references. */
function shapeOf(fields: readonly ArrowField[]): string {
  return JSON.stringify(fields, (key, value) => (key === 'id' ? undefined : value));
}

interface Message {
  readonly fields?: ArrowField[];
  readonly batch?: ArrowBatch;
  readonly dictionary?: ArrowBatch;
  /** Position of the byte after the message. */
  readonly end: number;
}

/**
 * Reads the message at byte `offset`, which must end before `limit`; returns undefined for the end marker. Adds a dictionary to
 * `dictionaries`; a record batch refers to them.
 */
async function readMessage(
  source: ByteSource,
  offset: number,
  limit: number,
  dictionaries: Dictionaries,
  shared: Shared,
): Promise<Message | undefined> {
  const { name } = source;
  if (offset + 4 > limit) throw new FormatError(name, Math.min(offset, source.size), 'the file ends within a message');
  const prefix = new DataView((await source.read(offset, Math.min(8, limit - offset))).buffer);
  // Old writers omit the marker before the length.
  const marked = prefix.getUint32(0, true) === 0xffffffff && prefix.byteLength === 8;
  const length = prefix.getUint32(marked ? 4 : 0, true);
  if (length === 0) return undefined;
  const start = offset + (marked ? 8 : 4);
  if (length > limit - start || length > MAX_METADATA_BYTES) {
    throw new FormatError(name, offset, `a message of ${length} bytes where ${limit - start} are left`);
  }
  const bytes = await source.read(start, length);
  return decodeAt(name, offset, () => {
    shared.work.spend(length);
    const message = FlatTable.root(bytes);
    const type = message.byte(1);
    const body = start + length;
    const end = body + message.count(3);
    if (end > limit) throw new Error(`the body of a message ends at byte ${end}, after the last`);
    if (type === SCHEMA) return { fields: readSchema(message.table(2)), end };
    const at = { offset, body, end };
    if (type === RECORD_BATCH) return { batch: readBatch(message.table(2), at, new Map(dictionaries), shared), end };
    if (type === DICTIONARY_BATCH) {
      const header = message.table(2);
      const dictionary = readBatch(header?.table(1), at, new Map(), shared);
      const id = header?.count(0) ?? 0;
      // A delta adds entries after the existing ones of a dictionary.
      const before = header?.byte(2) ? (dictionaries.get(id) ?? []) : [];
      if (before.length >= MAX_DELTAS) throw new Error(`a dictionary of more than ${MAX_DELTAS} parts`);
      dictionaries.set(id, [...before, dictionary]);
      return { dictionary, end };
    }
    return { end };
  });
}

function readSchema(schema: FlatTable | undefined): ArrowField[] {
  if (!schema) throw new Error('no schema');
  if (schema.short(0) !== 0) throw new Error('big-endian Arrow files are not supported');
  const { bufferBytes } = schema;
  let count = 0;
  let nameLength = 0;

  function readField(field: FlatTable, depth: number): ArrowField {
    // Tables and names may be shared. Without this limit, a few bytes could stand for any number of fields.
    if (++count * FIELD_BYTES > bufferBytes || depth > MAX_NESTING) {
      throw new Error(
        `the schema has too many fields for its ${bufferBytes} bytes, or nests them more than ${MAX_NESTING} deep`,
      );
    }
    const name = field.text(0);
    nameLength += name.length;
    if (nameLength > MAX_NAMES + bufferBytes)
      throw new Error(`the names of the columns have ${nameLength} characters, but the schema has only ${bufferBytes} bytes`);
    const type = TYPES[field.byte(2)] ?? 'None';
    const details = field.table(3);
    const encoding = field.table(4);
    const indexType = encoding?.table(1);
    const extension = metadataOf(field, EXTENSION_NAME);
    return {
      name,
      type,
      size: sizeOf(type, details),
      signed: type === 'Int' && details?.byte(1) === 1,
      precision: type === 'Decimal' ? (details?.int(0) ?? 0) : 0,
      scale: type === 'Decimal' ? (details?.int(1) ?? 0) : 0,
      isUtc: type === 'Timestamp' && (details?.text(1) ?? '') !== '',
      dictionary: encoding && {
        id: encoding.count(0),
        bits: indexType ? indexType.int(0) : 32,
        signed: indexType ? indexType.byte(1) === 1 : true,
      },
      extension,
      extensionMetadata: extension === '' ? '' : metadataOf(field, EXTENSION_METADATA),
      children: field.tables(5).map((child) => readField(child, depth + 1)),
    };
  }

  return schema.tables(1).map((field) => readField(field, 0));
}

function metadataOf(field: FlatTable, key: string): string {
  for (const pair of field.tables(6).slice(0, MAX_METADATA)) if (pair.text(0) === key) return pair.text(1);
  return '';
}

/** The width of type parameters differs: units of dates and times have two bytes, sizes have four. */
function sizeOf(type: ArrowType, details: FlatTable | undefined): number {
  switch (type) {
    case 'Int':
    case 'FixedSizeBinary':
    case 'FixedSizeList':
      return details?.int(0) ?? 0;
    case 'Decimal':
      return details?.int(2, 128) ?? 128;
    case 'Date':
      return details?.short(0, 1) ?? 1;
    case 'Float':
    case 'Timestamp':
    case 'Union':
      return details?.short(0) ?? 0;
    default:
      return 0;
  }
}

interface MessagePlace {
  readonly offset: number;
  readonly body: number;
  readonly end: number;
}

function readBatch(
  batch: FlatTable | undefined,
  { offset, body, end }: MessagePlace,
  dictionaries: ArrowBatch['dictionaries'],
  shared: Shared,
): ArrowBatch {
  if (!batch) throw new Error('an empty record batch');
  const compression = batch.table(3);
  const codec = compression?.byte(0);
  if (codec !== undefined && codec > 1) throw new Error(`compression ${codec} is not known`);
  const buffers = batch.structs(2, 16, [0, 8]).map(([at = 0, length = 0]): [number, number] => {
    if (at + length > end - body) throw new Error(`a buffer of ${length} bytes passes the end of its record batch`);
    return [body + at, length];
  });
  checkApart(
    buffers.map(([at, length]) => ({ offset: at, bytes: length })),
    'buffers of a record batch',
  );
  const most = MAX_VALUES_A_BYTE * (end - body + 1);
  return {
    offset,
    rows: statedCount(batch.count(0), 'the number of rows of a record batch', most),
    nodes: batch.structs(1, 16, [0, 8]) as [number, number][],
    buffers,
    compression: codec === undefined ? undefined : codec === 0 ? 'LZ4_FRAME' : 'ZSTD',
    variadic: batch.structs(4, 8, [0]).map(([count]) => count as number),
    dictionaries,
    ...shared,
  };
}
