// Arrays of .npy files as rows: where they are in the file, and rows gathered from Fortran order.

import { describe, expect, it } from 'vitest';
import { ArgumentError, FormatError } from '#src/errors.js';
import { type ByteSource, bytesInMemory } from '#src/io/bytes/byte-source.js';
import { readNpyRows } from '#src/io/formats/npy.js';
import { decodeNpy } from '#src/io/rows/npy.js';
import type { RowStream } from '#src/io/rows/row-reader.js';
import { bytesOf, npyFile, npyOf } from '../fuzz/files.js';
import { valuesOf } from '../fuzz/read-rows.js';
import { saying } from './saying.js';

/** Each type with a value for each of two rows of three, and the DataView method that writes one value. */
const TYPES: [descr: string, type: string, set: keyof DataView & `set${string}`, values: number[]][] = [
  ['f2', 'float16', 'setUint16', [0x3c00, 0xc000, 0x0001, 0x7bff, 0x8000, 0x7c00]],
  ['f4', 'float32', 'setFloat32', [1.5, -2, 2 ** -149, -0, Number.NaN, Number.POSITIVE_INFINITY]],
  ['f8', 'float64', 'setFloat64', [0.1, -1e300, 5e-324, -0, Number.NaN, Number.NEGATIVE_INFINITY]],
  ['i1', 'int8', 'setInt8', [0, 1, -1, 127, -128, 7]],
  ['u1', 'uint8', 'setUint8', [0, 1, 128, 127, 255, 7]],
  ['i2', 'int16', 'setInt16', [0, 1, -1, 32767, -32768, 258]],
  ['u2', 'uint16', 'setUint16', [0, 1, 32768, 32767, 65535, 258]],
  ['i4', 'int32', 'setInt32', [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 66051]],
  ['u4', 'uint32', 'setUint32', [0, 1, 2 ** 31, 2 ** 31 - 1, 2 ** 32 - 1, 66051]],
];
const HALFS = [1, -2, 2 ** -24, 65504, -0, Number.POSITIVE_INFINITY];
/** The positions of two rows of three elements in column order. */
const BY_COLUMNS = [0, 3, 1, 4, 2, 5];

function elements(values: readonly number[], set: string, bytes: number, littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * bytes));
  const write = view[set as 'setUint32'].bind(view);
  for (const [i, value] of values.entries()) write(i * bytes, value, littleEndian);
  return new Uint8Array(view.buffer);
}

async function refuse(bytes: Uint8Array, offset: number, message: string): Promise<void> {
  const error = await readNpyRows(bytesInMemory(bytes, 'file'), {}).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FormatError);
  expect((error as FormatError).message).toBe(`file: byte ${offset}: ${message}`);
  expect((error as FormatError).offset).toBe(offset);
}

describe('rows', () => {
  for (const [descr, type, set, values] of TYPES) {
    it.each(['<', '>'])(`of ${descr}, byte order %s, in C and in Fortran order`, async (order) => {
      const size = Number(descr[1]);
      const mark = size === 1 ? '|' : order;
      const c = npyOf(`${mark}${descr}`, [2, 3], elements(values, set, size, order === '<'));
      const wide = descr === 'f2' ? HALFS : values;
      expect(await valuesOf(readNpyRows, c)).toEqual({ kind: 'flat', depth: 3, type, values: wide });

      const moved = BY_COLUMNS.map((i) => values[i] as number);
      const fortran = npyOf(`${mark}${descr}`, [2, 3], elements(moved, set, size, order === '<'), true);
      // Streams hold float16 as bits.
      expect(await valuesOf(readNpyRows, fortran)).toEqual({ kind: 'stream', depth: 3, type, values });
    });
  }

  it('follow the header', async () => {
    const file = npyOf('>f4', [2, 1], new Uint8Array(8), false, 3);
    expect(await readNpyRows(bytesInMemory(file, 'file'), {})).toEqual({
      kind: 'flat',
      rows: 2,
      depth: 1,
      type: 'float32',
      littleEndian: false,
      offset: file.length - 8,
      rowBytes: 4,
    });
  });

  it('are the same in both orders with one row, one column, or none', async () => {
    const data = bytesOf(Float32Array.of(1, 2, 3));
    expect(await valuesOf(readNpyRows, npyOf('<f4', [1, 3], data, true))).toMatchObject({ kind: 'flat', values: [1, 2, 3] });
    expect(await valuesOf(readNpyRows, npyOf('<f4', [3, 1], data, true))).toMatchObject({ kind: 'flat', values: [1, 2, 3] });
    expect(await valuesOf(readNpyRows, npyOf('<f4', [0, 3], new Uint8Array(0), true))).toMatchObject({ depth: 3, values: [] });
  });
});

