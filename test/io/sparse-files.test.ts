// Files of sparse rows: those that SciPy and scikit-learn write, and files with false statements.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type OpenRowsOptions, openRows, pairs, type RowFile } from 'allpairs';
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
/** One-based indices denote columns as written. */
const moved = (rows: number[][]) => rows.map((row) => [0, ...row]);
/** No line contains the trailing columns of zeros. */
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
  ])('are read unchanged: %s', async (name, type, expected) => {
    const file = await openRows(pathOf(name));
    expect(file.type).toBe(type);
    expect(file.shape).toEqual([9, expected()[0]?.length]);
    expect(await matrixOf(file)).toEqual(expected());
    await file.close();
  });

  it('are computed as sparse rows, until they are closed', async () => {
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

  it('are refused in unsupported formats', async () => {
    await expect(openRows(pathOf('coo.npz'))).rejects.toThrow('in the format csr or csc, got "coo"; convert it');
  });

  it('are numbered consecutively if there are several', async () => {
    const file = await openRows([pathOf('general.mtx'), pathOf('csc-compressed.npz'), pathOf('pattern.mtx')]);
    expect(file.shape).toEqual([27, 40]);
    expect(await matrixOf(file)).toEqual([...dense.rows, ...dense.rows, ...withoutZeros(dense.rows)]);
    expect(file.files?.map(({ firstRow, rows }) => [firstRow, rows])).toEqual([
      [0, 9],
      [9, 9],
      [18, 9],
    ]);
    const found = await pairs(file, { threshold: 1 });
    expect([...found.rows]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].filter((row) => (dense.rows[row] as number[]).some(Boolean)));
    await file.close();
  });

  it('are refused together with files of another kind, width or type', async () => {
    const npy = npyOf('<f4', [1, 40], bytesOf(new Float32Array(40)));
    await expect(openRows([pathOf('general.mtx'), npy])).rejects.toThrow(
      /dense rows, where .*general\.mtx has sparse ones; files that are read as one must agree/,
    );
    await expect(openRows([npy, pathOf('general.mtx')])).rejects.toThrow(/sparse rows, where .* has dense ones/);
    await expect(openRows([pathOf('general.mtx'), pathOf('symmetric.mtx')])).rejects.toThrow(
      /rows of 9 numbers, where .*general\.mtx has 40/,
    );
    await expect(openRows([pathOf('general.mtx'), pathOf('csr-stored.npz')])).rejects.toThrow(
      /rows of float64, where .*general\.mtx has float32/,
    );
  });
});

/** A 2 x 3 matrix with three elements, and faults in it. */
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

