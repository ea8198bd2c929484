// Named pipes in place of files: they are read once to their end, or refused if they would have to be read again.

import { execFileSync } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { FormatError, openRows, readNpy } from 'allpairs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonLines, run } from '../cli/command.js';
import { until } from '../until.js';

const DIGITS = 'examples/data/digits.npy';
let folder = '';
let made = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-pipes-'));
});
afterAll(() => rm(folder, { recursive: true }));

function makePipe(): string {
  const path = join(folder, `pipe-${++made}`);
  execFileSync('mkfifo', [path]);
  return path;
}

/** Creates a pipe that receives `content` as soon as it is opened. */
function pipeOf(content: Uint8Array | string): { path: string; written: Promise<void> } {
  const path = makePipe();
  return { path, written: writeFile(path, content) };
}

// Windows has no pipes in its file system.
describe.skipIf(process.platform === 'win32')('a named pipe', () => {
  it('is read like a file', async () => {
    const { path, written } = pipeOf(await readFile(DIGITS));
    const rows = await openRows(path);
    await written;
    expect(rows).toMatchObject({ name: path, rows: 1797, depth: 64 });
    expect((await rows.toMatrix()).data).toEqual(Float32Array.from((await readNpy(DIGITS)).data));
    await rows.close();
  });

  it('may contain more than the memory for rows', async () => {
    const { path, written } = pipeOf(await readFile(DIGITS));
    const rows = await openRows([path, DIGITS], { memoryBudget: 4096 });
    await written;
    expect(rows.rows).toBe(2 * 1797);
    await rows.close();
  });

  it('is waited for until the signal is aborted', async () => {
    const stop = new AbortController();
    const opening = openRows(makePipe(), { signal: stop.signal });
    setImmediate(() => stop.abort());
    await expect(opening).rejects.toThrow(/abort/i);
  });

  it('is refused by readNpy, without waiting for a writer', async () => {
    const error = await readNpy(makePipe()).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toMatch(/that is a pipe, which can be read only once; save it in a file first$/);
  });

  it('is refused as a database, which can only be read from a file', async () => {
    const { path, written } = pipeOf('SQLite format 3\0');
    await expect(openRows(path)).rejects.toThrow('sqlite can only be read from a file; write it to one and pass its path');
    await written;
  });

  it('is an input, and a file of labels, on the command line', async () => {
    const [rows, labels] = [pipeOf('{"v":[1,0]}\n{"v":[1,0]}\n'), pipeOf('one\ntwo\n')];
    const found = await run(['pairs', rows.path, '--format', 'jsonl', '-t', '0.9', '--labels', labels.path]);
    expect(found.stderr).not.toContain('error');
    expect(jsonLines(found)).toEqual([{ row: 0, col: 1, score: 1, row_label: 'one', col_label: 'two' }]);
    await Promise.all([rows.written, labels.written]);
  });

  it.each(['/dev/stdin', '/dev/fd/0'])('%s is stdin, also with -o', async (name) => {
    const input = await readFile(DIGITS);
    const [first] = jsonLines(await run(['topk', name, '-k', '1'], { input }));
    expect(first).toMatchObject({ row: 0, col: 877 });
    const output = join(folder, 'top.csv');
    expect(await run(['topk', name, '-k', '1', '-o', output, '-q'], { input })).toMatchObject({ code: 0, stderr: '' });
    expect((await readFile(output, 'utf8')).split('\n')[1]).toMatch(/^0,1,877,/);
  });

  it('is refused with -o, because a resumed run would read it again', async () => {
    const pipe = makePipe();
    for (const args of [[pipe], [DIGITS, '--against', pipe], [DIGITS, '--labels', pipe]]) {
      const { code, stderr } = await run(['topk', ...args, '-o', join(folder, 'top.csv')]);
      expect(stderr).toBe(
        `error: ${pipe}: that is a pipe, which a command with -o cannot read again to continue; pipe it to stdin and name it -\n`,
      );
      expect(code).toBe(2);
    }
  });

  it('becomes a copy in a job', async () => {
    const { path, written } = pipeOf(await readFile(DIGITS));
    const job = join(folder, 'job');
    expect((await run(['plan', path, '-k', '1', '--shards', '1', '-o', job])).code).toBe(0);
    await written;
    expect((await run(['run-shard', job, '--index', '0', '-q'])).code).toBe(0);
  });

  it('without a writer does not prevent an interrupted command from ending', async () => {
    const pipe = makePipe();
    let writer: FileHandle | undefined;
    const { code, stderr } = await run(['topk', pipe], {
      onStart: async (child) => {
        // Opening a pipe for writing without waiting fails until a reader has opened it.
        await until('the command reads the pipe', async () => {
          writer = await open(pipe, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => undefined);
          return writer !== undefined;
        });
        child.kill('SIGTERM');
      },
    });
    await writer?.close();
    expect([code, stderr]).toEqual([130, 'interrupted\n']);
  });
});
