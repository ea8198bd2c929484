// What the command line reads: several files, rows without vectors, and its report on a file that holds more than rows.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as h5wasm from 'h5wasm/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Matrix, readNpy, writeNpy } from '../../src/index.js';
import { jsonLines, run } from './command.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-reading-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Rows 0 and 3 are equal, rows 1 and 4 are opposite; row 2 has no vector. */
const LINES = ['{"id":7,"v":[1,2]}', '{"id":8,"v":[2,-1]}', '{"id":9,"v":null}', '{"id":7,"v":[1,2]}', '{"id":1,"v":[-2,1]}'];

async function write(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe('rows without a vector', () => {
  it('are refused with the options that accept them', async () => {
    const input = await write('nulls.jsonl', LINES.join('\n'));
    const { code, stdout, stderr } = await run(['pairs', input, '-t', '0.9']);
    expect([code, stdout.length]).toEqual([3, 0]);
    expect(stderr).toContain('row 2 (line 3) has no vector in "v"');
    expect(stderr).toContain('leave such rows out with --nulls skip, or take them as zero vectors with --nulls zero');
  });

  it('are left out by --nulls skip, and the others keep their numbers in every result', async () => {
    const input = await write('skipped.jsonl', LINES.join('\n'));
    const labels = await write('skipped.txt', 'a\nb\nc\nd\ne\n');
    const skip = ['--nulls', 'skip', '--labels', labels, '--json'];
    const pairs = await run(['pairs', input, '-t', '0.9', ...skip]);
    expect(jsonLines(pairs)).toEqual([{ row: 0, col: 3, score: 1, row_label: 'a', col_label: 'd' }]);
    expect(pairs.stderr).toContain('skipped.jsonl: 1 row without a vector left out');
    const nearest = jsonLines(await run(['topk', input, '-k', '1', ...skip])) as { row: number; col: number }[];
    expect(nearest.map(({ row, col }) => [row, col])).toEqual([
      [0, 3],
      [1, 0],
      [3, 0],
      [4, 0],
    ]);
    const [group] = jsonLines(await run(['groups', input, '-t', '0.9', ...skip])) as { rows: number[] }[];
    expect(group).toMatchObject({ rows: [0, 3], representative: 0, labels: ['a', 'd'] });
    const kept = await run(['groups', input, '-t', '0.9', '--nulls', 'skip', '-q', '--keep', '-']);
    expect(kept.stdout.toString()).toBe('0\n1\n4\n');
    const output = join(folder, 'pairs.npz');
    expect((await run(['pairs', input, '-t', '0.9', '--nulls', 'skip', '-q', '-o', output])).code).toBe(0);
    expect((await readFile(output)).length).toBeGreaterThan(0);
    const matrix = join(folder, 'skipped.npy');
    expect((await run(['matrix', input, '--nulls', 'skip', '-q', '-o', matrix])).code).toBe(0);
    expect((await readNpy(matrix)).shape).toEqual([4, 4]);
  });

  it('are zero rows with --nulls zero', async () => {
    const input = await write('zero.jsonl', LINES.join('\n'));
    const found = await run(['topk', input, '-k', '1', '--nulls', 'zero', '--json']);
    const { stderr } = found;
    expect((jsonLines(found) as { score: number }[]).map(({ score }) => score)).toEqual([1, 0, 0, 1, 0]);
    expect(stderr).toContain('1 row without a vector taken as zero rows');
  });

  it('cannot be left out if row numbers are not shown', async () => {
    const input = await write('plan.jsonl', LINES.join('\n'));
    const { code, stderr } = await run(['plan', input, '-k', '1', '--nulls', 'skip', '--dry-run']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('use --nulls zero')]);
  });
});

