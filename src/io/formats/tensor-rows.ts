// Tensors as rows: those of safetensors and PyTorch files, row by row and little-endian.

import { FormatError } from '../../errors.js';
import { bytesOfElement, type ElementType } from '../../rows/element-type.js';
import type { ByteSource } from '../bytes/byte-source.js';
import type { Origin } from '../columns/choose.js';
import { squeezed, wideElements } from '../rows/npy.js';
import type { FlatRows, RowStream } from '../rows/row-reader.js';
import { checkDepth } from './bin.js';
import { convertRows } from './convert-rows.js';
import { type Float8, readFloat8 } from './float8.js';

/** Supported types, with the names of safetensors. */
const TYPES = {
  F16: 'float16',
  BF16: 'bfloat16',
  F32: 'float32',
  F64: 'float64',
  I8: 'int8',
  U8: 'uint8',
  BOOL: 'uint8',
  I16: 'int16',
  U16: 'uint16',
  I32: 'int32',
  U32: 'uint32',
} as const satisfies Record<string, ElementType>;

/** Types that are converted while they are read. */
const CONVERTED = { I64: 8, U64: 8, F8_E4M3: 1, F8_E5M2: 1 } as const;

export type TensorType = keyof typeof TYPES | keyof typeof CONVERTED;

export const TENSOR_TYPES = [...Object.keys(TYPES), ...Object.keys(CONVERTED)] as readonly TensorType[];

export function isTensorType(name: string): name is TensorType {
  return (TENSOR_TYPES as readonly string[]).includes(name);
}

export function bytesOfTensor(type: TensorType): number {
  return type in TYPES ? bytesOfElement(TYPES[type as keyof typeof TYPES]) : CONVERTED[type as keyof typeof CONVERTED];
}

/** True if a tensor of this shape can be rows: it has two dimensions, not counting those of 1. */
export function hasRows(shape: readonly number[]): boolean {
  return squeezed(shape).length === 2;
}

/** True if a tensor can be rows without being selected. One integer per row is an id, a label or a count. */
export function mayBeRows(type: TensorType, shape: readonly number[]): boolean {
  return hasRows(shape) && !(squeezed(shape)[1] === 1 && WHOLE_TYPES.has(type));
}

const WHOLE_TYPES: ReadonlySet<TensorType> = new Set(['I8', 'U8', 'BOOL', 'I16', 'U16', 'I32', 'U32', 'I64', 'U64']);

/** Returns the rows of a tensor that begins at byte `offset`. Its bytes have been checked to exist, and its shape by `checkRows`. */
export function rowsOfTensor(
  source: ByteSource,
  type: TensorType,
  shape: readonly number[],
  offset: number,
  origin: Origin,
): FlatRows | RowStream {
  const [rows, depth] = squeezed(shape) as [number, number];
  const rowBytes = depth * bytesOfTensor(type);
  if (type in TYPES) {
    const element = TYPES[type as keyof typeof TYPES];
    return { kind: 'flat', rows, depth, type: element, littleEndian: true, offset, rowBytes, origin };
  }
  const wide = type === 'I64' ? 'i8' : type === 'U64' ? 'u8' : undefined;
  const convert = (bytes: Uint8Array, at: number) =>
    wide ? wideElements(bytes, wide, true, bytes.length / 8, source.name, at) : readFloat8(bytes, type as Float8);
  const blocks = () => convertRows(source, { rows, offset, rowBytes }, convert);
  return { kind: 'stream', depth, type: wide ? 'float64' : 'float32', blocks, origin };
}

/** Throws FormatError at byte `at` if a tensor cannot be rows. */
export function checkRows(source: ByteSource, at: number, name: string, shape: readonly number[]): void {
  if (hasRows(shape)) {
    checkDepth(source, at, squeezed(shape)[1] as number);
    return;
  }
  const given = `[${shape.slice(0, 8).join(', ')}${shape.length > 8 ? ', …' : ''}]`;
  throw new FormatError(source.name, at, `tensor ${name}: expected two dimensions (rows, columns), got shape ${given}`);
}
