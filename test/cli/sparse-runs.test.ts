// Runs on sparse rows and on texts that are interrupted and resumed.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomSource } from '../random.js';
import { run } from './command.js';
import { interruptAt } from './hold.js';

const ROWS = 1500;

let folder: string;
let parts: string;
let names: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-sparse-runs-'));
  const next = randomSource(7);
  const row = () => Array.from({ length: 12 }, (_, i) => `${i * 8 + Math.floor(8 * next())}:${(next() + 0.01).toFixed(3)}`);
  const lines = Array.from({ length: ROWS }, () => `1 ${row().join(' ')}\n`);
  parts = join(folder, 'part-*.svm');
  await writeFile(join(folder, 'part-1.svm'), lines.slice(0, 700).join(''));
  await writeFile(join(folder, 'part-2.svm'), lines.slice(700).join(''));
  names = join(folder, 'names.csv');
  const word = () => Array.from({ length: 3 }, () => 'abcdefg'[Math.floor(7 * next())]).join('');
  await writeFile(
    names,
    `id,name\n${Array.from({ length: ROWS }, (_, i) => `${i},${word()} ${word()} ${word()}`).join('\n')}\n`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

const sparse = () => [parts, '--width', '96', '--index-base', '0'];
const texts = () => [names, '--text', 'name', '--ids', 'id'];
const saving = ['--save-every', '0', '--threads', '1'];

describe('an interrupted run resumes and produces the same bytes', () => {
  it.each<[string, string, () => string[], string[], string]>([
    ['matrix.npy', 'matrix', sparse, ['--memory', '6MiB'], 'block-'],
    ['pairs.jsonl', 'pairs', sparse, ['-t', '0.55', ...saving], 'pairs-'],
    ['nearest.jsonl', 'topk', texts, ['-k', '5', ...saving], 'state'],
  ])('%s', async (name, command, input, options, sign) => {
    const [output, reference] = [join(folder, name), join(folder, `reference-${name}`)];
    const args = [command, ...input(), ...options, '-q', '-o'];
    expect(await run([...args, reference])).toMatchObject({ code: 0, stderr: '' });
    const stopped = await interruptAt(sign, [...args, output]);
    expect([stopped.code, stopped.stderr]).toEqual([4, `interrupted\nto continue: allpairs resume ${output}\n`]);
    expect(await run(['resume', output, '-q'])).toMatchObject({ code: 0, stderr: '' });
    expect((await readFile(output)).equals(await readFile(reference))).toBe(true);
    expect((await readFile(reference)).length).toBeGreaterThan(500);
  });
});
