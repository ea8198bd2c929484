// Memory for sparse rows: they are refused before they take more than the budget allows, and read in pieces without a change.

import type { ByteSource } from 'allpairs';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { COMMAND_WORDING, DECODED_FRACTION } from '#src/command-wording.js';
import { MemoryError, messageIn } from '#src/errors.js';
import { openRows } from '#src/io/rows/open-rows.js';
import type { RowFile } from '#src/io/rows/row-file.js';
import { bytesOf, npyOf } from '../fuzz/files.js';

const MIB = 2 ** 20;

/** A file in memory, and how many of its bytes were read. */
function countingSource(name: string, bytes: Uint8Array): ByteSource & { bytesRead: number } {
  return {
    name,
    size: bytes.length,
    bytesRead: 0,
    async read(offset, length, into = new Uint8Array(length)) {
      this.bytesRead += length;
      into.set(bytes.subarray(offset, offset + length));
      return into.subarray(0, length);
    },
    async close() {},
  };
}

const svm = (rows: number) => Buffer.from('1 1:1\n'.repeat(rows));

function mtx(rows: number): Uint8Array {
  const lines = Array.from({ length: rows }, (_, row) => `${row + 1} ${(row % 5) + 1}\n`);
  return Buffer.from(`%%MatrixMarket matrix coordinate pattern general\n${rows} 5 ${rows}\n${lines.join('')}`);
}

const numberAt = (row: number) => ((row * 7919) % 1021) - 510.5;

/** SciPy's file of a matrix of 5 columns with one element per row. */
function npz(rows: number, format: 'csr' | 'csc'): Uint8Array {
  const order = Array.from({ length: rows }, (_, row) => row);
  const columnOf = (row: number) => row % 5;
  if (format === 'csc') order.sort((a, b) => columnOf(a) - columnOf(b) || a - b);
  const ends = Array.from({ length: 5 }, (_, column) => Math.floor((rows - 1 - column) / 5) + 1);
  const indptr = format === 'csr' ? Array.from({ length: rows + 1 }, (_, row) => row) : [0, ...ends].map(sumUpTo);
  const of = (type: string, array: Int32Array | Float32Array) => npyOf(type, [array.length], bytesOf(array));
  return zipSync(
    {
      'format.npy': npyOf('|S3', [], Buffer.from(format)),
      'shape.npy': of('<i4', Int32Array.of(rows, 5)),
      'indptr.npy': of('<i4', Int32Array.from(indptr)),
      'indices.npy': of('<i4', Int32Array.from(order, format === 'csr' ? columnOf : (row) => row)),
      'data.npy': of('<f4', Float32Array.from(order, numberAt)),
    },
    { level: 0 },
  );
}

const sumUpTo = (_: number, at: number, all: number[]) => all.slice(0, at + 1).reduce((sum, each) => sum + each, 0);

const FILES = [
  ['rows.svm', svm(700_000)],
  ['rows.mtx', mtx(400_000)],
  ['csr.npz', npz(400_000, 'csr')],
  ['csc.npz', npz(400_000, 'csc')],
] as const;

/** Returns the amount that the command line advises. */
function advisedMiB(error: unknown): number {
  expect(error).toBeInstanceOf(MemoryError);
  const message = messageIn(error as MemoryError, COMMAND_WORDING);
  expect(message).toMatch(
    /^\S+: sparse rows are held in memory, and these need (about|at least) \d+ MiB; pass --memory \d+MiB or more$/,
  );
  return Number(/--memory (\d+)MiB/.exec(message)?.[1]);
}

describe('sparse rows that do not fit in the budget', () => {
  it.each(FILES)('are refused before they are read, with an amount that suffices: %s', async (name, bytes) => {
    const source = countingSource(name, bytes);
    const error = await openRows(source, { memoryBudget: MIB }).catch((error) => error);
    const amount = advisedMiB(error);
    expect(amount).toBeLessThan(40);
    expect(source.bytesRead).toBeLessThan(0.7 * source.size);
    await (await openRows(countingSource(name, bytes), { memoryBudget: amount * MIB * DECODED_FRACTION })).close();
  });

  it('are refused if each file fits but all of them together do not', async () => {
    const files = [1, 2, 3].map((i) => countingSource(`${i}.npz`, npz(250_000, 'csr')));
    const options = { memoryBudget: 2 * MIB };
    await (await openRows(files[0] as ByteSource, options)).close();
    const amount = advisedMiB(await openRows(files, options).catch((error) => error));
    expect(amount).toBeGreaterThan(16);
    expect(files[2]?.bytesRead).toBeLessThan(MIB);
  });

  it('are refused while a symmetric matrix is read, if only its other half exceeds the budget', async () => {
    const size = 150_000;
    const lines = Array.from({ length: size - 1 }, (_, i) => `${i + 2} ${i + 1}\n`);
    const text = `%%MatrixMarket matrix coordinate pattern symmetric\n${size} ${size} ${size - 1}\n${lines.join('')}`;
    advisedMiB(await openRows(countingSource('half.mtx', Buffer.from(text)), { memoryBudget: MIB }).catch((error) => error));
  });

  it('are read without a budget', async () => {
    const file = await openRows(countingSource(...FILES[0]));
    expect(file.shape).toEqual([700_000, 2]);
    await file.close();
  });
});

async function rowsOf(open: Promise<RowFile>): Promise<Float32Array | Float64Array> {
  const file = await open;
  const { data } = await file.toMatrix();
  await file.close();
  return data;
}

describe('sparse rows of many pieces', () => {
  const rows = 300_001;
  const expected = new Float32Array(rows * 5);
  for (let row = 0; row < rows; row++) expected[row * 5 + (row % 5)] = numberAt(row);

  it.each(['csr', 'csc'] as const)('are the same in %s', async (format) => {
    const data = await rowsOf(openRows(countingSource('rows.npz', npz(rows, format))));
    expect(Buffer.compare(bytesOf(data), bytesOf(expected))).toBe(0);
  });

  it('are the same in a text of elements in another order', async () => {
    const lines: string[] = [];
    // A step that shares no factor with the number of rows visits each row once.
    for (let i = 0, row = 0; i < rows; i++, row = (row + 77_777) % rows) {
      lines.push(`${row + 1} ${(row % 5) + 1} ${numberAt(row)}\n`);
    }
    const text = `%%MatrixMarket matrix coordinate real general\n${rows} 5 ${rows}\n${lines.join('')}`;
    const data = await rowsOf(openRows(countingSource('rows.mtx', Buffer.from(text))));
    expect(Buffer.compare(bytesOf(data), bytesOf(expected))).toBe(0);
  });

  it('are the same in an SVMlight file', async () => {
    const lines = Array.from({ length: rows }, (_, row) => `1 ${row % 5}:${numberAt(row)}\n`);
    const data = await rowsOf(openRows(countingSource('rows.svm', Buffer.from(lines.join('')))));
    expect(Buffer.compare(bytesOf(data), bytesOf(expected))).toBe(0);
  });
});
