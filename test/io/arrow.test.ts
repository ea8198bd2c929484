import * as arrow from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import type { AtomicFile } from '#src/io/bytes/atomic-file.js';
import { type ByteSource, bytesInMemory } from '#src/io/bytes/byte-source.js';
import { readArrow, readArrowText } from '#src/io/formats/arrow.js';
import { openArrowSink } from '#src/io/formats/arrow-sink.js';
import type { ReadOptions, RowStream } from '#src/io/rows/row-reader.js';
import { randomRows, randomSource } from '../random.js';

type AnyData = arrow.Data<arrow.DataType>;

const field = (name: string, type: arrow.DataType) => new arrow.Field(name, type, true);

/** Validity bits; with them the number of nulls. */
function validity(nulls: readonly number[], length: number): { nullCount: number; nullBitmap?: Uint8Array } {
  const nullBitmap = new Uint8Array(Math.ceil(length / 64) * 8).fill(255);
  for (const i of nulls) nullBitmap[i >> 3] = (nullBitmap[i >> 3] as number) & ~(1 << (i & 7));
  return nulls.length > 0 ? { nullCount: nulls.length, nullBitmap } : { nullCount: 0 };
}

function numbers(type: arrow.DataType, data: ArrayBufferView, nulls: readonly number[] = []): AnyData {
  const { length } = data as Float32Array;
  return arrow.makeData({ type, length, data, ...validity(nulls, length) } as never) as AnyData;
}

function fixedList(depth: number, child: AnyData, nulls: readonly number[] = []): AnyData {
  const length = child.length / depth;
  const type = new arrow.FixedSizeList(depth, field('item', child.type));
  return arrow.makeData({ type, length, child, ...validity(nulls, length) } as never) as AnyData;
}

function list(lengths: readonly number[], child: AnyData, nulls: readonly number[] = []): AnyData {
  const valueOffsets = new Int32Array(lengths.length + 1);
  for (const [i, length] of lengths.entries()) valueOffsets[i + 1] = (valueOffsets[i] as number) + length;
  const type = new arrow.List(field('item', child.type));
  return arrow.makeData({
    type,
    length: lengths.length,
    child,
    valueOffsets,
    ...validity(nulls, lengths.length),
  } as never) as AnyData;
}

function binary(rows: readonly Uint8Array[], nulls: readonly number[] = []): AnyData {
  const valueOffsets = new Int32Array(rows.length + 1);
  for (const [i, { length }] of rows.entries()) valueOffsets[i + 1] = (valueOffsets[i] as number) + length;
  const data = new Uint8Array(Buffer.concat(rows));
  const type = new arrow.Binary();
  return arrow.makeData({ type, length: rows.length, data, valueOffsets, ...validity(nulls, rows.length) }) as AnyData;
}

type Kind = 'file' | 'stream';

/** Record batches of named columns. */
function writeFile(
  batches: Record<string, AnyData>[],
  kind: Kind = 'file',
  compressionType?: arrow.CompressionType,
): Uint8Array {
  const [first = {}] = batches;
  const fields = Object.entries(first).map(([name, { type }]) => field(name, type));
  const schema = new arrow.Schema(fields);
  const options = { autoDestroy: true, compressionType: compressionType ?? null };
  const writer = kind === 'file' ? new arrow.RecordBatchFileWriter(options) : new arrow.RecordBatchStreamWriter(options);
  writer.reset(undefined, schema);
  for (const columns of batches) {
    const children = Object.values(columns);
    const length = children[0]?.length ?? 0;
    writer.write(
      new arrow.RecordBatch(schema, arrow.makeData({ type: new arrow.Struct(fields), length, nullCount: 0, children })),
    );
  }
  writer.finish();
  return writer.toUint8Array(true).slice();
}

const source = (bytes: Uint8Array) => bytesInMemory(bytes, 'a.arrow');

