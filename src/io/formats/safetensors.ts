// .safetensors: the length of the header, the header (JSON: name -> dtype, shape, first and last byte), then the tensors.
// https://huggingface.co/docs/safetensors

import { ArgumentError, FormatError } from '../../errors.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { chooseWith } from '../columns/choices.js';
import type { Origin } from '../columns/choose.js';
import type { RowReader } from '../rows/row-reader.js';
import { parseJson } from './json-text.js';
import { listNames, nameValue } from './query-rows.js';
import { bytesOfTensor, checkRows, hasRows, isTensorType, mayBeRows, rowsOfTensor, TENSOR_TYPES } from './tensor-rows.js';

/** The limit that the format defines. */
const MAX_HEADER_BYTES = 100_000_000;
const PREFIX_BYTES = 8;
/**
 * Limit for commas and opening brackets of the JSON header, which can cost 200 bytes each. A tensor has about nine, so this allows 29,000
 * tensors.
 */
const MAX_ITEMS = 2 ** 18;

interface Tensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Range of bytes, counted from the beginning of the first tensor. */
  readonly begin: number;
  readonly end: number;
}

/** Reads the tensor named `column`, or the only two-dimensional one whose type is supported; dimensions of 1 do not count. */
export const readSafetensors: RowReader = async (source, { column }) => {
  const { tensors, dataOffset } = await readHeader(source);
  const { name, dtype, shape, begin } = chooseTensor(source.name, tensors, column);
  if (!isTensorType(dtype)) {
    const what = `elements of type ${nameValue(dtype)}; supported are ${TENSOR_TYPES.join(', ')}`;
    throw new FormatError(source.name, PREFIX_BYTES, `tensor ${nameValue(name)}: ${what}`);
  }
  checkRows(source, PREFIX_BYTES, nameValue(name), shape);
  const others = tensors.map((tensor) => tensor.name).filter((each) => each !== name);
  const origin: Origin = { from: `tensor ${listNames([name])}`, notUsed: others.slice(0, MAX_NAMED) };
  const rows = rowsOfTensor(source, dtype, shape, dataOffset + begin, origin);
  if (others.length > 0) return rows;
  const { origin: _, ...whole } = rows;
  return whole;
};

/** A tensor of booleans next to others is a mask. */
const MASK = 'BOOL';
/** Limit for the names of other tensors that are kept. */
const MAX_NAMED = 1000;

async function readHeader(source: ByteSource): Promise<{ tensors: Tensor[]; dataOffset: number }> {
  const { name, size } = source;
  const prefix = new DataView((await source.read(0, PREFIX_BYTES)).buffer);
  const length = Number(prefix.getBigUint64(0, true));
  if (length > Math.min(MAX_HEADER_BYTES, size - PREFIX_BYTES)) {
    const most = `at most ${MAX_HEADER_BYTES} are allowed, and ${size - PREFIX_BYTES} follow`;
    throw new FormatError(name, 0, `a header of ${length} bytes; ${most}`);
  }
  const header = parseHeader(await source.read(PREFIX_BYTES, length), (fault) => {
    throw new FormatError(name, PREFIX_BYTES, `the header is ${fault}`);
  });
  const dataOffset = PREFIX_BYTES + length;
  const tensors = Object.entries(header)
    .filter(([tensor]) => tensor !== '__metadata__')
    .map(([tensor, entry]) => checkTensor(source, tensor, entry, size - dataOffset));
  checkCovered(source, tensors, dataOffset);
  return { tensors, dataOffset };
}

function parseHeader(bytes: Uint8Array, fail: (fault: string) => never): object {
  let items = 0;
  for (const byte of bytes) if (byte === 0x2c || byte === 0x5b || byte === 0x7b) items += 1;
  if (items > MAX_ITEMS) fail(`of more than ${MAX_ITEMS} items`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return fail('not UTF-8');
  }
  const header = parseJson(text, fail);
  if (typeof header === 'object' && header !== null && !Array.isArray(header)) return header;
  return fail('not a JSON object');
}

function checkTensor({ name: file }: ByteSource, name: string, entry: unknown, dataBytes: number): Tensor {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const fail = (what: string): never => {
    throw new FormatError(file, PREFIX_BYTES, `tensor ${nameValue(name)}: ${what}`);
  };
  if (typeof dtype !== 'string') return fail('dtype is not a string');
  if (!isSizes(shape)) return fail('shape is not a list of sizes');
  if (!isSizes(offsets) || offsets.length !== 2) return fail('data_offsets is not a list of two offsets');
  const [begin, end] = offsets as [number, number];
  if (begin > end) return fail(`data_offsets end at ${end}, before they begin at ${begin}`);
  if (end > dataBytes) return fail(`data_offsets end at ${end}, but ${dataBytes} bytes follow the header`);
  const type = isTensorType(dtype) ? dtype : undefined;
  // Beyond 2^53 the product is inexact, but no difference of offsets is that large.
  const bytes = shape.reduce((product, size) => product * size, type ? bytesOfTensor(type) : 1);
  if (type && bytes !== end - begin) {
    return fail(`shape ${nameShape(shape)} of ${dtype} takes ${bytes} bytes, but data_offsets have ${end - begin}`);
  }
  return { name, dtype, shape, begin, end };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** Every byte must belong to exactly one tensor, so a truncated or badly assembled file is detected. */
function checkCovered({ name: file, size }: ByteSource, tensors: readonly Tensor[], dataOffset: number): void {
  let at = 0;
  for (const { name, begin, end } of [...tensors].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at) {
      throw new FormatError(file, dataOffset + begin, `tensor ${nameValue(name)} begins at ${begin}, expected ${at}`);
    }
    at = end;
  }
  if (dataOffset + at !== size) {
    throw new FormatError(file, dataOffset + at, `${size - dataOffset - at} bytes that belong to no tensor`);
  }
}

function chooseTensor(file: string, tensors: readonly Tensor[], column: string | undefined): Tensor {
  const there = () => listNames(tensors.map(describe)) || 'none';
  if (column !== undefined) {
    const tensor = tensors.find(({ name }) => name === column);
    if (tensor) return tensor;
    throw new ArgumentError('column', `${file}: no tensor ${column}; there are ${there()}`);
  }
  const candidates = tensors.filter(
    ({ dtype, shape }) => isTensorType(dtype) && mayBeRows(dtype, shape) && (dtype !== MASK || tensors.length === 1),
  );
  const [only, another] = candidates;
  if (only && !another) return only;
  if (!only) {
    const lone = tensors.some(({ dtype, shape }) => isTensorType(dtype) && hasRows(shape) && !mayBeRows(dtype, shape));
    const what = lone
      ? 'no tensor of vectors (a single integer per row is not a vector)'
      : 'no two-dimensional tensor of a supported type';
    throw new ArgumentError('column', `${file}: ${what}; there are ${there()}`);
  }
  const several = listNames(candidates.map(describe));
  const choices = candidates.map(({ name }) => name).filter((name) => name.length <= 40);
  throw new ArgumentError('column', `${file}: more than one tensor can be the rows: ${several}`, {
    advice: chooseWith(choices.slice(0, 8)),
  });
}

function describe({ name, dtype, shape }: Tensor): string {
  return `${name} (${dtype} ${nameShape(shape)})`;
}

/** Formats a shape; useful arrays have no more dimensions than are shown. */
function nameShape(shape: readonly number[]): string {
  return `[${shape.slice(0, 8).join(', ')}${shape.length > 8 ? ', …' : ''}]`;
}
