// What the Arrow schema says about the columns of a Parquet file beyond Parquet's own types: durations and tensors.

import { bytesInMemory } from '../bytes/byte-source.js';
import { bytesOfBase64 } from '../columns/base64.js';
import { leavesOf } from './arrow-fields.js';
import { openArrow } from './arrow-messages.js';
import type { ParquetColumn } from './parquet-schema.js';

const decoder = new TextDecoder();

/** Marks columns as 'other' if the Arrow schema in the file's `metadata` shows that their numbers are neither rows nor elements. */
export async function refineByArrow(
  columns: readonly ParquetColumn[],
  metadata: readonly Readonly<Record<string, unknown>>[],
): Promise<readonly ParquetColumn[]> {
  const textOf = (value: unknown) => (value instanceof Uint8Array ? decoder.decode(value) : '');
  const entry = metadata.find(({ field_1 }) => textOf(field_1) === 'ARROW:schema');
  if (!entry) return columns;
  const others = new Map<string, string>();
  try {
    const message = bytesOfBase64(textOf(entry.field_2));
    const { fields } = await openArrow(bytesInMemory(message, 'ARROW:schema'));
    for (const { name, content, type, field } of leavesOf(fields)) {
      if (content === 'other' && (field.type === 'Duration' || field.extension !== '')) others.set(name, type);
    }
  } catch {
    return columns; // The file can be read with its own types alone.
  }
  return columns.map((column) => {
    const type = others.get(column.name);
    return type === undefined || column.content !== 'number'
      ? column
      : { ...column, kind: 'other', content: 'other', type, valueText: undefined };
  });
}
