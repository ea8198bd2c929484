// Writes records as an Arrow IPC file, in record batches with a fixed number of records. Each is written to the file before the next is
// made.

import type { Field, RecordBatch } from 'apache-arrow';
import { UnsupportedError } from '../../errors.js';
import { type RecordSinkOpener, type WrittenColumn, writtenColumns } from '../records/record-sink.js';
import { type ColumnArray, RecordGroups, textsOf } from './record-groups.js';

const BATCH_RECORDS = 2 ** 15;

type Arrow = typeof import('apache-arrow');

export const openArrowSink: RecordSinkOpener = async (file, columns) => {
  const arrow = await loadArrow();
  const parts: Uint8Array[] = [];
  // The writer's queue is emptied by reading it as a stream, which does not report when it is empty.
  class Parts extends arrow.AsyncByteQueue {
    override write(part: Uint8Array): void {
      parts.push(part);
    }
  }
  const written = writtenColumns(columns);
  const fields = written.map((column) => describeColumn(arrow, column));
  const schema = new arrow.Schema(fields);
  const writer = new arrow.RecordBatchFileWriter();
  writer.reset(new Parts(), schema);

  async function drain(): Promise<void> {
    for (const part of parts.splice(0)) await file.append(part);
  }

  const groups = new RecordGroups(columns, BATCH_RECORDS, async (values, length) => {
    const children = written.map((column) => encodeColumn(arrow, column, values[column.source] as ColumnArray));
    const struct = arrow.makeData({ type: new arrow.Struct(fields), length, nullCount: 0, children });
    writer.write(new arrow.RecordBatch(schema, struct) as RecordBatch);
    await drain();
  });
  return {
    add: (batch) => groups.add(batch),
    async end() {
      await groups.flush();
      writer.close();
      await drain();
    },
  };
};

/** Users who write Arrow install the package themselves, because most never do. */
async function loadArrow(): Promise<Arrow> {
  try {
    return await import('apache-arrow');
  } catch {
    throw new UnsupportedError('writing .arrow needs the package apache-arrow:', { advice: 'npm install apache-arrow' });
  }
}

function describeColumn(arrow: Arrow, { name, type }: WrittenColumn): Field {
  return new arrow.Field(name, typeOf(arrow, type), false) as Field;
}

function typeOf(arrow: Arrow, type: WrittenColumn['type']) {
  switch (type) {
    case 'u4':
      return new arrow.Uint32();
    case 'i8':
      return new arrow.Int64();
    case 'u8':
      return new arrow.Uint64();
    case 'f4':
      return new arrow.Float32();
    case 'f8':
      return new arrow.Float64();
    case 'text':
      return new arrow.Utf8();
  }
}

type Data = ReturnType<Arrow['makeData']>;

function encodeColumn(arrow: Arrow, { type, texts }: WrittenColumn, values: ColumnArray): Data {
  if (texts && type === 'text') return encodeTexts(arrow, textsOf(texts, values));
  const part = { length: values.length, nullCount: 0 };
  if (texts && type === 'i8') {
    return arrow.makeData({ ...part, type: new arrow.Int64(), data: BigInt64Array.from(textsOf(texts, values), BigInt) });
  }
  if (texts && type === 'u8') {
    return arrow.makeData({ ...part, type: new arrow.Uint64(), data: BigUint64Array.from(textsOf(texts, values), BigInt) });
  }
  // Copied, because the arrays are filled again before the file has taken them.
  if (type === 'u4') return arrow.makeData({ ...part, type: new arrow.Uint32(), data: values.slice() });
  if (type === 'f4') return arrow.makeData({ ...part, type: new arrow.Float32(), data: values.slice() });
  const data = texts ? Float64Array.from(textsOf(texts, values), Number) : values.slice();
  return arrow.makeData({ ...part, type: new arrow.Float64(), data });
}

function encodeTexts(arrow: Arrow, texts: readonly string[]): Data {
  const encoder = new TextEncoder();
  const valueOffsets = new Int32Array(texts.length + 1);
  const encoded = texts.map((text) => encoder.encode(text));
  for (const [i, { length }] of encoded.entries()) valueOffsets[i + 1] = (valueOffsets[i] as number) + length;
  const data = new Uint8Array(valueOffsets[texts.length] as number);
  for (const [i, bytes] of encoded.entries()) data.set(bytes, valueOffsets[i]);
  return arrow.makeData({ type: new arrow.Utf8(), length: texts.length, nullCount: 0, valueOffsets, data }) as Data;
}
