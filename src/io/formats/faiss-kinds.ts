// Kinds of FAISS indices.

/** The first four bytes of an index name its kind: these have their vectors as they are. */
export const FLAT: readonly string[] = ['IxFI', 'IxF2', 'IxFl'];
/** These have another index, and ids. */
export const MAPS: readonly string[] = ['IxMp', 'IxM2'];
/** Kinds whose vectors are compressed, or lie in lists and graphs. */
export const OTHERS: Readonly<Record<string, string>> = {
  IHNf: 'IndexHNSWFlat',
  IHNs: 'IndexHNSWSQ',
  IHNp: 'IndexHNSWPQ',
  IwFl: 'IndexIVFFlat',
  IwPQ: 'IndexIVFPQ',
  IwSq: 'IndexIVFScalarQuantizer',
  IxPq: 'IndexPQ',
  IxSQ: 'IndexScalarQuantizer',
  IxPT: 'IndexPreTransform',
  IxHe: 'IndexLSH',
  INSf: 'IndexNSGFlat',
  IBxF: 'IndexBinaryFlat',
};

export const FAISS_MAGIC: readonly string[] = [...FLAT, ...MAPS, ...Object.keys(OTHERS)];
