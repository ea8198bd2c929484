// What an output may be: a file, but not a pipe, a device, an input or another output. Also options that are given twice.

import { execFileSync } from 'node:child_process';
import { lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from './command.js';

const ROWS = 'd0,d1,d2\n1,0,0.5\n1,0.01,0.5\n0,1,0.5\n0.5,-1,0.5\n';

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-outputs-'));
  await writeFile(at('in.csv'), ROWS);
  await writeFile(at('pairs.csv'), 'row,col\n0,1\n');
  expect(await run(['topk', at('in.csv'), '-k', '1', '-q', '--center', '--save-transform', at('t.json')])).toMatchObject({
    code: 0,
  });
});
afterAll(() => rm(folder, { recursive: true }));

it.each<[args: readonly string[], message: string]>([
  [['groups', 'in.csv', '-t', '0.9', '--keep', 'in.csv'], '--keep in.csv: that is an input'],
  [['groups', 'in.csv', '-t', '0.9', '--transform', 't.json', '--keep', 't.json'], '--keep t.json: that is an input'],
  [
    ['score', 'in.csv', '--pairs', 'pairs.csv', '--center', '--save-transform', 'pairs.csv'],
    '--save-transform pairs.csv: that is an input',
  ],
  [
    ['dedupe', 'in.csv', '-t', '0.9', '--center', '--save-transform', 's.csv', '--dropped', 's.csv'],
    'are the same file, s.csv; choose two names',
  ],
  [['topk', 'in.csv', '--center', '--save-transform', '-'], '--save-transform -: a transform is written to a file'],
  [
    ['dedupe', 'in.csv', '-t', '0.9', '--against', 'in.csv', '--against', 'pairs.csv'],
    '--against is given twice; give it once',
  ],
])('refuses %j, and leaves every file as it is', async (args, message) => {
  const before = await Promise.all(['in.csv', 'pairs.csv', 't.json'].map((name) => readFile(at(name), 'utf8')));
  const refused = await run(args.map((word) => (/^[a-z]+\.\w+$/.test(word) ? at(word) : word)));
  expect([refused.code, refused.stderr.replaceAll(`${folder}/`, '')]).toEqual([2, expect.stringContaining(message)]);
  expect(await Promise.all(['in.csv', 'pairs.csv', 't.json'].map((name) => readFile(at(name), 'utf8')))).toEqual(before);
  expect((await readdir(folder)).sort()).toEqual(['in.csv', 'pairs.csv', 't.json']);
});

it.skipIf(process.platform === 'win32')(
  'refuses pipes and devices, which a file would replace, and writes to the target of a link',
  async () => {
    execFileSync('mkfifo', [at('pipe.txt')]);
    const args = ['groups', at('in.csv'), '-t', '0.9', '-q', '--keep'];
    const refused = await run([...args, at('pipe.txt')]);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('that is a pipe or a device')]);
    expect((await lstat(at('pipe.txt'))).isFIFO()).toBe(true);
    await writeFile(at('kept.txt'), '');
    await symlink('kept.txt', at('link.txt'));
    expect(await run([...args, at('link.txt')])).toMatchObject({ code: 0 });
    expect((await lstat(at('link.txt'))).isSymbolicLink()).toBe(true);
    expect(await readFile(at('kept.txt'), 'utf8')).toMatch(/^\d\n/);
  },
);