describe('damaged sparse .npz files', () => {
  it('differ from an undamaged one', async () => {
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

  it('may repeat columns very often, without taking longer', async () => {
    const count = 70_000;
    const indices = Array.from({ length: count + 1 }, (_, i) => (i < count ? (i * 7) % 70_001 : 5));
    const data = Array.from({ length: count + 1 }, (_, i) => (i < count ? 1 : 2.5));
    const few = npzOf({ indices: indices.map((index) => index % 3), data, indptr: [0, count + 1, count + 1] });
    const sums = [0, 0, 0];
    for (const [i, index] of indices.entries()) sums[index % 3] = (sums[index % 3] as number) + (data[i] as number);
    expect(await matrixOf(await openRows(few))).toEqual([sums, [0, 0, 0]]);
    const many = await openRows(npzOf({ indices, data, indptr: [0, count + 1, count + 1], shape: [2, 70_001] }));
    const expected = new Float32Array(2 * 70_001);
    for (const [i, index] of indices.entries()) expected[index] = (expected[index] as number) + (data[i] as number);
    expect((await many.toMatrix()).data).toEqual(expected);
  });

  it.each([
    [{ indptr: [0, 2] }, 'expected 3 elements in indptr, got 2'],
    [{ indptr: [0, 3, 2] }, 'element 2 of indptr is 2'],
    [{ indptr: [1, 2, 3] }, 'element 0 of indptr is 1'],
    [{ indptr: [0, 2, 4] }, 'indptr ends with 4, but 3 elements are stored'],
    [{ indices: [0, 2] }, '3 elements in data, but 2 in indices'],
    [{ indices: [0, 3, 1] }, 'row 0 has an element in column 3; expected 0 to 2'],
    [{ indices: [0, -1, 1] }, 'row 0 has an element in column -1'],
    [{ shape: [2] }, 'expected a sparse matrix of two dimensions'],
    [{ shape: [2, 3, 4] }, 'expected a sparse matrix of two dimensions'],
    [{ shape: [2, -3] }, 'a shape of (2, -3)'],
    [{ shape: [2, 2 ** 40] }, 'expected at most'],
    [{ shape: [2 ** 40, 3], format: 'csc', indptr: [0, 1, 2, 3] }, 'nearly all of them are empty'],
    [{ format: 'csc', indptr: [0, 1, 2, 3] }, 'column 1 has an element in row 2; expected 0 to 1'],
    [{ format: 'bsr' }, 'in the format csr or csc, got "bsr"'],
  ])('are refused: %j', async (parts, message) => {
    const error = await openRows(npzOf(parts)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect((error as FormatError).code).toBe('ERR_ALLPAIRS_FORMAT');
    expect((error as FormatError).message).toContain(message);
  });
});

const open = (text: string, format: string) => openRows(new TextEncoder().encode(text), { format });

describe('files without elements', () => {
  it.each([
    [[0, 0], 0],
    [[0, 3], 0],
    [[3, 0], 3],
    [[3, 2], 3],
  ])('have the shape that they state: %j', async ([rows = 0, depth = 0], pairsAtMinusOne) => {
    const text = `%%MatrixMarket matrix coordinate real general\n${rows} ${depth} 0\n`;
    const none = { indices: [], data: [], shape: [rows, depth] };
    for (const input of [Buffer.from(text), npzOf({ ...none, indptr: new Array(rows + 1).fill(0) })]) {
      const file = await openRows(input);
      expect(file.shape).toEqual([rows, depth]);
      expect((await pairs(file, -1)).length).toBe(pairsAtMinusOne);
    }
  });
});

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
    [`${banner}2 3 1\n1 1 1\n2 2 2\n`, 'line 4: more than the expected 1 elements'],
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
    ['1 2:3 2:4\n', 'line 1: expected indices in ascending order, each once; got 2 after 2'],
    ['1 2:3\n1 5:1 4:1\n', 'line 2: expected indices in ascending order, each once; got 4 after 5'],
    ['1 2:x\n', 'line 1: expected an index and a number, as in 7:0.5, got "2:x"'],
    ['1 -2:1\n', 'line 1: expected an index and a number'],
    ['1 4000000000:1\n', 'line 1: expected an index of at most'],
    ['# nothing\n', 'no rows'],
  ])('are refused: %j', async (text, message) => {
    await expect(open(text, 'svmlight')).rejects.toThrow(message);
  });
});

