// Vectors as text, in the forms that various tools write.

import type { Draw } from './draw.js';
import type { Vectors } from './random-table.js';

export interface TextForm {
  readonly name: string;
  write(vector: readonly number[]): string;
  /** The text does not contain the vector, so it must be refused. */
  readonly lost?: true;
  /** May be refused even if there is no other reading. */
  readonly hard?: true;
  /** The value of the option. */
  readonly element?: 'float64' | 'float16' | 'float32';
}

/** 1.0 and 1e-05, where JavaScript writes 1 and 0.00001. */
export function python(value: number): string {
  if (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e16))
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** NumPy's printed form: padded, and wrapped into lines of 75 characters. */
function printed(vector: readonly number[]): string {
  const digits = vector.map((value) => (Number.isInteger(value) ? `${value}.` : String(value)));
  const width = Math.max(...digits.map(({ length }) => length));
  const lines = [''];
  for (const each of digits) {
    const padded = each.padStart(width);
    const line = lines.at(-1) as string;
    if (line.length + padded.length + 1 > 74) lines.push(padded);
    else lines[lines.length - 1] = line === '' ? padded : `${line} ${padded}`;
  }
  return `[${lines.join('\n ')}]`;
}

const bytesOf = (vector: readonly number[]) => Buffer.from(Float32Array.from(vector).buffer);

export const TEXT_FORMS: readonly TextForm[] = [
  { name: 'JSON', write: (v) => JSON.stringify(v) },
  { name: 'JSON of pgvector', write: (v) => `[${v.join(',')}]` },
  { name: 'Python list', write: (v) => `[${v.map(python).join(', ')}]` },
  { name: 'Python tuple', write: (v) => `(${v.map(python).join(', ')}${v.length === 1 ? ',' : ''})` },
  { name: 'NumPy print', write: printed },
  { name: 'NumPy repr', write: (v) => `array([${v.map(python).join(', ')}], dtype=float32)` },
  { name: 'tensor', write: (v) => `tensor([${v.map(python).join(', ')}])` },
  { name: 'NumPy numbers', write: (v) => `[${v.map((x) => `np.float32(${python(x)})`).join(', ')}]` },
  { name: 'Postgres array', write: (v) => `{${v.join(',')}}` },
  { name: 'blanks', write: (v) => v.map(python).join(' '), hard: true },
  { name: 'semicolons', write: (v) => v.map(python).join(';'), hard: true },
  { name: 'bars', write: (v) => v.map(python).join('|'), hard: true },
  { name: 'commas', write: (v) => v.map(python).join(','), hard: true },
  { name: 'nested', write: (v) => JSON.stringify([v]) },
  { name: 'object', write: (v) => JSON.stringify({ values: v }), hard: true },
  { name: 'base64', write: (v) => bytesOf(v).toString('base64'), hard: true },
  { name: 'base64 declared', write: (v) => bytesOf(v).toString('base64'), hard: true, element: 'float32' },
  { name: 'base64 of float64', write: (v) => Buffer.from(Float64Array.from(v).buffer).toString('base64'), hard: true },
  {
    name: 'base64 of float64 declared',
    write: (v) => Buffer.from(Float64Array.from(v).buffer).toString('base64'),
    hard: true,
    element: 'float64',
  },
  { name: 'bytea', write: (v) => `\\x${bytesOf(v).toString('hex')}`, hard: true },
  { name: 'decimal commas', write: (v) => `[${v.map((x) => python(x).replace('.', ',')).join('; ')}]`, hard: true },
  { name: 'decimal commas and commas', write: (v) => `[${v.map((x) => python(x).replace('.', ',')).join(', ')}]`, hard: true },
  {
    name: 'decimal commas between commas',
    write: (v) => `[${v.map((x) => String(x).replace('.', ',')).join(',')}]`,
    hard: true,
  },
  {
    name: 'cut print',
    write: (v) => `[${python(v[0] as number)} ${python(v[1] ?? 0.5)} ... ${python(v.at(-1) as number)}]`,
    lost: true,
  },
  { name: 'cut repr', write: (v) => `tensor([${python(v[0] as number)}, ..., ${python(v.at(-1) as number)}])`, lost: true },
];

/**
 * With few numbers, encoded text looks like words, and text with thousands separators like more numbers. Such short vectors do not occur in
 * these forms.
 */
const MIN_DEPTH = 4;

export function randomForm(draw: Draw, vectors: Vectors | undefined): TextForm {
  const few = vectors !== undefined && vectors.depth < MIN_DEPTH;
  const form = draw.of(few ? TEXT_FORMS.filter(({ name }) => !/base64|bytea|decimal/.test(name)) : TEXT_FORMS);
  const whole = vectors?.rows.filter((row) => row !== null).length ?? 0;
  return whole >= 4 && !few && draw.chance(0.1) ? damaged(draw, form) : form;
}

/** The first vector, or that and some others, is a word or lacks an element. */
function damaged(draw: Draw, form: TextForm): TextForm {
  const share = draw.of([0, 0.05, 0.3]);
  const word = draw.of(['error', 'TODO', '']);
  let first = true;
  const write = (vector: readonly number[]) => {
    if (!first && !draw.chance(share)) return form.write(vector);
    first = false;
    return word || form.write(vector.slice(1));
  };
  return { ...form, name: `${form.name}, damaged by ${JSON.stringify(word)}`, write, lost: true };
}

/** The names of the columns of a run; `at` counts from 0. */
export const RUN_NAMES: readonly ((at: number) => string)[] = [
  (at) => `d${at}`,
  (at) => String(at),
  (at) => String(at + 1),
  (at) => `emb_${at + 1}`,
  (at) => `V${at + 1}`,
  (at) => `dim ${at}`,
  (at) => `x${String(at).padStart(3, '0')}`,
  (at) => `f.${at}`,
];

export const VECTOR_NAMES: readonly string[] = ['embedding', 'vector', 'v', 'emb', 'x', 'features', 'text_embedding'];
