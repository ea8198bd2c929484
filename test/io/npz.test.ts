// Arrays of .npz files as rows: NumPy's own files, zip64, and zip files with false statements.

import { readFile } from 'node:fs/promises';
import { crc32, deflateRawSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { ArgumentError, FormatError } from '#src/errors.js';
import { type ByteSource, bytesInMemory } from '#src/io/bytes/byte-source.js';
import { readNpz } from '#src/io/formats/npz.js';
import type { RowStream } from '#src/io/rows/row-reader.js';
import { RowStore } from '#src/io/rows/row-store.js';
import { bytesOf, deflated, npyFile, npyOf, zipOf } from '../fuzz/files.js';
import { valuesOf } from '../fuzz/read-rows.js';

const numpy = async (name: string) => new Uint8Array(await readFile(new URL(`data/${name}`, import.meta.url)));

const VALUES = [1, -2, 0.5, 4, 5, 6];
const ARRAY = npyOf('<f4', [2, 3], bytesOf(Float32Array.from(VALUES)));

async function errorOf(bytes: Uint8Array, column?: string): Promise<unknown> {
  return valuesOf(readNpz, bytes, column).catch((thrown: unknown) => thrown);
}

async function refuse(bytes: Uint8Array, offset: number, message: string, column?: string, file = 'file'): Promise<void> {
  const error = await errorOf(bytes, column);
  expect(error).toBeInstanceOf(FormatError);
  expect((error as FormatError).message).toBe(`${file}: byte ${offset}: ${message}`);
  expect((error as FormatError).offset).toBe(offset);
}

async function refuseColumn(bytes: Uint8Array, message: string, column?: string): Promise<void> {
  const error = await errorOf(bytes, column);
  expect(error).toBeInstanceOf(ArgumentError);
  expect(error).toMatchObject({ argument: 'column', message: `file: ${message}` });
}

describe('what NumPy writes', () => {
  const a = Array.from({ length: 12 }, (_, i) => (i - 5) / 4);
  const b = Array.from({ length: 6 }, (_, i) => (i - 1) / 8);

  it('savez', async () => {
    const bytes = await numpy('savez.npz');
    for (const name of ['a', 'a.npy']) {
      expect(await valuesOf(readNpz, bytes, name)).toEqual({ kind: 'flat', depth: 3, type: 'float32', values: a });
    }
    expect(await valuesOf(readNpz, bytes, 'b')).toEqual({ kind: 'stream', depth: 3, type: 'float64', values: b });
    expect(await valuesOf(readNpz, bytes, 'h')).toEqual({
      kind: 'flat',
      depth: 2,
      type: 'float16',
      values: [1, -2, 0.5, 65504],
    });
    await refuseColumn(
      bytes,
      "more than one array can be the rows; there are a (f4 [4, 3]), b (f8 [2, 3]), h (f2 [2, 2]), label (not readable); choose with column: 'a' or column: 'b' or column: 'h'",
    );
    await refuseColumn(bytes, 'no array c; there are a, b, h, label', 'c');
    await refuse(
      bytes,
      10,
      'elements of type "<U1"; supported are f2, f4, f8, i1, i2, i4, i8, u1, u2, u4, u8, b1',
      'label',
      'file (label.npy)',
    );
  });

  it('savez_compressed', async () => {
    const bytes = await numpy('savez-compressed.npz');
    expect(await valuesOf(readNpz, bytes, 'a')).toEqual({ kind: 'stream', depth: 3, type: 'float32', values: a });
    // The bits of float16.
    expect(await valuesOf(readNpz, bytes, 'h')).toEqual({
      kind: 'stream',
      depth: 2,
      type: 'float16',
      values: [0x3c00, 0xc000, 0x3800, 0x7bff],
    });
    expect(await valuesOf(readNpz, bytes, 'b')).toEqual({ kind: 'stream', depth: 3, type: 'float64', values: b });
    expect(await valuesOf(readNpz, await numpy('one-array.npz'))).toEqual({
      kind: 'stream',
      depth: 2,
      type: 'int16',
      values: [0, 1, 2, 3, 4, 5, 6, 7],
    });
  });
});

describe('zips', () => {
  it.each([false, true])('of large files (%s), stored and deflated', async (wide) => {
    const stored = zipOf([{ packed: ARRAY }], wide);
    expect(await valuesOf(readNpz, stored)).toEqual({ kind: 'flat', depth: 3, type: 'float32', values: VALUES });
    const packed = zipOf([{ name: 'read.me', packed: ARRAY }, deflated(ARRAY, { name: 'x.npy' })], wide);
    expect(await valuesOf(readNpz, packed)).toEqual({ kind: 'stream', depth: 3, type: 'float32', values: VALUES });
  });

  it('give blocks of whole rows, however much is decompressed at once', async () => {
    const rows = 9000;
    const depth = 77;
    const data = Uint32Array.from({ length: rows * depth }, (_, i) => Math.imul(i, 2654435761) >>> 8);
    const bytes = zipSync({ 'a.npy': npyOf('<u4', [rows, depth], bytesOf(data)) }, { level: 1 });
    const stream = (await readNpz(bytesInMemory(bytes, 'file'), {})) as RowStream;
    let at = 0;
    for await (const block of stream.blocks()) {
      expect(block.length % depth).toBe(0);
      expect(block.byteLength).toBeLessThanOrEqual(2 ** 20);
      expect(Buffer.compare(bytesOf(block), bytesOf(data.subarray(at, at + block.length)))).toBe(0);
      at += block.length;
    }
    expect(at).toBe(data.length);
  });

  it('compressed in column order are gathered completely, in any number of pieces', async () => {
    const [rows, depth] = [3000, 40];
    const byRows = Float64Array.from({ length: rows * depth }, (_, i) => Math.sin(i));
    const byColumns = byRows.map((_, i) => byRows[(i % rows) * depth + Math.floor(i / rows)] as number);
    const zip = zipOf([deflated(npyOf('<f8', [rows, depth], bytesOf(byColumns), true))]);
    const { values } = await valuesOf(readNpz, zip);
    expect(Float64Array.from(values)).toEqual(byRows);
    const wide = BigInt64Array.of(1n, -(2n ** 40n), 3n, 2n ** 53n - 1n, 5n, 6n);
    const integers = npyOf('<i8', [3, 2], bytesOf(wide), true);
    const want = [1, 2 ** 53 - 1, -(2 ** 40), 5, 3, 6];
    expect((await valuesOf(readNpz, zipOf([deflated(integers)]))).values).toEqual(want);
    expect((await valuesOf(readNpz, zipOf([{ packed: integers }]))).values).toEqual(want);
  });

  it('compressed in column order exceed memory only into a temporary file', async () => {
    const [rows, depth] = [5000, 100];
    const byRows = Float64Array.from({ length: rows * depth }, (_, i) => i % 1013);
    const byColumns = byRows.map((_, i) => byRows[(i % rows) * depth + Math.floor(i / rows)] as number);
    const zip = zipOf([deflated(npyOf('<f8', [rows, depth], bytesOf(byColumns), true))]);
    const written: Uint8Array[] = [];
    let closed = 0;
    const createStore = () =>
      new RowStore(2 ** 20, async () => ({
        append: async (bytes: Uint8Array) => void written.push(bytes.slice()),
        read: async (into: Uint8Array, at: number, length: number, position: number) => {
          into.set(Buffer.concat(written).subarray(position, position + length), at);
          return { bytesRead: length };
        },
        close: async () => {
          closed += 1;
        },
      }));
    const stream = (await readNpz(bytesInMemory(zip, 'file'), { createStore })) as RowStream;
    let at = 0;
    for await (const block of stream.blocks()) {
      expect(block.byteLength).toBeLessThanOrEqual(2 ** 22);
      expect(Buffer.compare(bytesOf(block), bytesOf(byRows.subarray(at, at + block.length)))).toBe(0);
      at += block.length;
    }
    expect(at).toBe(rows * depth);
    expect(written.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(8 * rows * depth);
    expect(closed).toBe(1);
  });

  it('of records give a field, stored and deflated', async () => {
    const records = npyFile(
      "{'descr': [('id', '<i8'), ('emb', '<f4', (2,)), ('n', '<U3')], 'fortran_order': False, 'shape': (3,), }",
      bytesOf(...[1, 2, 3].map((i) => bytesOf(BigInt64Array.of(BigInt(i)), Float32Array.of(i, -i), new Uint8Array(12)))),
    );
    for (const zip of [zipOf([{ packed: records }]), zipOf([deflated(records)])]) {
      expect((await valuesOf(readNpz, zip)).values).toEqual([1, -1, 2, -2, 3, -3]);
      expect((await valuesOf(readNpz, zip, 'a.emb')).values).toEqual([1, -1, 2, -2, 3, -3]);
      expect((await errorOf(zip, 'a.id')) as Error).toMatchObject({
        message: expect.stringContaining('column id holds <i8, one number a row'),
      });
    }
  });

  it('with one array of another kind report what is wrong with it', async () => {
    const one = zipOf([{ packed: npyOf('<f4', [6], bytesOf(Float32Array.from(VALUES))) }]);
    await refuse(
      one,
      0,
      'expected a two-dimensional array (rows, columns), got shape (6,); give it two dimensions: np.save(path, a.reshape(rows, -1))',
      undefined,
      'file (a.npy)',
    );
    const two = [
      { packed: npyOf('|u1', [4], new Uint8Array(4)) },
      { name: 'b.npy', packed: npyOf('|O', [1, 1], new Uint8Array(8)) },
    ];
    await refuseColumn(
      zipOf(two),
      "no two-dimensional array of a supported type; there are a (u1 [4]), b (not readable); choose with column: 'a' or column: 'b'",
    );
    await refuse(zipOf([{ name: 'a.txt', packed: ARRAY }]), 0, 'a zip without any array (.npy)');
    await refuse(zipOf([]), 0, 'a zip without any array (.npy)');
  });

  it('with very many arrays are not searched', async () => {
    const many = zipOf(
      Array.from({ length: 300 }, (_, i) => ({ name: `${i}.npy`, packed: i === 7 ? ARRAY : new Uint8Array(0) })),
    );
    const first = Array.from({ length: 20 }, (_, i) => i).join(', ');
    await refuseColumn(many, `300 arrays: ${first}, and 280 more; choose one with column`);
    expect((await valuesOf(readNpz, many, '7')).values).toEqual(VALUES);
  });
});

describe('a reader of damaged zips', () => {
  it('refuses incomplete zips', async () => {
    const zip = zipOf([{ packed: ARRAY }]);
    await refuse(new Uint8Array(0), 0, 'not a zip file: its directory is missing at the end, so it may be cut');
    await refuse(zip.subarray(0, -1), zip.length - 1, 'not a zip file: its directory is missing at the end, so it may be cut');
    for (let length = 0; length < zip.length; length++)
      expect(await errorOf(zip.subarray(0, length))).toBeInstanceOf(FormatError);
  });

  it('refuses impossible entries', async () => {
    const far = zipOf([{ packed: ARRAY }], true);
    const view = new DataView(far.buffer);
    // The offset in the extra field of the directory.
    const at = far.length - 22 - 20 - 56 - 8;
    for (const offset of [2n ** 64n - 1n, 2n ** 53n, BigInt(far.length)]) {
      view.setBigUint64(at, offset, true);
      const error = await errorOf(far);
      expect(error).toBeInstanceOf(FormatError);
      expect((error as FormatError).message).toContain(`bytes from byte ${Number(offset)} on`);
    }
    view.setBigUint64(at, 1n, true);
    await refuse(far, 1, 'a.npy is not where the directory says');
    await refuse(zipOf([{ packed: ARRAY, method: 93 }]), 0, 'a.npy: compression method 93; supported are stored and deflated');
    await refuse(zipOf([{ packed: ARRAY, flags: 1 }]), 30 + 5 + ARRAY.length, 'a.npy is encrypted');
    await refuse(
      zipOf([{ packed: ARRAY, size: 5 }]),
      30 + 5 + ARRAY.length,
      `a.npy: stored without compression, but with two sizes, ${ARRAY.length} and 5 bytes`,
    );
  });

  it('refuses arrays that contradict their entry', async () => {
    const cut = ARRAY.subarray(0, -1);
    const message = 'shape (2, 3) of f4 takes 24 bytes, but 23 follow the header';
    await refuse(zipOf([{ packed: cut }]), ARRAY.length - 1, message, undefined, 'file (a.npy)');
    await refuse(zipOf([deflated(cut)]), ARRAY.length - 1, message, 'a', 'file (a.npy)');
    await refuse(
      zipOf([{ packed: new Uint8Array(9) }]),
      0,
      'not a .npy file: it does not begin with \\x93NUMPY',
      'a',
      'file (a.npy)',
    );
  });

  it('refuses content that is damaged, too long or too short', async () => {
    const wrong = deflated(ARRAY, { checksum: 1 });
    await refuse(zipOf([wrong]), 35, 'a.npy: damaged: its checksum is wrong');
    const longer = new Uint8Array(ARRAY.length + 12);
    longer.set(ARRAY);
    await refuse(zipOf([deflated(longer, { size: ARRAY.length })]), 35, `a.npy: more than the expected ${ARRAY.length} bytes`);
    const short = deflated(ARRAY.subarray(0, -4), { size: ARRAY.length });
    await refuse(zipOf([short]), 35, `a.npy: expected ${ARRAY.length} bytes, got ${ARRAY.length - 4}`);
    const noise = deflated(ARRAY, { packed: new Uint8Array(100).fill(255) });
    expect(((await errorOf(zipOf([noise]))) as Error).message).toMatch(/^file: byte 35: a\.npy: damaged \(/);
  });

  it('refuses stored content that does not match its checksum, as NumPy does', async () => {
    const damaged = Uint8Array.from(ARRAY);
    damaged.set([0x80], damaged.length - 1);
    await refuse(zipOf([{ packed: damaged, checksum: crc32(ARRAY) }]), 35, 'a.npy: damaged: its checksum is wrong');
    const format = npyOf('|S3', [], Buffer.from('csr'));
    const vector = (name: string, values: Int32Array | Float32Array) => ({
      name: `${name}.npy`,
      packed: npyOf(values instanceof Int32Array ? '<i4' : '<f4', [values.length], bytesOf(values)),
    });
    const sparse = (checksum?: number) =>
      zipOf([
        { name: 'format.npy', packed: format },
        vector('shape', Int32Array.of(1, 2)),
        vector('indptr', Int32Array.of(0, 1)),
        vector('indices', Int32Array.of(1)),
        { ...vector('data', Float32Array.of(3)), ...(checksum !== undefined && { checksum }) },
      ]);
    expect((await valuesOf(readNpz, sparse())).depth).toBe(2);
    expect(((await errorOf(sparse(1))) as Error).message).toMatch(/data\.npy: damaged: its checksum is wrong$/);
  });

  it('refuses two zips that were joined, whose directory could be that of either', async () => {
    const first = zipOf([{ packed: ARRAY }]);
    const second = zipOf([{ packed: npyOf('<f4', [2, 3], new Uint8Array(24)) }]);
    for (const zips of [
      [first, second],
      [zipOf([{ packed: ARRAY }], true), zipOf([{ packed: ARRAY }], true)],
      [Buffer.from('PK'), first],
    ]) {
      const error = await errorOf(new Uint8Array(Buffer.concat(zips)));
      expect(error).toBeInstanceOf(FormatError);
      expect((error as Error).message).toMatch(/other bytes precede the zip, or two zips were joined/);
    }
    const after = new Uint8Array(Buffer.concat([first, Buffer.from('more')]));
    expect((await valuesOf(readNpz, after)).values).toEqual(VALUES);
  });

  it('refuses an entry that is stored under another name than the directory says', async () => {
    const zip = zipOf([{ name: 'x.npy', packed: ARRAY }]);
    zip[30] = 'y'.charCodeAt(0);
    await refuse(zip, 0, 'the directory says x.npy, but y.npy is stored here');
  });

  it('shortens names of any length in errors', async () => {
    const name = `${'n'.repeat(60_000)}.npy`;
    for (const file of [
      zipOf([{ name, packed: ARRAY, flags: 1 }]),
      zipOf([{ name, packed: ARRAY, method: 93 }]),
      zipOf([deflated(ARRAY, { name, checksum: 1 })]),
      zipOf([{ name, packed: ARRAY }, { packed: ARRAY }]),
    ]) {
      expect(((await errorOf(file)) as Error).message.length).toBeLessThan(200);
    }
  });

  it('passes on errors of the disk, and closes streams that are not read to their end', async () => {
    const data = Uint32Array.from({ length: 400_000 }, (_, i) => Math.imul(i, 2654435761));
    const bytes = zipOf([deflated(npyOf('<u4', [400, 1000], bytesOf(data)))]);
    const memory = bytesInMemory(bytes, 'file');
    const fault = Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' });
    let broken = false;
    const source: ByteSource = {
      ...memory,
      read: (offset, length, into) => (broken && offset > 600_000 ? Promise.reject(fault) : memory.read(offset, length, into)),
    };
    const stream = (await readNpz(source, {})) as RowStream;
    broken = true;
    const all = (async () => {
      for await (const block of stream.blocks()) expect(block.length).toBeGreaterThan(0);
    })();
    await expect(all).rejects.toBe(fault);
    const { blocks } = (await readNpz(memory, {})) as RowStream;
    for await (const block of blocks()) {
      expect(block.length).toBe(262_000);
      break;
    }
  });

  it('refuses impossible sizes before anything is allocated', async () => {
    const header = npyOf('<f8', [2 ** 20, 2 ** 20], new Uint8Array(0));
    const size = header.length + 2 ** 43;
    const bomb = deflated(header, { size });
    await refuse(zipOf([bomb], true), 0, `a.npy: ${bomb.packed.length} bytes cannot decompress to ${size}`);
    const endless = zipOf([deflated(ARRAY, { size: 2 ** 63 })], true);
    await refuse(endless, 0, `a.npy: ${deflateRawSync(ARRAY).length} bytes cannot decompress to ${2 ** 63}`);
    // A row of zeros can really expand from so few bytes.
    const row = zipOf([deflated(npyOf('<f8', [1, 2 ** 23], new Uint8Array(2 ** 26)))]);
    await refuse(row, 0, 'a.npy: expected rows of at most 33554432 bytes, got 67108864');
  });
});

describe('an array with one integer per row', () => {
  const ids = { name: 'ids.npy', packed: npyOf('<i8', [3, 1], new Uint8Array(24)) };

  it('is not read as rows', async () => {
    await refuseColumn(
      zipOf([ids]),
      "no array of vectors (a single integer per row is not a vector); there are ids (i8 [3, 1]); choose with column: 'ids'",
    );
  });

  it('does not make the choice ambiguous, and may be selected', async () => {
    const both = zipOf([ids, { name: 'v.npy', packed: ARRAY }]);
    expect((await valuesOf(readNpz, both)).values).toEqual(VALUES);
    expect((await valuesOf(readNpz, both, 'ids')).values).toEqual([0, 0, 0]);
  });

  it('is read as rows if it contains fractions', async () => {
    const one = npyOf('<f4', [2, 1], bytesOf(Float32Array.of(0.5, 1)));
    expect((await valuesOf(readNpz, zipOf([{ name: 'v.npy', packed: one }]))).values).toEqual([0.5, 1]);
  });
});
