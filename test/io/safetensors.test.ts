// Tensors of .safetensors files as rows: every type, and headers with false statements.

import { describe, expect, it } from 'vitest';
import { ArgumentError, FormatError } from '#src/errors.js';
import { bytesInMemory } from '#src/io/bytes/byte-source.js';
import { readSafetensors } from '#src/io/formats/safetensors.js';
import { bytesOf, safetensorsFile } from '../fuzz/files.js';
import { valuesOf } from '../fuzz/read-rows.js';

/** A tensor called 't' that covers all the bytes. */
function tensorFile(dtype: string, shape: readonly unknown[], data: Uint8Array): Uint8Array {
  return safetensorsFile({ t: { dtype, shape, data_offsets: [0, data.length] } }, data);
}

async function refuse(bytes: Uint8Array, offset: number, message: string, column?: string): Promise<void> {
  const error = await readSafetensors(bytesInMemory(bytes, 'file'), { column }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FormatError);
  expect((error as FormatError).message).toBe(`file: byte ${offset}: ${message}`);
  expect((error as FormatError).offset).toBe(offset);
}

async function refuseColumn(bytes: Uint8Array, message: string, column?: string): Promise<void> {
  const error = await readSafetensors(bytesInMemory(bytes, 'file'), { column }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ArgumentError);
  expect(error).toMatchObject({ argument: 'column', message: `file: ${message}` });
}

