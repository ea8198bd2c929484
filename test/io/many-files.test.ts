// Several files as one input: which files a folder or a glob selects, their order, and what must agree.

import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesInMemory } from '#src/io/bytes/byte-source.js';
import { openRows as openBlobs } from '#src/io/open-in-browser.js';
import { compareNaturally, expandInput } from '#src/io/rows/input-files.js';
import { Matrix, openRows, writeNpy } from '../../src/index.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-many-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Writes files below a new folder and returns its path. */
async function tree(name: string, files: Readonly<Record<string, string | number[][]>>): Promise<string> {
  const root = join(folder, name);
  for (const [file, content] of Object.entries(files)) {
    const path = join(root, file);
    await mkdir(dirname(path), { recursive: true });
    if (typeof content === 'string') await writeFile(path, content);
    else await writeNpy(path, new Matrix(Float32Array.from(content.flat()), [content.length, content[0]?.length ?? 0]));
  }
  return root;
}

async function rowsOf(input: Parameters<typeof openRows>[0], options?: Parameters<typeof openRows>[1]): Promise<number[][]> {
  const file = await openRows(input, options);
  try {
    const matrix = await file.toMatrix();
    return Array.from({ length: file.rows }, (_, row) => [...matrix.row(row)]);
  } finally {
    await file.close();
  }
}

