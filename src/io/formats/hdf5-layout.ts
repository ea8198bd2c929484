// Finds the parts of an HDF5 file that can be rows: two-dimensional datasets, arrays in the records of a dataset (as in tables of pandas),
// and groups that hold a sparse matrix, as in AnnData files (.h5ad).

import type { Dataset, Group } from 'h5wasm/node';
import { FormatError } from '../../errors.js';
import { mention, say } from '../../message.js';
import { bytesOfElement, type ElementType } from '../../rows/element-type.js';
import { chooseColumns, type Origin } from '../columns/choose.js';
import type { Column } from '../columns/column.js';
import { namedRuns } from '../columns/run.js';

/** Element types as stored in HDF5; 64-bit integers become float64. */
export type Hdf5Element = ElementType | 'int64' | 'uint64';

/** Rows in a dataset. */
export interface Hdf5Rows {
  /** Path of the dataset. */
  readonly name: string;
  readonly rows: number;
  readonly depth: number;
  readonly element: Hdf5Element;
  /** Distance between rows, and position of the first number in a row. */
  readonly rowBytes: number;
  readonly offset: number;
  readonly origin: Origin;
}

/** A sparse matrix in a group, with the datasets `data`, `indices` and `indptr`. */
export interface Hdf5Sparse {
  /** Path of the group. */
  readonly name: string;
  readonly format: 'csr' | 'csc';
  readonly rows: number;
  readonly depth: number;
  readonly origin: Origin;
}

/** Looks up what a path of the file refers to, if anything. */
export interface Hdf5Tree {
  /** The paths of all groups and datasets. */
  readonly paths: readonly string[];
  datasetAt(name: string): Dataset | undefined;
  groupAt(name: string): Group | undefined;
}

type Candidate = {
  readonly sparse?: Omit<Hdf5Sparse, 'origin'>;
  readonly column: Column;
  readonly rows?: Omit<Hdf5Rows, 'origin'>;
  readonly pandasNames?: string;
};

/** Index datasets that PyTables keeps next to its tables. */
const INTERNAL = /(^|\/)_i_/;

/** Returns the rows that `column` selects, or the only possible ones. Throws ArgumentError. */
export function chooseHdf5Rows(
  path: string,
  { paths: listed, datasetAt, groupAt }: Hdf5Tree,
  column: string | undefined,
): Hdf5Rows | Hdf5Sparse {
  const selector = column?.replace(/^\/+/, '');
  // What a link to a group leads to is not listed.
  const isUnlisted = selector && !listed.includes(selector) && (datasetAt(selector) ?? groupAt(selector));
  const paths = isUnlisted ? [...listed, selector] : listed;
  const candidates: Candidate[] = [];
  const sparse = new Map<string, Candidate>();
  for (const name of paths) {
    const group = groupAt(name);
    const found = group && describeSparse(name, group, datasetAt);
    if (found) sparse.set(name, found);
  }
  for (const name of paths) {
    // The arrays of a sparse matrix belong to it.
    if (INTERNAL.test(name) || sparse.has(name.slice(0, Math.max(0, name.lastIndexOf('/'))))) continue;
    const matrix = sparse.get(name);
    const dataset = matrix ? undefined : datasetAt(name);
    if (matrix) candidates.push(matrix);
    if (dataset) candidates.push(...describeDataset(name, dataset, datasetAt));
  }
  // A path may contain characters that are special in selectors.
  const named = candidates.find(({ column }) => column.name === selector);
  const columns = candidates.map(({ column, pandasNames }): Column => {
    if (named || pandasNames === undefined || selector !== undefined) return column;
    const remedy = `it holds the columns ${pandasNames}, which are no run; write the columns of the vectors alone`;
    const { name, type } = column;
    return {
      name,
      kind: 'other',
      type,
      remedy: say`${remedy}, or take all of them with ${mention.option('column', name)}`,
    };
  });
  const chosen = chooseColumns({ file: path, columns, named: true, selector });
  const { rows, sparse: matrix } = candidates[chosen.columns[0] as number] as Candidate;
  return { ...((matrix ?? rows) as Omit<Hdf5Rows, 'origin'> | Omit<Hdf5Sparse, 'origin'>), origin: chosen.origin };
}

/** Recognises a group that declares itself a sparse matrix, as in AnnData from version 0.7 and in older files. */
function describeSparse(name: string, { attrs }: Group, datasetAt: Hdf5Tree['datasetAt']): Candidate | undefined {
  const given = attrs['encoding-type']?.value ?? attrs.h5sparse_format?.value;
  const format =
    given === 'csr_matrix' || given === 'csr' ? 'csr' : given === 'csc_matrix' || given === 'csc' ? 'csc' : undefined;
  if (!format) return undefined;
  const sizes = (attrs.shape ?? attrs.h5sparse_shape)?.value;
  const shape = ArrayBuffer.isView(sizes) ? Array.from(sizes as unknown as ArrayLike<number | bigint>, Number) : [];
  const [rows, depth] = shape;
  const missing = ['data', 'indices', 'indptr'].find((part) => !datasetAt(`${name}/${part}`));
  if (missing !== undefined || shape.length !== 2 || rows === undefined || depth === undefined) {
    const type = `the sparse matrix lacks ${missing === undefined ? 'two sizes in the attribute shape' : `its array ${missing}`}`;
    return { column: { name, kind: 'other', type } };
  }
  const { metadata } = datasetAt(`${name}/data`) as Dataset;
  const type = `${format} of ${nameType(metadata)} [${shape.join(', ')}]`;
  return { column: { name, kind: 'vector', type, length: depth }, sparse: { name, format, rows, depth } };
}

