// Records as Parquet: row groups of a fixed number of records, one column each and one for its labels. The writer encodes a row
// group in memory; its bytes go to the file before the next.

import type { SchemaElement } from 'hyparquet';
import type { ColumnSource } from 'hyparquet-writer';
import type { Column, RecordSinkOpener } from '../records/record-sink.js';
import { type ColumnArray, labelsOf, RecordGroups } from './record-groups.js';

/** Some MiB in memory, and few enough groups that the footer stays small. */
const GROUP_RECORDS = 2 ** 15;

export const openParquetSink: RecordSinkOpener = async (file, columns) => {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
  const bytes = new ByteWriter();
  const schema = columns.flatMap(describeColumn);
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [{ name: 'root', num_children: schema.length }, ...schema],
    createdBy: 'allpairs',
    // Those of floats would have to leave out NaN; nobody looks for records by them.
    statistics: false,
  });

  /** Hands what has been encoded to the file. */
  async function drain(): Promise<void> {
    await file.append(new Uint8Array(bytes.buffer, 0, bytes.index));
    bytes.index = 0;
  }

  const groups = new RecordGroups(columns, GROUP_RECORDS, async (values, length) => {
    const columnData = columns.flatMap((column, c) => sourcesOf(column, values[c] as ColumnArray));
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

function describeColumn({ name, type, labels }: Column): SchemaElement[] {
  const number: SchemaElement =
    type === 'u4'
      ? {
          name,
          type: 'INT32',
          repetition_type: 'REQUIRED',
          // Without a logical type, whose width hyparquet-writer writes as no other reader reads it.
          converted_type: 'UINT_32',
        }
      : { name, type: type === 'f4' ? 'FLOAT' : 'DOUBLE', repetition_type: 'REQUIRED' };
  if (!labels) return [number];
  const text: SchemaElement = {
    name: `${name}_label`,
    type: 'BYTE_ARRAY',
    repetition_type: 'REQUIRED',
    converted_type: 'UTF8',
    logical_type: { type: 'STRING' },
  };
  return [number, text];
}

function sourcesOf({ name, type, labels }: Column, values: ColumnArray): ColumnSource[] {
  // A dictionary of floats would take -0 for 0.
  const data = type === 'u4' ? Array.from(values) : (values as Float32Array | Float64Array);
  const number: ColumnSource = type === 'u4' ? { name, data } : { name, data, encoding: 'PLAIN' };
  return labels ? [number, { name: `${name}_label`, data: labelsOf(labels, values) }] : [number];
}
