// Rows in Blobs, which is how browsers pass files, and all rows in one array.

import { describe, expect, it } from 'vitest';
import { ArgumentError, FormatError, MemoryError } from '#src/errors.js';
import { bytesOfBlob } from '#src/io/bytes/blob-bytes.js';
import { bytesInMemory } from '#src/io/bytes/byte-source.js';
import { openRows, readTexts } from '#src/io/open-in-browser.js';
import { ROW_FORMATS } from '#src/io/rows/open-blob-rows.js';
import * as inNode from '#src/io/rows/open-rows.js';
import { formatByExtension } from '#src/io/rows/row-formats.js';
import { bytesOf, npyOf } from '../fuzz/files.js';
import { saying } from './saying.js';

const BYTES = Uint8Array.from({ length: 100 }, (_, i) => i);

describe('the bytes of a Blob', () => {
  it('are read by position, to a new or a given buffer', async () => {
    const source = bytesOfBlob(new File([BYTES], 'a.npy'));
    expect(source).toMatchObject({ name: 'a.npy', size: 100 });
    expect(await source.read(10, 5)).toEqual(BYTES.slice(10, 15));
    const into = new Uint8Array(8);
    expect(await source.read(90, 8, into)).toEqual(BYTES.slice(90, 98));
    expect(into).toEqual(BYTES.slice(90, 98));
    expect((await source.read(0, 3, into)).buffer).toBe(into.buffer);
    expect(await source.read(100, 0)).toEqual(new Uint8Array(0));
    await expect(source.read(99, 2)).rejects.toThrow(
      saying(new FormatError('a.npy', 99, 'the file ends at byte 100; expected 2 more')),
    );
  });

  it('have the name blob if it has none', () => {
    expect(bytesOfBlob(new Blob([BYTES])).name).toBe('blob');
    expect(bytesOfBlob(new File([BYTES], '')).name).toBe('blob');
  });

  it('cause an error with the file and the position if they are gone', async () => {
    const gone = {
      size: 100,
      name: 'a.npy',
      slice: () => ({ arrayBuffer: () => Promise.reject(new Error('NotReadableError')) }),
    } as unknown as Blob;
    await expect(bytesOfBlob(gone).read(7, 1)).rejects.toThrow(
      saying(new FormatError('a.npy', 7, 'the file cannot be read any more', { advice: 'choose it again (NotReadableError)' })),
    );
    const shorter = { size: 100, slice: () => new Blob([]) } as unknown as Blob;
    await expect(bytesOfBlob(shorter).read(7, 1)).rejects.toThrow(
      saying(new FormatError('blob', 7, 'the file became shorter while it was being read')),
    );
  });
});

