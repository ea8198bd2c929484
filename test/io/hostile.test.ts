// Files that demand far more work than their size justifies, or whose parts overlap: some found by the fuzzer, others that it would hardly
// find.

import * as arrow from 'apache-arrow';
import type { SchemaElement } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { bytesInMemory } from '#src/io/bytes/byte-source.js';
import { parseVectorText } from '#src/io/columns/vector-text.js';
import { readArrow } from '#src/io/formats/arrow.js';
import { readCsv } from '#src/io/formats/csv.js';
import { readParquet, readParquetText } from '#src/io/formats/parquet.js';
import { decimalText } from '#src/io/formats/value-text.js';
import { checkApart, WorkLimit } from '#src/io/formats/work-limit.js';
import type { RowReader } from '#src/io/rows/row-reader.js';
import { readAllRows, readAllTexts } from '../fuzz/read-rows.js';
import { faultWith } from '../fuzz/run.js';
// V8 counts steps only from here on.
import '../fuzz/steps.js';
import { fieldsOfArrow } from '../fuzz/structure/arrow.js';
import { joinParts, type Page, type Parts, partsOf } from '../fuzz/structure/parquet.js';
import { memberOf, type ThriftValue, zigzagOf } from '../fuzz/structure/thrift.js';
import { TARGETS, type Target } from '../fuzz/targets.js';

const readAll = (read: RowReader, bytes: Uint8Array) => readAllRows(read, bytesInMemory(bytes, 'file'), undefined, () => {});

test('a file may demand a fixed amount of work, and more with each byte', () => {
  const work = new WorkLimit(1000);
  work.spend(2 ** 32);
  work.spend(4096 * 1000);
  expect(() => work.spend(1)).toThrow(/limit for a file of 1000 bytes/);
});

test('parts of a file may touch, but not overlap', () => {
  const [first, empty, second] = [
    { offset: 10, bytes: 5 },
    { offset: 12, bytes: 0 },
    { offset: 4, bytes: 6 },
  ];
  checkApart([first, empty, second], 'parts');
  expect(() => checkApart([first, { offset: 4, bytes: 7 }], 'parts')).toThrow('parts overlap at byte 10');
});

describe('text', () => {
  test('lists that are nested deeper than any vector are refused without parsing them', () => {
    const depths: number[] = [];
    const { parse } = JSON;
    JSON.parse = (text: string) => {
      depths.push(text.length);
      return parse(text);
    };
    try {
      for (const depth of [3, 64, 65, 1_000_000]) parseVectorText(`${'[1,'.repeat(depth)}1${']'.repeat(depth)}`);
    } finally {
      JSON.parse = parse;
    }
    expect(depths).toEqual([13, 257]);
    expect(parseVectorText('[[["1.5", "2"]]]')).toMatchObject({ kind: 'vector' });
  });

  test('a line of more cells than a row can have is refused before they are split', async () => {
    const wide = Buffer.from(`id,${','.repeat(2 ** 21)}\n1,2\n3,4\n`);
    const target = TARGETS.find(({ name }) => name === 'csv') as Target;
    await expect(readAll(readCsv, wide)).rejects.toThrow('more than 66560 cells');
    expect(await faultWith(target, wide)).toBeUndefined();
  });
});

