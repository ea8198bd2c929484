// Files of sparse rows as inputs of commands.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cosineSimilarity, readNpy } from 'allpairs';
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
});
