// Checks the paths of outputs before any work is done.

import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { CallOptions } from './call-options.js';
import { UsageError } from './exit-codes.js';
import { filesOfNames } from './read-names.js';

/** Throws UsageError if `output`, the value of `option`, cannot be created, or is one of the `inputs`. */
export async function checkOutputPlace(option: string, output: string, inputs: readonly (string | undefined)[]): Promise<void> {
  const path = resolve(output);
  const folder = dirname(output);
  if (!(await isFolder(folder))) throw new UsageError(`${option} ${output}: there is no folder ${folder}; create it first`);
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory()) throw new UsageError(`${option} ${output}: that is a folder; expected a file name`);
  if (there && !there.isFile()) {
    throw new UsageError(`${option} ${output}: that is a pipe or a device, which a file would replace; expected a file name`);
  }
  for (const file of inputs) {
    if (file && resolve(file) === path) throw new UsageError(`${option} ${output}: that is an input; choose another name`);
  }
}

/** Throws UsageError if an output file other than that of -o cannot be created, is an input, or is another output. */
export async function checkFilesBeside(
  files: Readonly<Record<string, string | undefined>>,
  inputs: readonly string[],
  options: CallOptions,
): Promise<void> {
  const { output, against, saveTransform } = options;
  const read = [...inputs, against, options.pairs, options.transform, ...filesOfNames(options)];
  const outputs = new Map<string, string>();
  if (output !== undefined) outputs.set(resolve(output), '-o');
  const beside = { ...files, 'save-transform': saveTransform };
  for (const [name, file] of Object.entries(beside)) {
    if (file === undefined) continue;
    await checkOutputPlace(`--${name}`, file, read);
    const other = outputs.get(resolve(file));
    if (other !== undefined) throw new UsageError(`--${name} and ${other} are the same file, ${file}; choose two names`);
    outputs.set(resolve(file), `--${name}`);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );
}