describe('openRows of a Blob', () => {
  it('offers all formats but those that need a path', () => {
    const paths = ['sqlite', 'duckdb', 'hdf5'];
    expect(ROW_FORMATS).toEqual(inNode.ROW_FORMATS.filter((name) => !paths.includes(name)));
    expect(inNode.ROW_FORMATS).toEqual(expect.arrayContaining(paths));
  });

  it('accepts other bytes too, and closes them with the rows', async () => {
    let closed = 0;
    const source = {
      ...bytesInMemory(npyOf('<f4', [2, 2], bytesOf(Float32Array.of(1, 2, 3, 4))), 'x'),
      close: async () => void closed++,
    };
    const rows = await openRows(source);
    expect(rows.shape).toEqual([2, 2]);
    expect(closed).toBe(0);
    await rows.close();
    expect(closed).toBe(1);
    await expect(openRows(source, { format: 'nothing', query: 'select' })).rejects.toThrow(ArgumentError);
    expect(closed).toBe(2);
  });

  it('refuses anything else', async () => {
    for (const input of [null, 'a.npy', 7, {}, Promise.resolve()]) {
      await expect(openRows(input as unknown as Blob)).rejects.toThrow(
        /^expected a File, another Blob, an ArrayBuffer, a Uint8Array or a ByteSource, got /,
      );
    }
  });

  it('accepts bytes in memory, and refuses an address and unknown options', async () => {
    const bytes = npyOf('<f4', [2, 2], bytesOf(Float32Array.of(1, 2, 3, 4)));
    for (const input of [bytes, bytes.slice().buffer]) expect((await openRows(input)).shape).toEqual([2, 2]);
    await expect(openRows('https://example.com/a.npy' as unknown as Blob)).rejects.toThrow('load it first: ');
    await expect(openRows(bytes, { colum: 'x' } as object)).rejects.toThrow("Unknown option 'colum'; did you mean 'column'?");
  });

  it('refuses decoded rows that exceed the memory, with their size', async () => {
    const lines = new Blob(['1.5,2.5,3.5,4.5\n'.repeat(100_000)]);
    const error = await openRows(lines, { format: 'csv', memoryBudget: 2 ** 20 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MemoryError);
    expect((error as MemoryError).bytes).toBeGreaterThan(2 ** 20);
    expect((error as MemoryError).message).toMatch(
      /^blob: its decoded rows take more than 1048576 bytes, .*raise memoryBudget/,
    );
    const rows = await openRows(lines, { format: 'csv', memoryBudget: 2 ** 21 });
    expect(rows).toMatchObject({ rows: 100_000, depth: 4, heldBytes: 1_600_000 });
  });

  it('stops when its signal is aborted', async () => {
    const lines = new Blob(['1.5,2.5,3.5,4.5\n'.repeat(100_000)]);
    await expect(openRows(lines, { format: 'csv', signal: AbortSignal.abort() })).rejects.toThrow('aborted');
  });
});

describe('names of rows in a Blob', () => {
  it('are read from a text column', async () => {
    expect(await readTexts(new File(['name,x\n"a, b",1\nc,2\n'], 'a.csv'), 'name')).toEqual(['a, b', 'c']);
    await expect(readTexts(new File(['name\n'], 'a.csv'), 'title')).rejects.toThrow('no column title; there are name');
    await expect(readTexts(new File([new Uint8Array(9)], 'a.fbin'), 'x')).rejects.toThrow('a column of text, got fbin');
  });

  it('end with the reason of a signal that is aborted before or while they are read', async () => {
    const table = new File(['name,x\n', 'a name,1\n'.repeat(2 ** 20)], 'a.csv');
    const reason = new Error('enough');
    await expect(readTexts(table, 'name', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const reading = readTexts(table, 'name', { signal: controller.signal });
    setImmediate(() => controller.abort(reason));
    await expect(reading).rejects.toBe(reason);
  });
});

describe('toMatrix', () => {
  it.each([
    ['<f4', Float32Array, Float32Array],
    ['<f8', Float64Array, Float64Array],
    ['<i4', Int32Array, Float64Array],
    ['<u2', Uint16Array, Float32Array],
  ] as const)('of %s has every row, in blocks of any number', async (descr, ofElements, ofMatrix) => {
    const [rows, depth] = [9001, 150];
    const elements = new ofElements(rows * depth).map((_: number, i: number) => i % 60_000);
    const file = await openRows(new File([npyOf(descr, [rows, depth], bytesOf(elements)) as Uint8Array<ArrayBuffer>], 'a.npy'));
    const matrix = await file.toMatrix();
    expect(matrix.shape).toEqual([rows, depth]);
    expect(matrix.data).toBeInstanceOf(ofMatrix);
    expect(matrix.data.every((value, i) => value === elements[i])).toBe(true);
  });

  it('returns an empty matrix for no rows', async () => {
    const file = await inNode.openRows(bytesInMemory(npyOf('<f4', [0, 3], new Uint8Array(0)), 'a.npy'));
    expect((await file.toMatrix()).shape).toEqual([0, 3]);
  });
});

describe('the extension of a file name', () => {
  it.each([
    ['a.npy', 'npy'],
    ['A.NPY', 'npy'],
    ['folder.npy/a', undefined],
    ['folder/.npy', undefined],
    ['.npy', undefined],
    ['a.b.feather', 'arrow'],
    ['C:\\a.csv', 'csv'],
    ['a.csv.gz', 'csv'],
    ['a.parquet.bz2', 'parquet'],
    ['a.gz', undefined],
  ])('of %s indicates %s', (name, format) => {
    expect(formatByExtension(name)?.name).toBe(format);
  });
});