describe('reading', () => {
  it.each<[dtype: string, type: string, data: ArrayBufferView, values: number[]]>([
    ['F16', 'float16', Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7c00), [1, -2, 2 ** -24, Number.POSITIVE_INFINITY]],
    ['BF16', 'bfloat16', Uint16Array.of(0x3f80, 0xc000, 0x0001, 0x7f80), [1, -2, 2 ** -133, Number.POSITIVE_INFINITY]],
    ['F32', 'float32', Float32Array.of(1.5, -0, 2 ** -149, Number.NaN), [1.5, -0, 2 ** -149, Number.NaN]],
    ['F64', 'float64', Float64Array.of(0.1, -1e300, 5e-324, 3), [0.1, -1e300, 5e-324, 3]],
    ['I8', 'int8', Int8Array.of(0, -1, -128, 127), [0, -1, -128, 127]],
    ['U8', 'uint8', Uint8Array.of(0, 1, 128, 255), [0, 1, 128, 255]],
    ['I16', 'int16', Int16Array.of(0, -1, -32768, 32767), [0, -1, -32768, 32767]],
    ['U16', 'uint16', Uint16Array.of(0, 1, 32768, 65535), [0, 1, 32768, 65535]],
    ['I32', 'int32', Int32Array.of(0, -1, -(2 ** 31), 2 ** 31 - 1), [0, -1, -(2 ** 31), 2 ** 31 - 1]],
    ['U32', 'uint32', Uint32Array.of(0, 1, 2 ** 31, 2 ** 32 - 1), [0, 1, 2 ** 31, 2 ** 32 - 1]],
  ])('%s', async (dtype, type, data, values) => {
    expect(await valuesOf(readSafetensors, tensorFile(dtype, [2, 2], bytesOf(data)))).toEqual({
      kind: 'flat',
      depth: 2,
      type,
      values,
    });
  });

  const several = safetensorsFile(
    {
      __metadata__: { made: 'by hand' },
      // In another order than that of their bytes.
      b: { dtype: 'U8', shape: [2, 2], data_offsets: [11, 15] },
      bias: { dtype: 'I64', shape: [1], data_offsets: [3, 11] },
      a: { dtype: 'U8', shape: [1, 3], data_offsets: [0, 3] },
      none: { dtype: 'F32', shape: [0, 7], data_offsets: [15, 15] },
      mask: { dtype: 'BOOL', shape: [1, 1], data_offsets: [15, 16] },
    },
    Uint8Array.from({ length: 16 }, (_, i) => i),
  );

  it('reads 8-bit floats, 64-bit integers and booleans, and drops dimensions of 1', async () => {
    const one = (dtype: string, shape: number[], data: Uint8Array) =>
      safetensorsFile({ t: { dtype, shape, data_offsets: [0, data.length] } }, data);
    const e4m3 = Uint8Array.of(0x38, 0xb8, 0x01, 0x7e, 0x80, 0x7f);
    expect((await valuesOf(readSafetensors, one('F8_E4M3', [2, 1, 3], e4m3))).values).toEqual([
      1,
      -1,
      2 ** -9,
      448,
      -0,
      Number.NaN,
    ]);
    const e5m2 = Uint8Array.of(0x3c, 0xbc, 0x01, 0x7b, 0x7c, 0xfd);
    const halves = [1, -1, 2 ** -16, 57344, Number.POSITIVE_INFINITY, Number.NaN];
    expect((await valuesOf(readSafetensors, one('F8_E5M2', [1, 2, 3], e5m2))).values).toEqual(halves);
    const wide = bytesOf(BigInt64Array.of(-1n, 2n ** 53n - 1n));
    expect(await valuesOf(readSafetensors, one('I64', [1, 2], wide))).toMatchObject({
      type: 'float64',
      values: [-1, 2 ** 53 - 1],
    });
    await expect(valuesOf(readSafetensors, one('U64', [1, 2], wide))).rejects.toThrow('18446744073709551615 is beyond 2^53');
    expect((await valuesOf(readSafetensors, one('BOOL', [2, 2], Uint8Array.of(1, 0, 0, 1)))).values).toEqual([1, 0, 0, 1]);
  });

  it('reads the selected tensor, or the only two-dimensional one of a supported type', async () => {
    expect((await valuesOf(readSafetensors, several, 'a')).values).toEqual([0, 1, 2]);
    expect((await valuesOf(readSafetensors, several, 'b')).values).toEqual([11, 12, 13, 14]);
    expect(await valuesOf(readSafetensors, several, 'none')).toMatchObject({ depth: 7, values: [] });
    const one = { dtype: 'I8', shape: [1, 2], data_offsets: [1, 3] };
    const flag = { dtype: 'BOOL', shape: [1, 1], data_offsets: [0, 1] };
    expect((await valuesOf(readSafetensors, safetensorsFile({ flag, one }, new Uint8Array(3)))).values).toEqual([0, 0]);
  });

  it('lists the tensors', async () => {
    await refuseColumn(
      several,
      "more than one tensor can be the rows: b (U8 [2, 2]), a (U8 [1, 3]), none (F32 [0, 7]); choose with column: 'b' or column: 'a' or column: 'none'",
    );
    await refuseColumn(
      several,
      'no tensor x; there are b (U8 [2, 2]), bias (I64 [1]), a (U8 [1, 3]), none (F32 [0, 7]), mask (BOOL [1, 1])',
      'x',
    );
    await refuseColumn(
      tensorFile('F32', [3], new Uint8Array(12)),
      'no two-dimensional tensor of a supported type; there are t (F32 [3])',
    );
    await refuseColumn(safetensorsFile({}, new Uint8Array(0)), 'no two-dimensional tensor of a supported type; there are none');
    await refuseColumn(
      tensorFile('toString', [1, 3], new Uint8Array(3)),
      'no two-dimensional tensor of a supported type; there are t (toString [1, 3])',
    );
    await refuse(several, 8, 'tensor "bias": expected two dimensions (rows, columns), got shape [1]', 'bias');
    await refuse(
      tensorFile('F32', [3], new Uint8Array(12)),
      8,
      'tensor "t": expected two dimensions (rows, columns), got shape [3]',
      't',
    );
  });
});