async function readAll(from: Uint8Array | ByteSource, column?: string, options: ReadOptions = {}) {
  const stream = (await readArrow(from instanceof Uint8Array ? source(from) : from, { column, ...options })) as RowStream;
  const values: number[] = [];
  let largest = 0;
  for await (const block of stream.blocks()) {
    for (const value of block) values.push(value);
    largest = Math.max(largest, block.byteLength);
  }
  const { depth, type, origin, nulls } = stream;
  return { depth, type, values, largest, origin, nulls: nulls?.rows };
}

async function readNames(bytes: Uint8Array, column: string): Promise<string[]> {
  const names: string[] = [];
  for await (const batch of readArrowText(source(bytes), column)) names.push(...batch);
  return names;
}

const KINDS: Kind[] = ['file', 'stream'];

describe('lists', () => {
  test('are read for each element type, with fixed and variable length', async () => {
    const halfs = Uint16Array.of(0x3c00, 0xc000, 0x3800, 0x7bff);
    const cases: [arrow.DataType, ArrayBufferView, string][] = [
      [new arrow.Float16(), halfs, 'float16'],
      [new arrow.Float32(), Float32Array.of(1.5, -2, 3, 0.25), 'float32'],
      [new arrow.Float64(), Float64Array.of(0.1, -1e300, -0, 5), 'float64'],
      [new arrow.Int8(), Int8Array.of(1, -128, 127, 0), 'int8'],
      [new arrow.Uint8(), Uint8Array.of(1, 255, 127, 0), 'uint8'],
      [new arrow.Int16(), Int16Array.of(1, -32768, 3, 4), 'int16'],
      [new arrow.Uint16(), Uint16Array.of(1, 65535, 3, 4), 'uint16'],
      [new arrow.Int32(), Int32Array.of(1, -(2 ** 31), 3, 4), 'int32'],
      [new arrow.Uint32(), Uint32Array.of(1, 2 ** 32 - 1, 3, 4), 'uint32'],
      [new arrow.Int64(), BigInt64Array.of(1n, -(2n ** 53n), 3n, 4n), 'float64'],
      [new arrow.Uint64(), BigUint64Array.of(1n, 2n ** 53n, 3n, 4n), 'float64'],
    ];
    for (const kind of KINDS) {
      for (const [type, data, element] of cases) {
        const values = Array.from(data as Float32Array, Number);
        const fixed = writeFile([{ v: fixedList(2, numbers(type, data)) }], kind);
        expect(await readAll(fixed)).toMatchObject({ depth: 2, type: element, values });
        const free = writeFile([{ v: list([2, 2], numbers(type, data)) }], kind);
        expect(await readAll(free)).toMatchObject({ depth: 2, type: element, values });
      }
    }
  });

  test('are read over several batches, in small blocks, without reading them whole', async () => {
    const rows = randomRows(30_000, 64);
    const cut = 20_001 * 64;
    const parts = [rows.data.subarray(0, cut), rows.data.subarray(cut), new Float32Array(0)];
    for (const kind of KINDS) {
      const bytes = writeFile(
        parts.map((part) => ({ v: fixedList(64, numbers(new arrow.Float32(), part.slice())) })),
        kind,
      );
      let most = 0;
      const watched: ByteSource = {
        ...source(bytes),
        read(offset, length, into) {
          most = Math.max(most, length);
          return source(bytes).read(offset, length, into);
        },
      };
      const read = await readAll(watched);
      expect(read.largest).toBeLessThanOrEqual(2 ** 20);
      expect(most).toBeLessThanOrEqual(2 ** 20);
      expect(Buffer.compare(new Uint8Array(Float32Array.from(read.values).buffer), new Uint8Array(rows.data.buffer))).toBe(0);
    }
  });

  test('are refused by row number if they are null or ragged', async () => {
    const six = () => numbers(new arrow.Float32(), Float32Array.of(1, 2, 3, 4, 5, 6));
    const holed = () => numbers(new arrow.Float32(), Float32Array.of(1, 2, 3, 4, 5, 6), [3]);
    const cases: [AnyData, RegExp][] = [
      [fixedList(2, six(), [2]), /^a\.arrow: byte \d+: row 2 of column v is null; leave such rows out with nulls: 'skip'/],
      [fixedList(2, holed()), /element 1 of row 1 of column v is null/],
      [list([2, 2, 2], holed()), /element 1 of row 1 of column v is null/],
      [list([2, 1, 3], six()), /v \(list<float32> of 1 to 3 numbers\)/],
      [list([2, 0, 2, 2], six(), [1]), /row 1 of column v is null/],
      [list([0, 2, 2, 2], six(), [0]), /row 0 of column v is null/],
      [list([0, 6], six()), /row 0 of column v is empty/],
    ];
    for (const [v, message] of cases) {
      const error = await readAll(writeFile([{ v }])).catch((e) => e);
      expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_ALLPAIRS_(FORMAT|ARGUMENT)$/) });
      expect(error.message).toMatch(message);
    }
  });

  test('are refused if they contain integers that float64 does not hold', async () => {
    const v = fixedList(1, numbers(new arrow.Int64(), BigInt64Array.of(2n ** 53n + 1n)));
    await expect(readAll(writeFile([{ v }]))).rejects.toThrow(/9007199254740993, beyond 2\^53/);
  });

  test('may contain no rows', async () => {
    const none = numbers(new arrow.Float32(), new Float32Array(0));
    expect(await readAll(writeFile([{ v: list([], none) }]))).toMatchObject({ depth: 0, values: [] });
    expect(await readAll(writeFile([{ v: fixedList(3, none) }]))).toMatchObject({ depth: 3, values: [] });
  });
});