describe('Fortran order of more than a block', () => {
  it.each([
    ['long columns', 600_000, 3],
    ['short columns, read together', 1000, 2000],
    ['columns of two', 2, 900_000],
    ['one block', 300, 7],
  ])('%s', async (_, rows, depth) => {
    const data = new Int32Array(rows * depth);
    for (let k = 0; k < depth; k++) for (let i = 0; i < rows; i++) data[k * rows + i] = i * depth + k;
    const memory = bytesInMemory(npyOf('<i4', [rows, depth], bytesOf(data), true), 'file');
    const reads: number[] = [];
    const source: ByteSource = {
      ...memory,
      read(offset, length, into) {
        reads.push(length);
        return memory.read(offset, length, into);
      },
    };
    const stream = (await readNpyRows(source, {})) as RowStream;
    let next = 0;
    let wrong = 0;
    for await (const block of stream.blocks()) {
      expect(block.length % depth).toBe(0);
      expect(block.byteLength).toBeLessThanOrEqual(Math.max(4 * 2 ** 20, 4 * depth));
      for (const value of block) if (value !== next++) wrong += 1;
    }
    expect(next).toBe(rows * depth);
    expect(wrong).toBe(0);
    // Without a call for each element or for each short column.
    expect(reads.length).toBeLessThan(150);
    expect(Math.max(...reads)).toBeLessThanOrEqual(4 * 2 ** 20);
  });
});

describe('arrays of other kinds', () => {
  const record = "[('id', '<i8'), ('emb', '<f4', (2,)), ('t', '<U2'), ('d0', '>f8'), ('d1', '>f8'), ('at', '<M8[ns]')]";
  const rowOf = (i: number) => {
    const doubles = elements([i, -i], 'setFloat64', 8, false);
    return bytesOf(BigInt64Array.of(2n ** 60n), Float32Array.of(i, i / 2), new Uint8Array(8), doubles, new Uint8Array(8));
  };
  const records = npyFile(`{'descr': ${record}, 'fortran_order': False, 'shape': (3,), }`, bytesOf(...[1, 2, 3].map(rowOf)));

  it('drop dimensions of 1', async () => {
    const floats = bytesOf(Float32Array.of(1, 2, 3, 4, 5, 6));
    for (const shape of [
      [2, 1, 3],
      [1, 2, 3],
      [2, 3, 1],
      [1, 2, 1, 3],
    ]) {
      expect(await valuesOf(readNpyRows, npyOf('<f4', shape, floats))).toMatchObject({ depth: 3, values: [1, 2, 3, 4, 5, 6] });
      const fortran = await valuesOf(readNpyRows, npyOf('<f4', shape, floats, true));
      expect(fortran).toMatchObject({ depth: 3, values: [1, 3, 5, 2, 4, 6] });
    }
    expect(await valuesOf(readNpyRows, npyOf('<f4', [1, 1, 6], floats))).toMatchObject({ depth: 6 });
    expect(await valuesOf(readNpyRows, npyOf('<f4', [6, 1, 1], floats))).toMatchObject({ depth: 1 });
  });

  it('of booleans are 0 and 1', async () => {
    const { values } = await valuesOf(readNpyRows, npyOf('|b1', [2, 2], Uint8Array.of(1, 0, 0, 1)));
    expect(values).toEqual([1, 0, 0, 1]);
  });

  it.each(['<', '>'])('of 64-bit integers are exact or refused, byte order %s', async (order) => {
    const file = (signed: boolean, fortran: boolean, ...values: bigint[]) => {
      const view = new DataView(new ArrayBuffer(8 * values.length));
      for (const [i, value] of values.entries()) view.setBigUint64(8 * i, BigInt.asUintN(64, value), order === '<');
      return npyOf(`${order}${signed ? 'i8' : 'u8'}`, [2, 2], new Uint8Array(view.buffer), fortran);
    };
    const most = 2n ** 53n - 1n;
    const signed = [1n, -1n, most, -most];
    expect(await valuesOf(readNpyRows, file(true, false, ...signed))).toMatchObject({
      type: 'float64',
      values: signed.map(Number),
    });
    expect((await valuesOf(readNpyRows, file(true, true, ...signed))).values).toEqual([1n, most, -1n, -most].map(Number));
    expect((await valuesOf(readNpyRows, file(false, false, 0n, 2n ** 32n, 1n, most))).values).toEqual([
      0,
      2 ** 32,
      1,
      2 ** 53 - 1,
    ]);
    const reason = 'has no exact float64; convert the numbers to floating point before they are written';
    await refuse2(file(true, false, 1n, 2n, -(2n ** 53n) - 1n, 4n), 144, `-9007199254740993 is beyond 2^53 and ${reason}`);
    await refuse2(file(false, false, 1n, 2n ** 64n - 1n, 3n, 4n), 136, `18446744073709551615 is beyond 2^53 and ${reason}`);
  });

  async function refuse2(bytes: Uint8Array, offset: number, message: string): Promise<void> {
    await expect(valuesOf(readNpyRows, bytes)).rejects.toThrow(saying(new FormatError('file', offset, message)));
  }

  it('of records give the selected field, or the only one that can be the rows', async () => {
    expect(await valuesOf(readNpyRows, records, 'emb')).toEqual({
      kind: 'flat',
      depth: 2,
      type: 'float32',
      values: [1, 0.5, 2, 1, 3, 1.5],
    });
    expect(await valuesOf(readNpyRows, records, 'd*')).toEqual({
      kind: 'flat',
      depth: 2,
      type: 'float64',
      values: [1, -1, 2, -2, 3, -3],
    });
    await expect(valuesOf(readNpyRows, records)).rejects.toThrow("choose with column: 'emb' or column: 'd0,d1'");
    await expect(valuesOf(readNpyRows, records, 'id')).rejects.toThrow('column id holds <i8, one number a row');
    await expect(valuesOf(readNpyRows, records, 'id,d0')).rejects.toThrow('the fields are of several types');
    expect(() => decodeNpy(records)).toThrow('the array has records; open it with openRows');
  });

  it('of Python objects say how to write numbers', async () => {
    for (const descr of ["'|O'", "[('a', '<f4'), ('b', '|O')]"]) {
      const file = npyFile(`{'descr': ${descr}, 'fortran_order': False, 'shape': (1,), }`, new Uint8Array(20));
      await expect(valuesOf(readNpyRows, file)).rejects.toThrow('np.save(path, np.stack(a))');
    }
  });
});

