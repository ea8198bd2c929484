import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FormatError } from '#src/errors.js';
import { bytesInMemory } from '#src/io/bytes/byte-source.js';
import { createRowStore, storeBytesFor } from '#src/io/bytes/temporary-file.js';
import { FolderInUse, lockFolder, unlockFolder } from '#src/io/runs/folder-lock.js';
import { encodeSaved, readSaved } from '#src/io/runs/saved-arrays.js';
import { NotAWorkFolder, WorkFolder } from '#src/io/runs/work-folder.js';
import { randomSource } from '../random.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-folder-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a work folder', () => {
  it('becomes the output, and leaves nothing behind', async () => {
    const output = join(folder, 'a.txt');
    const work = await WorkFolder.create(output);
    await work.writeManifest({ k: 1 });
    expect(await WorkFolder.readManifest(output)).toEqual({ k: 1 });
    await work.finish((file) => file.append(Buffer.from('done')));
    expect(await readFile(output, 'utf8')).toBe('done');
    expect((await readdir(folder)).filter((name) => name.startsWith('a.txt'))).toEqual(['a.txt']);
  });

  it('is no longer a run after an interrupted removal, and is removed with the next one', async () => {
    const output = join(folder, 'b.txt');
    await mkdir(`${output}.partial.999.1.old`);
    await writeFile(`${output}.partial.999.1.old/manifest.json`, '{}');
    expect(await WorkFolder.readManifest(output)).toBeUndefined();
    const work = await WorkFolder.create(output);
    await work.remove();
    expect((await readdir(folder)).filter((name) => name.startsWith('b.txt'))).toEqual([]);
  });

  it('is not taken from a running process, nor from anything else', async () => {
    const output = join(folder, 'c.txt');
    const work = await WorkFolder.create(output);
    await expect(WorkFolder.open(output)).rejects.toThrow(FolderInUse);
    await expect(WorkFolder.create(output)).rejects.toThrow(`process ${process.pid} on`);
    await work.release();
    await (await WorkFolder.open(output)).release();
    await writeFile(join(`${output}.partial`, 'thesis.txt'), 'precious');
    await expect(WorkFolder.create(output)).rejects.toThrow(NotAWorkFolder);
    expect(await readFile(join(`${output}.partial`, 'thesis.txt'), 'utf8')).toBe('precious');
  });

  it('has one owner, however many processes want it at the same time', async () => {
    const path = join(folder, 'wanted');
    await mkdir(path);
    // The lock of a process that has ended.
    await writeFile(join(path, 'lock'), JSON.stringify({ process: 2 ** 22 + 1, host: (await import('node:os')).hostname() }));
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(path)));
    expect(tries.filter(({ status }) => status === 'fulfilled').length).toBe(1);
    expect(await readdir(path)).toEqual(['lock']);
    await unlockFolder(path);
    expect(await readdir(path)).toEqual([]);
  });
});

describe('saved arrays', () => {
  const arrays = {
    rows: Uint32Array.of(1, 2, 3),
    scores: Float32Array.of(0.5),
    wide: Float64Array.of(Number.POSITIVE_INFINITY, 1e-300),
    sum: BigInt64Array.of(-5n),
    none: new Uint32Array(0),
  };

  it('are read back, and damage is detected wherever it is', async () => {
    const path = join(folder, 'saved');
    const bytes = Buffer.concat([...encodeSaved({ row: 7 }, arrays)]);
    await writeFile(path, bytes);
    expect(await readSaved(path)).toEqual({ meta: { row: 7 }, arrays });
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] as number) ^ 0x11;
      await writeFile(path, damaged);
      await expect(readSaved(path)).rejects.toThrow(FormatError);
    }
    for (let length = 0; length < bytes.length; length++) {
      await writeFile(path, bytes.subarray(0, length));
      await expect(readSaved(path)).rejects.toThrow(FormatError);
    }
  });
});

describe('a row store', () => {
  it.each([
    [0, 2 ** 28],
    [2 ** 29, 2 ** 28],
    [2 ** 31, 2 ** 29],
    [2 ** 40, 2 ** 30],
    [Number.POSITIVE_INFINITY, 2 ** 30],
  ])('with %d bytes available and no limit holds %d in memory', (available, held) => {
    expect(storeBytesFor(available)).toBe(held);
  });

  it.each([0, 2 ** 20, 3 * 2 ** 20, 2 ** 30])('returns what was appended, with %i bytes of memory', async (memory) => {
    const random = randomSource(memory + 3);
    const store = createRowStore(memory);
    const pieces: Buffer[] = [];
    for (let total = 0; total < 5 * 2 ** 20; ) {
      const piece = Buffer.alloc(Math.floor(random() * 700_000), Math.floor(random() * 256));
      pieces.push(piece);
      total += piece.length;
      await store.append(piece);
    }
    const all = Buffer.concat(pieces);
    expect(store.heldBytes).toBe(memory >= all.length ? all.length : 0);
    const source = await store.finish('store');
    expect(source.size).toBe(all.length);
    for (let look = 0; look < 50; look++) {
      const from = Math.floor(random() * all.length);
      const length = Math.floor(random() * (all.length - from));
      const same = await bytesInMemory(all, 'all').read(from, length);
      expect(Buffer.compare(await source.read(from, length), same)).toBe(0);
    }
    await expect(source.read(all.length - 1, 2)).rejects.toThrow(FormatError);
    await source.close();
    await source.close();
    expect((await readdir(tmpdir())).filter((name) => name.startsWith(`allpairs-${process.pid}-`))).toEqual([]);
  });
});
