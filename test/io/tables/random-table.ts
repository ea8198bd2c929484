// A random table of vectors and of columns that usually accompany them.

import type { Draw } from './draw.js';

export type Cell = string | number | boolean | Date | null;

/** 'count' columns hold integers, 'none' columns nulls, and 'list' columns text with vectors of another kind. */
export type ColumnType = 'text' | 'list' | 'count' | 'float' | 'boolean' | 'date' | 'none';

export interface OrdinaryColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly cells: readonly Cell[];
}

/** The kind of numbers: some of the 'coarse' ones print as integers, and the 'whole' ones are integers in all rows. */
export type Elements = 'usual' | 'single' | 'unit' | 'coarse' | 'tiny' | 'sparse' | 'whole';

export interface RandomTable {
  readonly rows: number;
  readonly columns: readonly OrdinaryColumn[];
  /** The columns between which the vectors are. */
  readonly position: number;
  /** Missing if the table has no such column. */
  readonly vectors?: Vectors;
}

export interface Vectors {
  readonly depth: number;
  readonly elements: Elements;
  /** Null for a row without a vector. */
  readonly rows: readonly (readonly number[] | null)[];
}

const WORDS = [
  'cat',
  'dog',
  'a',
  'of the',
  'x1',
  'Zürich',
  'naïve',
  '3 apples',
  '12',
  '4.5',
  'new york',
  'NaN',
  'true',
  '北京',
  '#1',
];
const NAMES: Readonly<Record<ColumnType, readonly string[]>> = {
  text: ['label', 'text', 'title', 'hash', 'sha', 'uuid', 'url', 'category', 'tags', 'lang', 'doc_id'],
  count: ['id', 'count', 'year', 'label_id', 'n_tokens', 'age', 'cluster', 'zip'],
  float: ['price', 'latitude', 'longitude', 'score', 'rating', 'weight', 'distance'],
  boolean: ['valid', 'is_test', 'deleted'],
  date: ['date', 'created_at', 'timestamp'],
  none: ['notes', 'extra'],
  list: [],
};

export function randomTable(draw: Draw): RandomTable {
  const rows = draw.chance(0.02) ? draw.whole(1001, 1300) : draw.chance(0.15) ? draw.whole(1, 3) : draw.whole(4, 40);
  const taken = new Set<string>();
  const columns: OrdinaryColumn[] = [];
  if (draw.chance(0.6)) columns.push(idColumn(draw, rows, taken));
  const more = draw.chance(0.2) ? 0 : draw.whole(1, 5);
  for (let i = 0; i < more; i++) {
    const type = draw.of<ColumnType>(['text', 'text', 'text', 'count', 'count', 'float', 'float', 'boolean', 'date', 'none']);
    const name = draw.of(NAMES[type]);
    if (taken.has(name)) continue;
    taken.add(name);
    columns.push({ name, type, cells: withNulls(draw, cellsOf(draw, type, name, rows)) });
  }
  const position = draw.whole(0, columns.length);
  return draw.chance(0.1) && columns.length > 0 ? { rows, columns, position } : withVectors(draw, { rows, columns, position });
}

function withVectors(draw: Draw, table: RandomTable): RandomTable {
  const vectors = randomVectors(draw, table.rows);
  // If the vectors cannot be recognised, because they are nulls or integers, another column would be the only candidate.
  const seen = vectors.rows.filter((row) => row !== null).length * 2 > table.rows;
  const lists =
    seen &&
    table.rows > 3 &&
    vectors.depth > 3 &&
    !['whole', 'coarse', 'sparse'].includes(vectors.elements) &&
    draw.chance(0.15);
  return { ...table, columns: lists ? [...table.columns, listColumn(draw, table.rows)] : table.columns, vectors };
}

/** Vectors by their form, but not the intended ones. */
function listColumn(draw: Draw, rows: number): OrdinaryColumn {
  const [name, make] = draw.of<[string, () => number]>([
    ['bbox', () => Number(draw.number().toFixed(3))],
    ['token_ids', () => draw.whole(0, 30_000)],
  ]);
  const cells = Array.from({ length: rows }, () => JSON.stringify(Array.from({ length: 4 }, make)));
  return { name, type: 'list', cells };
}

function idColumn(draw: Draw, rows: number, taken: Set<string>): OrdinaryColumn {
  taken.add('id');
  const kind = draw.of(['from 0', 'from 1', 'sparse', 'text', 'uuid']);
  const start = kind === 'from 0' ? 0 : 1;
  const cells = Array.from({ length: rows }, (_, row): Cell => {
    if (kind === 'sparse') return draw.whole(1000, 999_999);
    if (kind === 'text') return `doc-${row}`;
    return kind === 'uuid' ? uuid(draw) : start + row;
  });
  return { name: 'id', type: kind === 'text' || kind === 'uuid' ? 'text' : 'count', cells };
}

