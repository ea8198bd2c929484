// Refuses options on reading an input that have no effect on its format.

import { formatByExtension } from '../io/rows/row-formats.js';
import type { CallOptions } from './call-options.js';
import { UsageError } from './exit-codes.js';

/** Formats that state the type of their numbers and have no header line. */
const ARRAYS = [
  'npy',
  'npz',
  'safetensors',
  'pytorch',
  'mtx',
  'fvecs',
  'bvecs',
  'ivecs',
  'hvecs',
  'fbin',
  'f16bin',
  'u8bin',
  'i8bin',
];
const RECORDS = ['csv', 'tsv', 'txt', 'jsonl', 'parquet', 'arrow'];

/** Formats on which an option has no effect. */
const WITHOUT: Readonly<Record<'--index-base' | '--element' | '--header', readonly string[]>> = {
  '--index-base': [...ARRAYS, ...RECORDS],
  '--element': [...ARRAYS, 'svmlight'],
  '--header': [...ARRAYS, 'svmlight', 'jsonl', 'parquet', 'arrow'],
};

/** Throws UsageError for an option that has no effect on any of the inputs, judging by their names and --format. */
export function checkReadingOptions(
  inputs: readonly (string | undefined)[],
  { format, indexBase, element, header }: Pick<CallOptions, 'format' | 'indexBase' | 'element' | 'header'>,
): void {
  const given = { '--index-base': indexBase, '--element': element, '--header': header };
  const paths = inputs.filter((path) => path !== undefined);
  const [name = 'the input'] = paths;
  for (const [option, without] of Object.entries(WITHOUT)) {
    if (given[option as keyof typeof given] === undefined) continue;
    const formats = paths.map((path) => format ?? formatByExtension(path)?.name ?? '');
    if (!formats.every((each) => without.includes(each))) continue;
    const written = header === false && option === '--header' ? '--no-header' : option;
    throw new UsageError(
      `${written} has no effect on ${name}, because the format ${formats[0]} does not need it; leave it out`,
    );
  }
}
