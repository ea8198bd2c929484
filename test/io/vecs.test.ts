// Rows that are each preceded by their depth (.fvecs, .bvecs), and rows below one header (.fbin, .u8bin, .i8bin).

import { describe, expect, it } from 'vitest';
import { ArgumentError, FormatError } from '#src/errors.js';
import { type ByteSource, bytesInMemory } from '#src/io/bytes/byte-source.js';
import { readF16bin, readFbin, readI8bin, readU8bin } from '#src/io/formats/bin.js';
import { readBvecs, readFvecs, readHvecs, readIvecs } from '#src/io/formats/vecs.js';
import type { RowReader } from '#src/io/rows/row-reader.js';
import { binFile, bytesOf, vecsFile } from '../fuzz/files.js';
import { valuesOf } from '../fuzz/read-rows.js';

async function refuse(read: RowReader, bytes: Uint8Array, offset: number, message: string): Promise<void> {
  const error = await read(bytesInMemory(bytes, 'file'), {}).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FormatError);
  expect((error as FormatError).message).toBe(`file: byte ${offset}: ${message}`);
  expect((error as FormatError).offset).toBe(offset);
}

describe('.ivecs, .hvecs and .f16bin', () => {
  const halves = Uint16Array.of(0x3c00, 0xc000, 0x3800, 0x0001, 0x7bff, 0x8000);
  const values = [1, -2, 0.5, 2 ** -24, 65504, -0];

  it('are read in place', async () => {
    const rows = bytesOf(Int32Array.of(3), halves.subarray(0, 3), Int32Array.of(3), halves.subarray(3));
    expect(await valuesOf(readHvecs, rows)).toEqual({ kind: 'flat', depth: 3, type: 'float16', values });
    const integers = bytesOf(Int32Array.of(2, -7, 2 ** 31 - 1, 2, 8, 9));
    expect(await valuesOf(readIvecs, integers)).toEqual({
      kind: 'flat',
      depth: 2,
      type: 'int32',
      values: [-7, 2 ** 31 - 1, 8, 9],
    });
    const bin = bytesOf(Uint32Array.of(2, 3), halves);
    expect(await valuesOf(readF16bin, bin)).toEqual({ kind: 'flat', depth: 3, type: 'float16', values });
    await refuse(readHvecs, rows.subarray(0, -1), 10, 'each row of 3 float16 takes 10 bytes, but 9 are left after 1 rows');
  });
});

