// Tensors written by torch.save: a zip with a pickle, which describes the tensors, and the numbers of each storage. The pickle is read as
// data, and none of its code runs. https://pytorch.org/docs/stable/notes/serialization.html

import { ArgumentError, FormatError } from '../../errors.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { chooseColumns, type Origin } from '../columns/choose.js';
import type { Column } from '../columns/column.js';
import { squeezed } from '../rows/npy.js';
import type { FlatRows, RowReader, RowStream } from '../rows/row-reader.js';
import { PickleCall, PickleFault, PickleName, PickleReference, type PickleValue, readPickle } from './pickle.js';
import { bytesOfTensor, checkRows, hasRows, mayBeRows, rowsOfTensor, type TensorType } from './tensor-rows.js';
import { dataOffsetOf, readZipEntries, STORED, type ZipEntry } from './zip-directory.js';

/** Name of the pickle in a zip that torch.save wrote, without the folder around it. */
const PICKLE = 'data.pkl';
/** Longer pickles contain more than tensors. */
const MAX_PICKLE_BYTES = 16 * 2 ** 20;
const REMEDY = "write its rows with np.save('rows.npy', torch.load(path).numpy())";

const STORAGES: Readonly<Record<string, TensorType>> = {
  FloatStorage: 'F32',
  DoubleStorage: 'F64',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  ShortStorage: 'I16',
  IntStorage: 'I32',
  LongStorage: 'I64',
  BoolStorage: 'BOOL',
};

