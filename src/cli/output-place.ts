// Where an output goes, looked at before any work.

import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UsageError } from './exit-codes.js';

/** Throws UsageError where `output`, the value of `option`, cannot be made, or is one of the `inputs`. */
export async function checkOutputPlace(option: string, output: string, inputs: readonly (string | undefined)[]): Promise<void> {
  const path = resolve(output);
  if (!(await isFolder(dirname(path)))) throw new UsageError(`${option} ${output}: there is no folder ${dirname(path)}`);
  if (await isFolder(path)) throw new UsageError(`${option} ${output}: that is a folder`);
  for (const file of inputs) {
    if (file && resolve(file) === path)
      throw new UsageError(`${option} ${output}: that is an input, which is read until the end`);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );
}
