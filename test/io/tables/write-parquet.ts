// Writes tables as Parquet with hyparquet-writer.

import type { SchemaElement } from 'hyparquet';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import type { Draw } from './draw.js';
import type { ColumnType, OrdinaryColumn, RandomTable } from './random-table.js';
import { cellOf, randomVectorsOf, type TypedVectors, typedResult } from './typed-cells.js';
import { inOrder, type Written } from './written.js';

interface ParquetColumn {
  readonly source: ColumnSource;
  readonly schema: readonly SchemaElement[];
}

const LISTS = ['FLOAT', 'DOUBLE', 'FLOAT required', 'DOUBLE of one list'] as const;

export function writeParquet(draw: Draw, table: RandomTable): Written {
  const vectors = randomVectorsOf(draw, table, LISTS);
  const columns = inOrder(
    table,
    table.columns.map((column) => ordinary(draw, column)),
    vectorColumns(draw, table, vectors),
  );
  const schema = [{ name: 'root', num_children: columns.length }, ...columns.flatMap((column) => column.schema)];
  const rowGroupSize = draw.of([5, 100_000]);
  const pageSize = draw.of([60, 2 ** 20]);
  const codec = draw.of(['SNAPPY', 'UNCOMPRESSED'] as const);
  const columnData = columns.map(({ source }) => source);
  const bytes = new Uint8Array(
    parquetWriteBuffer({ columnData, schema: schema as SchemaElement[], rowGroupSize, pageSize, codec }),
  );
  return typedResult(draw, table, vectors, { extension: 'parquet', bytes, how: `${codec}, groups of ${rowGroupSize}` });
}

function column(name: string, data: unknown[], element: Partial<SchemaElement>): ParquetColumn {
  return {
    source: { name, data } as ColumnSource,
    schema: [{ name, repetition_type: 'OPTIONAL', ...element } as SchemaElement],
  };
}

const TYPES: Readonly<Record<ColumnType, readonly Partial<SchemaElement>[]>> = {
  text: [{ type: 'BYTE_ARRAY', converted_type: 'UTF8' }],
  list: [{ type: 'BYTE_ARRAY', converted_type: 'UTF8' }],
  count: [{ type: 'INT32' }, { type: 'INT64' }, { type: 'DOUBLE' }],
  float: [{ type: 'FLOAT' }, { type: 'DOUBLE' }],
  boolean: [{ type: 'BOOLEAN' }],
  date: [
    { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
    { type: 'INT32', converted_type: 'DATE' },
  ],
  none: [{ type: 'DOUBLE' }, { type: 'BYTE_ARRAY', converted_type: 'UTF8' }, { type: 'INT32' }],
};

function ordinary(draw: Draw, { name, type, cells }: OrdinaryColumn): ParquetColumn {
  const element = draw.of(TYPES[type]);
  const data = cells.map((cell) => (element.type === 'INT64' && typeof cell === 'number' ? BigInt(cell) : cell));
  return column(name, data, element);
}

function vectorColumns(draw: Draw, table: RandomTable, { shape, form }: TypedVectors): ParquetColumn[] {
  const rows = table.vectors?.rows;
  if (!rows || shape.kind === 'none') return [];
  if (shape.kind === 'run') {
    const type = draw.of(['FLOAT', 'DOUBLE'] as const);
    return shape.names.map((name, at) =>
      column(
        name,
        rows.map((row) => (row === null ? null : (row[at] as number))),
        { type },
      ),
    );
  }
  const { name } = shape;
  const cells = rows.map((row) => cellOf(form, row));
  if (form.kind === 'text') return [column(name, cells, { type: 'BYTE_ARRAY', converted_type: 'UTF8' })];
  if (form.kind === 'bytes') {
    const length = (cells.find((cell) => cell !== null) as Uint8Array | undefined)?.length;
    const fixed = length !== undefined && draw.chance(0.3);
    return [column(name, cells, fixed ? { type: 'FIXED_LEN_BYTE_ARRAY', type_length: length } : { type: 'BYTE_ARRAY' })];
  }
  const [type] = form.name.split(' ') as ['FLOAT' | 'DOUBLE'];
  const list = (element: readonly object[], title: string, repetition_type: string): SchemaElement[] =>
    [
      { name: title, repetition_type, num_children: 1, converted_type: 'LIST' },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      ...element,
    ] as SchemaElement[];
  const element = { name: 'element', type, repetition_type: form.name.endsWith('required') ? 'REQUIRED' : 'OPTIONAL' };
  if (!form.name.endsWith('one list'))
    return [{ source: { name, data: cells } as ColumnSource, schema: list([element], name, 'OPTIONAL') }];
  const data = cells.map((cell) => (cell === null ? null : [cell]));
  return [{ source: { name, data } as ColumnSource, schema: list(list([element], 'element', 'OPTIONAL'), name, 'OPTIONAL') }];
}