describe('columns of svmlight files', () => {
  const svm = (text: string, options: OpenRowsOptions = {}) =>
    openRows(new TextEncoder().encode(text), { format: 'svmlight', ...options });

  it('are as many as `width` says, counted from `indexBase`', async () => {
    expect(await matrixOf(await svm('1 1:2 3:4\n', { width: 4, indexBase: 1 }))).toEqual([[2, 0, 4, 0]]);
    expect(await matrixOf(await svm('1 1:2 3:4\n', { width: 4, indexBase: 0 }))).toEqual([[0, 2, 0, 4]]);
    expect(await matrixOf(await svm('1 0:2\n', { width: 3 }))).toEqual([[2, 0, 0]]);
    expect(await matrixOf(await svm('1 1:2 3:4\n', { indexBase: 1 }))).toEqual([[2, 0, 4]]);
    // Index 3 is valid for three columns only if they are counted from 1.
    expect(await matrixOf(await svm('1 1:2 3:4\n', { width: 3 }))).toEqual([[2, 0, 4]]);
  });

  it.each<[string, OpenRowsOptions, string]>([
    [
      '1 1:2 3:4\n',
      { width: 4 },
      'columns may be counted from 0 or from 1, as none is 0; choose with indexBase: 1 or indexBase: 0',
    ],
    ['1 1:2\n1 5:4\n', { width: 3 }, 'line 2: index 5 is beyond the 3 columns'],
    ['1 0:2\n1 3:4\n', { width: 3 }, 'line 2: index 3, but columns are counted from 0 and there are 3'],
    ['1 0:2 3:4\n', { width: 3, indexBase: 0 }, 'line 1: index 3 is beyond the 3 columns'],
    ['1 1:2 4:4\n', { width: 3, indexBase: 1 }, 'line 1: index 4 is beyond the 3 columns'],
    ['1 1:2\n1 0:1\n', { indexBase: 1 }, 'line 2: index 0, where columns are counted from 1'],
    ['1 0:2\n', { width: 0 }, 'expected a positive integer for width, got 0'],
    ['1 0:2\n', { indexBase: 2 as 1 }, 'expected 0, 1 for indexBase, got 2'],
  ])('are refused: %j with %j', async (text, options, message) => {
    await expect(svm(text, options)).rejects.toThrow(message);
  });

  it('have a width, which must match that of other rows', async () => {
    const options = { width: 41 };
    await expect(openRows(pathOf('general.mtx'), options)).rejects.toThrow(
      /has rows of 40 numbers, but width: 41 was given; leave width out/,
    );
  });

  it('are compared with others only if both have the same index base and width', async () => {
    const [zero, one, wide, npy] = [await svm('1 0:1 2:1\n'), await svm('1 1:1 2:1\n'), await svm('1 0:1 3:1\n'), [[1, 0, 1]]];
    await expect(pairs(zero, one, 0.1)).rejects.toThrow(
      'the columns of `y` may be counted from 0 or from 1, as none is 0, and those of `x` are counted from 0; choose with indexBase: 1 or indexBase: 0',
    );
    await expect(pairs(one, npy, 0.1)).rejects.toThrow('the columns of `x` may be counted from 0 or from 1');
    await expect(pairs(zero, wide, 0.1)).rejects.toThrow(
      'expected rows of length 3 (as `x` has) for `y`, got rows of length 4; an SVMlight file does not state how many columns there are; give their number with width: 4 or more',
    );
    expect((await pairs(zero, npy, 0.1)).length).toBe(1);
    expect((await pairs(one, await svm('1 2:1\n'), 0.1)).length).toBe(1);
    expect((await pairs(await svm('1 1:1 3:1\n', { indexBase: 1 }), zero, 0.9)).length).toBe(1);
  });

  it('are joined only if both have the same index base and width', async () => {
    const files = (...texts: string[]) => texts.map((text) => new TextEncoder().encode(text));
    const open = (texts: string[], options: OpenRowsOptions = {}) =>
      openRows(files(...texts), { format: 'svmlight', ...options });
    await expect(open(['1 0:1 2:1\n', '1 1:1 2:1\n'])).rejects.toThrow(
      'columns that may be counted from 1, as none is 0, where',
    );
    await expect(open(['1 0:1 2:1\n', '1 0:1\n'])).rejects.toThrow('give their number with width: 3 or more');
    await expect(open(['1 1:1 2:1\n', '1 1:1\n'])).rejects.toThrow(
      'give their number with width: 3 or more, and indexBase: 1 or indexBase: 0',
    );
    const joined = await open(['# none\n', '1 1:1 2:1\n', '1 1:5\n'], { width: 2, indexBase: 1 });
    expect(await matrixOf(joined)).toEqual([
      [1, 1],
      [5, 0],
    ]);
    expect(joined.files?.map(({ rows }) => rows)).toEqual([0, 1, 1]);
  });
});

it('are refused if they exceed the maximum number of columns', async () => {
  const open = openRows(new File(['1 1:1\n1 2:1\n'], 'a.svm'), { width: 2 ** 31, indexBase: 1 });
  await expect(open).rejects.toThrow(/expected at most 2147482624 columns, got 2147483648|width/);
});
