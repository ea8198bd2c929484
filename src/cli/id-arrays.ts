// Ids of rows in .npz files, which hold row numbers: `row_ids[row]`.

import { namedValues } from '../io/formats/npy-values.js';
import type { NamedArray } from '../io/rows/npz-file.js';
import type { ResultNames } from './result-names.js';

/** `row_ids` and `col_ids`, as far as rows have ids; `row_ids` alone where rows are compared with each other. */
export function idArrays({ rows, cols }: Pick<ResultNames, 'rows' | 'cols'>): NamedArray[] {
  return [
    ...(rows.ids ? [namedValues('row_ids', rows.ids)] : []),
    ...(cols !== rows && cols.ids ? [namedValues('col_ids', cols.ids)] : []),
  ];
}