describe('bytes', () => {
  const values = [1.5, -2, 2 ** -100, 4, 5, Math.fround(0.1)];
  const bytes = new Uint8Array(Float32Array.from(values).buffer);

  test('are read as the float32 elements of a row', async () => {
    const fixed = arrow.makeData({ type: new arrow.FixedSizeBinary(12), length: 2, nullCount: 0, data: bytes }) as AnyData;
    for (const v of [fixed, binary([bytes.subarray(0, 12), bytes.subarray(12)])]) {
      const read = await readAll(writeFile([{ v }]), undefined, { element: 'float32' });
      expect(read).toMatchObject({ depth: 3, type: 'float32', values });
    }
  });

  test('of other lengths, or none, are refused', async () => {
    const cases: [AnyData, RegExp][] = [
      [binary([bytes.subarray(0, 12), bytes.subarray(12, 20)]), /column v holds binary of different lengths/],
      [binary([bytes.subarray(0, 12), new Uint8Array(0)], [1]), /row 1 of column v is null/],
      [binary([bytes.subarray(0, 11)]), /binary of 11 bytes, which is not a multiple/],
    ];
    for (const [v, message] of cases) {
      await expect(readAll(writeFile([{ v }]), 'v', { element: 'float32' })).rejects.toThrow(message);
    }
  });
});

