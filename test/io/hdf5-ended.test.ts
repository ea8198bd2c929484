// HDF5 files after some that ended h5wasm. How many did lasts as long as the process, so these tests have a file of their own.

import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readHdf5 } from '#src/io/formats/hdf5.js';
import { type Hdf5, loadHdf5, useHdf5 } from '#src/io/formats/hdf5-module.js';

const VALID = join(import.meta.dirname, 'data', 'lzf.h5');

function end(hdf5: Hdf5): void {
  const trap = () => {
    throw new WebAssembly.RuntimeError('unreachable');
  };
  expect(() => useHdf5(hdf5, VALID, trap)).toThrow('unreachable');
}

it('are read by another instance, and refused after 32 of those', { timeout: 60_000 }, async () => {
  const { blocks } = await readHdf5(VALID, { column: undefined });
  const expected = (await blocks().next()).value;
  let last: Hdf5 | undefined;
  for (let i = 0; i < 32; i++) {
    const hdf5 = await loadHdf5(VALID);
    expect(hdf5.module).not.toBe(last?.module);
    expect((await blocks().next()).value).toEqual(expected);
    end(hdf5);
    last = hdf5;
  }
  await expect(readHdf5(VALID, { column: undefined })).rejects.toThrow(
    `${VALID}: damaged files have ended h5wasm, so that this process can read no other HDF5 files; start another process`,
  );
});
