// Records as an Arrow IPC file: record batches of a fixed number of records, each handed to the file before the next is made.

import type { Field, RecordBatch } from 'apache-arrow';
import { UnsupportedError } from '../../errors.js';
import type { Column, RecordSinkOpener } from '../records/record-sink.js';
import { type ColumnArray, labelsOf, RecordGroups } from './record-groups.js';

const BATCH_RECORDS = 2 ** 15;

type Arrow = typeof import('apache-arrow');

export const openArrowSink: RecordSinkOpener = async (file, columns) => {
  const arrow = await loadArrow();
  const parts: Uint8Array[] = [];
  // The writer's own queue is emptied by reading it as a stream, which does not tell when it is empty.
  class Parts extends arrow.AsyncByteQueue {
    override write(part: Uint8Array): void {
      parts.push(part);
    }
  }
  const fields = columns.flatMap((column) => describeColumn(arrow, column));
  const schema = new arrow.Schema(fields);
  const writer = new arrow.RecordBatchFileWriter();
  writer.reset(new Parts(), schema);

  async function drain(): Promise<void> {
    for (const part of parts.splice(0)) await file.append(part);
  }

  const groups = new RecordGroups(columns, BATCH_RECORDS, async (values, length) => {
    const children = columns.flatMap((column, c) => encodeColumn(arrow, column, values[c] as ColumnArray));
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

/** The package is the caller's to install: most never write Arrow. */
async function loadArrow(): Promise<Arrow> {
  try {
    return await import('apache-arrow');
  } catch {
    throw new UnsupportedError('writing .arrow needs the package apache-arrow:', { advice: 'npm install apache-arrow' });
  }
}

function describeColumn(arrow: Arrow, { name, type, labels }: Column): Field[] {
  const number = type === 'u4' ? new arrow.Uint32() : type === 'f4' ? new arrow.Float32() : new arrow.Float64();
  const field = new arrow.Field(name, number, false) as Field;
  return labels ? [field, new arrow.Field(`${name}_label`, new arrow.Utf8(), false) as Field] : [field];
}

type Data = ReturnType<Arrow['makeData']>;

function encodeColumn(arrow: Arrow, { type, labels }: Column, values: ColumnArray): Data[] {
  const { length } = values;
  // A copy: the arrays are filled again before the file has taken them.
  const data = values.slice();
  const part = { length, nullCount: 0, data };
  const number =
    type === 'u4'
      ? arrow.makeData({ ...part, type: new arrow.Uint32() })
      : type === 'f4'
        ? arrow.makeData({ ...part, type: new arrow.Float32() })
        : arrow.makeData({ ...part, type: new arrow.Float64() });
  return labels ? [number as Data, encodeTexts(arrow, labelsOf(labels, values)) as Data] : [number as Data];
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