describe('a reader of damaged files', () => {
  const data = new Uint8Array(8);
  const file = (entry: unknown) => safetensorsFile({ t: entry as object }, data);

  it('refuses impossible lengths', async () => {
    await refuse(new Uint8Array(7), 0, 'the file ends at byte 7; expected 8 more');
    const huge = new Uint8Array(16).fill(255);
    await refuse(huge, 0, `a header of ${2 ** 64} bytes; at most 100000000 are allowed, and 8 follow`);
    await refuse(bytesOf(BigUint64Array.of(9n, 0n)), 0, 'a header of 9 bytes; at most 100000000 are allowed, and 8 follow');
  });

  it('refuses invalid headers', async () => {
    await refuse(safetensorsFile('', data), 8, 'the header is not valid JSON');
    await refuse(safetensorsFile('{"t": ', data), 8, 'the header is not valid JSON');
    await refuse(safetensorsFile('[]', data), 8, 'the header is not a JSON object');
    await refuse(safetensorsFile('null', data), 8, 'the header is not a JSON object');
    const latin = safetensorsFile('{"x": 1}', data);
    latin[10] = 0xe9;
    await refuse(latin, 8, 'the header is not UTF-8');
    await refuse(safetensorsFile(`[${',0'.repeat(2 ** 18 + 1)}]`, data), 8, 'the header is of more than 262144 items');
    await refuse(safetensorsFile('['.repeat(2 ** 18 + 1), data), 8, 'the header is of more than 262144 items');
  });

  it('refuses impossible tensors', async () => {
    const right = { dtype: 'F32', shape: [1, 2], data_offsets: [0, 8] };
    expect((await valuesOf(readSafetensors, file(right))).values).toEqual([0, 0]);
    await refuse(file(null), 8, 'tensor "t": dtype is not a string');
    await refuse(file({ ...right, dtype: 4 }), 8, 'tensor "t": dtype is not a string');
    for (const shape of [undefined, 'x', [1, -2], [1, 0.5], [1, '2'], [1, 2 ** 53]]) {
      await refuse(file({ ...right, shape }), 8, 'tensor "t": shape is not a list of sizes');
    }
    for (const data_offsets of [undefined, [0], [0, 8, 8], [-1, 8], [0, 8.5]]) {
      await refuse(file({ ...right, data_offsets }), 8, 'tensor "t": data_offsets is not a list of two offsets');
    }
    await refuse(file({ ...right, data_offsets: [8, 0] }), 8, 'tensor "t": data_offsets end at 0, before they begin at 8');
    await refuse(
      file({ ...right, data_offsets: [8, 16] }),
      8,
      'tensor "t": data_offsets end at 16, but 8 bytes follow the header',
    );
    await refuse(
      file({ ...right, shape: [1, 3] }),
      8,
      'tensor "t": shape [1, 3] of F32 takes 12 bytes, but data_offsets have 8',
    );
    // 2^32 x 2^32 is 0 in 64 bits.
    const wrapped = { ...right, shape: [2 ** 32, 2 ** 32], data_offsets: [0, 0] };
    await refuse(
      file(wrapped),
      8,
      `tensor "t": shape [4294967296, 4294967296] of F32 takes ${2 ** 66} bytes, but data_offsets have 0`,
    );
    await refuse(
      file({ ...right, shape: [5, 0], data_offsets: [0, 0] }),
      8 + JSON.stringify({ t: { ...right, shape: [5, 0], data_offsets: [0, 0] } }).length,
      '8 bytes that belong to no tensor',
    );
    await refuse(tensorFile('F32', [5, 0], new Uint8Array(0)), 8, 'expected rows of 1 to 16777216 numbers, got 0');
    await refuse(tensorFile('F32', [0, 2 ** 25], new Uint8Array(0)), 8, 'expected rows of 1 to 16777216 numbers, got 33554432');
  });

  it('refuses bytes that belong to several tensors, or to none', async () => {
    const tensor = (begin: number, end: number) => ({ dtype: 'U8', shape: [1, end - begin], data_offsets: [begin, end] });
    const cases: [header: Record<string, object>, at: number, message: string][] = [
      [{ a: tensor(0, 4), b: tensor(3, 8) }, 3, 'tensor "b" begins at 3, expected 4'],
      [{ a: tensor(0, 4), b: tensor(5, 8) }, 5, 'tensor "b" begins at 5, expected 4'],
      [{ a: tensor(1, 8) }, 1, 'tensor "a" begins at 1, expected 0'],
      [{ a: tensor(0, 4), b: tensor(4, 7) }, 7, '1 bytes that belong to no tensor'],
    ];
    for (const [header, at, message] of cases) {
      await refuse(safetensorsFile(header, data), 8 + JSON.stringify(header).length + at, message, 'a');
    }
  });
});

describe('a tensor with one integer per row', () => {
  const ids = { dtype: 'I64', shape: [2, 1], data_offsets: [0, 16] };

  it('is not read as rows', async () => {
    await refuseColumn(
      safetensorsFile({ ids }, new Uint8Array(16)),
      'no tensor of vectors (a single integer per row is not a vector); there are ids (I64 [2, 1])',
    );
  });

  it('does not make the choice ambiguous, and may be selected', async () => {
    const v = { dtype: 'U8', shape: [2, 2], data_offsets: [16, 20] };
    const both = safetensorsFile(
      { ids, v },
      Uint8Array.from({ length: 20 }, (_, i) => (i < 16 ? 0 : i)),
    );
    expect((await valuesOf(readSafetensors, both)).values).toEqual([16, 17, 18, 19]);
    expect((await valuesOf(readSafetensors, both, 'ids')).values).toEqual([0, 0]);
  });
});
