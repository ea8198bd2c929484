// Vectors in typed formats: as lists, as bytes, as text, or as a run of columns.

import type { OpenRowsOptions } from '../../../src/io/rows/open-source.js';
import type { Draw } from './draw.js';
import type { RandomTable } from './random-table.js';
import { randomForm } from './text-forms.js';
import { areEasy, optionOfForm, randomNulls, randomSelection, randomShape, type Shape, type Written } from './written.js';

export type CellForm =
  | { readonly kind: 'list'; readonly name: string; readonly hard?: true }
  | {
      readonly kind: 'bytes';
      readonly name: string;
      write(vector: readonly number[]): Uint8Array;
      readonly hard?: true;
      readonly element?: 'float32' | 'float64';
    }
  | {
      readonly kind: 'text';
      readonly name: string;
      write(vector: readonly number[]): string;
      readonly hard?: true;
      readonly lost?: true;
      readonly element?: 'float32' | 'float64' | 'float16';
    };

const float32 = (v: readonly number[]) => new Uint8Array(Float32Array.from(v).buffer);
const float64 = (v: readonly number[]) => new Uint8Array(Float64Array.from(v).buffer);

const BYTES: readonly CellForm[] = [
  { kind: 'bytes', name: 'float32', write: float32, hard: true },
  { kind: 'bytes', name: 'float32 declared', write: float32, element: 'float32' },
  { kind: 'bytes', name: 'float64', write: float64, hard: true },
  { kind: 'bytes', name: 'float64 declared', write: float64, element: 'float64' },
];

/** Returns the vectors of a table in a typed format whose lists are of the kinds `lists`. */
export interface TypedVectors {
  readonly shape: Shape;
  readonly form: CellForm;
}

export function randomVectorsOf(draw: Draw, table: RandomTable, lists: readonly string[], runs = 0.2): TypedVectors {
  const shape = randomShape(draw, table.vectors, runs);
  const kind = draw.of(['list', 'list', 'bytes', 'text'] as const);
  if (kind === 'text' || (kind === 'list' && lists.length === 0))
    return { shape, form: { kind: 'text', ...randomForm(draw, table.vectors) } };
  return { shape, form: kind === 'bytes' ? draw.of(BYTES) : { kind: 'list', name: draw.of(lists) } };
}

export function typedResult(
  draw: Draw,
  table: RandomTable,
  { shape, form }: TypedVectors,
  file: {
    readonly extension: string;
    readonly bytes: Uint8Array;
    readonly how: string;
    readonly options?: OpenRowsOptions;
    readonly easy?: boolean;
  },
): Written {
  const selection = file.options?.query === undefined ? randomSelection(draw, table, shape) : { wrong: false };
  const options: OpenRowsOptions = {
    ...file.options,
    ...(selection.column !== undefined && { column: selection.column }),
    ...randomNulls(draw, table),
    ...(shape.kind === 'column' && form.kind !== 'list' && optionOfForm({ ...form, name: '', write: String })),
  };
  const lost = form.kind === 'text' && form.lost === true;
  const known = shape.kind === 'run' || (shape.kind === 'column' && !form.hard && !lost);
  return {
    extension: file.extension,
    bytes: file.bytes,
    options,
    how: `${file.how}, ${shape.kind === 'column' ? `${form.kind} ${form.name}` : shape.kind}`,
    easy: file.easy !== false && known && !selection.wrong && areEasy(table, options),
    refused: selection.wrong || shape.kind === 'none' || (shape.kind === 'column' && lost),
  };
}

/** Returns the cell of a vector in one column. */
export function cellOf(form: CellForm, vector: readonly number[] | null): readonly number[] | Uint8Array | string | null {
  if (vector === null) return null;
  return form.kind === 'list' ? vector : form.write(vector);
}
