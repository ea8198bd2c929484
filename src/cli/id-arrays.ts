// Ids of rows in .npz files, which contain row numbers: `row_ids[row]`.

import { namedValues } from '../io/formats/npy-values.js';
import type { NamedArray } from '../io/rows/npz-file.js';
import type { ResultNames } from './result-names.js';

/** Returns `row_ids` and `col_ids` for rows that have ids; only `row_ids` in a self-comparison. */
export function idArrays({ rows, cols }: Pick<ResultNames, 'rows' | 'cols'>): NamedArray[] {
  return [
    ...(rows.ids ? [namedValues('row_ids', rows.ids)] : []),
    ...(cols !== rows && cols.ids ? [namedValues('col_ids', cols.ids)] : []),
  ];
}