// Each of these took hours, because their cost grew with the square of their length.
describe('long numbers', () => {
  const digits = '9'.repeat(2 ** 20);

  test.each([
    ['csv', `id,d0,d1\n1,0.5,2\n2,${digits}x,3\n`],
    ['csv', `id;d0;d1\n1;0,5;2\n2;${digits}x;3\n`],
    ['tsv', `id\tv\n1\t[0.5,${digits}x]\n`],
    ['txt', `0.5 2\n${digits}x 3\n`],
    ['svmlight', `1 1:0.5 2:${digits}x\n`],
    ['mtx', `%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 ${digits}x\n`],
    ['jsonl', `[0.5, 2]\n[${digits}x, 3]\n`],
  ])('%s refuses digits that end in a letter in one step per digit', async (reader, text) => {
    const { read } = TARGETS.find(({ name }) => name === reader) as Target;
    await expect(read(bytesInMemory(Buffer.from(text), 'file'), 0, () => {})).rejects.toThrow();
  });

  test('decimals of no bytes are refused in Parquet, as numbers and as names', async () => {
    const schema: SchemaElement[] = [
      { name: 'root', num_children: 1 },
      { name: 'd', type: 'FIXED_LEN_BYTE_ARRAY', type_length: 4, repetition_type: 'REQUIRED' },
    ];
    const columnData = [{ name: 'd', data: [new Uint8Array(4), new Uint8Array(4)] }];
    const { footer, chunks } = partsOf(new Uint8Array(parquetWriteBuffer({ columnData, schema })));
    for (const element of memberOf(footer, 2)?.items?.slice(1) ?? []) {
      const length = element.fields?.find(({ id }) => id === 2);
      if (length) length.value = { type: 5, number: 0n };
      // A decimal of scale 2 and precision 9.
      element.fields?.push(...[5n, 2n, 9n].map((number, i) => ({ id: 6 + i, value: { type: 5, number: zigzagOf(number) } })));
    }
    const file = bytesInMemory(joinParts({ footer, chunks }), 'file');
    await expect(readAllRows(readParquet, file, 'd', () => {})).rejects.toThrow('which cannot be rows');
    await expect(readAllTexts(readParquetText, file, 'd', () => {})).rejects.toThrow(
      /^file: byte \d+: values of no bytes in column d/,
    );
  });

  test('a decimal of a megabyte is refused in Parquet, as a number and as a name', async () => {
    const bytes = [new Uint8Array(2 ** 20).fill(1), Uint8Array.of(1)];
    const schema: SchemaElement[] = [
      { name: 'root', num_children: 2 },
      { name: 'd', type: 'BYTE_ARRAY', repetition_type: 'REQUIRED' },
      { name: 'e', type: 'BYTE_ARRAY', repetition_type: 'REQUIRED' },
    ];
    const columnData = ['d', 'e'].map((name) => ({ name, data: bytes }));
    const { footer, chunks } = partsOf(new Uint8Array(parquetWriteBuffer({ columnData, schema })));
    // The writer takes numbers for decimals, so the columns are declared as decimals afterwards: type, scale and precision.
    for (const element of memberOf(footer, 2)?.items?.slice(1) ?? []) {
      const members = [5n, 2n, 9n].map((number, i) => ({ id: 6 + i, value: { type: 5, number: zigzagOf(number) } }));
      element.fields?.push(...members);
    }
    const file = joinParts({ footer, chunks });
    await expect(readAllRows(readParquet, bytesInMemory(file, 'file'), 'd,e', () => {})).rejects.toThrow(
      'a decimal of 1048576 bytes',
    );
    await expect(readAllTexts(readParquetText, bytesInMemory(file, 'file'), 'd', () => {})).rejects.toThrow(
      'expected numbers of at most 64 bytes, got 1048576',
    );
  });

  test.each([300_000_000, -300_000_000])('names that are decimals with a scale of %i are refused', async (scale) => {
    const text = decimalText(scale);
    expect(() => text(Uint8Array.of(7))).toThrow(`a decimal with a scale of ${scale}; expected -155 to 155`);
  });
});

