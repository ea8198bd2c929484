// Disks that fail during a command: it reports the failure, leaves no incomplete output, and keeps what was computed.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Matrix, writeNpy } from 'allpairs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomRows } from '../random.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const SOURCE = fileURLToPath(new URL('faults.c', import.meta.url));
const { ENOSPC, EIO, EROFS, EACCES, EDQUOT, EISDIR } = constants.errno;

const here = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0;
if (!here && process.env.REQUIRE_NATIVE_TESTS) throw new Error('faults need Linux and a C compiler');
const suite = here ? describe : describe.skip;

let folder: string;
let library: string;
let input: string;
beforeAll(async () => {
  if (!here) return;
  folder = await mkdtemp(join(tmpdir(), 'allpairs-faults-'));
  library = join(folder, 'faults.so');
  const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, SOURCE, '-ldl'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  input = join(folder, 'rows.npy');
  const { data, shape } = randomRows(6000, 64, 3);
  await writeNpy(input, new Matrix(data, shape));
});
afterAll(() => here && rm(folder, { recursive: true }));

async function run(args: string[], fault?: string, cwd = folder): Promise<{ code: number | null; stderr: string }> {
  const env = { ...process.env, UV_USE_IO_URING: '0', ...(fault && { LD_PRELOAD: library, FAULT: fault }) };
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
}

const COMMANDS: Record<string, string[]> = {
  'matrix.npy': ['matrix', '--memory', '16MiB'],
  'nearest.npy': ['topk', '-k', '9', '--save-every', '0', '--threads', '2'],
  'pairs.csv': ['pairs', '-t', '0.4', '--save-every', '0', '--threads', '2'],
};

/** The command's arguments for an output in a separate folder, and the expected bytes. */
async function prepare(name: string): Promise<{ output: string; args: string[]; expected: Buffer }> {
  const own = await mkdtemp(join(folder, 'run-'));
  const output = join(own, name);
  const [command = '', ...options] = COMMANDS[name] as string[];
  const args = [command, input, ...options, '--quiet', '-o', output];
  expect(await run(args)).toEqual({ code: 0, stderr: '' });
  const expected = await readFile(output);
  await rm(output);
  return { output, args, expected };
}

