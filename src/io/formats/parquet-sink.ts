// Writes records as Parquet, in row groups with a fixed number of records. The writer encodes a row group in memory, and its bytes are
// written to the file before the next one.

import type { SchemaElement } from 'hyparquet';
import type { ColumnSource } from 'hyparquet-writer';
import { type RecordSinkOpener, type WrittenColumn, writtenColumns } from '../records/record-sink.js';
import { type ColumnArray, RecordGroups, textsOf } from './record-groups.js';

/** A row group takes a few MiB of memory, and there are few enough of them to keep the footer small. */
const GROUP_RECORDS = 2 ** 15;

export const openParquetSink: RecordSinkOpener = async (file, columns) => {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
  const bytes = new ByteWriter();
  const written = writtenColumns(columns);
  const schema = written.map(describeColumn);
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [{ name: 'root', num_children: schema.length }, ...schema],
    createdBy: 'allpairs',
    // Statistics of floats would have to omit NaN, and queries do not filter by them.
    statistics: false,
  });

  /** Writes what has been encoded to the file. */
  async function drain(): Promise<void> {
    await file.append(new Uint8Array(bytes.buffer, 0, bytes.index));
    bytes.index = 0;
  }

  const groups = new RecordGroups(columns, GROUP_RECORDS, async (values, length) => {
    const columnData = written.map((column) => sourceOf(column, values[column.source] as ColumnArray));
    await writer.write({ columnData, rowGroupSize: length });
    await drain();
  });
  return {
    add: (batch) => groups.add(batch),
    async end() {
      await groups.flush();
      await writer.finish();
      await drain();
    },
  };
};

function describeColumn({ name, type }: WrittenColumn): SchemaElement {
  const base = { name, repetition_type: 'REQUIRED' } as const;
  // Without a logical type, because other readers cannot read the width that hyparquet-writer writes for it.
  if (type === 'u4') return { ...base, type: 'INT32', converted_type: 'UINT_32' };
  if (type === 'i8') return { ...base, type: 'INT64' };
  if (type === 'u8') return { ...base, type: 'INT64', converted_type: 'UINT_64' };
  if (type === 'text') return { ...base, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } };
  return { ...base, type: type === 'f4' ? 'FLOAT' : 'DOUBLE' };
}

function sourceOf({ name, type, texts }: WrittenColumn, values: ColumnArray): ColumnSource {
  if (texts) {
    const own = textsOf(texts, values);
    if (type === 'text') return { name, data: own };
    if (type === 'i8' || type === 'u8') return { name, data: own.map(BigInt) };
    return { name, data: Float64Array.from(own, Number), encoding: 'PLAIN' };
  }
  // A dictionary of floats would confuse -0 with 0.
  return type === 'u4' ? { name, data: Array.from(values) } : { name, data: values, encoding: 'PLAIN' };
}