interface Tensor {
  readonly name: string;
  readonly type: TensorType;
  /** Key of its storage among the entries. */
  readonly key: string;
  readonly elements: number;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** True if a zip was written by torch.save. */
export function isPytorch(entries: readonly ZipEntry[]): boolean {
  return entries.some(({ name }) => name === PICKLE || name.endsWith(`/${PICKLE}`));
}

/** Reads the tensor of the file, or the one that `column` names in its dictionaries, such as 'embeddings' or 'state.weight'. */
export const readPytorch: RowReader = async (source, options) => {
  const start = await source.read(0, Math.min(2, source.size));
  if (start[0] !== 0x50 || start[1] !== 0x4b) {
    throw new FormatError(source.name, 0, 'not a zip file, which torch.save writes since PyTorch 1.6', { advice: REMEDY });
  }
  return readPytorchZip(source, await readZipEntries(source), options.column);
};

/** Like `readPytorch`, for a zip whose directory has been read. */
export async function readPytorchZip(
  source: ByteSource,
  entries: readonly ZipEntry[],
  column: string | undefined,
): Promise<FlatRows | RowStream> {
  const entry = entries.find(({ name }) => name === PICKLE || name.endsWith(`/${PICKLE}`));
  if (!entry) throw new FormatError(source.name, 0, `a zip without ${PICKLE}, which torch.save writes`);
  const folder = entry.name.slice(0, -PICKLE.length);
  const tensors: Tensor[] = [];
  const others: string[] = [];
  collect(await readEntryPickle(source, entry), '', { tensors, others, seen: new Set() }, 0);
  const { tensor, origin } = chooseTensor(source.name, tensors, others, column);
  const storage = entries.find(({ name }) => name === `${folder}data/${tensor.key}`);
  if (!storage || storage.method !== STORED) {
    throw new FormatError(source.name, entry.offset, `the numbers of a tensor are missing: ${folder}data/${tensor.key}`);
  }
  await checkByteOrder(source, entries, folder);
  return rowsOfStorage(source, tensor, storage, origin);
}

async function readEntryPickle(source: ByteSource, entry: ZipEntry): Promise<PickleValue> {
  const { size, method, offset } = entry;
  if (method !== STORED || size > MAX_PICKLE_BYTES) {
    throw new FormatError(source.name, offset, `${PICKLE} of ${size} bytes is compressed, or larger than ${MAX_PICKLE_BYTES}`);
  }
  const start = await dataOffsetOf(source, entry);
  try {
    return readPickle(await source.read(start, size));
  } catch (error) {
    if (error instanceof PickleFault)
      throw new FormatError(source.name, start + error.at, `${error.message}`, { advice: REMEDY });
    throw error;
  }
}

/** Limit for nesting; deeper tensors are not found. */
const MAX_NESTING = 8;
const MAX_FOUND = 100_000;

interface Found {
  readonly tensors: Tensor[];
  readonly others: string[];
  /** Dictionaries and lists that were visited: one that occurs in many places is searched once. */
  readonly seen: Set<PickleValue>;
}

/** Collects the tensors in dictionaries and lists with their paths, and the names of everything else. */
function collect(value: PickleValue, name: string, found: Found, nesting: number): void {
  const { tensors, others, seen } = found;
  if (nesting > MAX_NESTING || tensors.length + others.length >= MAX_FOUND) return;
  const tensor = readTensor(value, name);
  if (tensor) tensors.push(tensor);
  else if (value instanceof Map || Array.isArray(value)) {
    if (seen.has(value)) return;
    seen.add(value);
    for (const [key, item] of value.entries()) {
      if (typeof key !== 'string' && typeof key !== 'number') continue;
      const part = Array.isArray(value) ? `[${key}]` : name === '' ? String(key) : `.${key}`;
      collect(item, `${name}${part}`, found, nesting + 1);
    }
  } else {
    const what = value instanceof PickleCall || value instanceof PickleName ? value.name : String(value);
    others.push(`${name} (${what.slice(0, 60)})`.trim());
  }
}

function readTensor(value: PickleValue, name: string): Tensor | undefined {
  if (!(value instanceof PickleCall) || !Array.isArray(value.args)) return undefined;
  if (value.name === 'torch._utils._rebuild_parameter') return readTensor(value.args[0] ?? null, name);
  if (value.name !== 'torch._utils._rebuild_tensor_v2') return undefined;
  const [reference, offset, shape, strides, , , metadata] = value.args;
  // It may say that the numbers are the negatives of those stored.
  if (metadata instanceof Map && metadata.size > 0) return undefined;
  const id = reference instanceof PickleReference ? reference.id : undefined;
  const [kind, storage, key, , elements] = Array.isArray(id) ? id : [];
  const type = storage instanceof PickleName ? STORAGES[storage.name.replace(/^torch\./, '')] : undefined;
  if (kind !== 'storage' || !type || typeof key !== 'string' || !isCount(elements) || !isCount(offset)) return undefined;
  if (!isShape(shape) || !isShape(strides) || shape.length !== strides.length) return undefined;
  return { name, type, key, elements, offset, shape, strides };
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isShape(value: PickleValue | undefined): value is number[] {
  return Array.isArray(value) && value.length <= 64 && value.every(isCount);
}

function chooseTensor(
  file: string,
  tensors: readonly Tensor[],
  others: readonly string[],
  column: string | undefined,
): { readonly tensor: Tensor; readonly origin: Origin } {
  const [only, another] = tensors;
  if (!only) {
    const held = others.slice(0, 8).join(', ') || 'nothing';
    throw new FormatError(file, 'whole', `expected a tensor that torch.save wrote, got ${held}`, { advice: REMEDY });
  }
  const lists = tensors.every(({ shape }) => shape.length === 1);
  if (column === undefined && another && lists) {
    const remedy = "join them: np.save('rows.npy', torch.stack(list).numpy())";
    throw new FormatError(file, 'whole', `expected a tensor of rows, got ${tensors.length} tensors of one dimension`, {
      advice: remedy,
    });
  }
  if (only.name === '' && column !== undefined) {
    throw new ArgumentError('column', `${file}: no column ${column}; the file holds one tensor, without a name`);
  }
  if (only.name === '') return { tensor: only, origin: { from: 'the tensor', notUsed: [] } };
  const columns = tensors.map(({ name, type, shape }): Column => {
    const rows = (column === undefined ? mayBeRows(type, shape) : hasRows(shape)) && (type !== 'BOOL' || !another);
    const length = squeezed(shape)[1];
    return {
      name,
      kind: rows ? 'vector' : 'other',
      type: `${type} [${shape.slice(0, 8).join(', ')}]`,
      ...(rows && length !== undefined && { length }),
    };
  });
  // Names of tensors are paths already and may contain characters that are special in selectors.
  const named = column === undefined ? -1 : columns.findIndex(({ name }) => name === column);
  const chosen = named >= 0 ? columns.slice(named, named + 1) : columns;
  const { columns: indices, origin } = chooseColumns({ file, columns: chosen, named: true, selector: column });
  const index = named >= 0 ? named : (indices[0] as number);
  return { tensor: tensors[index] as Tensor, origin: { ...origin, notUsed: [...origin.notUsed, ...others.slice(0, 100)] } };
}

async function checkByteOrder(source: ByteSource, entries: readonly ZipEntry[], folder: string): Promise<void> {
  const entry = entries.find(({ name }) => name === `${folder}byteorder`);
  if (!entry || entry.size !== 'big'.length) return;
  const at = await dataOffsetOf(source, entry);
  const order = new TextDecoder().decode(await source.read(at, entry.size));
  if (order === 'big') throw new FormatError(source.name, at, 'its numbers are big-endian', { advice: REMEDY });
}

async function rowsOfStorage(
  source: ByteSource,
  tensor: Tensor,
  storage: ZipEntry,
  origin: Origin,
): Promise<FlatRows | RowStream> {
  const { type, elements, offset, shape, strides } = tensor;
  const size = bytesOfTensor(type);
  const start = await dataOffsetOf(source, storage);
  const name = tensor.name === '' ? 'of the file' : tensor.name;
  const fail = (what: string, advice?: string): never => {
    throw new FormatError(source.name, start, `tensor ${name}: ${what}`, { advice });
  };
  checkRows(source, start, name, shape);
  if (elements * size !== storage.size) fail(`${elements} elements of ${type}, but ${storage.size} bytes`);
  const [rows, depth] = squeezed(shape) as [number, number];
  const expected = shape.map((_, i) => shape.slice(i + 1).reduce((product, length) => product * length, 1));
  // The stride of a dimension of 1 does not matter.
  const contiguous = shape.every((length, i) => length <= 1 || strides[i] === expected[i]);
  if (!contiguous && rows > 0) fail('its rows are not stored one after another', 'save tensor.contiguous() instead');
  if (offset + rows * depth > elements) fail(`rows from element ${offset} on, of ${elements}`);
  return rowsOfTensor(source, type, shape, start + offset * size, origin);
}