describe('columns of numbers', () => {
  const texts = (values: (string | null)[]): AnyData => arrow.vectorFromArray(values, new arrow.Utf8()).data[0] as AnyData;

  test('are the elements of rows, in the order of the file', async () => {
    const { data } = randomRows(5000, 7);
    const batch = (from: number, to: number) => {
      const columns: Record<string, AnyData> = {};
      for (let c = 0; c < 7; c++) {
        if (c === 3) columns.text = texts(Array.from({ length: to - from }, (_, i) => (i % 5 === 4 ? null : `é${from + i}`)));
        columns[`c${c}`] = numbers(
          new arrow.Float32(),
          Float32Array.from({ length: to - from }, (_, i) => data[(from + i) * 7 + c] as number),
        );
      }
      return columns;
    };
    for (const kind of KINDS) {
      const file = writeFile([batch(0, 4500), batch(4500, 5000)], kind);
      const read = await readAll(file);
      expect(read).toMatchObject({ depth: 7, type: 'float32' });
      expect(Float32Array.from(read.values)).toEqual(data);
      expect((await readAll(file, 'c3,c1')).values.slice(2, 4)).toEqual([data[10], data[8]]);
      const names = await readNames(file, 'text');
      expect([names[0], names[4], names[4500], names[4999]]).toEqual(['é0', '', 'é4500', '']);
      expect(names).toHaveLength(5000);
    }
  });

  test('of several types become float64, and nulls are refused', async () => {
    const file = writeFile([
      {
        a: numbers(new arrow.Float16(), Uint16Array.of(0x3800, 0x4000)),
        b: numbers(new arrow.Uint32(), Uint32Array.of(2 ** 32 - 1, 7)),
        c: numbers(new arrow.Int64(), BigInt64Array.of(2n ** 40n, -1n)),
        d: numbers(new arrow.Float64(), Float64Array.of(0, 1), [1]),
      },
    ]);
    expect(await readAll(file, 'a,b,c')).toMatchObject({ type: 'float64', values: [0.5, 2 ** 32 - 1, 2 ** 40, 2, 7, -1] });
    expect(await readNames(file, 'c')).toEqual([String(2 ** 40), '-1']);
    await expect(readAll(file, 'a,d')).rejects.toThrow(/row 1 of column d is null/);
    expect(await readAll(file, 'a,d', { nulls: 'skip' })).toMatchObject({ values: [0.5, 0], nulls: [1] });
    expect(await readAll(file, 'a,d', { nulls: 'zero' })).toMatchObject({ values: [0.5, 0, 0, 0], nulls: [1] });
  });

  test('text in views, short and long', async () => {
    const values = ['short', 'a text of more than twelve bytes', '', 'another text of more than twelve bytes'];
    const data = arrow.vectorFromArray(values, new arrow.Utf8View()).data[0] as AnyData;
    expect(await readNames(writeFile([{ t: data, v: numbers(new arrow.Int8(), new Int8Array(4)) }]), 't')).toEqual(values);
  });
});

describe('the column', () => {
  const one = fixedList(1, numbers(new arrow.Float32(), Float32Array.of(1)));
  const two = writeFile([{ v: one, w: one, t: arrow.vectorFromArray(['x'], new arrow.Utf8()).data[0] as AnyData }]);

  test('must be selected if several can be rows, must exist, and must contain numbers', async () => {
    await expect(readAll(two)).rejects.toMatchObject({
      code: 'ERR_ALLPAIRS_ARGUMENT',
      argument: 'column',
      message: expect.stringContaining(
        "more than one part can be the rows: v (list<float32>, 1 number), w (list<float32>, 1 number); choose with column: 'v' or column: 'w'",
      ),
    });
    await expect(readAll(two, 'x')).rejects.toThrow('no column matches "x"; there are v (list<float32>)');
    await expect(readAll(two, 't')).rejects.toThrow('column t holds text, which cannot be rows');
    await expect(readNames(two, 'v')).rejects.toThrow('which is neither text nor a number');
  });

  test('may be dictionary-encoded', async () => {
    const data = arrow.vectorFromArray(['x', 'y', null, 'x']).data[0] as AnyData;
    const one4 = fixedList(1, numbers(new arrow.Float32(), Float32Array.of(1, 2, 3, 4)));
    for (const kind of KINDS) {
      const file = writeFile([{ t: data, v: one4 }], kind);
      expect(await readNames(file, 't')).toEqual(['x', 'y', '', 'x']);
      expect(await readAll(file)).toMatchObject({ values: [1, 2, 3, 4], origin: { from: 'column v', notUsed: ['t'] } });
    }
  });
});

