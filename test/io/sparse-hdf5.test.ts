// Sparse matrices in HDF5: those that AnnData writes, and groups with false statements.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRows, type RowFile } from 'allpairs';
import * as h5wasm from 'h5wasm/node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { StoredRows } from '#src/rows/stored-rows.js';

const ANNDATA = join(import.meta.dirname, 'data', 'sparse', 'anndata.h5ad');

let folder: string;
let dense: { rows: number[][]; symmetric: number[][] };
// h5wasm prints when it ends, through the function that it finds when it starts.
vi.hoisted(() => vi.spyOn(console, 'error').mockImplementation(() => {}));

beforeAll(async () => {
  await h5wasm.ready;
  folder = mkdtempSync(join(tmpdir(), 'allpairs-anndata-'));
  dense = JSON.parse(readFileSync(join(import.meta.dirname, 'data', 'sparse', 'dense.json'), 'utf8'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function matrixOf(file: RowFile): Promise<number[][]> {
  const { data, shape } = await file.toMatrix();
  return Array.from({ length: shape[0] }, (_, row) => [...data.subarray(row * shape[1], (row + 1) * shape[1])]);
}

type Arrays = {
  indptr?: number[];
  indices?: number[];
  data?: ArrayBufferView | number[] | null;
  shape?: number[];
  encoding?: string;
};

/** A file with a 2 x 3 matrix in the group X, and faults in it. */
function fileOf(
  name: string,
  { indptr = [0, 2, 3], indices = [0, 2, 1], data = [1, 2, 3], shape = [2, 3], encoding = 'csr_matrix' }: Arrays,
) {
  const path = join(folder, name);
  const file = new h5wasm.File(path, 'w');
  const group = file.create_group('X');
  group.create_attribute('encoding-type', encoding);
  if (shape.length > 0) group.create_attribute('shape', BigInt64Array.from(shape.map(BigInt)));
  group.create_dataset({ name: 'indptr', data: Int32Array.from(indptr) });
  group.create_dataset({ name: 'indices', data: BigInt64Array.from(indices.map(BigInt)) });
  if (data) group.create_dataset({ name: 'data', data: Array.isArray(data) ? Float32Array.from(data) : (data as Int8Array) });
  file.close();
  return path;
}

describe('sparse matrices that AnnData writes', () => {
  it.each([
    ['X', 'float32', () => dense.rows],
    ['layers/counts', 'float64', () => dense.rows.map((row) => row.map((value) => 4 * value))],
    ['/obsp/near', 'float64', () => dense.symmetric],
    ['obsm/X_pca', 'float32', () => dense.rows.map((row) => row.slice(0, 3))],
  ])('are chosen by their path, with the names of the observations: %s', async (column, type, expected) => {
    const file = await openRows(ANNDATA, { column });
    expect(file.type).toBe(type);
    expect(await matrixOf(file)).toEqual(expected());
    expect(file.labels).toEqual(Array.from({ length: 9 }, (_, row) => `cell${row}`));
    expect((file as unknown as StoredRows).inMemory() !== undefined).toBe(column !== 'obsm/X_pca');
    await file.close();
  });

  it('are refused with their names if several parts can be the rows', async () => {
    await expect(openRows(ANNDATA)).rejects.toThrow(
      /more than one part can be the rows: X \(csr of float32 \[9, 40\].*layers\/counts \(csc of int64.*choose/,
    );
  });
});

describe('a group with a sparse matrix', () => {
  it('is read if nothing else can be the rows, with 64-bit indices, integers, repeated and unsorted columns', async () => {
    const path = fileOf('plain.h5', { indices: [2, 0, 1, 1], data: Int8Array.of(1, 2, 3, 4), indptr: [0, 2, 4] });
    const file = await openRows(path);
    expect(file.labels).toBeUndefined();
    expect(await matrixOf(file)).toEqual([
      [2, 0, 1],
      [0, 7, 0],
    ]);
  });

  it('may be written by earlier versions, and contain no elements', async () => {
    const path = join(folder, 'old.h5');
    const old = new h5wasm.File(path, 'w');
    const group = old.create_group('matrix');
    group.create_attribute('h5sparse_format', 'csc');
    group.create_attribute('h5sparse_shape', Int32Array.of(2, 3));
    for (const name of ['data', 'indices']) group.create_dataset({ name, data: new Int32Array(0), shape: [0] });
    group.create_dataset({ name: 'indptr', data: new Int32Array(4) });
    old.close();
    expect((await openRows(path)).shape).toEqual([2, 3]);
  });

  it.each<[Arrays, string]>([
    [{ indptr: [0, 2] }, 'expected 3 elements in indptr, got 2'],
    [{ indptr: [0, 3, 2] }, 'element 2 of indptr is 2'],
    [{ indptr: [0, 2, 4] }, 'indptr ends with 4, but 3 elements are stored'],
    [{ indices: [0, 2] }, '3 elements in data, but 2 in indices'],
    [{ indices: [0, 3, 1] }, 'row 0 has an element in column 3; expected 0 to 2'],
    [{ indices: [0, -1, 1] }, 'row 0 has an element in column -1'],
    [{ shape: [2, 1e15] }, 'expected at most 2147482624 columns'],
    [{ shape: [1e15, 3] }, 'nearly all of them are empty'],
    [{ shape: [2] }, 'the sparse matrix lacks two sizes in the attribute shape'],
    [{ data: null }, 'the sparse matrix lacks its array data'],
    [{ encoding: 'csc_matrix' }, 'expected 4 elements in indptr, got 3'],
  ])(
    'is refused: %j',
    async (arrays, message) => {
      await expect(openRows(fileOf('wrong.h5', arrays))).rejects.toThrow(message);
    },
    20000,
  );

  it('is refused if its arrays exceed the size of the file', async () => {
    const path = join(folder, 'hollow.h5');
    const file = new h5wasm.File(path, 'w');
    const group = file.create_group('X');
    group.create_attribute('encoding-type', 'csr_matrix');
    group.create_attribute('shape', BigInt64Array.of(1n, 3n));
    group.create_dataset({ name: 'indptr', data: Int32Array.of(0, 1) });
    for (const name of ['data', 'indices']) {
      group.create_dataset({ name, data: new Int32Array(4), shape: [4], maxshape: [2 ** 40], chunks: [4] });
      (group.get(name) as h5wasm.Dataset).resize([2 ** 40]);
    }
    file.close();
    await expect(openRows(path)).rejects.toThrow(
      /dataset X\/data: a file of \d+ bytes cannot hold 4398046511104 bytes; most of them were never written/,
    );
  });
});

describe('damaged files', () => {
  /** The fixture, with another size of the free space in its first heap of texts. HDF5 itself would never return from zero. */
  function withFreeSpaceOf(size: number, name: string): { path: string; byte: number } {
    const bytes = readFileSync(ANNDATA);
    const heap = bytes.indexOf('GCOL');
    const end = heap + Number(bytes.readBigUInt64LE(heap + 8));
    let at = heap + 16;
    while (at < end && bytes.readUInt16LE(at) !== 0) at += 16 + Math.ceil(Number(bytes.readBigUInt64LE(at + 8)) / 8) * 8;
    bytes.writeBigUInt64LE(BigInt(size), at + 8);
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return { path, byte: at };
  }

  it.each([0, 2 ** 40])('are refused where a heap of texts states an object of %i bytes', async (size) => {
    const { path, byte } = withFreeSpaceOf(size, `heap-${size}.h5ad`);
    await expect(openRows(path, { column: 'X' })).rejects.toThrow(
      `${path}: byte ${byte}: an object of ${size} bytes in a global heap that has `,
    );
  });

  it.skipIf(!existsSync('/proc/self/fd'))('are closed when they are refused', async () => {
    const cut = join(folder, 'cut.h5');
    const bytes = readFileSync(ANNDATA);
    writeFileSync(cut, bytes.subarray(0, bytes.length - 1000));
    const { path: damaged } = withFreeSpaceOf(0, 'closed.h5ad');
    const open = async () => {
      await expect(openRows(cut, { column: 'X' })).rejects.toThrow(/cut\.h5: .*truncated file/);
      await expect(openRows(damaged, { column: 'X' })).rejects.toThrow('an object of 0 bytes');
    };
    await open();
    const before = readdirSync('/proc/self/fd').length;
    for (let i = 0; i < 20; i++) await open();
    expect(readdirSync('/proc/self/fd').length).toBeLessThan(before + 10);
  });

  it('are read once they are replaced by valid ones', async () => {
    const { path } = withFreeSpaceOf(0, 'replaced.h5ad');
    await expect(openRows(path, { column: 'X' })).rejects.toThrow('an object of 0 bytes');
    // In place: HDF5 recognises a file that is still open by its inode, and would not read it again.
    writeFileSync(path, readFileSync(ANNDATA));
    const rows = await openRows(path, { column: 'X' });
    expect(rows.rows).toBe(9);
    await rows.close();
  });
});
