// Small handmade files that expand to far more than they hold. Mutations would hardly find them.

import * as arrow from 'apache-arrow';
import type { SchemaElement } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { bytesOf } from './files.js';

/** One line with an object of very many fields. */
export function manyFields(): Uint8Array {
  const fields = Array.from({ length: 1.5e6 }, (_, i) => `"${i.toString(36)}":0`);
  return Buffer.from(`{${fields.join(',')}}\n`);
}

/** A Parquet footer with a list of `count` row groups, each with the bytes `group`. */
export function parquetGroups(count: number, group: readonly number[]): Uint8Array {
  // Version 1, a schema of one element called "a", no rows.
  const start = [0x15, 2, 0x19, 0x1c, 0x48, 1, 0x61, 0, 0x16, 0, 0x19, 0xfc];
  const length = [0, 7, 14, 21].map((shift) => ((count >> shift) & 0x7f) | (shift < 21 ? 0x80 : 0));
  const groups = Buffer.alloc(count * group.length).fill(Uint8Array.from(group));
  const footer = Buffer.concat([Uint8Array.from([...start, ...length]), groups, Uint8Array.of(0)]);
  return bytesOf(Buffer.from('PAR1'), footer, Uint32Array.of(footer.length), Buffer.from('PAR1'));
}

/** Thousands of names that are one long entry of a dictionary. */
export function longNames(): Uint8Array {
  const data = Array<string>(6000).fill('x'.repeat(100_000));
  const schema: SchemaElement[] = [
    { name: 'root', num_children: 1 },
    { name: 'id', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
  ];
  const columnData = [{ name: 'id', data, encoding: 'RLE_DICTIONARY' as const }];
  return new Uint8Array(parquetWriteBuffer({ columnData, schema, statistics: false }));
}

/** Thousands of names that are views of one long text. */
export function longViews(): Uint8Array {
  const texts = Array<string>(4096).fill('a text of more than twelve bytes');
  texts[0] = 'y'.repeat(50_000);
  const table = new arrow.Table({ id: arrow.vectorFromArray(texts, new arrow.Utf8View()) });
  const bytes = arrow.tableToIPC(table, 'stream').slice();
  // Length, beginning, number of the buffer and position in it: all as in the first name.
  const view = Buffer.from(bytes).indexOf(bytesOf(Uint32Array.of(50_000), Buffer.from('yyyy')));
  for (let i = 1; i < texts.length; i++) bytes.copyWithin(view + 16 * i, view, view + 16);
  return bytes;
}

/** One batch with rows and many without. The footer lists the first. */
export function repeatedBatch(): Uint8Array {
  const batch = (rows: number) => new arrow.Table({ x: arrow.makeVector(new Float32Array(rows)) });
  const batches = [batch(60_000), ...Array.from({ length: 1000 }, () => batch(1))].flatMap((table) => table.batches);
  const file = arrow.tableToIPC(new arrow.Table(batches), 'file').slice();
  const footer = file.length - 10 - new DataView(file.buffer).getUint32(file.length - 10, true);
  const list = Buffer.from(file).indexOf(bytesOf(Uint32Array.of(1001)), footer) + 4;
  // A block: offset of the message, its length, and the length of its body, which the footer does not state.
  file.fill(0, list + 16, list + 24);
  for (let i = 1; i < 1001; i++) file.copyWithin(list + 24 * i, list, list + 24);
  return file;
}

/** A schema whose columns share the same children again and again, with one long name. */
export function sharedFields(): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(200_000));
  let end = 0;
  const put = (...words: readonly (readonly [bits: 16 | 32, value: number])[]): number => {
    const at = end;
    for (const [bits, value] of words) {
      if (bits === 16) bytes.setUint16(end, value, true);
      else bytes.setUint32(end, value, true);
      end += bits / 8;
    }
    return at;
  };
  const point = (at: number, to: number) => bytes.setUint32(at, to - at, true);
  /** A table whose fields, by number, are words: their offsets are the table's beginning and 4 more for each. */
  const table = (fields: readonly number[], count: number): number => {
    const places = Array.from({ length: count }, (_, i) => (fields.includes(i) ? 4 + 4 * fields.indexOf(i) : 0));
    const offsets = put(
      [16, 4 + 2 * count],
      [16, 4 + 4 * fields.length],
      ...places.map((place) => [16, place] as [16, number]),
    );
    if (end % 4) put([16, 0]);
    return put([32, end - offsets], ...fields.map(() => [32, 0] as [32, number]));
  };
  put([32, 0]);
  // Message: type 1 (a schema), header.
  const message = table([1, 2], 4);
  point(0, message);
  bytes.setUint32(message + 4, 1, true);
  const schema = table([1], 2);
  point(message + 8, schema);
  let place = schema + 4;
  for (let level = 0; level < 3; level++) {
    const list = put([32, 200], ...Array.from({ length: 200 }, () => [32, 0] as [32, number]));
    const field = table([level < 2 ? 5 : 0], 6);
    point(place, list);
    for (let i = 1; i <= 200; i++) point(list + 4 * i, field);
    place = field + 4;
  }
  point(place, put([32, 60_000]));
  end += 60_000;
  return bytesOf(Uint32Array.of(0xffffffff, end), new Uint8Array(bytes.buffer, 0, end), new Uint8Array(8));
}

/** A table with one cell of `bytes` times `byte`; none of its lines is UTF-8. */
export function longCell(byte: number, separator: string, bytes = 2 ** 21): Uint8Array {
  const first = Buffer.from(`id${separator}x\n1${separator}0.5\n`);
  return bytesOf(first, Buffer.alloc(bytes, byte), Buffer.from(`${separator}\xe9\n`, 'latin1'));
}
