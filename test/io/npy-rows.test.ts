// Arrays of .npy files as rows: where they lie, and gathered from Fortran order.

import { describe, expect, it } from 'vitest';
import { ArgumentError, FormatError } from '#src/errors.js';
import { type ByteSource, bytesInMemory } from '#src/io/byte-source.js';
import { readNpyRows } from '#src/io/formats/npy.js';
import type { RowStream } from '#src/io/row-reader.js';
import { bytesOf, npyFile, npyOf } from '../fuzz/files.js';
import { valuesOf } from '../fuzz/read-rows.js';

/** Each type with a value for each of two rows of three, and the DataView method that writes one. */
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
/** Where the elements of two rows of three lie by columns. */
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
      // Streams have float16 as its bits.
      expect(await valuesOf(readNpyRows, fortran)).toEqual({ kind: 'stream', depth: 3, type, values });
    });
  }

  it('lie behind the header', async () => {
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

  it('are the same in both orders where there is one row, or one column, or none', async () => {
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
    // Not a call for each element or for each short column.
    expect(reads.length).toBeLessThan(150);
    expect(Math.max(...reads)).toBeLessThanOrEqual(4 * 2 ** 20);
  });
});

describe('refusals', () => {
  const data = new Uint8Array(16);

  it('of arrays without rows', async () => {
    await refuse(npyOf('<f4', [4], data), 0, 'expected a two-dimensional array (rows, columns), got 1 dimensions');
    await refuse(npyOf('<f4', [1, 2, 2], data), 0, 'expected a two-dimensional array (rows, columns), got 3 dimensions');
    await refuse(
      npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", data.subarray(0, 4)),
      0,
      'expected a two-dimensional array (rows, columns), got 0 dimensions',
    );
    await refuse(npyOf('<f4', [5, 0], new Uint8Array(0)), 0, 'rows of 0 numbers; 1 to 16777216 make sense');
    await refuse(npyOf('<f4', [0, 2 ** 25], new Uint8Array(0)), 0, 'rows of 33554432 numbers; 1 to 16777216 make sense');
  });

  it('of files that are not what they say', async () => {
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
    await refuse(npyOf('<i8', [2, 1], data), 10, 'elements of type "<i8"; supported are f2, f4, f8, i1, i2, i4, u1, u2, u4');
  });

  it('of headers that could be read in very many ways, without trying them', async () => {
    for (const shape of [`(${' '.repeat(60_000)}x`, `(1,${' '.repeat(60_000)}x`, `(${'1, '.repeat(20_000)}x`]) {
      const file = npyFile(`{'shape': ${shape}`, data);
      // Each takes less than a millisecond. One that is tried in every way takes seconds, 500 of them longer than a test may.
      for (let time = 0; time < 500; time++) await refuse(file, 19, 'malformed header: expected a value');
    }
  });

  it('of columns', async () => {
    const read = readNpyRows(bytesInMemory(npyOf('<f4', [2, 2], data), 'file'), { column: 'a' });
    await expect(read).rejects.toThrow(ArgumentError);
    await expect(read).rejects.toThrow('file: no column a; the file holds one matrix, without names');
  });
});
