// Where an output goes, checked before any work.

import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UsageError } from './exit-codes.js';

/** Throws UsageError where `output`, the value of `option`, cannot be made, or is one of the `inputs`. */
export async function checkOutputPlace(option: string, output: string, inputs: readonly (string | undefined)[]): Promise<void> {
  const path = resolve(output);
  const folder = dirname(output);
  if (!(await isFolder(folder))) throw new UsageError(`${option} ${output}: there is no folder ${folder}; create it first`);
  if (await isFolder(path)) throw new UsageError(`${option} ${output}: that is a folder; expected a file name`);
  for (const file of inputs) {
    if (file && resolve(file) === path) throw new UsageError(`${option} ${output}: that is an input; choose another name`);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );
}