describe('columns of every type', () => {
  const rows = 4;
  const bytes8 = (count: number) => new BigInt64Array(count);
  const others: [string, arrow.DataType, ArrayBufferView][] = [
    ['date32', new arrow.DateDay(), new Int32Array(rows)],
    ['date64', new arrow.DateMillisecond(), bytes8(rows)],
    ['time32', new arrow.TimeSecond(), new Int32Array(rows)],
    ['time64', new arrow.TimeNanosecond(), bytes8(rows)],
    ['timestamp', new arrow.TimestampNanosecond('UTC'), bytes8(rows)],
    ['duration', new arrow.DurationMicrosecond(), bytes8(rows)],
    ['interval', new arrow.IntervalYearMonth(), new Int32Array(rows)],
    ['days', new arrow.IntervalDayTime(), new Int32Array(2 * rows)],
    ['boolean', new arrow.Bool(), new Uint8Array(8)],
    ['int64', new arrow.Int64(), bytes8(rows)],
    ['decimal', new arrow.Decimal(2, 10, 128), new Uint32Array(4 * rows)],
  ];
  const values = [1, 2, 3, 4, 5, 6, 7, 8];
  const vectors = () => fixedList(2, numbers(new arrow.Float32(), Float32Array.from(values)));

  test.each(others)('ignore %s next to the vectors', async (name, type, data) => {
    const other = arrow.makeData({ type, length: rows, nullCount: 0, data } as never) as AnyData;
    for (const kind of KINDS) {
      expect(await readAll(writeFile([{ other, v: vectors() }], kind))).toMatchObject({
        values,
        origin: { notUsed: ['other'] },
      });
      await expect(readAll(writeFile([{ other }], kind)), name).rejects.toThrow(/no column of vectors/);
    }
  });

  test('ignore unions, maps, structs and nulls next to the vectors', async () => {
    const text = () => arrow.vectorFromArray(['a', 'b', 'c', 'd'], new arrow.Utf8()).data[0] as AnyData;
    const child = () => numbers(new arrow.Int32(), new Int32Array(rows));
    const unionType = new arrow.SparseUnion([0, 1], [field('x', new arrow.Int32()), field('y', new arrow.Utf8())]);
    const union = arrow.makeData({
      type: unionType,
      length: rows,
      nullCount: 0,
      typeIds: new Int8Array(rows),
      children: [child(), text()],
    } as never) as AnyData;
    const structType = new arrow.Struct([field('n', new arrow.Int32()), field('vec', vectors().type)]);
    const struct = arrow.makeData({
      type: structType,
      length: rows,
      nullCount: 0,
      children: [child(), vectors()],
    } as never) as AnyData;
    const nothing = arrow.makeData({ type: new arrow.Null(), length: rows }) as AnyData;
    for (const kind of KINDS) {
      const read = await readAll(writeFile([{ union, nothing, doc: struct, text: text() }], kind));
      expect(read).toMatchObject({
        values,
        origin: { from: 'column doc.vec', notUsed: ['union', 'nothing', 'doc.n', 'text'] },
      });
    }
  });

  test('include decimals as numbers, in lists and in columns', async () => {
    // -1.25 and 3.5 with two digits.
    const words = new Uint32Array(
      [-125, 350].flatMap((value) => [value, value < 0 ? -1 : 0, value < 0 ? -1 : 0, value < 0 ? -1 : 0]),
    );
    const decimal = () => numbers2(new arrow.Decimal(2, 10, 128), words, 2);
    expect(await readAll(writeFile([{ v: fixedList(2, decimal()) }]))).toMatchObject({ type: 'float64', values: [-1.25, 3.5] });
    const d0 = numbers(new arrow.Float64(), Float64Array.of(0.5, 1));
    expect((await readAll(writeFile([{ d0, d1: decimal() }]))).values).toEqual([0.5, -1.25, 1, 3.5]);
  });

  const numbers2 = (type: arrow.DataType, data: ArrayBufferView, length: number) =>
    arrow.makeData({ type, length, nullCount: 0, data } as never) as AnyData;

  test('include text that contains vectors', async () => {
    const texts = arrow.vectorFromArray(['[1, 2]', null, '[3, 4]'], new arrow.Utf8()).data[0] as AnyData;
    expect(await readAll(writeFile([{ v: texts }]), undefined, { nulls: 'skip' })).toMatchObject({
      values: [1, 2, 3, 4],
      nulls: [1],
    });
  });

  test('include lists of one list as rows', async () => {
    const inner = list([2, 2], numbers(new arrow.Float64(), Float64Array.of(1, 2, 3, 4)));
    expect(await readAll(writeFile([{ v: fixedList(1, inner) }]))).toMatchObject({ depth: 2, values: [1, 2, 3, 4] });
    const square = list([2, 2], numbers(new arrow.Float64(), Float64Array.of(1, 2, 3, 4)));
    await expect(readAll(writeFile([{ v: list([2], square) }]))).rejects.toThrow(
      'v (list<list<float64>> of several lists a row)',
    );
  });

  test('skip null rows, or make them zero rows', async () => {
    const v = fixedList(2, numbers(new arrow.Float32(), Float32Array.from(values)), [0, 2]);
    const file = writeFile([{ v }, { v: vectors() }]);
    expect(await readAll(file, 'v', { nulls: 'skip' })).toMatchObject({ values: [3, 4, 7, 8, ...values], nulls: [0, 2] });
    expect(await readAll(file, 'v', { nulls: 'zero' })).toMatchObject({
      values: [0, 0, 3, 4, 0, 0, 7, 8, ...values],
      nulls: [0, 2],
    });
  });

  test('include one-dimensional tensors as rows, but not two-dimensional ones', async () => {
    const tensor = (shape: number[]) => {
      const metadata = new Map([
        ['ARROW:extension:name', 'arrow.fixed_shape_tensor'],
        ['ARROW:extension:metadata', JSON.stringify({ shape })],
      ]);
      const v = vectors();
      const schema = new arrow.Schema([new arrow.Field('v', v.type, true, metadata)]);
      const data = arrow.makeData({ type: new arrow.Struct(schema.fields), length: rows, nullCount: 0, children: [v] });
      return arrow.tableToIPC(new arrow.Table(new arrow.RecordBatch(schema, data)), 'file').slice();
    };
    expect((await readAll(tensor([2]))).values).toEqual(values);
    expect((await readAll(tensor([1, 2]))).values).toEqual(values);
    await expect(readAll(tensor([2, 2]))).rejects.toThrow('v (tensor of shape (2, 2))');
  });
});

