// HDF5 files after some that ended h5wasm. How many did lasts as long as the process, so these tests have a file of their own.

import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { readHdf5 } from '#src/io/formats/hdf5.js';
import { type Hdf5, loadHdf5, useHdf5 } from '#src/io/formats/hdf5-module.js';

const VALID = join(import.meta.dirname, 'data', 'lzf.h5');

function end(hdf5: Hdf5): void {
  const trap = () => {
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

it('are read by another instance, and refused after 32 of those', { timeout: 60_000 }, async () => {
  const { blocks } = await readHdf5(VALID, { column: undefined });
  const expected = (await blocks().next()).value;
  let last: Hdf5 | undefined;
  // The test above ended one.
  for (let i = 1; i < 32; i++) {
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