describe('Arrow', () => {
  const table = new arrow.Table({
    v: arrow.vectorFromArray(
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      new arrow.List(new arrow.Field('item', new arrow.Float32())),
    ),
  });
  const stream = arrow.tableToIPC(table, 'stream');
  /** Returns the stream with 64-bit field number `index` of `kind` set to `value`. */
  const changed = (kind: string, index: number, value: number): Uint8Array => {
    const bytes = stream.slice();
    const field = fieldsOfArrow(bytes).filter((each) => each.kind === kind)[index];
    new DataView(bytes.buffer, bytes.byteOffset).setBigInt64(field?.at as number, BigInt(value), true);
    return bytes;
  };
  const [LENGTHS, OFFSETS] = ['RecordBatch struct 0', 'RecordBatch struct 0'];

  test('the undamaged file is read', async () => {
    await readAll(readArrow, stream);
  });

  test('lists that pass the end of their elements are refused, because the padding after them is not data', async () => {
    await expect(readAll(readArrow, changed(LENGTHS, 1, 4))).rejects.toThrow('lists up to element 6 of 4');
  });

  test('buffers that overlap are refused', async () => {
    // Two columns have two lengths, followed by the offsets of their buffers.
    await expect(readAll(readArrow, changed(OFFSETS, 5, 0))).rejects.toThrow(/buffers of a record batch overlap at byte \d+/);
  });

  test('too many rows for the number of bytes are refused', async () => {
    await expect(readAll(readArrow, changed('RecordBatch i64', 0, 2 ** 40))).rejects.toThrow('the number of rows');
  });
});

describe('Parquet', () => {
  const columnData = [
    { name: 'd0', data: Array.from({ length: 40 }, (_, i) => (i % 2) + 0.5), encoding: 'RLE_DICTIONARY' as const },
  ];
  const two = [...columnData, { ...columnData[0], name: 'd1' } as (typeof columnData)[number]];
  const file = new Uint8Array(parquetWriteBuffer({ columnData: two, codec: 'UNCOMPRESSED', rowGroupSize: 20 }));
  const changed = (change: (parts: Parts) => void, later?: (parts: Parts) => void): Uint8Array => {
    const parts = partsOf(file);
    change(parts);
    return joinParts(parts, later && [() => later(parts)]);
  };
  const metaOf = (footer: ThriftValue, group: number) =>
    memberOf(memberOf(memberOf(footer, 4)?.items?.[group], 1)?.items?.[0], 3) as ThriftValue;

  test('the undamaged file is read', async () => {
    await readAll(
      readParquet,
      changed(() => {}),
    );
  });

  test('a second dictionary in a column chunk is refused', async () => {
    const twice = changed(({ chunks }) => {
      const pages = chunks[0]?.pages ?? [];
      pages.unshift(...pages.slice(0, 1));
    });
    await expect(readAll(readParquet, twice)).rejects.toThrow('a second dictionary in a column chunk');
  });

  test('column chunks that overlap are refused with their position', async () => {
    const overlapping = changed(
      () => {},
      ({ footer }) => {
        for (const id of [9, 11]) {
          const [first, second] = [0, 1].map((group) => memberOf(metaOf(footer, group), id));
          if (first && second) second.number = first.number as bigint;
        }
      },
    );
    await expect(readAll(readParquet, overlapping)).rejects.toThrow(/the chunks of column d0 overlap at byte 4$/);
  });

  test('pages that would expand to gigabytes are refused before they are decompressed', async () => {
    const data = Array.from({ length: 8 }, (_, row) => `[${row}, 0.5]`);
    const texts = new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'v', data }], codec: 'UNCOMPRESSED' }));
    const parts = partsOf(texts);
    const [chunk] = parts.chunks as [Parts['chunks'][number]];
    const [page] = chunk.pages.slice(-1) as [Page];
    // Pages without values, each of which could become 64 MiB.
    const header = structuredClone(page.header);
    set(memberOf(header, 2), 2 ** 26);
    set(memberOf(header, 8, 1), 0);
    const empty = { header, body: new Uint8Array(2100) };
    chunk.pages.unshift(...Array<Page>(80).fill(empty));
    set(memberOf(chunk.meta, 4), ZSTD);
    await expect(readAll(readParquet, joinParts(parts))).rejects.toThrow(/limit for a file of \d+ bytes/);
  });
});

const ZSTD = 6;

function set(value: ThriftValue | undefined, number: number): void {
  (value as ThriftValue).number = zigzagOf(BigInt(number));
}
