// A file of a random table, and the expected outcome.

import type { OpenRowsOptions } from '../../../src/io/rows/open-source.js';
import type { Draw } from './draw.js';
import type { RandomTable, Vectors } from './random-table.js';
import { RUN_NAMES, type TextForm, VECTOR_NAMES } from './text-forms.js';

export interface Written {
  /** The extension of the file's name. */
  readonly extension: string;
  readonly bytes: Uint8Array;
  readonly options: OpenRowsOptions;
  /** How it was written, for messages. */
  readonly how: string;
  /** A plain file that must be read. */
  readonly easy: boolean;
  /** The file does not contain the vectors, or something else is selected, so it must be refused. */
  readonly refused: boolean;
}

/** The form of the vectors in the table. */
export type Shape =
  | { readonly kind: 'none' }
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'run'; readonly names: readonly string[] };

export function randomShape(draw: Draw, vectors: Vectors | undefined, runs: number): Shape {
  if (!vectors) return { kind: 'none' };
  if (!draw.chance(runs)) return { kind: 'column', name: draw.of(VECTOR_NAMES) };
  const nameOf = draw.of(RUN_NAMES);
  return { kind: 'run', names: Array.from({ length: vectors.depth }, (_, at) => nameOf(at)) };
}

/** The selected column: the right one, a wrong one, or none. */
export function randomSelection(draw: Draw, table: RandomTable, shape: Shape): { column?: string; wrong: boolean } {
  const [wrong] = table.columns.filter(({ name, type }) => type !== 'list' && (shape.kind !== 'column' || name !== shape.name));
  if (wrong && draw.chance(0.03)) return { column: wrong.name, wrong: true };
  if (shape.kind === 'none' || !draw.chance(0.2)) return { wrong: false };
  if (shape.kind === 'column') return { column: shape.name, wrong: false };
  const [first, last] = [shape.names[0] as string, shape.names.at(-1) as string];
  return { column: shape.names.length === 1 ? first : `${first}..${last}`, wrong: false };
}

export function randomNulls(draw: Draw, { vectors }: RandomTable): { nulls?: 'skip' | 'zero' | 'throw' } {
  const hasNulls = vectors?.rows.includes(null) ?? false;
  return hasNulls && draw.chance(0.7) ? { nulls: draw.of(['skip', 'zero'] as const) } : {};
}

/** Whether the vectors are unambiguous. */
export function areEasy({ vectors, rows, columns }: RandomTable, options: OpenRowsOptions): boolean {
  if (!vectors || vectors.depth < 2 || rows < 4) return false;
  if (options.column === undefined && columns.some(({ type }) => type === 'list')) return false;
  const nulls = vectors.rows.filter((row) => row === null).length;
  if (nulls > 0 && (options.nulls === undefined || nulls * 4 > rows)) return false;
  return ['usual', 'single', 'unit', 'tiny'].includes(vectors.elements);
}

export function optionOfForm({ element }: TextForm): { element?: 'float16' | 'float32' | 'float64' } {
  return element === undefined ? {} : { element };
}

/** All columns in order, with the vectors in their position. */
export function inOrder<T>(table: RandomTable, ordinary: readonly T[], vectors: readonly T[]): T[] {
  return [...ordinary.slice(0, table.position), ...vectors, ...ordinary.slice(table.position)];
}