/** Compressors for bytes that are all the same; others are stored. */
const same = (bytes: Uint8Array) => bytes.every((byte) => byte === bytes[0]);
const size4 = (size: number) => [size & 255, (size >> 8) & 255, (size >> 16) & 255, size >>> 24];

function encodeLz4(bytes: Uint8Array): Uint8Array {
  const head = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0];
  if (!same(bytes) || bytes.length < 40)
    return Uint8Array.from([...head, ...size4(bytes.length | 0x80000000), ...bytes, 0, 0, 0, 0]);
  // One literal, a match that repeats it, five literals at the end.
  const rest = bytes.length - 6 - 4 - 15;
  const first = bytes[0] as number;
  const block = [0x1f, first, 1, 0, ...Array(Math.floor(rest / 255)).fill(255), rest % 255, 0x50, ...Array(5).fill(first)];
  return Uint8Array.from([...head, ...size4(block.length), ...block, 0, 0, 0, 0]);
}

function encodeZstd(bytes: Uint8Array): Uint8Array {
  const repeated = same(bytes) ? 1 : 0;
  const blocks: number[] = [];
  for (let at = 0; at < bytes.length; at += 100_000) {
    const block = bytes.subarray(at, at + 100_000);
    const header = (block.length << 3) | (repeated << 1) | (at + 100_000 >= bytes.length ? 1 : 0);
    blocks.push(header & 255, (header >> 8) & 255, header >> 16, ...(repeated ? block.subarray(0, 1) : block));
  }
  return Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, ...size4(bytes.length), ...blocks]);
}

