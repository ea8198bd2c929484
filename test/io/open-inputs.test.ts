// What openRows accepts in Node in addition to paths.

import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { ArgumentError, FormatError, openRows, topK } from 'allpairs';
import { describe, expect, it } from 'vitest';

const PATH = 'examples/data/digits.npy';
const bytes = await readFile(PATH);
const copy = Uint8Array.from(bytes);

describe('openRows', () => {
  it.each<[what: string, input: Parameters<typeof openRows>[0], name: string]>([
    ['a path', PATH, PATH],
    ['a file URL', pathToFileURL(PATH), pathToFileURL(PATH).pathname],
    ['the text of a file URL', pathToFileURL(PATH).href, pathToFileURL(PATH).pathname],
    ['a Buffer', bytes, 'bytes'],
    ['a Uint8Array that begins anywhere', Uint8Array.of(0, ...copy).subarray(1), 'bytes'],
    ['an ArrayBuffer', copy.buffer, 'bytes'],
    ['a Blob', new Blob([copy]), 'blob'],
    ['a File', new File([copy], 'digits.npy'), 'digits.npy'],
  ])('reads %s', async (_, input, name) => {
    const rows = await openRows(input);
    expect(rows).toMatchObject({ name, rows: 1797, depth: 64 });
    expect((await rows.toMatrix()).row(0)).toEqual(Float32Array.from(bytes.subarray(-1797 * 64).subarray(0, 64)));
    await rows.close();
  });

  it('decodes formats without a signature by the name of a File or by `format`', async () => {
    const text = new TextEncoder().encode('1.5,2\n3,4.0\n');
    for (const rows of [
      await openRows(new File([text], 'a.csv')),
      await openRows(new Blob([text]), { format: 'csv' }),
      await openRows(text, { format: 'csv' }),
    ]) {
      expect(Array.from((await topK(rows, 1)).scores)).toEqual([1, 1]);
      await rows.close();
    }
    await expect(openRows(text)).rejects.toThrow(FormatError);
  });

  it('refuses a format that does not exist, or that the content contradicts', async () => {
    for (const input of [PATH, bytes]) {
      await expect(openRows(input, { format: 'csv' })).rejects.toMatchObject({
        code: 'ERR_ALLPAIRS_ARGUMENT',
        argument: 'format',
        expected: 'npy',
        received: 'csv',
        message: expect.stringContaining('format says csv, but the file begins like npy'),
      });
      await expect(openRows(input, { format: 'numpy' })).rejects.toMatchObject({
        argument: 'format',
        message: expect.stringMatching(/^expected npy, .*, got "numpy"/),
      });
      const rows = await openRows(input, { format: 'npy' });
      expect(rows.rows).toBe(1797);
      await rows.close();
    }
    const table = await openRows(new TextEncoder().encode('PK,x\n0.5,1.5\n2.5,3.5\n'), { format: 'csv', column: 'PK,x' });
    expect(table.rows).toBe(2);
    await table.close();
  });

  it.each<[what: string, input: unknown, says: string]>([
    ['an address', 'https://example.com/a.npy', 'load it first: const response = await fetch(address);'],
    ['the URL of an address', new URL('https://example.com/a.npy'), 'await openRows(await response.blob())'],
    ['another URL', new URL('ftp://example.com/a.npy'), 'expected a path or a file: URL, got ftp://example.com/a.npy'],
    ['a promise', readFile(PATH), 'got a Promise; did you forget await?'],
    ['nothing', undefined, 'expected a path, a file: URL, a Blob, an ArrayBuffer, a Uint8Array or a ByteSource, got undefined'],
    ['an object', {}, 'got Object'],
  ])('refuses %s', async (_, input, says) => {
    const error = await openRows(input as string).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ArgumentError);
    expect((error as Error).message).toContain(says);
  });

  it('reports that a database must be a file', async () => {
    await expect(openRows(new Blob(['SQLite format 3\0']))).rejects.toThrow(
      'blob: sqlite can only be read from a file; write it to one and pass its path',
    );
  });

  it('refuses options that are not an object', async () => {
    await expect(openRows(PATH, 'embedding' as never)).rejects.toThrow(
      'expected an object of options for `options`, got "embedding"',
    );
  });
});