suite(`disk faults${here ? '' : ' (skipped: they need Linux and a C compiler)'}`, () => {
  it.each(Object.keys(COMMANDS))(
    '%s: a full disk in the middle is reported, and the run continues when there is space',
    async (name) => {
      const { output, args, expected } = await prepare(name);
      const where = name === 'matrix.npy' ? `write:${ENOSPC}:20000:matrix.npy` : `write:${ENOSPC}:9:${name}.partial/`;
      const full = await run(args, where);
      expect(full.stderr).toMatch(
        new RegExp(`^error: ${output}: no space left on device \\(ENOSPC\\)\nto continue: allpairs resume `),
      );
      expect(full.code).toBe(4);
      expect(existsSync(output)).toBe(false);
      expect(await run(['resume', output, '--quiet'])).toEqual({ code: 0, stderr: '' });
      expect((await readFile(output)).equals(expected)).toBe(true);
      expect(await readdir(join(output, '..'))).toEqual([name]);
    },
  );

  it('a full disk at the start leaves nothing behind', async () => {
    const { output, args } = await prepare('nearest.npy');
    const full = await run(args, `write:${ENOSPC}:0:nearest.npy.partial/`);
    expect(full.stderr).toBe(`error: ${output}: no space left on device (ENOSPC)\n`);
    expect(full.code).toBe(1);
    expect(await readdir(join(output, '..'))).toEqual([]);
  });

  it('a folder in which nothing can be created is reported before any work', async () => {
    const { output, args } = await prepare('matrix.npy');
    const { code, stderr } = await run(args, `mkdir:${EROFS}:0:matrix.npy.partial`);
    expect(code).toBe(1);
    expect(stderr).toBe(`error: ${output}: read-only file system (EROFS)\n`);
    expect(await readdir(join(output, '..'))).toEqual([]);
  });

  it.each([
    ['mkdir', EACCES, 'permission denied (EACCES)'],
    ['mkdir', EDQUOT, 'disk quota exceeded (EDQUOT)'],
    ['open', EACCES, 'permission denied (EACCES)'],
    ['open', EROFS, 'read-only file system (EROFS)'],
    ['write', EDQUOT, 'disk quota exceeded (EDQUOT)'],
  ])('%s with error %d names the output as the user typed it', async (call, error, reason) => {
    const own = await mkdtemp(join(folder, 'typed-'));
    const args = ['topk', input, '-q', '-o', 'nearest.csv'];
    expect(await run(args, `${call}:${error}:0:nearest.csv.partial`, own)).toEqual({
      code: 1,
      stderr: `error: nearest.csv: ${reason}\n`,
    });
    expect(await readdir(own)).toEqual([]);
  });

  it.each([
    ['groups --keep', ['groups', '-t', '0.9', '--keep', 'kept.txt'], '.kept.txt', 'kept.txt'],
    ['plan -o', ['plan', '-k', '3', '--shards', '2', '-o', 'job'], 'job/', 'job/job.json'],
  ])('%s names the file as the user typed it, not its temporary name', async (_, [command = '', ...options], path, named) => {
    const own = await mkdtemp(join(folder, 'typed-'));
    for (const [error, reason] of [
      [EACCES, 'permission denied (EACCES)'],
      [EISDIR, 'illegal operation on a directory (EISDIR)'],
    ] as const) {
      const { code, stderr } = await run([command, input, ...options], `open:${error}:0:${path}`, own);
      expect([code, stderr]).toEqual([1, `error: ${named}: ${reason}\n`]);
    }
  });

  it('an unreadable input or file of names is reported by name', async () => {
    const own = await mkdtemp(join(folder, 'typed-'));
    await writeFile(join(own, 'names.txt'), 'a\n');
    await cp(input, join(own, 'own.npy'));
    for (const [args, name] of [
      [['topk', 'own.npy'], 'own.npy'],
      [['topk', 'own.npy', '-o', 'x.csv'], 'own.npy'],
      [['topk', input, '--labels', 'names.txt'], 'names.txt'],
    ] as const) {
      const { code, stderr } = await run([...args], `open:${EACCES}:0:${name}`, own);
      expect([code, stderr]).toEqual([3, `error: ${name}: permission denied (EACCES)\n`]);
    }
  });

  it('a disk that loses data causes an error instead of an output', async () => {
    const { output, args, expected } = await prepare('matrix.npy');
    const broken = await run(args, `fsync:${EIO}:0:matrix.npy.partial/matrix.npy`);
    expect(broken.stderr).toContain(`error: ${output}: i/o error (EIO)\n`);
    expect(existsSync(output)).toBe(false);
    if (broken.code === 4) expect((await run(['resume', output, '--quiet'])).code).toBe(0);
    else expect((await run(args)).code).toBe(0);
    expect((await readFile(output)).equals(expected)).toBe(true);
  });

  it.each(Object.keys(COMMANDS))('%s: an unreadable input is reported, and leaves nothing behind', async (name) => {
    const { output, args } = await prepare(name);
    const { code, stderr } = await run(args, `read:${EIO}:4:rows.npy`);
    expect(stderr).toBe(`error: ${input}: i/o error (EIO)\n`);
    expect(code).toBe(1);
    expect(await readdir(join(output, '..'))).toEqual([]);
  });

  it('an input that becomes shorter is reported with the position', async () => {
    const { output, args } = await prepare('nearest.npy');
    const { code, stderr } = await run(args, 'end:0:4:rows.npy');
    expect(stderr).toMatch(/^error: .*rows\.npy: byte \d+: the file became shorter while it was being read\n$/);
    expect(code).toBe(3);
    expect(await readdir(join(output, '..'))).toEqual([]);
  });

  it.each(Object.keys(COMMANDS))('%s: short reads change nothing', async (name) => {
    const { output, args, expected } = await prepare(name);
    expect(await run(args, 'short:777:0:rows.npy')).toEqual({ code: 0, stderr: '' });
    expect((await readFile(output)).equals(expected)).toBe(true);
  });
});