/** Returns a one-dimensional dataset as rows with one element each. Throws FormatError if it does not contain numbers. */
export function vectorAt(path: string, name: string, { datasetAt }: Hdf5Tree): Omit<Hdf5Rows, 'origin'> {
  const { metadata } = datasetAt(name) as Dataset;
  const { shape, size } = metadata;
  const element = elementOf(metadata);
  const [rows] = shape ?? [];
  if (!element || rows === undefined || shape?.length !== 1) {
    const found = `${nameType(metadata)} [${shape?.join(', ') ?? ''}]`;
    throw new FormatError(path, 'whole', `dataset ${name}: expected numbers in one dimension, got ${found}`);
  }
  return { name, rows, depth: 1, element, rowBytes: size, offset: 0 };
}

function describeDataset(name: string, dataset: Dataset, datasetAt: (name: string) => Dataset | undefined): Candidate[] {
  const { metadata } = dataset;
  const { shape, size } = metadata;
  const described = `${nameType(metadata)} [${shape?.join(', ') ?? ''}]`;
  if (metadata.type === COMPOUND) {
    const members = metadata.compound_type?.members ?? [];
    return members.map((member) => {
      const { array_type: array } = member;
      const element = array && elementOf(array);
      const [depth, ...more] = (array?.shape ?? []).filter((length) => length !== 1);
      const column = { name: `${name}.${member.name}`, type: `${nameType(array ?? member)} in records` };
      if (!element || depth === undefined || more.length > 0 || shape?.length !== 1 || array?.littleEndian === false) {
        return { column: { ...column, kind: 'other' } };
      }
      const names = pandasNamesOf(dataset, member.name);
      return {
        column: { ...column, kind: 'vector', length: depth },
        rows: { name, rows: shape[0] as number, depth, element, rowBytes: size, offset: member.offset },
        ...(names && !isRun(names) && { pandasNames: listed(names) }),
      };
    });
  }
  const element = elementOf(metadata);
  const kept = shape ? squeeze(shape) : [];
  const [rows, depth] = kept;
  if (!element || kept.length !== 2 || rows === undefined || depth === undefined || depth < 1) {
    return [{ column: { name, kind: 'other', type: described } }];
  }
  const names = fixedNamesOf(name, datasetAt);
  const rowBytes = depth * size;
  return [
    {
      column: { name, kind: 'vector', type: described, length: depth },
      rows: { name, rows, depth, element, rowBytes, offset: 0 },
      ...(names && !isRun(names) && { pandasNames: listed(names) }),
    },
  ];
}

/** Treats (rows, 1, depth) as (rows, depth). Rows come first because they are read a few at a time. */
function squeeze(shape: readonly number[]): readonly number[] {
  if (shape.length <= 2) return shape;
  const [rows, ...rest] = shape as [number, ...number[]];
  const kept = rest.filter((length) => length !== 1);
  return [rows, ...(kept.length === 0 ? [1] : kept)];
}

/** Class numbers of HDF5 types. */
const INTEGER = 0;
const FLOAT = 1;
const COMPOUND = 6;
const ENUM = 8;

interface TypeOf {
  readonly type: number;
  readonly size: number;
  readonly signed: boolean;
  readonly enum_type?: { readonly nmembers: number; readonly members: Readonly<Record<string, number>> };
}

function elementOf({ type, size, signed, enum_type: values }: TypeOf): Hdf5Element | undefined {
  if (type === FLOAT) return ({ 2: 'float16', 4: 'float32', 8: 'float64' } as const)[size];
  if (type === ENUM) return isBoolean(values) && size === 1 ? 'uint8' : undefined;
  if (type !== INTEGER) return undefined;
  const bits = ({ 1: 8, 2: 16, 4: 32, 8: 64 } as const)[size];
  return bits && `${signed ? 'int' : 'uint'}${bits}`;
}

/** Recognises booleans as h5py writes them. */
function isBoolean(values: TypeOf['enum_type']): boolean {
  return values?.members.FALSE === 0 && values.members.TRUE === 1;
}

function nameType(type: TypeOf): string {
  if (type.type === FLOAT) return `float${8 * type.size}`;
  return elementOf(type) ?? (type.type === COMPOUND ? 'records' : 'no numbers');
}

export function bytesOfHdf5(element: Hdf5Element): number {
  return element === 'int64' || element === 'uint64' ? 8 : bytesOfElement(element);
}

/** Returns the column names of one block of a pandas table. They are stored as a pickled list of protocol 0, in which values are lines. */
function pandasNamesOf(dataset: Dataset, member: string): string[] | undefined {
  const value = (dataset.attrs[`${member}_kind`] as { readonly value?: unknown } | undefined)?.value;
  if (typeof value !== 'string' || !value.startsWith('(lp')) return undefined;
  return [...value.matchAll(/(?:^|\n)a?(?:I(\d+)|V(.*)|S'(.*)')(?=\n)/g)].map(([, i, v, s]) => i ?? v ?? (s as string));
}

/** Returns the column names of a data frame in pandas' fixed format, which are stored next to its block. */
function fixedNamesOf(name: string, datasetAt: (name: string) => Dataset | undefined): string[] | undefined {
  if (!/(^|\/)block\d+_values$/.test(name)) return undefined;
  const items = datasetAt(name.replace(/_values$/, '_items'))?.value;
  return items && typeof items === 'object' && 'length' in items ? Array.from(items as ArrayLike<unknown>, String) : [];
}

function isRun(names: readonly string[]): boolean {
  const columns = names.map((name): Column => ({ name, kind: 'float', type: 'float' }));
  return namedRuns(columns).runs.some((run) => run.columns.length === names.length);
}

function listed(names: readonly string[]): string {
  return names.length > 8 ? `${names.slice(0, 8).join(', ')} and ${names.length - 8} more` : names.join(', ');
}
