// HDF5 files after some that ended h5wasm. How many did lasts as long as the process, so these tests have a file of their own.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { expect, it, vi } from 'vitest';
import { readHdf5 } from '#src/io/formats/hdf5.js';
import { type Hdf5, loadHdf5, useHdf5 } from '#src/io/formats/hdf5-module.js';
import { WAIT_MS } from '../limits.js';

const VALID = join(import.meta.dirname, 'data', 'lzf.h5');

/** Memory that a damaged file makes h5wasm allocate and write to. */
const GROWN_BYTES = 64 * 2 ** 20;

function end(hdf5: Hdf5): void {
  const { module } = hdf5;
  const trap = () => {
    const at = module._malloc(GROWN_BYTES);
    module.HEAPU8.fill(1, at, at + GROWN_BYTES);
    throw new WebAssembly.RuntimeError('unreachable');
  };
  expect(() => useHdf5(hdf5, VALID, trap)).toThrow('unreachable');
}

it('are never read by an instance that ended after it was requested', async () => {
  const first = await loadHdf5(VALID);
  const { blocks } = await readHdf5(VALID, { column: undefined });
  const expected = (await blocks().next()).value;
  const opened = vi.spyOn(first.module, 'open');
  // Several get the first instance; one of them ends it.
  const reads = [1, 2, 3, 4, 5, 6].map(() => blocks().next());
  const ending = loadHdf5(VALID).then((hdf5) => {
    end(hdf5);
    opened.mockClear();
  });
  for (const { value } of await Promise.all([...reads, ending.then(() => blocks().next())])) expect(value).toEqual(expected);
  expect(opened).not.toHaveBeenCalled();
});

it('are refused, and their memory is freed, if they make h5wasm allocate very much', async () => {
  const hdf5 = await loadHdf5(VALID);
  const trap = () => {
    hdf5.module._malloc(2 ** 29);
    throw new Error('damaged');
  };
  expect(() => useHdf5(hdf5, VALID, trap)).toThrow('damaged');
  expect((await loadHdf5(VALID)).module).not.toBe(hdf5.module);
});

it('print nothing when they end h5wasm', async () => {
  const script = `
    const { loadHdf5, useHdf5 } = await import('#src/io/formats/hdf5-module.js');
    const hdf5 = await loadHdf5('');
    try {
      useHdf5(hdf5, ${JSON.stringify(VALID)}, () => hdf5.module.ccall('none', 'number', [], []));
    } catch ({ message }) {
      console.log(message);
    }
    console.error('after');`;
  const args = ['--input-type=module', '--eval', script];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: join(import.meta.dirname, '..', '..') });
  expect(stdout).toMatch(/^Aborted\(Assertion failed: Cannot call unknown function none/);
  expect(stderr).toBe('after\n');
});

it('are read by another instance, and refused after 32 of those', { timeout: 60_000 }, async () => {
  const { blocks } = await readHdf5(VALID, { column: undefined });
  const expected = (await blocks().next()).value;
  let last: object | undefined;
  // The tests above ended two.
  for (let i = 2; i < 32; i++) {
    const hdf5 = await loadHdf5(VALID);
    expect(hdf5.module).not.toBe(last);
    expect((await blocks().next()).value).toEqual(expected);
    end(hdf5);
    last = hdf5.module;
  }
  await expect(readHdf5(VALID, { column: undefined })).rejects.toThrow(
    `${VALID}: damaged files have ended h5wasm, so that this process can read no other HDF5 files; start another process`,
  );
  // Memory is freed some time after it is no longer used.
  await vi.waitFor(() => expect(process.memoryUsage().rss).toBeLessThan(16 * GROWN_BYTES), { timeout: WAIT_MS });
});
