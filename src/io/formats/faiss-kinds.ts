// Kinds of FAISS indices.

/** The first four bytes of an index name its kind; these store their vectors unchanged. */
export const FLAT: readonly string[] = ['IxFI', 'IxF2', 'IxFl'];
/** These contain another index, and ids. */
export const MAPS: readonly string[] = ['IxMp', 'IxM2'];
/** Kinds that compress their vectors, or store them in lists or graphs. */
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
