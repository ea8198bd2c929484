// Writes the vectors of a table as .npy, or next to ids and scores as .npz and safetensors.

import { deflated, npyOf, safetensorsFile, zipOf } from '../../fuzz/files.js';
import type { Draw } from './draw.js';
import type { RandomTable } from './random-table.js';
import { areEasy, randomSelection, type Written } from './written.js';

interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: 'float32' | 'float64' | 'int64' | 'int32' | 'bool';
  readonly bytes: Uint8Array;
}

const NPY_TYPES = { float32: '<f4', float64: '<f8', int64: '<i8', int32: '<i4', bool: '|b1' } as const;
const TENSOR_TYPES = { float32: 'F32', float64: 'F64', int64: 'I64', int32: 'I32', bool: 'BOOL' } as const;
const VECTOR_KEYS = ['embedding', 'embeddings', 'emb', 'arr_0', 'x'];

export function writeArrays(draw: Draw, table: RandomTable, kind: 'npy' | 'npz' | 'safetensors'): Written {
  const name = draw.of(VECTOR_KEYS);
  const rows = table.vectors?.rows.map((row) => row ?? Array<number>((table.vectors as { depth: number }).depth).fill(0));
  const fortran = kind !== 'safetensors' && draw.chance(0.2);
  const vectors = rows ? [vectorArray(draw, name, rows, fortran)] : [];
  const others =
    kind === 'npy' && rows
      ? []
      : table.columns.flatMap((column) => otherArray(draw, column.name, column.type, column.cells, rows !== undefined));
  const arrays = [...others.slice(0, table.position), ...vectors, ...others.slice(table.position)];
  const selection =
    kind === 'npy' || !rows
      ? { wrong: false }
      : randomSelection(
          draw,
          // Columns of one number each can be selected as the rows.
          { ...table, columns: table.columns.filter(({ name: each }) => others.some((other) => isFlat(other, each))) },
          { kind: 'column', name },
        );
  const options = selection.column === undefined ? {} : { column: selection.column };
  const full = { ...table, ...(table.vectors && { vectors: { ...table.vectors, rows: rows ?? [] } }) };
  return {
    extension: kind,
    bytes: bytesOf(draw, kind, arrays, (array) => fortran && array.name === name),
    options,
    how: arrays.map(({ name: each, shape, type }) => `${each} ${type} (${shape.join(', ')})`).join(', '),
    easy: rows !== undefined && !selection.wrong && areEasy(full, options),
    refused: selection.wrong || !rows,
  };
}

function isFlat({ name, shape }: NamedArray, column: string): boolean {
  return name === column && shape.length === 1;
}

function vectorArray(draw: Draw, name: string, rows: readonly (readonly number[])[], fortran: boolean): NamedArray {
  const depth = rows[0]?.length ?? 0;
  const flat = fortran ? Array.from({ length: depth }, (_, at) => rows.map((row) => row[at] as number)).flat() : rows.flat();
  const wide = draw.chance(0.4);
  const values = wide ? Float64Array.from(flat) : Float32Array.from(flat);
  return { name, shape: [rows.length, depth], type: wide ? 'float64' : 'float32', bytes: new Uint8Array(values.buffer) };
}

/**
 * Returns a column as an array. It has one number per row only if the vectors are next to it, because otherwise it could be the vectors.
 */
function otherArray(
  draw: Draw,
  name: string,
  type: string,
  cells: RandomTable['columns'][number]['cells'],
  beside: boolean,
): NamedArray[] {
  const shape = beside && draw.chance(0.2) ? [cells.length, 1] : [cells.length];
  if (type === 'count' && draw.chance(0.5)) {
    return [
      { name, shape, type: 'int64', bytes: new Uint8Array(BigInt64Array.from(cells, (cell) => BigInt(Number(cell))).buffer) },
    ];
  }
  if (type === 'count') return [{ name, shape, type: 'int32', bytes: new Uint8Array(Int32Array.from(cells, Number).buffer) }];
  if (type === 'float')
    return [{ name, shape: [cells.length], type: 'float32', bytes: new Uint8Array(Float32Array.from(cells, Number).buffer) }];
  return type === 'boolean' ? [{ name, shape: [cells.length], type: 'bool', bytes: Uint8Array.from(cells, Number) }] : [];
}

function bytesOf(
  draw: Draw,
  kind: 'npy' | 'npz' | 'safetensors',
  arrays: readonly NamedArray[],
  isFortran: (array: NamedArray) => boolean,
): Uint8Array {
  const npy = (array: NamedArray) => npyOf(NPY_TYPES[array.type], array.shape, array.bytes, isFortran(array));
  if (kind === 'npy') return arrays[0] ? npy(arrays[0]) : npyOf('<f4', [0], new Uint8Array());
  if (kind === 'npz') {
    const compressed = draw.chance(0.5);
    return zipOf(
      arrays.map((array) => {
        const name = `${array.name}.npy`;
        const bytes = npy(array);
        const stored = deflated(bytes);
        return compressed ? { ...stored, name } : { name, packed: bytes, checksum: stored.checksum as number };
      }),
      draw.chance(0.3),
    );
  }
  let at = 0;
  const header: Record<string, object> = {};
  for (const { name, shape, type, bytes } of arrays) {
    header[name] = { dtype: TENSOR_TYPES[type], shape, data_offsets: [at, at + bytes.length] };
    at += bytes.length;
  }
  return safetensorsFile(header, Buffer.concat(arrays.map(({ bytes }) => bytes)));
}
