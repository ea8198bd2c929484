import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cosineSimilaritySync } from 'allpairs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FormatError } from '#src/errors.js';
import { createAtomically } from '#src/io/bytes/atomic-file.js';
import { decodeNpy } from '#src/io/rows/npy.js';
import { readNpy, writeNpy } from '#src/io/rows/npy-file.js';
import { Matrix } from '#src/rows/dense-matrix.js';
import { fc } from '../property.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-npy-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Returns a .npy file in NumPy's layout, with any header text. */
function npyFile(dictionary: string, data: Uint8Array, version = 1): Uint8Array {
  const lengthBytes = version === 1 ? 2 : 4;
  const length = Math.ceil((8 + lengthBytes + dictionary.length + 1) / 64) * 64 - 8 - lengthBytes;
  const bytes = new Uint8Array(8 + lengthBytes + length + data.length).fill(0x20);
  bytes.set([0x93, ...Buffer.from('NUMPY'), version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, length, true);
  else view.setUint32(8, length, true);
  bytes.set(Buffer.from(dictionary), 8 + lengthBytes);
  bytes[8 + lengthBytes + length - 1] = 0x0a;
  bytes.set(data, 8 + lengthBytes + length);
  return bytes;
}

const header = (descr: string, shape: string, fortran = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;

/** Returns the bytes of 6 elements, written by a DataView setter. */
function elements(size: number, values: number[], set: (view: DataView, at: number, value: number) => void): Uint8Array {
  const bytes = new Uint8Array(size * values.length);
  for (const [i, value] of values.entries()) set(new DataView(bytes.buffer), i * size, value);
  return bytes;
}

const TYPES = ['f4', 'f8', 'i1', 'u1', 'i2', 'u2', 'i4', 'u4'] as const;
const SETTERS = {
  f4: 'setFloat32',
  f8: 'setFloat64',
  i1: 'setInt8',
  u1: 'setUint8',
  i2: 'setInt16',
  u2: 'setUint16',
  i4: 'setInt32',
  u4: 'setUint32',
} as const;

describe('reading', () => {
  const values = [1, 2, 3, 40, 50, 60];
  const want = Array.from(cosineSimilaritySync([values.slice(0, 3), values.slice(3)], { dtype: 'float64' }).data);

  for (const type of TYPES) {
    for (const order of ['<', '>'] as const) {
      it.each([1, 2, 3])(`${order}${type}, C and Fortran order, version %i`, (version) => {
        const size = Number(type[1]);
        const bytes = elements(size, values, (view, at, value) => view[SETTERS[type]](at, value, order === '<'));
        const mark = size === 1 ? '|' : order;
        const c = decodeNpy(npyFile(header(`${mark}${type}`, '(2, 3)'), bytes, version));
        expect(c.shape).toEqual([2, 3]);
        expect(Array.from(c.data)).toEqual(values);
        expect(Array.from(cosineSimilaritySync(c, { dtype: 'float64' }).data)).toEqual(want);

        const columns = [0, 3, 1, 4, 2, 5].map((i) => values[i] as number);
        const moved = elements(size, columns, (view, at, value) => view[SETTERS[type]](at, value, order === '<'));
        const fortran = decodeNpy(npyFile(header(`${mark}${type}`, '(2, 3)', 'True'), moved, version));
        expect(Array.from(cosineSimilaritySync(fortran, { dtype: 'float64' }).data)).toEqual(want);
      });
    }
  }

  it('f2: normal, subnormal, largest, infinite and NaN', () => {
    const bits = [0x3c00, 0xc000, 0x0001, 0x03ff, 0x7bff, 0x8000, 0x7c00, 0xfe00];
    const got = decodeNpy(
      npyFile(
        header('<f2', '(1, 8)'),
        elements(2, bits, (view, at, value) => view.setUint16(at, value, true)),
      ),
    );
    expect(got.data).toBeInstanceOf(Float32Array);
    expect(Array.from(got.data)).toEqual([1, -2, 2 ** -24, 1023 * 2 ** -24, 65504, -0, Number.POSITIVE_INFINITY, Number.NaN]);
  });

  it('leaves the given bytes unchanged, and accepts any alignment', () => {
    const file = npyFile(
      header('>f8', '(1, 2)'),
      elements(8, [1, 2], (view, at, value) => view.setFloat64(at, value)),
    );
    const shifted = new Uint8Array(file.length + 1);
    shifted.set(file, 1);
    const before = shifted.slice();
    expect(Array.from(decodeNpy(shifted.subarray(1)).data)).toEqual([1, 2]);
    expect(Array.from(decodeNpy(Buffer.from(file)).data)).toEqual([1, 2]);
    expect(shifted).toEqual(before);
  });

  it('empty arrays', () => {
    expect(decodeNpy(npyFile(header('<f4', '(0, 5)'), new Uint8Array(0))).shape).toEqual([0, 5]);
    expect(decodeNpy(npyFile(header('<f4', '(5, 0)'), new Uint8Array(0))).shape).toEqual([5, 0]);
  });
});

describe('a reader of damaged files', () => {
  it('reports an empty file', () => {
    expect(() => decodeNpy(new Uint8Array(0), 'a.npy')).toThrow(/^a\.npy: the file is empty; expected data as npy$/);
  });

  const data = new Uint8Array(16);
  it.each<[what: string, file: Uint8Array, message: string]>([
    ['another format', Buffer.from('PK\x03\x04 something else'), 'byte 0: not a .npy file'],
    ['the magic alone', npyFile('', data).subarray(0, 6), 'ends within the header'],
    ['a cut header', npyFile(header('<f4', '(2, 2)'), data).subarray(0, 40), 'byte 40: the file ends within the header'],
    ['version 4', npyFile(header('<f4', '(2, 2)'), data, 4), 'expected format version 1, 2 or 3, got 4'],
    [
      'a header of 4 GB',
      Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0, 255, 255, 255, 255),
      'byte 8: expected a header of at most 65536 bytes, got 4294967295',
    ],
    [
      'a truncated file',
      npyFile(header('<f4', '(2, 2)'), data).subarray(0, -1),
      'byte 143: shape (2, 2) of f4 takes 16 bytes, but 15 follow',
    ],
    ['bytes too many', npyFile(header('<f4', '(2, 1)'), data), 'takes 8 bytes, but 16 follow'],
    ['a shape of petabytes', npyFile(header('<f4', '(100000000, 10000000)'), data), 'takes 4000000000000000 bytes'],
    ['a shape that overflows', npyFile(header('<f4', '(4294967296, 4294967296)'), data), 'is too large'],
    ['an overflow behind a zero', npyFile(header('<f4', '(0, 99999999999999999999)'), new Uint8Array(0)), 'is too large'],
    ['one dimension', npyFile(header('<f4', '(4,)'), data), 'expected a two-dimensional array'],
    ['three dimensions', npyFile(header('<f2', '(2, 2, 2)'), data), 'got shape (2, 2, 2)'],
    ['complex numbers', npyFile(header('<c8', '(2, 1)'), data), 'elements of type "<c8"; supported are f2, f4'],
    ['pickled objects', npyFile(header('|O', '(2, 1)'), new Uint8Array(16)), 'np.stack(a)'],
    ['integers beyond 2^53', npyFile(header('<i8', '(2, 1)'), new Uint8Array(16).fill(127)), 'is beyond 2^53'],
    [
      'a structured type',
      npyFile("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (4, 1), }", data),
      'the array has records',
    ],
    [
      'code for a value',
      npyFile("{'descr': open('x'), 'fortran_order': False, 'shape': (4,), }", data),
      'malformed header: expected a value',
    ],
    ['no shape', npyFile("{'descr': '<f4', 'fortran_order': False}", data), 'shape is not a tuple'],
    ['no order', npyFile("{'descr': '<f4', 'shape': (2, 2)}", data), 'fortran_order is neither'],
    ['an open dictionary', npyFile("{'descr': '<f4'", data), 'malformed header'],
    ['more after the dictionary', npyFile(`${header('<f4', '(2, 2)')} + 1`, data), 'nothing after }'],
    ['a negative size', npyFile(header('<f4', '(-2, -2)'), data), 'malformed header'],
  ])('refuses %s', (_, file, message) => {
    expect(() => decodeNpy(file, 'hostile.npy')).toThrow(FormatError);
    expect(() => decodeNpy(file, 'hostile.npy')).toThrow(message);
    expect(() => decodeNpy(file, 'hostile.npy')).toThrow(/^hostile\.npy: byte \d+: /);
  });

  it('never fails in any other way, whatever bytes are changed', () => {
    const good = npyFile(header('<f4', '(2, 2)'), data);
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), fc.nat(good.length), (changes, length) => {
        const bytes = good.slice();
        for (const [at, value] of changes) bytes[at] = value;
        try {
          decodeNpy(bytes.subarray(0, length));
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('also names the file and the fault for files on disk', async () => {
    const path = join(folder, 'short.npy');
    await writeNpy(path, new Matrix(new Float32Array(6), [2, 3]));
    await truncate(path, 140);
    await expect(readNpy(path)).rejects.toThrow(
      `${path}: byte 140: shape (2, 3) of f4 takes 24 bytes, but 12 follow the header`,
    );
    await expect(readNpy(folder)).rejects.toThrow();
    await expect(readNpy(join(folder, 'none.npy'))).rejects.toThrow('ENOENT');
  });
});

describe('writing', () => {
  it.each([
    ['float32', new Float32Array([1, 2, 3, 4, 5, 6])],
    ['float64', new Float64Array([1, 2, 3, 4, 5, 6])],
    ['shared float32', new Float32Array(new SharedArrayBuffer(24)).fill(7)],
  ])('returns %s unchanged', async (_, data) => {
    const path = join(folder, 'matrix.npy');
    await writeNpy(path, new Matrix(data, [2, 3]));
    const back = await readNpy(path);
    expect(back.shape).toEqual([2, 3]);
    expect(Array.from(back.data)).toEqual(Array.from(data));
    expect(back.data.constructor).toBe(data.constructor);
    expect((await readFile(path)).length % 64).toBe(data.byteLength % 64);
  });

  it('leaves no file if it is aborted', async () => {
    const path = join(folder, 'aborted.npy');
    const matrix = new Matrix(new Float32Array(6), [2, 3]);
    await expect(writeNpy(path, matrix, { signal: AbortSignal.abort('enough') })).rejects.toBe('enough');
    expect((await readdir(folder)).filter((name) => name.includes('aborted'))).toEqual([]);
  });

  it('leaves only the old file if it fails', async () => {
    const path = join(folder, 'kept.npy');
    await writeFile(path, 'old');
    const failing = createAtomically(path, async (file) => {
      await file.append(Buffer.from('half'));
      throw new Error('disk full');
    });
    await expect(failing).rejects.toThrow('disk full');
    expect(await readFile(path, 'utf8')).toBe('old');
    expect((await readdir(folder)).filter((name) => name.includes('kept'))).toEqual(['kept.npy']);
    await createAtomically(path, (file) => file.append(Buffer.from('new')));
    expect(await readFile(path, 'utf8')).toBe('new');
  });
});
