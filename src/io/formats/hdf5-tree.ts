// Looks up the parts of an open HDF5 file.

import type { Hdf5Tree } from './hdf5-layout.js';
import { type Hdf5File as File, type Hdf5, lookUp } from './hdf5-module.js';

export function treeOf(hdf5: Hdf5, file: File): Hdf5Tree {
  const { Dataset, Group } = hdf5.engine;
  const paths = file.paths();
  const listed = new Set(paths);
  const entityAt = (name: string) => {
    const found = lookUp(hdf5, () => file.get(name));
    if (found !== undefined || !listed.has(name)) return found;
    // What is listed and cannot be opened is damaged, which `get` prints, except links to what does not exist.
    return lookUp(hdf5, () => file.get_link(name)) ? undefined : file.get(name);
  };
  return {
    paths,
    datasetAt: (name) => {
      const entity = entityAt(name);
      return entity instanceof Dataset ? entity : undefined;
    },
    groupAt: (name) => {
      const entity = entityAt(name);
      return entity instanceof Group ? entity : undefined;
    },
  };
}
