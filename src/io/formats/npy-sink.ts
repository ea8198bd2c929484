// Writes records as a NumPy structured array; their number is entered in the header at the end. Texts that accompany the numbers are not
// written, because each would take the space of the longest one in every record.

import { MACHINE_IS_LITTLE_ENDIAN } from '../../rows/element-type.js';
import { type Batch, type RecordSinkOpener, type WrittenColumn, writtenColumns } from '../records/record-sink.js';
import { bytesOfNpyField, encodeNpyHeaderOf, type NpyFieldType } from '../rows/npy.js';
import { npyTypeOf, setNpyValue } from './npy-values.js';

/** Number of records encoded at a time. */
const AT_ONCE = 8192;

interface Field {
  readonly column: WrittenColumn;
  readonly type: NpyFieldType;
}

export const openNpySink: RecordSinkOpener = async (file, columns) => {
  const written = writtenColumns(columns.map((column) => ({ ...column, beside: undefined })));
  const fields = written.map((column): Field => {
    const { name, type, texts } = column;
    return { column, type: type === 'text' ? npyTypeOf({ name, type, texts: texts as readonly string[] }) : type };
  });
  const header = fields.map(({ column, type }) => [column.name, type] as const);
  await file.append(encodeNpyHeaderOf(header, [0]));
  let count = 0;
  return {
    async add(batch) {
      for (let from = 0; from < batch.length; from += AT_ONCE) {
        await file.append(encodeRecords(fields, batch, from, Math.min(batch.length, from + AT_ONCE)));
      }
      count += batch.length;
    },
    end: () => file.replaceStart(encodeNpyHeaderOf(header, [count])),
  };
};

function encodeRecords(fields: readonly Field[], batch: Batch, from: number, to: number): Uint8Array {
  const recordBytes = fields.reduce((sum, { type }) => sum + bytesOfNpyField(type), 0);
  const bytes = new DataView(new ArrayBuffer((to - from) * recordBytes));
  let start = 0;
  for (const { column, type } of fields) {
    const values = batch.columns[column.source] as ArrayLike<number>;
    for (let i = from, at = start; i < to; i++, at += recordBytes) {
      const value = values[i] as number;
      if (column.texts) setNpyValue(bytes, at, column.texts[value] as string, type);
      else if (type === 'u4') bytes.setUint32(at, value, MACHINE_IS_LITTLE_ENDIAN);
      else if (type === 'f4') bytes.setFloat32(at, value, MACHINE_IS_LITTLE_ENDIAN);
      else bytes.setFloat64(at, value, MACHINE_IS_LITTLE_ENDIAN);
    }
    start += bytesOfNpyField(type);
  }
  return new Uint8Array(bytes.buffer);
}
