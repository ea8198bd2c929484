// Files of sparse rows: what SciPy and scikit-learn write, and files that lie.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openRows, pairs, type RowFile } from 'allpairs';
import { zipSync } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FormatError } from '#src/errors.js';
import type { StoredRows } from '#src/rows/stored-rows.js';
import { bytesOf, npyOf } from '../fuzz/files.js';

const pathOf = (name: string) => fileURLToPath(new URL(`data/sparse/${name}`, import.meta.url));

let dense: { rows: number[][]; symmetric: number[][] };

beforeAll(async () => {
  dense = JSON.parse(await readFile(pathOf('dense.json'), 'utf8'));
});

async function matrixOf(file: RowFile): Promise<number[][]> {
  const { data, shape } = await file.toMatrix();
  return Array.from({ length: shape[0] }, (_, row) => [...data.subarray(row * shape[1], (row + 1) * shape[1])]);
}

const timesFour = (rows: number[][]) => rows.map((row) => row.map((value) => 4 * value));
const withoutZeros = (rows: number[][]) => rows.map((row) => row.map((value) => (value === 0 ? 0 : 1)));
/** One-based indices stand for columns as they are written. */
const moved = (rows: number[][]) => rows.map((row) => [0, ...row]);
/** Trailing columns of zeros are in no line. */
const used = (rows: number[][]) => {
  const depth = Math.max(...rows.map((row) => row.findLastIndex((value) => value !== 0))) + 1;
  return rows.map((row) => row.slice(0, depth));
};

describe('sparse files that SciPy and scikit-learn write', () => {
  it.each([
    ['csr-compressed.npz', 'float32', () => dense.rows],
    ['csr-stored.npz', 'float64', () => dense.rows],
    ['csr-wide.npz', 'float32', () => dense.rows],
    ['csc-compressed.npz', 'float32', () => dense.rows],
    ['csc-stored.npz', 'float64', () => dense.rows],
    ['csr-int64.npz', 'float64', () => timesFour(dense.rows)],
    ['general.mtx', 'float32', () => dense.rows],
    ['integer.mtx', 'float32', () => timesFour(dense.rows)],
    ['pattern.mtx', 'float32', () => withoutZeros(dense.rows)],
    ['symmetric.mtx', 'float32', () => dense.symmetric],
    ['zero-based.svm', 'float32', () => used(dense.rows)],
    ['one-based.libsvm', 'float32', () => moved(used(dense.rows))],
  ])('are read as they were: %s', async (name, type, expected) => {
    const file = await openRows(pathOf(name));
    expect(file.type).toBe(type);
    expect(file.shape).toEqual([9, expected()[0]?.length]);
    expect(await matrixOf(file)).toEqual(expected());
    await file.close();
  });

  it('are computed as the sparse rows that they are, until they are closed', async () => {
    const file = await openRows(pathOf('csc-compressed.npz'));
    expect((file as unknown as StoredRows).inMemory()?.rows).toBe(9);
    const expected = await pairs(dense.rows, { threshold: 0.1 });
    const found = await pairs(file, { threshold: 0.1 });
    expect([...found.rows, ...found.cols]).toEqual([...expected.rows, ...expected.cols]);
    expect(found.scores.length).toBeGreaterThan(3);
    for (const [i, score] of found.scores.entries()) expect(score).toBeCloseTo(expected.scores[i] as number, 6);
    await file.close();
    await expect(pairs(file, { threshold: 0.1 })).rejects.toThrow('the rows are closed');
  });

  it('are read from compressed files and from bytes', async () => {
    const bytes = await readFile(pathOf('general.mtx'));
    const { gzipSync } = await import('node:zlib');
    expect(await matrixOf(await openRows(gzipSync(bytes)))).toEqual(dense.rows);
    const svm = await readFile(pathOf('zero-based.svm'));
    expect(await matrixOf(await openRows(svm, { format: 'svmlight' }))).toEqual(used(dense.rows));
  });

  it('are refused in formats that are not read, and in several files', async () => {
    await expect(openRows(pathOf('coo.npz'))).rejects.toThrow('in the format "coo"; csr and csc are read; convert it');
    const two = [pathOf('general.mtx'), pathOf('general.mtx')];
    await expect(openRows(two)).rejects.toThrow('has sparse rows, which are read from one file only');
  });
});

/** A matrix of 2 x 3 with three elements, and what is wrong with it. */
function npzOf({
  indptr = [0, 2, 3],
  indices = [0, 2, 1],
  data = [1, 2, 3],
  shape = [2, 3],
  format = 'csr',
}: {
  indptr?: number[];
  indices?: number[];
  data?: number[];
  shape?: number[];
  format?: string;
} = {}): Uint8Array {
  const ints = (values: number[]) => npyOf('<i4', [values.length], bytesOf(Int32Array.from(values)));
  return zipSync(
    {
      'indices.npy': ints(indices),
      'indptr.npy': ints(indptr),
      'format.npy': npyOf(`|S${format.length}`, [], new TextEncoder().encode(format)),
      'shape.npy': npyOf('<i8', [shape.length], bytesOf(BigInt64Array.from(shape.map(BigInt)))),
      'data.npy': npyOf('<f4', [data.length], bytesOf(Float32Array.from(data))),
    },
    { level: 0 },
  );
}

