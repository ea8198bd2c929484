// The names of rows in AnnData's files (.h5ad): the index of the data frame that describes them.

import type { File, Group } from 'h5wasm/node';
import type { Hdf5Rows, Hdf5Sparse, Hdf5Tree } from './hdf5-layout.js';

/** Parts that have a row for each observation, and for each variable. */
const OF_OBSERVATIONS = /^(raw\/)?X$|^(layers|obsm|obsp)\//;
const OF_VARIABLES = /^(varm|varp)\//;

/** Read at a time. */
const NAMES_AT_ONCE = 2 ** 16;

/** The names of the rows of a part of AnnData's file; undefined for other files, and where there is no name for each row. */
export function annDataNames(file: File, { datasetAt, groupAt }: Hdf5Tree, part: Hdf5Rows | Hdf5Sparse): string[] | undefined {
  const { name, rows } = part;
  if (textOf(file, 'encoding-type') !== 'anndata') return undefined;
  const frame = OF_OBSERVATIONS.test(name) ? 'obs' : OF_VARIABLES.test(name) ? 'var' : undefined;
  const group = frame === undefined ? undefined : groupAt(frame);
  const index = group && textOf(group, '_index');
  const names = index === undefined ? undefined : datasetAt(`${frame}/${index}`);
  const { shape, type } = names?.metadata ?? {};
  if (!names || type !== STRING || shape?.length !== 1 || shape[0] !== rows) return undefined;
  const read: string[] = [];
  for (let from = 0; from < rows; from += NAMES_AT_ONCE) {
    const some = names.slice([[from, Math.min(rows, from + NAMES_AT_ONCE)]]);
    for (const text of some as unknown as string[]) read.push(text);
  }
  return read;
}

/** HDF5's class of texts. */
const STRING = 3;

function textOf({ attrs }: Group, name: string): string | undefined {
  const value = attrs[name]?.value;
  return typeof value === 'string' ? value : undefined;
}
