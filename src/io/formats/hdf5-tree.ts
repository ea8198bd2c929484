// Looks up the parts of an open HDF5 file.

import type { Hdf5Tree } from './hdf5-layout.js';
import { type Hdf5File as File, type Hdf5, lookUp } from './hdf5-module.js';

export function treeOf(hdf5: Hdf5, file: File): Hdf5Tree {
  const { Dataset, Group } = hdf5.engine;
  const paths = file.paths();
  const listed = new Set(paths);
  const parents = new Set(paths.map((path) => path.slice(0, Math.max(0, path.lastIndexOf('/')))));
  const find = (name: string) => {
    if (parents.has(name)) return new Group(file.file_id, `/${name}`);
    // `get` opens every group of the path again for each of them, so that deep paths would take long.
    const dataset = new Dataset(file.file_id, `/${name}`);
    if (listed.has(name) && lookUp(hdf5, () => dataset.metadata)) return dataset;
    const found = lookUp(hdf5, () => file.get(name));
    if (found !== undefined || !listed.has(name)) return found;
    // What is listed and cannot be opened is damaged, which `get` prints, except links to what does not exist.
    return lookUp(hdf5, () => file.get_link(name)) ? undefined : file.get(name);
  };
  const entities = new Map<string, ReturnType<typeof find>>();
  const entityAt = (name: string) => {
    if (!entities.has(name)) entities.set(name, find(name));
    return entities.get(name);
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
