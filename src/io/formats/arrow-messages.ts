// The messages of Arrow IPC: the schema, and where the record batches lie, in files (listed at the end) and in streams (one
// after another). The metadata is read here and not by the apache-arrow package, which takes every count in it for true.
//
// https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc

import { FormatError } from '../../errors.js';
import type { ByteSource } from '../byte-source.js';
import { FlatTable } from './flatbuffer.js';
import { decodeAt } from './format-failure.js';

/** A column, or a part of one. */
export interface ArrowField {
  readonly name: string;
  readonly type: ArrowType;
  /** Bits of whole numbers; bytes of FixedSizeBinary; elements of FixedSizeList; of floats 0, 1, 2 for 16, 32, 64 bits. */
  readonly size: number;
  readonly signed: boolean;
  readonly dictionary: boolean;
  readonly children: readonly ArrowField[];
}

/** In the order of the format. */
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

/** A record batch: its rows, and the parts of its columns in the file. */
export interface ArrowBatch {
  /** Of the message. */
  readonly offset: number;
  readonly rows: number;
  /** Length and number of nulls of every field, in depth-first order. */
  readonly nodes: readonly (readonly [length: number, nulls: number])[];
  /** Bytes of the file, in the same order; each inside the body. */
  readonly buffers: readonly (readonly [offset: number, length: number])[];
  readonly compression: 'LZ4_FRAME' | 'ZSTD' | undefined;
  /** Buffers more that each column of views has. */
  readonly variadic: readonly number[];
}

export interface ArrowFile {
  readonly fields: readonly ArrowField[];
  readonly batches: () => AsyncGenerator<ArrowBatch, void, undefined>;
}

const MAGIC = [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31]; // ARROW1
const SCHEMA = 1;
const RECORD_BATCH = 3;
/** Metadata beyond this has more columns than make sense. */
const MOST_METADATA_BYTES = 16 * 2 ** 20;
/** A field of its own takes more: a table, the place of its name, and an entry in a list. */
const FIELD_BYTES = 16;
const MOST_NESTING = 32;
/** The same name, written once, may serve many fields. */
const MOST_NAMES = 2 ** 20;

