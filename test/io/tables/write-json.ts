// Writes tables as JSON lines and JSON documents.

import type { Draw } from './draw.js';
import type { Cell, RandomTable } from './random-table.js';
import { randomForm } from './text-forms.js';
import { areEasy, optionOfForm, randomNulls, randomSelection, randomShape, type Shape, type Written } from './written.js';

type Values = Record<string, unknown>;

/** Returns how a JSON cell holds a vector. */
const CELLS: readonly { readonly name: string; write(vector: readonly number[]): unknown }[] = [
  { name: 'array', write: (v) => v },
  { name: 'array', write: (v) => v },
  { name: 'array of an array', write: (v) => [v] },
  { name: 'typed array', write: (v) => Float32Array.from(v) },
  { name: 'object of an array', write: (v) => ({ values: v }) },
  { name: 'object of an array and a number', write: (v) => ({ dim: v.length, values: v }) },
];

export function writeJson(draw: Draw, table: RandomTable): Written {
  const shape = randomShape(draw, table.vectors, 0.15);
  const asText = draw.chance(0.3);
  const form = randomForm(draw, table.vectors);
  const cell = draw.of(CELLS);
  const nested = shape.kind === 'column' && draw.chance(0.2);
  const leaveOut = draw.chance(0.3);
  const objects = Array.from({ length: table.rows }, (_, row): Values => {
    const values: Values = {};
    const put = (name: string, value: unknown) => {
      if (value !== null || !leaveOut) values[name] = value;
    };
    for (let at = 0; at <= table.columns.length; at++) {
      if (at === table.position) {
        const vector = table.vectors?.rows[row];
        if (vector !== undefined) putVector(put, shape, vector, nested, (v) => (asText ? form.write(v) : cell.write(v)));
      }
      const column = table.columns[at];
      if (column) put(column.name, column.cells[row] as Cell);
    }
    return values;
  });
  const { text, how, lines, plain = true } = layOut(draw, objects);
  // Columns have longer names in documents and objects.
  const isPlain = lines && (asText || cell.name.endsWith('array') || shape.kind === 'run');
  const selection = nested || !isPlain ? { wrong: false } : randomSelection(draw, table, shape);
  const options = {
    ...(selection.column !== undefined && { column: selection.column }),
    ...randomNulls(draw, table),
    ...(shape.kind === 'column' && asText && optionOfForm(form)),
  };
  const vectorHow = shape.kind === 'column' ? (asText ? form.name : cell.name) : shape.kind;
  const known = shape.kind === 'run' || (shape.kind === 'column' && (!asText || (!form.hard && !form.lost)));
  return {
    extension: lines ? 'jsonl' : 'json',
    bytes: Buffer.from(text),
    options,
    how: `${how}, ${nested ? 'nested ' : ''}${vectorHow}`,
    easy: plain && known && !selection.wrong && !leaveOut && areEasy(table, options),
    refused: selection.wrong || shape.kind === 'none' || (shape.kind === 'column' && asText && form.lost === true),
  };
}

function putVector(
  put: (name: string, value: unknown) => void,
  shape: Shape,
  vector: readonly number[] | null,
  nested: boolean,
  write: (vector: readonly number[]) => unknown,
): void {
  if (shape.kind === 'run') for (const [at, name] of shape.names.entries()) put(name, vector === null ? null : vector[at]);
  if (shape.kind !== 'column') return;
  const value = vector === null ? null : write(vector);
  if (nested) put('doc', { lang: 'en', [shape.name]: value });
  else put(shape.name, value);
}

function layOut(draw: Draw, objects: readonly Values[]): { text: string; how: string; lines: boolean; plain?: boolean } {
  const kind = draw.of([
    'lines',
    'lines',
    'lines',
    'array',
    'array',
    'pretty array',
    'wrapped',
    'pandas columns',
    'pandas split',
    'pretty objects',
  ]);
  const json = (value: unknown, indent = 0) => JSON.stringify(value, null, indent);
  const names = [...new Set(objects.flatMap((each) => Object.keys(each)))];
  const document = (value: unknown, indent = 0) => ({ text: json(value, indent), how: kind, lines: false });
  switch (kind) {
    case 'array':
      return document(objects);
    case 'pretty array':
      return document(objects, 2);
    case 'wrapped':
      return document({ model: 'm', [draw.of(['data', 'results', 'rows', 'items'])]: objects, usage: { tokens: 12 } });
    case 'pandas columns':
      return {
        plain: false,
        ...document(
          Object.fromEntries(
            names.map((name) => [name, Object.fromEntries(objects.map((each, row) => [row, each[name] ?? null]))]),
          ),
        ),
      };
    case 'pandas split':
      // Refused with advice on the pandas call that writes it differently.
      return {
        plain: false,
        ...document({
          columns: names,
          index: [...objects.keys()],
          data: objects.map((each) => names.map((name) => each[name] ?? null)),
        }),
      };
    case 'pretty objects':
      return { text: `${objects.map((each) => json(each, 2)).join('\n')}\n`, how: kind, lines: false };
    default:
      return { text: `${objects.map((each) => json(each)).join('\n')}\n`, how: kind, lines: true };
  }
}
