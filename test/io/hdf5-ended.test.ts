// HDF5 files after one that ended h5wasm. The state lasts as long as the process, so these tests have a file of their own.

import { join } from 'node:path';
import { openRows } from 'allpairs';
import * as h5wasm from 'h5wasm/node';
import { expect, it } from 'vitest';
import { readHdf5 } from '#src/io/formats/hdf5.js';
import { watchForEnd } from '#src/io/formats/hdf5-module.js';

const VALID = join(import.meta.dirname, 'data', 'float16_int64.h5');

it('are refused, with the name of that file', async () => {
  await (await openRows(VALID)).close();
  await readHdf5(VALID, { column: undefined });
  const module = await h5wasm.ready;
  const trap = () => {
    throw new WebAssembly.RuntimeError('unreachable');
  };
  expect(() => watchForEnd(module, 'bad.h5', trap)).toThrow('unreachable');
  await expect(readHdf5(VALID, { column: undefined })).rejects.toThrow(
    `${VALID}: h5wasm ended while it read bad.h5, so that this process can read no other HDF5 files; start another process`,
  );
});
