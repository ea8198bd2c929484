import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Matrix, writeNpy } from 'allpairs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenFile } from '#src/io/bytes/open-file.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-open-file-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('an open file', () => {
  it('is closed once, when no read or write is in progress', async () => {
    const path = join(folder, 'bytes');
    await writeFile(path, 'abcdefgh');
    const file = await OpenFile.open(path, 'r');
    const into = new Uint8Array(8);
    const reads = Array.from({ length: 8 }, (_, at) => file.read(into, at, 1, at));
    const closed = file.close();
    expect((await Promise.all(reads)).map(({ bytesRead }) => bytesRead)).toEqual(new Array(8).fill(1));
    await Promise.all([closed, file.close()]);
    expect(Buffer.from(into).toString()).toBe('abcdefgh');
    await expect(file.read(into, 0, 1, 0)).rejects.toThrow('the file is closed');
  });

  it('appends to what was written', async () => {
    const path = join(folder, 'written');
    const file = await OpenFile.open(path, 'wx+', 0o600);
    for (const text of ['one ', 'two']) await file.write(Buffer.from(text), 0, text.length);
    await file.close();
    expect(await readFile(path, 'utf8')).toBe('one two');
    await expect(OpenFile.open(path, 'wx+')).rejects.toMatchObject({ code: 'EEXIST' });
  });
});

describe.skipIf(process.platform !== 'linux')('rows that are never closed (counted in /proc: Linux only)', () => {
  it('are closed silently when they are collected', async () => {
    const path = join(folder, 'rows.npy');
    await writeNpy(path, new Matrix(new Float32Array(64), [8, 8]));
    const library = fileURLToPath(new URL('../../dist/entry/index.js', import.meta.url));
    const program = `
      import { readdirSync } from 'node:fs';
      const { openRows, topK } = await import(${JSON.stringify(library)});
      const count = () => readdirSync('/proc/self/fd').length;
      const before = count();
      for (let i = 0; i < 40; i++) await topK(await openRows(${JSON.stringify(path)}), 1);
      const opened = count() - before;
      for (let i = 0; i < 200 && count() > before; i++) {
        gc();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      console.log(JSON.stringify([opened > 0, count() - before]));
    `;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      '--expose-gc',
      '--input-type=module',
      '--eval',
      program,
    ]);
    expect([stdout.trim(), stderr]).toEqual(['[true,0]', '']);
  });
});