describe('refusals', () => {
  const data = new Uint8Array(16);

  it('apply to arrays without rows', async () => {
    await refuse(
      npyOf('<f4', [4], data),
      0,
      'expected a two-dimensional array (rows, columns), got shape (4,); give it two dimensions: np.save(path, a.reshape(rows, -1))',
    );
    await refuse(
      npyOf('|u1', [2, 2, 4], data),
      0,
      'expected a two-dimensional array (rows, columns), got shape (2, 2, 4); make one vector of each row: np.save(path, a.reshape(len(a), -1))',
    );
    await refuse(
      npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", data.subarray(0, 4)),
      0,
      'expected a two-dimensional array (rows, columns), got shape (); give it two dimensions: np.save(path, a.reshape(rows, -1))',
    );
    await refuse(npyOf('<f4', [5, 0], new Uint8Array(0)), 0, 'expected rows of 1 to 16777216 numbers, got 0');
    await refuse(npyOf('<f4', [0, 2 ** 25], new Uint8Array(0)), 0, 'expected rows of 1 to 16777216 numbers, got 33554432');
  });

  it('apply to damaged files', async () => {
    await refuse(Buffer.from('PK'), 0, 'not a .npy file: it does not begin with \\x93NUMPY');
    await refuse(npyOf('<f4', [2, 2], data).subarray(0, 8), 8, 'the file ends within the header');
    await refuse(npyOf('<f4', [2, 2], data).subarray(0, 60), 60, 'the file ends within the header');
    await refuse(
      npyOf('<f4', [2, 2], data).subarray(0, -1),
      143,
      'shape (2, 2) of f4 takes 16 bytes, but 15 follow the header',
    );
    await refuse(
      npyOf('<f4', [100_000_000, 10_000_000], data, true),
      144,
      'shape (100000000, 10000000) of f4 takes 4000000000000000 bytes, but 16 follow the header',
    );
    await refuse(
      npyOf('<c8', [2, 1], data),
      10,
      'elements of type "<c8"; supported are f2, f4, f8, i1, i2, i4, i8, u1, u2, u4, u8, b1',
    );
  });

  it('apply to headers with very many readings, without trying them', async () => {
    for (const shape of [`(${' '.repeat(60_000)}x`, `(1,${' '.repeat(60_000)}x`, `(${'1, '.repeat(20_000)}x`]) {
      const file = npyFile(`{'shape': ${shape}`, data);
      // Each takes less than a millisecond. A header that is tried in every way takes seconds, so 500 of them would exceed the time limit
      // of a test.
      for (let time = 0; time < 500; time++) await refuse(file, 19 + shape.length, 'malformed header: expected a value');
    }
    await refuse(npyFile(`{'shape': ${'('.repeat(60_000)}`, data), 10 + 10 + 16, 'malformed header: expected less nesting');
  });

  it('apply to columns', async () => {
    const read = readNpyRows(bytesInMemory(npyOf('<f4', [2, 2], data), 'file'), { column: 'a' });
    await expect(read).rejects.toThrow(ArgumentError);
    await expect(read).rejects.toThrow('file: no column a; the file holds one matrix, without names');
  });
});
