// Files without a byte, for which every format reports the same error.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FormatError, openRows, readNpy } from 'allpairs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRows as openBlobRows, readTexts } from '#src/io/open-in-browser.js';
import { openTexts } from '#src/io/records/open-texts.js';
import { ROW_FORMATS as BLOB_FORMATS } from '#src/io/rows/open-blob-rows.js';
import { ROW_FORMATS } from '#src/io/rows/open-rows.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-empty-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function emptyFile(name: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, '');
  return path;
}

async function refusal(opening: Promise<unknown>): Promise<FormatError> {
  const error = (await opening.catch((thrown: unknown) => thrown)) as FormatError;
  // The internal modules have their own classes.
  expect(error.code).toBe('ERR_ALLPAIRS_FORMAT');
  return error;
}

/** Formats whose name differs from the extension of their files. */
const EXTENSIONS: Readonly<Record<string, string>> = { hdf5: 'h5', pytorch: 'pt' };

describe('an empty file', () => {
  it.each(ROW_FORMATS)('is reported as empty: .%s', async (format) => {
    const extension = EXTENSIONS[format] ?? format;
    const path = await emptyFile(`empty.${extension}`);
    const expected = { message: `${path}: the file is empty; expected data as ${format}`, file: path, offset: 0 };
    expect(await refusal(openRows(path))).toMatchObject(expected);
    expect(await refusal(openRows(path, { query: 'select 1' }))).toMatchObject(expected);
    const named = await emptyFile('empty');
    expect((await refusal(openRows(named, { format }))).message).toBe(
      `${named}: the file is empty; expected data as ${format}`,
    );
  });

  it.each(BLOB_FORMATS)('is reported as empty in a page: .%s', async (format) => {
    const name = `e.${EXTENSIONS[format] ?? format}`;
    const expected = `${name}: the file is empty; expected data as ${format}`;
    expect((await refusal(openBlobRows(new File([], name)))).message).toBe(expected);
  });

  it('without a known format is reported with the supported formats', async () => {
    const path = await emptyFile('empty.dat');
    expect((await refusal(openRows(path))).message).toBe(
      `${path}: the file is empty; expected data as ${ROW_FORMATS.join(', ')}`,
    );
    const blob = await refusal(openBlobRows(new Blob([])));
    expect(blob.message).toBe(`blob: the file is empty; expected data as ${BLOB_FORMATS.join(', ')}`);
  });

  it('is reported as empty if names or an array are read', async () => {
    const [names, array] = [await emptyFile('names.parquet'), await emptyFile('array.npy')];
    expect((await refusal(openTexts(names, 'name').next())).message).toContain('names.parquet: the file is empty');
    expect((await refusal(readTexts(new File([], 'a.csv'), 'name'))).message).toContain('a.csv: the file is empty');
    expect((await refusal(readNpy(array))).message).toContain('array.npy: the file is empty');
  });
});

it('is distinguished from a folder without files of rows', async () => {
  const empty = await mkdtemp(join(folder, 'none-'));
  await expect(openRows(empty)).rejects.toThrow(`${empty}: the folder holds no files of rows`);
});
