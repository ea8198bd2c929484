// Files of sparse rows as inputs of commands.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cosineSimilarity, Matrix, readNpy, writeNpy } from 'allpairs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonLines, run } from './command.js';

const pathOf = (name: string) => fileURLToPath(new URL(`../io/data/sparse/${name}`, import.meta.url));

let folder: string;
let scores: ArrayLike<number>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-sparse-'));
  const { rows } = JSON.parse(await readFile(pathOf('dense.json'), 'utf8'));
  scores = (await cosineSimilarity(rows)).data;
});
afterAll(() => rm(folder, { recursive: true }));

describe('commands', () => {
  it.each(['csr-compressed.npz', 'csc-stored.npz', 'general.mtx', 'one-based.libsvm'])('find the pairs of %s', async (name) => {
    const found = jsonLines(await run(['pairs', pathOf(name), '-t', '0.15', '--json']));
    const expected = [];
    for (let row = 0; row < 9; row++) {
      for (let col = row + 1; col < 9; col++) {
        const score = scores[9 * row + col] as number;
        if (score >= 0.15) expected.push({ row, col, score: expect.closeTo(score, 6) });
      }
    }
    expect(found).toEqual(expected);
  });

  it('write the matrix, and merge a job of several shards', async () => {
    const matrix = join(folder, 'scores.npy');
    await run(['matrix', pathOf('csc-compressed.npz'), '-o', matrix]);
    const { data } = await readNpy(matrix);
    for (const [i, score] of Array.from(data).entries()) expect(score).toBeCloseTo(scores[i] as number, 6);
    const job = join(folder, 'job');
    await run(['plan', pathOf('general.mtx'), '-t', '0.15', '--shards', '2', '-o', job]);
    for (const shard of ['0', '1']) await run(['run-shard', job, '--index', shard]);
    const merged = join(folder, 'merged.csv');
    await run(['merge', job, '-o', merged]);
    const lines = (await readFile(merged, 'utf8')).trimEnd().split('\n');
    expect(lines.length - 1).toBe(jsonLines(await run(['pairs', pathOf('general.mtx'), '-t', '0.15', '--json'])).length);
  });

  it('show a file whose columns may be counted from 1, and refuse to write records of sparse rows', async () => {
    const page = join(folder, 'report.html');
    expect((await run(['view', pathOf('one-based.libsvm'), '--export', page, '-q'])).stderr).toBe('');
    const { code, stderr } = await run(['dedupe', pathOf('one-based.libsvm'), '-t', '0.3', '-o', join(folder, 'kept.jsonl')]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('because it holds sparse rows; write the numbers of the rows')]);
  });

  it('compare files whose columns are described by options, and say which options are missing', async () => {
    const args = ['score', pathOf('general.mtx'), '--against', pathOf('one-based.libsvm'), '--json'];
    const refused = await run(args);
    expect([refused.code, refused.stderr]).toEqual([
      3,
      expect.stringMatching(/may be counted from 0 or from 1.*choose with --index-base 1/),
    ]);
    const found = jsonLines(await run([...args, '--width', '40', '--index-base', '1']));
    expect(found.map(({ score }) => score)).toEqual(Array.from({ length: 9 }, (_, i) => scores[10 * i]));
    const dense = await run([...args, '--width', '41', '--index-base', '1']);
    expect(dense.stderr).toContain('has rows of 40 numbers, but --width 41 was given; leave --width out');
  });

  it.each([
    [['pairs', 'csr-compressed.npz', '-t', '0.5', '--index-base', '1'], '--index-base has no effect on'],
    [['health', 'csr-compressed.npz', '--element', 'float32'], '--element has no effect on'],
    [['view', 'csr-compressed.npz', '--no-header'], '--no-header has no effect on'],
    [['plan', 'general.mtx', '-k', '2', '--dry-run', '--header'], 'because the format mtx does not need it; leave it out'],
    [['score', 'general.mtx', '--against', 'csc-stored.npz', '--index-base', '0'], '--index-base has no effect on'],
  ])('refuse an option that has no effect on any input: %j', async (args, message) => {
    const { code, stderr } = await run(args.map((word) => (/\.(npz|mtx)$/.test(word) ? pathOf(word) : word)));
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  it('suggest sparse rows if nearly all numbers of a dense file are zeros', async () => {
    const write = async (name: string, depth: number, nonzeros: number, zeroRows = 0) => {
      const data = new Float32Array(20 * depth);
      for (let row = zeroRows; row < 20; row++) for (let i = 0; i < nonzeros; i++) data[row * depth + ((row + i) % depth)] = 1;
      const path = join(folder, name);
      await writeNpy(path, new Matrix(data, [20, depth]));
      return path;
    };
    const zeros = await write('zeros.npy', 200, 7);
    const hint = `${zeros}: 96 % of the numbers are zeros; as sparse rows, written with scipy.sparse.save_npz(path, scipy.sparse.csr_array(a)), they take less memory and time\n`;
    const stderrOf = async (...args: string[]) => (await run(args)).stderr;
    expect(await stderrOf('topk', zeros, '-k', '1')).toContain(hint);
    expect((await stderrOf('topk', zeros, '--against', zeros, '-k', '1')).split('are zeros;')).toHaveLength(2);
    expect(await stderrOf('topk', zeros, '-k', '1', '-q')).toBe('');
    expect(await stderrOf('topk', zeros, '-k', '1', '--json')).not.toContain('zeros;');
    for (const path of [
      await write('fewer.npy', 200, 10),
      await write('short.npy', 100, 1),
      await write('failed.npy', 200, 100, 19),
    ]) {
      expect(await stderrOf('topk', path, '-k', '1')).not.toContain('zeros;');
    }
  });
});
