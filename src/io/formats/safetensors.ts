// .safetensors: the header's length, the header (JSON: name -> dtype, shape, begin and end), then the tensors.
// https://huggingface.co/docs/safetensors

import { ArgumentError, FormatError } from '../../errors.js';
import { bytesOfElement, type ElementType } from '../../matrix/element-type.js';
import type { ByteSource } from '../byte-source.js';
import type { FlatRows, RowReader } from '../row-reader.js';

/** As the format has it. */
const MOST_HEADER_BYTES = 100_000_000;
const PREFIX_BYTES = 8;

const TYPES: Readonly<Record<string, ElementType>> = {
  F16: 'float16',
  BF16: 'bfloat16',
  F32: 'float32',
  F64: 'float64',
  I8: 'int8',
  U8: 'uint8',
  I16: 'int16',
  U16: 'uint16',
  I32: 'int32',
  U32: 'uint32',
};

interface Tensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** The tensor named `column`, or the only one with two dimensions. */
export const readSafetensors: RowReader = async (source, { column }) => {
  const { tensors, dataOffset } = await readHeader(source);
  const tensor = chooseTensor(source.name, tensors, column);
  const [rows, depth] = tensor.shape as [number, number];
  const type = TYPES[tensor.dtype] as ElementType;
  const rowBytes = depth * bytesOfElement(type);
  const offset = dataOffset + tensor.begin;
  return { kind: 'flat', rows, depth, type, littleEndian: true, offset, rowBytes } satisfies FlatRows;
};

async function readHeader(source: ByteSource): Promise<{ tensors: Tensor[]; dataOffset: number }> {
  const { name, size } = source;
  const prefix = new DataView((await source.read(0, PREFIX_BYTES)).buffer);
  const length = Number(prefix.getBigUint64(0, true));
  if (length > MOST_HEADER_BYTES || length > size - PREFIX_BYTES) {
    throw new FormatError(name, 0, `a header of ${length} bytes in a file of ${size}`);
  }
  const text = new TextDecoder().decode(await source.read(PREFIX_BYTES, length));
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (error) {
    throw new FormatError(name, PREFIX_BYTES, `the header is no JSON: ${(error as Error).message}`);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new FormatError(name, PREFIX_BYTES, 'the header is no object');
  }
  const dataOffset = PREFIX_BYTES + length;
  const tensors = Object.entries(header)
    .filter(([tensor]) => tensor !== '__metadata__')
    .map(([tensor, entry]) => checkTensor(source, tensor, entry, dataOffset));
  return { tensors, dataOffset };
}

function checkTensor({ name, size }: ByteSource, tensor: string, entry: unknown, dataOffset: number): Tensor {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const fail = (what: string): never => {
    throw new FormatError(name, PREFIX_BYTES, `tensor ${JSON.stringify(tensor)}: ${what}`);
  };
  if (typeof dtype !== 'string') return fail('no dtype');
  if (!isSizes(shape)) return fail('no shape');
  if (!isSizes(offsets) || offsets.length !== 2) return fail('no data_offsets');
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > size - dataOffset) return fail(`bytes ${begin} to ${end} of ${size - dataOffset}`);
  const type = TYPES[dtype];
  const elements = shape.reduce((product, count) => product * count, 1);
  if (type !== undefined && elements * bytesOfElement(type) !== end - begin) {
    return fail(`shape [${shape.join(', ')}] of ${dtype} does not take ${end - begin} bytes`);
  }
  return { name: tensor, dtype, shape, begin, end };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function chooseTensor(file: string, tensors: readonly Tensor[], column: string | undefined): Tensor {
  const usable = tensors.filter(({ dtype, shape }) => shape.length === 2 && dtype in TYPES);
  const found = column === undefined ? usable : usable.filter(({ name }) => name === column);
  const [tensor] = found;
  if (tensor && found.length === 1) return tensor;
  const there = tensors.map(({ name, dtype, shape }) => `${name} (${dtype} [${shape.join(', ')}])`).join(', ');
  const expected = column === undefined ? 'the name of a tensor' : 'a tensor with two dimensions';
  throw new ArgumentError(
    'column',
    `${file}: expected ${expected} as column, got ${column ?? 'none'}; there are ${there || 'none'}`,
  );
}