export async function openArrow(source: ByteSource): Promise<ArrowFile> {
  const { name, size } = source;
  if (size < 12) throw new FormatError(name, 0, 'not an Arrow file: too short');
  const start = await source.read(0, 8);
  if (MAGIC.every((byte, i) => start[i] === byte)) return openFile(source);
  if (new TextDecoder().decode(start.subarray(0, 4)) === 'FEA1') {
    throw new FormatError(name, 0, 'Feather version 1; write it again as version 2, which is Arrow');
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
  if (offset < 8 || length > MOST_METADATA_BYTES) {
    throw new FormatError(name, size - 10, `a footer of ${length} bytes in a file of ${size}`);
  }
  const bytes = await source.read(offset, length);
  return decodeAt(name, offset, () => {
    const footer = FlatTable.root(bytes);
    const fields = readSchema(footer.table(1));
    const blocks = footer.structs(3, 24, [0]) as [offset: number][];
    return {
      fields,
      async *batches() {
        let sum = 0;
        for (const [at] of blocks) {
          const message = await readMessage(source, at, offset);
          if (!message?.batch) throw new FormatError(name, Math.min(at, size), 'no record batch where the footer lists one');
          // Batches do not overlap: one listed a thousand times is refused.
          sum += message.end - at;
          if (sum > size) throw new FormatError(name, at, `record batches of ${sum} bytes and more in a file of ${size}`);
          yield message.batch;
        }
      },
    };
  });
}

/** A stream: the schema first, then batches up to its end. */
async function openStream(source: ByteSource): Promise<ArrowFile> {
  const { name, size } = source;
  const schema = await readMessage(source, 0, size);
  if (!schema?.fields) throw new FormatError(name, 0, 'not an Arrow file: it begins neither with ARROW1 nor with a schema');
  return {
    fields: schema.fields,
    async *batches() {
      for (let at = schema.end; at < size; ) {
        const message = await readMessage(source, at, size);
        if (!message) return;
        if (message.fields) throw new FormatError(name, at, 'a second schema');
        if (message.batch) yield message.batch;
        at = message.end;
      }
    },
  };
}

interface Message {
  readonly fields?: ArrowField[];
  readonly batch?: ArrowBatch;
  /** The byte after it. */
  readonly end: number;
}

/** The message at byte `offset`, which must end before `limit`; undefined for the mark of the end. */
async function readMessage(source: ByteSource, offset: number, limit: number): Promise<Message | undefined> {
  const { name } = source;
  if (offset + 4 > limit) throw new FormatError(name, Math.min(offset, source.size), 'the file ends within a message');
  const prefix = new DataView((await source.read(offset, Math.min(8, limit - offset))).buffer);
  // Old writers leave out the mark before the length.
  const marked = prefix.getUint32(0, true) === 0xffffffff && prefix.byteLength === 8;
  const length = prefix.getUint32(marked ? 4 : 0, true);
  if (length === 0) return undefined;
  const start = offset + (marked ? 8 : 4);
  if (length > limit - start || length > MOST_METADATA_BYTES) {
    throw new FormatError(name, offset, `a message of ${length} bytes where ${limit - start} are left`);
  }
  const bytes = await source.read(start, length);
  return decodeAt(name, offset, () => {
    const message = FlatTable.root(bytes);
    const type = message.byte(1);
    const body = start + length;
    const end = body + message.count(3);
    if (end > limit) throw new Error(`the body of a message ends at byte ${end}, after the last`);
    if (type === SCHEMA) return { fields: readSchema(message.table(2)), end };
    if (type === RECORD_BATCH) return { batch: readBatch(message.table(2), offset, body, end), end };
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
    // Tables and names may be shared: without this, a few bytes could stand for any number of fields.
    if (++count * FIELD_BYTES > bufferBytes || depth > MOST_NESTING) {
      throw new Error('more fields, or deeper ones, than make sense');
    }
    const name = field.text(0);
    nameLength += name.length;
    if (nameLength > MOST_NAMES + bufferBytes) throw new Error('the names of the columns are longer than makes sense');
    const type = TYPES[field.byte(2)] ?? 'None';
    const details = field.table(3);
    const precise = type === 'Float' || type === 'Union' ? details?.short(0) : details?.int(0);
    return {
      name,
      type,
      size: precise ?? 0,
      signed: type === 'Int' && details?.byte(1) === 1,
      dictionary: field.table(4) !== undefined,
      children: field.tables(5).map((child) => readField(child, depth + 1)),
    };
  }

  return schema.tables(1).map((field) => readField(field, 0));
}

function readBatch(batch: FlatTable | undefined, offset: number, body: number, end: number): ArrowBatch {
  if (!batch) throw new Error('an empty record batch');
  const compression = batch.table(3);
  const codec = compression?.byte(0);
  if (codec !== undefined && codec > 1) throw new Error(`compression ${codec} is not known`);
  const buffers = batch.structs(2, 16, [0, 8]).map(([at = 0, length = 0]): [number, number] => {
    if (at + length > end - body) throw new Error(`a buffer of ${length} bytes passes the end of its record batch`);
    return [body + at, length];
  });
  const stored = buffers.reduce((sum, [, length]) => sum + length, 0);
  if (stored > end - body) throw new Error(`buffers of ${stored} bytes in a record batch of ${end - body}`);
  return {
    offset,
    rows: batch.count(0),
    nodes: batch.structs(1, 16, [0, 8]) as [number, number][],
    buffers,
    compression: codec === undefined ? undefined : codec === 0 ? 'LZ4_FRAME' : 'ZSTD',
    variadic: batch.structs(4, 8, [0]).map(([count]) => count as number),
  };
}