describe('sparse .npz files that lie', () => {
  it('are told from one that does not', async () => {
    expect(await matrixOf(await openRows(npzOf()))).toEqual([
      [1, 0, 2],
      [0, 3, 0],
    ]);
    const repeated = npzOf({ indices: [2, 0, 1, 1], data: [1, 2, 3, 4], indptr: [0, 2, 4] });
    expect(await matrixOf(await openRows(repeated))).toEqual([
      [2, 0, 1],
      [0, 7, 0],
    ]);
  });

  it.each([
    [{ indptr: [0, 2] }, 'expected 3 elements in indptr, got 2'],
    [{ indptr: [0, 3, 2] }, 'element 2 of indptr is 2'],
    [{ indptr: [1, 2, 3] }, 'element 0 of indptr is 1'],
    [{ indptr: [0, 2, 4] }, 'indptr ends with 4, but 3 elements are stored'],
    [{ indices: [0, 2] }, '3 elements in data, but 2 in indices'],
    [{ indices: [0, 3, 1] }, 'row 0 has an element in column 3; expected 0 to 2'],
    [{ indices: [0, -1, 1] }, 'row 0 has an element in column -1'],
    [{ shape: [2] }, 'a sparse matrix without two dimensions'],
    [{ shape: [2, 3, 4] }, 'a sparse matrix without two dimensions'],
    [{ shape: [2, -3] }, 'a shape of (2, -3)'],
    [{ shape: [2, 2 ** 40] }, 'columns; at most'],
    [{ shape: [2 ** 40, 3], format: 'csc', indptr: [0, 1, 2, 3] }, 'nearly all of them are empty'],
    [{ format: 'csc', indptr: [0, 1, 2, 3] }, 'column 1 has an element in row 2; expected 0 to 1'],
    [{ format: 'bsr' }, 'in the format "bsr"'],
  ])('are refused: %j', async (parts, message) => {
    const error = await openRows(npzOf(parts)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect((error as FormatError).code).toBe('ERR_ALLPAIRS_FORMAT');
    expect((error as FormatError).message).toContain(message);
  });
});

const open = (text: string, format: string) => openRows(new TextEncoder().encode(text), { format });

describe('Matrix Market files', () => {
  const banner = '%%MatrixMarket matrix coordinate real general\n';

  it('may have comments, blank lines, Windows line ends and repeated elements', async () => {
    const text = `${banner}% a comment\r\n\r\n 2 3 3 \r\n1 1 .5\r\n2  3\t-1e1\r\n1 1 1.5\r\n`;
    expect(await matrixOf(await open(text, 'mtx'))).toEqual([
      [2, 0, 0],
      [0, 0, -10],
    ]);
  });

  it.each([
    ['%%MatrixMarket matrix array real general\n2 1\n1\n2\n', 'line 1: expected coordinate, got array'],
    ['%%MatrixMarket matrix coordinate complex general\n', 'line 1: expected real, integer or pattern, got complex'],
    ['%%MatrixMarket matrix coordinate real hermitian\n', 'line 1: expected general or symmetric, got hermitian'],
    [banner, 'the file ends before the line of its sizes'],
    [`${banner}2 3\n`, 'line 2: expected rows, columns and the number of elements, got "2 3"'],
    [`${banner}2 3 2\n1 1 1\n`, 'expected 2 elements, got 1; the file is not complete'],
    [`${banner}2 3 1\n1 1 1\n2 2 2\n`, 'line 4: more than the 1 elements that it should have'],
    [`${banner}2 3 1\n3 1 1\n`, 'line 3: expected a row from 1 to 2 and a column from 1 to 3, got "3 1 1"'],
    [`${banner}2 3 1\n0 1 1\n`, 'line 3: expected a row from 1 to 2'],
    [`${banner}2 3 1\n1 1 nan\n`, 'line 3: expected a row, a column and a number, got "1 1 nan"'],
    [`${banner}2 3 1\n1 1\n`, 'line 3: expected a row, a column and a number'],
    [`${banner}4000000000 3 1\n1 1 1\n`, 'nearly all of them are empty'],
    ['%%MatrixMarket matrix coordinate real symmetric\n2 3 0\n', 'line 2: a symmetric matrix of 2 rows and 3 columns'],
    ['%%MatrixMarket matrix coordinate real symmetric\n2 2 1\n1 2 5\n', 'line 3: an element above the diagonal'],
    ['%%MatrixMarket matrix coordinate pattern general\n2 2 1\n1 2 5\n', 'line 3: expected a row, a column, got "1 2 5"'],
  ])('are refused: %j', async (text, message) => {
    await expect(open(text, 'mtx')).rejects.toThrow(message);
  });
});

describe('svmlight files', () => {
  it('may have several labels, query ids, comments and rows without elements', async () => {
    const text = '# made by hand\n1,2 qid:3 0:1 2:-.5 # first\n-1\n\n+1 1:2e0\n';
    expect(await matrixOf(await open(text, 'svmlight'))).toEqual([
      [1, 0, -0.5],
      [0, 0, 0],
      [0, 2, 0],
    ]);
  });

  it.each([
    ['1:2 3:4\n', 'line 1: expected a label as the first number, got "1:2"'],
    ['1 2:3 2:4\n', 'line 1: indices ascend and come once; got 2 after 2'],
    ['1 2:3\n1 5:1 4:1\n', 'line 2: indices ascend and come once; got 4 after 5'],
    ['1 2:x\n', 'line 1: expected an index and a number, as in 7:0.5, got "2:x"'],
    ['1 -2:1\n', 'line 1: expected an index and a number'],
    ['1 4000000000:1\n', 'line 1: index 4000000000; at most'],
    ['# nothing\n', 'no line with a row'],
  ])('are refused: %j', async (text, message) => {
    await expect(open(text, 'svmlight')).rejects.toThrow(message);
  });
});
