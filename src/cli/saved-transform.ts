// Transforms in JSON files, which --transform reads and --save-transform writes.

import { readFile } from 'node:fs/promises';
import { fitTransform, type Options, type RowFile, type Transform } from '../index.js';
import { createAtomically } from '../io/bytes/atomic-file.js';
import type { CallOptions } from './call-options.js';
import { asInputError, InputError, UsageError } from './exit-codes.js';
import { STDIN } from './input.js';
import { note } from './output.js';
import { checkFilesBeside } from './output-place.js';

/** Returns the library's options for the transform. Throws InputError if --transform does not name a valid transform. */
export async function transformFor(options: CallOptions): Promise<Options> {
  const { center, removeComponents, whiten, transform } = options;
  if (transform !== undefined) return { transform: await readTransform(transform) };
  return { ...(center && { center }), ...(removeComponents !== undefined && { removeComponents }), ...(whiten && { whiten }) };
}

/** Throws UsageError, before any work, if the file of --save-transform cannot be created. */
export async function checkSavedTransform(options: CallOptions, inputs: readonly string[]): Promise<void> {
  const { saveTransform, center, removeComponents, whiten } = options;
  if (saveTransform === undefined) return;
  if (!center && removeComponents === undefined && !whiten) {
    throw new UsageError('--save-transform needs --center, --remove-components or --whiten');
  }
  if (saveTransform === STDIN) throw new UsageError('--save-transform -: a transform is written to a file; give its name');
  await checkFilesBeside({}, inputs, options);
}

/** With --save-transform, fits and saves the transform and returns the options with it; otherwise returns the options unchanged. */
export async function saveTransform(x: RowFile, call: Options, { saveTransform, quiet }: CallOptions): Promise<Options> {
  if (saveTransform === undefined) return call;
  const { center, removeComponents, whiten, dtype: _, transform: __, onProgress: ___, ...others } = call;
  const transform = await fitTransform(x, { center, removeComponents, whiten, ...others });
  const bytes = Buffer.from(`${JSON.stringify(transform)}\n`);
  await createAtomically(saveTransform, (file) => file.append(bytes));
  if (!quiet) note(`wrote ${saveTransform}`);
  return { ...call, center: undefined, removeComponents: undefined, whiten: undefined, transform };
}

async function readTransform(path: string): Promise<Transform> {
  const text = await readFile(path, 'utf8').catch((error) => {
    throw asInputError(error, path);
  });
  const found = parse(text);
  if (found?.kind === 'allpairs-transform') return found;
  throw new InputError(`${path}: expected the JSON that --save-transform writes`);
}

function parse(text: string): Transform | undefined {
  try {
    return JSON.parse(text) as Transform;
  } catch {
    return undefined;
  }
}