function cellsOf(draw: Draw, type: ColumnType, name: string, rows: number): Cell[] {
  const make = makerOf(draw, type, name);
  return Array.from({ length: rows }, () => make());
}

function makerOf(draw: Draw, type: ColumnType, name: string): () => Cell {
  if (type === 'none') return () => null;
  if (type === 'boolean') return () => draw.chance(0.5);
  if (type === 'date') return () => new Date(Date.UTC(draw.whole(1990, 2030), draw.whole(0, 11), draw.whole(1, 28)));
  if (type === 'count') {
    const [low, high] =
      name === 'year'
        ? [1990, 2030]
        : draw.of([
            [0, 1],
            [0, 9],
            [0, 1000],
            [-5, 5],
            [10_000, 99_999],
          ] as const);
    return () => draw.whole(low, high);
  }
  if (type === 'float') {
    const digits = draw.whole(0, 5);
    const scale = draw.of([1, 1, 100, 10_000]);
    return () => Number((draw.number() * scale - (name === 'longitude' ? scale / 2 : 0)).toFixed(digits));
  }
  if (name === 'hash' || name === 'sha') {
    const length = draw.of([8, 16, 32, 40, 64, 128]);
    return () => hex(draw, length);
  }
  if (name === 'uuid') return () => uuid(draw);
  if (name === 'url') return () => `https://example.com/${draw.whole(1, 999)}?a=1,2&b=${draw.number()}`;
  if (name === 'tags') {
    const form = draw.of([
      (tags: string[]) => JSON.stringify(tags),
      (tags: string[]) => `['${tags.join("', '")}']`,
      (tags: string[]) => tags.join(';'),
    ]);
    return () => form(Array.from({ length: draw.whole(1, 3) }, () => draw.of(['red', 'green', 'blue'])));
  }
  if (name === 'text' || name === 'title') {
    const breaks = draw.chance(0.2) ? '\n' : ' ';
    const quote = draw.chance(0.3) ? '"' : '';
    return () =>
      quote + Array.from({ length: draw.whole(1, 12) }, () => draw.of(WORDS)).join(draw.of([' ', ', ', breaks, '; '])) + quote;
  }
  return () => draw.of(WORDS);
}

function withNulls(draw: Draw, cells: Cell[]): Cell[] {
  if (!draw.chance(0.25)) return cells;
  const share = draw.of([0.05, 0.3, 0.9]);
  return cells.map((cell) => (draw.chance(share) ? null : cell));
}

function hex(draw: Draw, length: number): string {
  return Array.from({ length }, () => draw.whole(0, 15).toString(16)).join('');
}

function uuid(draw: Draw): string {
  return [8, 4, 4, 4, 12].map((length) => hex(draw, length)).join('-');
}

function randomVectors(draw: Draw, rows: number): Vectors {
  const depth = draw.chance(0.05) ? 1 : draw.chance(0.05) ? draw.whole(60, 130) : draw.of([2, 3, 4, 5, 8, 12, 16, 32]);
  const elements = draw.of<Elements>(['usual', 'usual', 'usual', 'single', 'unit', 'coarse', 'tiny', 'sparse', 'whole']);
  const nulls = draw.chance(0.2) ? draw.of([0.02, 0.2, 0.8]) : 0;
  const vectors = Array.from({ length: rows }, () => (draw.chance(nulls) ? null : randomVector(draw, depth, elements)));
  return { depth, elements, rows: vectors };
}

function randomVector(draw: Draw, depth: number, elements: Elements): number[] {
  const normal = () => draw.number() + draw.number() + draw.number() - 1.5;
  const vector = Array.from({ length: depth }, () => {
    if (elements === 'whole') return draw.whole(-9, 9);
    if (elements === 'coarse') return Math.round(normal() * 4) / 2;
    if (elements === 'single') return Math.fround(normal());
    if (elements === 'tiny') return Number((normal() * 1e-5).toPrecision(4));
    if (elements === 'sparse' && draw.chance(0.7)) return 0;
    return Number(normal().toFixed(6));
  });
  const norm = Math.hypot(...vector) || 1;
  return (elements === 'unit' ? vector.map((x) => Number((x / norm).toFixed(7))) : vector).map((x) => x + 0);
}
