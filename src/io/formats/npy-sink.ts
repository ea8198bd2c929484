// Records as what NumPy calls a structured array, one after another; their number is put into the header at the end.

import { MACHINE_IS_LITTLE_ENDIAN } from '../../rows/element-type.js';
import type { Batch, Column, RecordSinkOpener } from '../records/record-sink.js';
import { encodeNpyHeaderOf } from '../rows/npy.js';

/** Records encoded at a time. */
const AT_ONCE = 8192;

export const openNpySink: RecordSinkOpener = async (file, columns) => {
  const fields = columns.map(({ name, type }) => [name, type] as const);
  const recordBytes = columns.reduce((sum, { type }) => sum + Number(type[1]), 0);
  await file.append(encodeNpyHeaderOf(fields, [0]));
  let count = 0;
  return {
    async add(batch) {
      for (let from = 0; from < batch.length; from += AT_ONCE) {
        const to = Math.min(batch.length, from + AT_ONCE);
        await file.append(encodeRecords(columns, recordBytes, batch, from, to));
      }
      count += batch.length;
    },
    end: () => file.replaceStart(encodeNpyHeaderOf(fields, [count])),
  };
};

function encodeRecords(columns: readonly Column[], recordBytes: number, batch: Batch, from: number, to: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer((to - from) * recordBytes));
  let start = 0;
  for (const [c, { type }] of columns.entries()) {
    const values = batch.columns[c] as ArrayLike<number>;
    for (let i = from, at = start; i < to; i++, at += recordBytes) {
      const value = values[i] as number;
      if (type === 'u4') bytes.setUint32(at, value, MACHINE_IS_LITTLE_ENDIAN);
      else if (type === 'f4') bytes.setFloat32(at, value, MACHINE_IS_LITTLE_ENDIAN);
      else bytes.setFloat64(at, value, MACHINE_IS_LITTLE_ENDIAN);
    }
    start += Number(type[1]);
  }
  return new Uint8Array(bytes.buffer);
}
