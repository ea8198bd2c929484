// Names from columns of numbers, dates, times and booleans: each value is represented exactly, or its type is refused.

import { fileURLToPath } from 'node:url';
import * as arrow from 'apache-arrow';
import { parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import type { AtomicFile } from '#src/io/bytes/atomic-file.js';
import { openArrowSink } from '#src/io/formats/arrow-sink.js';
import { namedValues } from '#src/io/formats/npy-values.js';
import { openParquetSink } from '#src/io/formats/parquet-sink.js';
import { dateText, timestampText } from '#src/io/formats/value-text.js';
import { openTexts } from '#src/io/records/open-texts.js';
import type { RecordSinkOpener } from '#src/io/records/record-sink.js';
import { rowValues } from '#src/io/records/row-values.js';

const data = (name: string) => fileURLToPath(new URL(`data/${name}`, import.meta.url));

/** The first and the last of three values, and their type in results. */
const VALUES: Readonly<Record<string, [string, string, string]>> = {
  i64: ['9007199254740993', '-9223372036854775808', 'i8'],
  u64: ['18446744073709551615', '0', 'u8'],
  i32: ['-5', '7', 'i8'],
  u32: ['4294967295', '7', 'i8'],
  dict: ['9007199254740993', '9007199254740993', 'i8'],
  dec: ['12345678901234567890.12', '-0.5', 'text'],
  dec9: ['1.5', '-0.05', 'f8'],
  date: ['2024-02-29', '1969-12-31', 'text'],
  ts: ['2024-02-29T12:30:00.25', '1969-12-31T23:59:59.999999', 'text'],
  tsms: ['2024-02-29T12:30:00.25Z', '1969-12-31T23:59:59.999Z', 'text'],
  tz: ['2024-02-29T12:30:00Z', '1969-12-31T23:59:59.999999999Z', 'text'],
  bool: ['true', 'false', 'text'],
  f16: ['1.5', '-0.25', 'f8'],
  f32: ['0.10000000149011612', '3', 'f8'],
  f64: ['0.1', '1e+21', 'f8'],
  uuid: ['01234567-89ab-cdef-0123-456789abcdef', '00000000-0000-0000-0000-000000000000', 'text'],
};
const IN_ARROW: typeof VALUES = {
  ...VALUES,
  date64: ['2024-02-29', '1969-12-31', 'text'],
  tss: ['2024-02-29T12:30:00', '1969-12-31T23:59:59', 'text'],
};

async function namesIn(file: string, column: string): Promise<[texts: string[], type: string]> {
  const seen = { texts: false };
  const texts: string[] = [];
  for await (const some of openTexts(data(file), column, { seen })) texts.push(...some);
  return [
    texts,
    rowValues(
      column,
      texts.filter((text) => text !== ''),
      seen,
    ).type,
  ];
}

describe.each([
  ['pyarrow-names.parquet', VALUES],
  ['pyarrow-names-delta.parquet', VALUES],
  ['pyarrow-names.arrow', IN_ARROW],
])('names in %s', (file, values) => {
  it('have all digits, and dates and times in ISO 8601', async () => {
    for (const [column, [first, last, type]] of Object.entries(values)) {
      expect([column, ...(await namesIn(file, column))]).toEqual([column, [first, '', last], type]);
    }
  });

  it('are refused if no text represents the values', async () => {
    for (const column of ['time', 'dur', 'v'])
      await expect(namesIn(file, column)).rejects.toThrow('which is neither text nor a number');
  });
});

it('Dates that ISO 8601 writes with more than four digits are refused', () => {
  const bytes = (value: bigint) => new Uint8Array(BigInt64Array.of(value).buffer);
  expect(dateText('milliseconds')(bytes(253402300799999n))).toBe('9999-12-31');
  expect(() => dateText('milliseconds')(bytes(253402300800000n))).toThrow('outside the years 0 to 9999');
  expect(() => timestampText(0, true)(bytes(2n ** 62n))).toThrow('outside the years 0 to 9999');
});

describe('integers of 2^63 and more, up to 2^64', () => {
  const texts = ['18446744073709551615', '0', '9223372036854775808'];
  const values = rowValues('id', texts, { texts: false });
  const written = texts.map(BigInt);

  /** The bytes that a sink writes for rows 0 to 2 with these ids. */
  async function bytesOf(open: RecordSinkOpener): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    const file = { append: async (part: Uint8Array) => void parts.push(part.slice()) } as unknown as AtomicFile;
    const sink = await open(file, [{ name: 'row', type: 'u4', ids: values }]);
    await sink.add({ length: 3, columns: [Uint32Array.of(0, 1, 2)] });
    await sink.end();
    return Buffer.concat(parts);
  }

  it('are written exactly to .npz, .parquet and .arrow', async () => {
    const array = namedValues('row_ids', values);
    const npz = Buffer.concat([...(array.content() as Iterable<Uint8Array>)]);
    expect([array.type, [0, 8, 16].map((at) => npz.readBigUInt64LE(at))]).toEqual(['u8', written]);
    const table = arrow.tableFromIPC(await bytesOf(openArrowSink));
    expect([String(table.schema.fields[0]?.type), [...(table.getChild('row') ?? [])]]).toEqual(['Uint64', written]);
    const { buffer, byteOffset, byteLength } = await bytesOf(openParquetSink);
    const rows = await parquetReadObjects({ file: buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer });
    expect(rows.map(({ row }) => row)).toEqual(written);
  });

  it('remain text next to negative numbers, which no type of NumPy holds with them', () => {
    expect(rowValues('id', [...texts, '-1'], { texts: false }).type).toBe('text');
    expect(rowValues('id', ['18446744073709551616'], { texts: false }).type).toBe('text');
    expect(rowValues('id', ['9223372036854775807', '-1'], { texts: false }).type).toBe('i8');
  });
});