arrow.compressionRegistry.set(arrow.CompressionType.LZ4_FRAME, { encode: encodeLz4 });
arrow.compressionRegistry.set(arrow.CompressionType.ZSTD, { encode: encodeZstd });
const COMPRESSIONS = [arrow.CompressionType.LZ4_FRAME, arrow.CompressionType.ZSTD];

describe('compressed buffers', () => {
  test('are read, including stored ones', async () => {
    const value = new Float32Array(new Uint8Array(4).fill(0x3f).buffer)[0] as number;
    const constant = () => fixedList(100, numbers(new arrow.Float32(), new Float32Array(300_000).fill(value)));
    const random = randomRows(100, 100).data;
    for (const compression of COMPRESSIONS) {
      const bytes = Buffer.from(writeFile([{ v: constant() }], 'file', compression));
      // apache-arrow writes the compressed length before the data, where the format has the length in memory.
      const magic = compression === arrow.CompressionType.ZSTD ? [0x28, 0xb5, 0x2f, 0xfd] : [0x04, 0x22, 0x4d, 0x18];
      bytes.writeBigInt64LE(1_200_000n, bytes.indexOf(Uint8Array.from(magic)) - 8);
      expect(bytes.length).toBeLessThan(20_000);
      const read = await readAll(bytes);
      expect(read.values).toHaveLength(300_000);
      expect(read.values.every((x) => x === value)).toBe(true);
      const stored = writeFile([{ v: fixedList(100, numbers(new arrow.Float32(), random)) }], 'stream', compression);
      expect(Float32Array.from((await readAll(stored)).values)).toEqual(random);
    }
  });
});

describe('hostile files', () => {
  const files = KINDS.flatMap((kind) =>
    [undefined, ...COMPRESSIONS].map((compression) =>
      writeFile(
        [0, 1].map(() => ({
          v: list([3, 3, 3, 3], numbers(new arrow.Float32(), new Float32Array(12).fill(1))),
          f: fixedList(3, numbers(new arrow.Int64(), new BigInt64Array(12))),
          b: binary(Array.from({ length: 4 }, () => new Uint8Array(80))),
          a: numbers(new arrow.Float32(), new Float32Array(4), [2]),
          c: numbers(new arrow.Int16(), new Int16Array(4)),
          t: arrow.vectorFromArray(['a', 'b', 'c', null], new arrow.Utf8()).data[0] as AnyData,
        })),
        kind,
        compression,
      ),
    ),
  );

  /** test/fuzz limits what finding this out may cost. */
  async function expectOwnError(bytes: Uint8Array): Promise<void> {
    for (const column of ['v', 'f', 'b', 'a,c', 't']) {
      try {
        if (column === 't') await readNames(bytes, column);
        else await readAll(bytes, column, { element: 'float32' });
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_ALLPAIRS_(FORMAT|ARGUMENT)$/) });
      }
    }
  }

  test('end in an error wherever they are truncated', async () => {
    for (const file of files) {
      for (let length = 0; length < file.length; length += 37) await expectOwnError(file.subarray(0, length));
    }
    await expect(readAll((files[0] as Uint8Array).subarray(0, 100))).rejects.toThrow(
      'a.arrow: byte 94: the Arrow file does not end with ARROW1',
    );
  });

  test('end in an error or in rows whatever byte is changed', async () => {
    const random = randomSource(5);
    for (const file of files) {
      for (let round = 0; round < 250; round++) {
        const bytes = file.slice();
        for (let i = 0; i <= round % 3; i++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
        await expectOwnError(bytes);
      }
    }
  });

  test('are refused if the footer has another schema than the beginning', async () => {
    const table = (type: arrow.DataType, data: () => ArrayBufferView) =>
      new arrow.Table({ a: arrow.makeVector(numbers(type, data())), b: arrow.makeVector(numbers(type, data())) });
    const wide = table(new arrow.Float64(), () => new Float64Array(4).fill(1));
    const narrow = table(new arrow.Float16(), () => new Uint16Array(4).fill(0x3c00));
    // apache-arrow writes no schema at the beginning of a file, so that of a stream is inserted.
    const file = arrow.tableToIPC(wide, 'file');
    expect((await readAll(file, 'a,b')).values).toEqual(Array(8).fill(1));
    const withSchemaOf = (other: arrow.Table) => {
      const stream = arrow.tableToIPC(other, 'stream');
      const length = 8 + new DataView(stream.buffer, stream.byteOffset).getUint32(4, true);
      return Buffer.concat([file.subarray(0, 8), stream.subarray(0, length), file.subarray(8)]);
    };
    await expect(readAll(withSchemaOf(narrow), 'a,b')).rejects.toThrow(
      'the schema in the footer is not the one at the beginning of the file',
    );
    // The footer still has the old positions of the batches.
    await expect(readAll(withSchemaOf(wide), 'a,b')).rejects.toThrow('no record batch where the footer lists one');
  });

  test('are refused if another stream follows', async () => {
    const column = () => numbers(new arrow.Float32(), Float32Array.of(1, 2));
    const stream = writeFile([{ a: column(), b: column() }], 'stream');
    expect((await readAll(Buffer.concat([stream, Buffer.alloc(8)]), 'a,b')).values).toEqual([1, 1, 2, 2]);
    await expect(readAll(Buffer.concat([stream, stream]), 'a,b')).rejects.toThrow(
      `byte ${stream.length - 8}: the Arrow stream ends here, but the file continues`,
    );
  });

  test('of other formats are reported as such', async () => {
    await expect(readAll(new TextEncoder().encode('FEA1 and some more bytes'))).rejects.toThrow(/Feather version 1/);
    await expect(readAll(new Uint8Array(4))).rejects.toThrow(/not an Arrow file: too short/);
    await expect(readAll(new Uint8Array(40))).rejects.toThrow(/not an Arrow file/);
  });
});