describe('.fvecs and .bvecs', () => {
  const floats = vecsFile([Float32Array.of(1.5, -2), Float32Array.of(3, Number.NaN), Float32Array.of(-0, 2 ** 100)]);
  const bytes = vecsFile([Uint8Array.of(0, 255, 7), Uint8Array.of(1, 2, 3)]);

  it('are read in place', async () => {
    expect(await valuesOf(readFvecs, floats)).toEqual({
      kind: 'flat',
      depth: 2,
      type: 'float32',
      values: [1.5, -2, 3, Number.NaN, -0, 2 ** 100],
    });
    expect(await valuesOf(readBvecs, bytes)).toEqual({
      kind: 'flat',
      depth: 3,
      type: 'uint8',
      values: [0, 255, 7, 1, 2, 3],
    });
    expect(await readFvecs(bytesInMemory(floats, 'file'), {})).toEqual({
      kind: 'flat',
      rows: 3,
      depth: 2,
      type: 'float32',
      littleEndian: true,
      offset: 4,
      rowBytes: 12,
    });
    expect((await valuesOf(readFvecs, vecsFile([Float32Array.of(9)]))).values).toEqual([9]);
  });

  it('are refused if depths and size do not match', async () => {
    await refuse(readFvecs, new Uint8Array(0), 0, 'no rows');
    await refuse(readFvecs, new Uint8Array(3), 0, 'the file ends at byte 3; expected 4 more');
    await refuse(readFvecs, new Uint8Array(16), 0, 'expected rows of 1 to 16777216 numbers, got 0');
    await refuse(readFvecs, bytesOf(Int32Array.of(-1, 0)), 0, 'expected rows of 1 to 16777216 numbers, got -1');
    await refuse(readBvecs, bytesOf(Int32Array.of(2 ** 24 + 1)), 0, 'expected rows of 1 to 16777216 numbers, got 16777217');
    await refuse(
      readBvecs,
      bytesOf(Int32Array.of(2 ** 24)),
      0,
      'each row of 16777216 uint8 takes 16777220 bytes, but 4 are left after 0 rows',
    );
    await refuse(readFvecs, floats.subarray(0, -1), 24, 'each row of 2 float32 takes 12 bytes, but 11 are left after 2 rows');
    const unequal = floats.slice();
    unequal[24] = 1;
    await refuse(readFvecs, unequal, 24, 'a row of 1 numbers; the first has 2');
    unequal[12] = 7;
    await refuse(readFvecs, unequal, 12, 'a row of 7 numbers; the first has 2');
  });

  it('are checked at the last row and at about a thousand others, however many there are', async () => {
    const rows = 100_000;
    const many = vecsFile(Array<Uint8Array>(rows).fill(Uint8Array.of(5)));
    const reads: number[] = [];
    const memory = bytesInMemory(many, 'file');
    const source: ByteSource = {
      ...memory,
      read(offset, length, into) {
        reads.push(offset);
        return memory.read(offset, length, into);
      },
    };
    expect(await readBvecs(source, {})).toMatchObject({ rows, rowBytes: 5 });
    expect(reads).toHaveLength(1000);
    expect(new Set(reads).size).toBe(1000);
    expect(reads.at(-1)).toBe((rows - 1) * 5);
    many[many.length - 5] = 2;
    await refuse(readBvecs, many, (rows - 1) * 5, 'a row of 2 numbers; the first has 1');
  });
});

describe('.fbin, .u8bin and .i8bin', () => {
  it('are read in place', async () => {
    expect(await valuesOf(readFbin, binFile(2, 3, Float32Array.of(1, 2, 3, -4, 0.5, 1e-40)))).toEqual({
      kind: 'flat',
      depth: 3,
      type: 'float32',
      values: [1, 2, 3, -4, 0.5, Math.fround(1e-40)],
    });
    expect((await valuesOf(readU8bin, binFile(1, 4, Uint8Array.of(0, 127, 128, 255)))).values).toEqual([0, 127, 128, 255]);
    expect((await valuesOf(readI8bin, binFile(2, 2, Int8Array.of(0, 127, -128, -1)))).values).toEqual([0, 127, -128, -1]);
    expect((await valuesOf(readFbin, binFile(0, 5, new Float32Array(0)))).values).toEqual([]);
  });

  it('are refused if the header and the size do not match', async () => {
    const file = binFile(2, 2, Float32Array.of(1, 2, 3, 4));
    await refuse(readFbin, file.subarray(0, 7), 0, 'the file ends at byte 7; expected 8 more');
    await refuse(readFbin, file.subarray(0, -1), 23, '2 rows of 2 float32 take 24 bytes with the header, but the file has 23');
    await refuse(readU8bin, file, 12, '2 rows of 2 uint8 take 12 bytes with the header, but the file has 24');
    await refuse(readI8bin, binFile(9, 0, new Int8Array(0)), 4, 'expected rows of 1 to 16777216 numbers, got 0');
    await refuse(
      readI8bin,
      binFile(1, 2 ** 32 - 1, new Int8Array(9)),
      4,
      'expected rows of 1 to 16777216 numbers, got 4294967295',
    );
    await refuse(
      readFbin,
      binFile(2 ** 32 - 1, 2 ** 24, new Float32Array(1)),
      12,
      `4294967295 rows of 16777216 float32 take ${8 + (2 ** 32 - 1) * 2 ** 26} bytes with the header, but the file has 12`,
    );
  });
});

it.each([readFvecs, readBvecs, readFbin, readU8bin, readI8bin])('have no columns', async (read) => {
  const error = await read(bytesInMemory(new Uint8Array(8), 'file'), { column: 'a' }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ArgumentError);
  expect(error).toMatchObject({
    argument: 'column',
    message: 'file: no column a; the file holds one matrix, without names',
  });
});