describe('several files as one', () => {
  it('are read from a folder in natural order', async () => {
    const root = await tree('parts', {
      'part-10.npy': [[5, 6]],
      'part-2.npy': [
        [1, 2],
        [3, 4],
      ],
      _SUCCESS: '',
      'notes.md': '',
    });
    const file = await openRows(root);
    expect(file.files).toEqual([
      { name: join(root, 'part-2.npy'), firstRow: 0, rows: 2 },
      { name: join(root, 'part-10.npy'), firstRow: 2, rows: 1 },
    ]);
    await file.close();
    const expected = [
      [1, 2],
      [3, 4],
      [5, 6],
    ];
    expect(await rowsOf(root)).toEqual(expected);
    expect(await rowsOf(join(root, 'part-*.npy'))).toEqual(expected);
    expect(await rowsOf([join(root, 'part-2.npy'), join(root, 'part-10.npy')])).toEqual(expected);
  });

  it('are read in pieces that begin and end anywhere', async () => {
    const rows = Array.from({ length: 7 }, (_, row) => [row, -row]);
    const root = await tree('pieces', { '0.npy': rows.slice(0, 1), '1.npy': rows.slice(1, 5), '2.npy': rows.slice(5) });
    const file = await openRows(root);
    const reader = file.createReader(7);
    for (let from = 0; from < 7; from++) {
      for (let to = from + 1; to <= 7; to++) {
        const into = new Float32Array((to - from) * 2);
        (await reader.read(from, to)).copyRows(from, to, into, 0);
        expect([...into]).toEqual(rows.slice(from, to).flat());
      }
    }
    await file.close();
  });

  it('are decoded to one store, and keep the numbers of their rows', async () => {
    const root = await tree('lines', {
      'a.jsonl': '[1,2]\n[3,4]\n',
      'b.jsonl': '[5,6]\n',
    });
    expect(await rowsOf(root)).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(await rowsOf(root, { memoryBudget: 0 })).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
  });

  it('may be a folder partitioned by keys', async () => {
    const root = await tree('hive', { 'year=2024/0.npy': [[1, 2]], 'year=2025/m=1/0.npy': [[3, 4]] });
    expect(await rowsOf(root)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('are reported by name if they do not agree', async () => {
    const root = await tree('unlike', { '0.npy': [[1, 2]], '1.npy': [[1, 2, 3]] });
    await expect(openRows(root)).rejects.toThrow(/1\.npy: rows of 3 numbers, where .*0\.npy has 2/);
  });

  it.each([
    ['d0,d1\n1.5,2.5\n', 'x1,x2\n1.5,2.5\n', undefined, /1\.csv: rows from columns with x1 as number 1, where .*0\.csv has d0/],
    ['d0,d1\n1.5,2.5\n', 'd1,d2\n1.5,2.5\n', undefined, 'd1 as number 1'],
    ['embedding\n"[1.5,2]"\n', 'bbox\n"[1.5,2]"\n', undefined, 'rows from column bbox'],
    ['a,b\n1.5,2.5\n', 'b,a\n1.5,2.5\n', '*', 'b as number 1'],
    ['a,b\n1.5,2.5\n', 'b,a\n1.5,2.5\n', '1..2', 'b as number 1'],
    ['e_a,e_b\n1.5,2.5\n', 'e_b,e_a\n1.5,2.5\n', 'e_*', 'e_b as number 1'],
    ['id,a,b,c,d\n1,.5,.5,.5,.5\n', 'id,a,c,b,d\n1,.5,.5,.5,.5\n', 'a..d', 'c as number 2'],
  ])('are refused if their columns have different names: %j, %j with %s', async (one, other, column, says) => {
    const root = await tree(`names-${one}-${other}-${column}`.replace(/\W/g, ''), { '0.csv': one, '1.csv': other });
    await expect(openRows(root, { column })).rejects.toThrow(says);
  });

  it('may have parts without rows', async () => {
    const root = await tree('empty-parts', { '0.csv': 'd0,d1\n', '1.csv': 'd0,d1\n1.5,2.5\n', '2.csv': '' });
    const file = await openRows(root);
    expect(file.files?.map(({ firstRow, rows }) => [firstRow, rows])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
    ]);
    await file.close();
    expect(await rowsOf(root)).toEqual([[1.5, 2.5]]);
    await expect(openRows(await tree('all-empty', { '0.csv': 'd0,d1\n', '1.csv': '' }))).rejects.toThrow('0.csv: byte');
    await expect(openRows(await tree('cut', { '0.npy': [[1, 2]], '1.npy': '' }))).rejects.toThrow('the file is empty');
  });

  it('may have different columns around the vectors', async () => {
    const root = await tree('around', { '0.csv': 'd0,d1\n1.5,2.5\n', '1.csv': 'id,d1,d0\n1,1.5,2.5\n' });
    expect(await rowsOf(root)).toEqual([
      [1.5, 2.5],
      [2.5, 1.5],
    ]);
  });

  it('follow the order and the selection that a saved data set states', async () => {
    const state = (extra: object) =>
      JSON.stringify({ _data_files: [{ filename: 'data-1.jsonl' }, { filename: 'data-0.jsonl' }], ...extra });
    const files = { 'dataset_info.json': '{}', 'data-0.jsonl': '[1,2]', 'data-1.jsonl': '[3,4]' };
    expect(await rowsOf(await tree('saved', { ...files, 'state.json': state({}) }))).toEqual([
      [3, 4],
      [1, 2],
    ]);
    const selected = await tree('selected', { ...files, 'state.json': state({ _indices_files: [{ filename: 'x' }] }) });
    await expect(openRows(selected)).rejects.toThrow('flatten_indices');
    const outside = state({ _data_files: [{ filename: '../x.jsonl' }] });
    await expect(openRows(await tree('outside', { ...files, 'state.json': outside }))).rejects.toThrow('names no files');
  });

  it.each([
    ['nothing', { 'a.md': '' }, 'holds no files of rows'],
    ['two formats', { 'a.npy': [[1, 2]], 'b.csv': 'd0,d1\n1.5,2' }, "1 npy, 1 csv); choose with a quoted glob such as '"],
    ['other folders', { 'a.npy': [[1, 2]], 'train/b.npy': [[1, 2]] }, 'holds other folders: '],
    ['folders of CSV', { 'a/1.csv': 'd0,d1\n1.5,2', 'b/1.csv': 'd0,d1\n1.5,2' }, "**/*.csv'"],
    ['splits', { 'dataset_dict.json': '{}', 'train/state.json': '{}' }, 'a data set of several splits'],
  ])('refuse a folder of %s', async (name, files, says) => {
    await expect(openRows(await tree(name, files as Record<string, string>))).rejects.toThrow(says);
  });

  it('refuse a glob that matches nothing, and accept a file whose name is a glob', async () => {
    const root = await tree('globs', { 'a[1].npy': [[1, 2]] });
    await expect(openRows(join(root, '*.csv'))).rejects.toThrow('no file matches');
    expect(await rowsOf(join(root, 'a[1].npy'))).toEqual([[1, 2]]);
  });

  it('find the shard that holds a tensor', async () => {
    const index = (map: object) => JSON.stringify({ weight_map: map });
    const root = await tree('shards', {
      'm.safetensors.index.json': index({ a: 'm-1.safetensors', b: 'm-2.safetensors' }),
      'm-1.safetensors': '',
    });
    expect(await expandInput(root, 'b')).toEqual({ paths: [join(root, 'm-2.safetensors')], column: 'b' });
    await expect(expandInput(root)).rejects.toThrow('2 tensors: a, b');
    await expect(expandInput(root, 'c')).rejects.toThrow('no tensor c');
    const outside = await tree('outside-shards', { 'm.safetensors.index.json': index({ a: '../m.safetensors' }) });
    await expect(expandInput(outside)).rejects.toThrow('no tensor a');
  });

  it('refuse to continue reading a file that was replaced', async () => {
    const root = await tree('replaced', { '0.npy': [[1, 2]], '1.npy': [[3, 4]] });
    const file = await openRows(root);
    await rm(join(root, '1.npy'));
    await tree('replaced', {
      '1.npy': [
        [5, 6],
        [7, 8],
      ],
    });
    await expect(file.toMatrix()).rejects.toThrow('changed while it was being read');
    await file.close();
  });

  it('refuse a folder that contains a link to a folder, which may lead back to it', async () => {
    const root = await tree('circle', { 'a.npy': [[1, 2]] });
    await symlink(root, join(root, 'k=v'));
    await expect(openRows(root)).rejects.toThrow('holds other folders');
  });

  it('may be Blobs, in browsers too', async () => {
    const blobs = ['[1,2]', '[3,4]'].map((text, i) => new File([text], `${i}.jsonl`));
    const file = await openBlobs(blobs);
    expect([...(await file.toMatrix()).data]).toEqual([1, 2, 3, 4]);
    expect(file.name).toBe('0.jsonl and 1 more');
    await file.close();
    const sources = ['[1,2]', '[3,4]'].map((text, i) => bytesInMemory(new TextEncoder().encode(text), `${i}.jsonl`));
    expect(await rowsOf(sources)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });
});

describe('natural order', () => {
  it('compares numbers in names by value', () => {
    expect(['b', 'a10', 'a9b', 'a9', 'a010', 'a1.5'].sort(compareNaturally)).toEqual(['a1.5', 'a9', 'a9b', 'a010', 'a10', 'b']);
  });
});