describe('records', () => {
  async function write(cut: number, count: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    const file: AtomicFile = {
      async append(bytes) {
        parts.push(bytes.slice());
      },
      async replaceStart() {},
    };
    const sink = await openArrowSink(file, [
      { name: 'i', type: 'u4', beside: [{ name: 'label', type: 'text', texts: ['zero', 'één', 'two'] }] },
      { name: 'j', type: 'u4' },
      { name: 'score', type: 'f4' },
      { name: 'exact', type: 'f8' },
    ]);
    for (let from = 0; from < count; from += cut) {
      const length = Math.min(cut, count - from);
      const column = (f: (r: number) => number) => Array.from({ length }, (_, i) => f(from + i));
      const columns = [column((r) => r % 3), column((r) => 2 ** 32 - 1 - r), column((r) => -0 / (r + 1)), column((r) => r / 3)];
      await sink.add({ length, columns });
    }
    await sink.end();
    return Buffer.concat(parts);
  }

  test('are read back exactly, in batches of a fixed size', async () => {
    const count = 2 ** 17 + 5;
    const bytes = await write(1000, count);
    expect(Buffer.compare(bytes, await write(50_001, count))).toBe(0);
    const table = arrow.tableFromIPC(bytes);
    expect(table.batches.map(({ numRows }) => numRows)).toEqual([32768, 32768, 32768, 32768, 5]);
    expect(table.get(65537)?.toJSON()).toEqual({ i: 2, i_label: 'two', j: 2 ** 32 - 65538, score: -0, exact: 65537 / 3 });
    const exact = await readAll(bytes, 'exact,j');
    expect(exact.values.every((value, at) => value === (at % 2 === 0 ? at / 6 : 2 ** 32 - 1 - (at - 1) / 2))).toBe(true);
    const labels = await readNames(bytes, 'i_label');
    expect(labels).toHaveLength(count);
    expect(labels.every((label, r) => label === ['zero', 'één', 'two'][r % 3])).toBe(true);
  });

  test('are written as a file even if there are none', async () => {
    expect(await readAll(await write(10, 0), 'score,exact')).toMatchObject({ depth: 2, values: [] });
  });
});