describe('several inputs', () => {
  it('are read as one in natural order, as paths, a folder or a glob', async () => {
    const parts = join(folder, 'parts');
    await mkdir(parts);
    await writeNpy(join(parts, 'part-10.npy'), new Matrix(Float32Array.of(1, 2, 5, 5), [2, 2]));
    await writeNpy(join(parts, 'part-2.npy'), new Matrix(Float32Array.of(1, 2), [1, 2]));
    const expected = [{ row: 0, col: 1, score: 1 }];
    const found = async (...inputs: string[]) => jsonLines(await run(['pairs', ...inputs, '-t', '0.99', '--json']));
    expect(await found(parts)).toEqual(expected);
    expect(await found(join(parts, 'part-*.npy'))).toEqual(expected);
    expect(await found(join(parts, 'part-2.npy'), join(parts, 'part-10.npy'))).toEqual(expected);
    const byFile = await run(['pairs', parts, '-t', '0.99', '--json', '--ids', 'file:row']);
    expect(jsonLines(byFile)).toEqual([
      { row: `${join(parts, 'part-2.npy')}:0`, col: `${join(parts, 'part-10.npy')}:0`, score: 1 },
    ]);
  });

  it('are all named in a run that is saved, and a new file among them is noticed', async () => {
    const parts = join(folder, 'saved');
    await mkdir(parts);
    await writeNpy(join(parts, '0.npy'), new Matrix(Float32Array.of(1, 2, 5, 5), [2, 2]));
    const output = join(folder, 'saved.csv');
    const { code, stderr } = await run(['topk', parts, '-k', '1', '-q', '-o', output]);
    expect([code, stderr]).toEqual([0, '']);
    expect(await readFile(output, 'utf8')).toMatch(/^row,rank,col,score\n0,1,1,/);
  });

  it('cannot have stdin among them', async () => {
    const { code, stderr } = await run(['pairs', '-', 'a.npy', '-t', '0.9']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('stdin cannot be one of several inputs')]);
  });
});

describe('a file that contains more than rows', () => {
  it('is described on stderr: what was used, and what was not', async () => {
    const input = await write('table.csv', 'Unnamed: 0,d0,d1,label\n0,1.5,2.5,7\n1,0.5,1.5,8\n');
    const found = await run(['pairs', input, '-t', '0.5', '--json']);
    const { stderr } = found;
    expect(jsonLines(found).length).toBe(1);
    expect(stderr).toContain(`${input}: 2 rows of 2 numbers from columns d0,d1; not used: Unnamed: 0, label`);
    expect((await run(['pairs', input, '-t', '0.5', '--json', '-q'])).stderr).toBe('');
  });

  it('is refused with the options that decide if two readings are possible', async () => {
    const input = await write('two.jsonl', '{"a":[1,2],"b":[3,4]}\n');
    const { code, stderr } = await run(['pairs', input, '-t', '0.5']);
    expect([code, stderr]).toEqual([3, expect.stringContaining('choose with --column a or --column b')]);
    expect((await run(['pairs', input, '-t', '0.5', '--column', 'b'])).code).toBe(0);
  });

  it('has a header if its types show one, unless an option decides', async () => {
    const input = await write('plain.csv', '1.5,2.5\n0.5,1.5\n');
    const count = async (...options: string[]) => {
      const out = join(folder, 'plain.npy');
      expect((await run(['matrix', input, ...options, '-q', '-o', out])).code).toBe(0);
      return (await readNpy(out)).shape[0];
    };
    expect([await count(), await count('--no-header')]).toEqual([2, 2]);
  });

  it('names its rows by the words that precede them', async () => {
    const input = await write('glove.txt', 'king 0.5 1.5\nqueen 0.5 1.6\n');
    const found = await run(['pairs', input, '-t', '0.9', '--json']);
    expect(jsonLines(found)).toMatchObject([{ row_label: 'king', col_label: 'queen' }]);
  });
});

describe('HDF5 within a limit on memory', () => {
  const write = async (name: string, chunkRows: number): Promise<string> => {
    await h5wasm.ready;
    const file = new h5wasm.File(join(folder, name), 'w');
    const data = new Float32Array(16 * 2 ** 18).fill(1);
    file.create_dataset({ name: 'v', data, shape: [2 ** 12, 1024], chunks: [chunkRows, 1024], compression: 1 });
    file.close();
    return join(folder, name);
  };

  it('is read if the library fits, and otherwise refused with a limit that suffices', async () => {
    const input = await write('small.h5', 256);
    const limited = (memory: string) => run(['histogram', input, '--memory', memory, '-q']);
    const { code, stderr } = await limited('30MiB');
    expect(code).toBe(1);
    const [, enough] = /needs at least \d+ MiB of memory; run it with --memory (\d+MiB) or more/.exec(stderr) ?? [];
    expect(Number.parseInt(enough ?? '', 10)).toBeGreaterThan(38);
    expect((await limited(enough as string)).code).toBe(0);
  });

  it('is refused if its chunks do not fit', async () => {
    const input = await write('large.h5', 2 ** 12);
    const { code, stderr } = await run(['histogram', input, '--memory', '64MiB', '-q']);
    expect(stderr).toContain('dataset v: HDF5 decompresses chunks of 16.0 MiB as a whole; pass --memory 112MiB or more');
    expect(code).toBe(1);
  });
});
