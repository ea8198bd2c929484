// Rows of a two-dimensional dataset of an HDF5 file, through the package h5wasm. Read a few MiB at a time, as they are.
// https://www.hdfgroup.org/solutions/hdf5

import { access } from 'node:fs/promises';
import { AllpairsError, ArgumentError, FormatError, UnsupportedError } from '../../errors.js';
import type { NumericArray } from '../../matrix/dtype.js';
import { bytesOfElement, type ElementType } from '../../matrix/element-type.js';
import { MOST_DEPTH, type RowStream, STREAM_BLOCK_BYTES } from '../row-reader.js';
import { listNames, messageOf } from './query-rows.js';

type Engine = typeof import('h5wasm/node');
type File = InstanceType<Engine['File']>;
type Dataset = InstanceType<Engine['Dataset']>;

/** A dataset that can be read as rows. */
interface RowDataset {
  readonly name: string;
  readonly rows: number;
  readonly depth: number;
  readonly type: ElementType;
  /** Rows that are stored, and perhaps compressed, together. */
  readonly chunkRows: number;
}

/** Chunks up to this size are read whole: HDF5 would decompress larger ones than its cache once for each block. */
const MOST_CHUNK_BYTES = 16 * 2 ** 20;

/**
 * Rows of the dataset `column`, a path such as '/train', or without it of the only two-dimensional dataset of numbers. Throws
 * UnsupportedError where h5wasm is not installed, FormatError for a file that is not HDF5 and for datasets that hold no rows of
 * numbers, ArgumentError for `column` where there is no such dataset, or none is named and there are several.
 */
export async function readHdf5(path: string, column: string | undefined): Promise<RowStream> {
  // For the usual error of a file that is not there.
  await access(path);
  const engine = await loadEngine();
  const dataset = await withFile(engine, path, (file) => chooseDataset(engine, path, file, column));
  const { depth, type } = dataset;
  return { kind: 'stream', depth, type, blocks: () => blocksOf(engine, path, dataset) };
}

async function loadEngine(): Promise<Engine> {
  try {
    return await import('h5wasm/node');
  } catch {
    throw new UnsupportedError('reading HDF5 needs the package h5wasm: npm install h5wasm');
  }
}

/** Opens the file for `use` alone. All that goes wrong in between is the file's fault, unless it was said otherwise. */
async function withFile<T>(engine: Engine, path: string, use: (file: File) => T): Promise<T> {
  const module = await engine.ready;
  // Without it h5wasm prints errors and goes on with what happens to lie in memory. It holds for all users of the module.
  module.activate_throwing_error_handler();
  let file: File | undefined;
  try {
    file = new engine.File(path, 'r');
    return use(file);
  } catch (error) {
    throw error instanceof AllpairsError ? error : new FormatError(path, 0, reasonOf(error));
  } finally {
    file?.close();
    module.deactivate_throwing_error_handler();
  }
}

/** HDF5 tells its whole stack of calls; the innermost says what is wrong. */
function reasonOf(error: unknown): string {
  const message = messageOf(error);
  return [...message.matchAll(/\(\): (.*?) major:/g)].at(-1)?.[1] ?? message;
}

async function* blocksOf(engine: Engine, path: string, dataset: RowDataset): AsyncGenerator<NumericArray, void, undefined> {
  const { name, rows, depth, type, chunkRows } = dataset;
  const rowBytes = depth * bytesOfElement(type);
  const fitting = Math.max(1, Math.floor(STREAM_BLOCK_BYTES / rowBytes));
  const whole = chunkRows * rowBytes <= MOST_CHUNK_BYTES ? chunkRows : 1;
  const step = Math.ceil(fitting / whole) * whole;
  for (let from = 0; from < rows; from += step) {
    const to = Math.min(rows, from + step);
    // Little-endian, whatever the file has. The file is closed while the receiver has the block: it may never ask for another.
    const block = await withFile(engine, path, (file) => {
      const values = datasetAt(engine, file, name)?.slice([[from, to], []]);
      if (!isBlock(values, (to - from) * depth)) throw new FormatError(path, 0, `dataset ${name} changed while it was read`);
      return values;
    });
    yield block;
  }
}

function isBlock(values: unknown, length: number): values is NumericArray {
  return ArrayBuffer.isView(values) && (values as NumericArray).length === length;
}

function chooseDataset(engine: Engine, path: string, file: File, column: string | undefined): RowDataset {
  if (column !== undefined) {
    const dataset = datasetAt(engine, file, column);
    if (dataset) return describeDataset(path, column, dataset);
    const there = listNames(file.paths().filter((name) => datasetAt(engine, file, name)));
    throw new ArgumentError('column', `${path}: no dataset ${column}; there are ${there || 'none'}`);
  }
  const datasets = file.paths().flatMap((name) => {
    const dataset = datasetAt(engine, file, name);
    return dataset && dataset.shape?.length === 2 && typeOf(dataset) ? [{ name, dataset }] : [];
  });
  const [only, another] = datasets;
  if (!only) throw new FormatError(path, 0, 'no two-dimensional dataset of numbers');
  if (!another) return describeDataset(path, only.name, only.dataset);
  const names = listNames(datasets.map(({ name }) => name));
  throw new ArgumentError('column', `${path}: several two-dimensional datasets: ${names}; name one`);
}

function datasetAt(engine: Engine, file: File, name: string): Dataset | undefined {
  try {
    const entity = file.get(name);
    return entity instanceof engine.Dataset ? entity : undefined;
  } catch {
    return undefined; // Nothing of that name.
  }
}

function describeDataset(path: string, name: string, dataset: Dataset): RowDataset {
  const { shape, chunks } = dataset.metadata;
  const [rows, depth] = shape ?? [];
  if (shape?.length !== 2 || rows === undefined || depth === undefined) {
    throw new FormatError(path, 0, `dataset ${name}: expected two dimensions (rows, columns), got ${shape?.length ?? 'none'}`);
  }
  const type = typeOf(dataset);
  if (!type) {
    throw new FormatError(
      path,
      0,
      `dataset ${name}: expected float32, float64 or integers up to 32 bits, got ${kindOf(dataset)}`,
    );
  }
  if (depth < 1 || depth > MOST_DEPTH) {
    throw new FormatError(path, 0, `dataset ${name}: rows of ${depth} numbers; 1 to ${MOST_DEPTH} make sense`);
  }
  return { name, rows, depth, type, chunkRows: Math.max(1, chunks?.[0] ?? 1) };
}

/** HDF5's classes of types. */
const INTEGER = 0;
const FLOAT = 1;

function typeOf(dataset: Dataset): ElementType | undefined {
  const { type, size, signed } = dataset.metadata;
  if (type === FLOAT) return size === 4 ? 'float32' : size === 8 ? 'float64' : undefined;
  if (type !== INTEGER) return undefined;
  const bits = ({ 1: 8, 2: 16, 4: 32 } as const)[size];
  return bits && `${signed ? 'int' : 'uint'}${bits}`;
}

function kindOf(dataset: Dataset): string {
  const { type, size, signed } = dataset.metadata;
  if (type === FLOAT) return `float${8 * size}`;
  return type === INTEGER ? `${signed ? '' : 'u'}int${8 * size}` : 'no numbers';
}
