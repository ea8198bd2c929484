// Names of rows in AnnData files (.h5ad): the index of the data frame that describes them.

import type { File, Group } from 'h5wasm/node';
import type { Hdf5Rows, Hdf5Sparse, Hdf5Tree } from './hdf5-layout.js';

/** Parts with one row per observation, and parts with one row per variable. */
const OF_OBSERVATIONS = /^(raw\/)?X$|^(layers|obsm|obsp)\//;
const OF_VARIABLES = /^(varm|varp)\//;

/** Number of names read at a time. */
const NAMES_AT_ONCE = 2 ** 16;

/** Returns the names of the rows of a part of an AnnData file; undefined for other files, or if some row has no name. */
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

/** HDF5's class of strings. */
const STRING = 3;

function textOf({ attrs }: Group, name: string): string | undefined {
  const value = attrs[name]?.value;
  return typeof value === 'string' ? value : undefined;
}
