// Writes tables as Arrow files and streams with apache-arrow.

import * as arrow from 'apache-arrow';
import type { Draw } from './draw.js';
import type { OrdinaryColumn, RandomTable } from './random-table.js';
import { cellOf, randomVectorsOf, type TypedVectors, typedResult } from './typed-cells.js';
import { inOrder, type Written } from './written.js';

type NamedVector = readonly [name: string, vector: arrow.Vector];

const LISTS = ['Float32', 'Float64', 'Float32 fixed', 'Float64 fixed', 'Float32 large'] as const;

export function writeArrow(draw: Draw, table: RandomTable): Written {
  const vectors = randomVectorsOf(draw, table, LISTS);
  const columns = inOrder(
    table,
    table.columns.map((column) => ordinary(draw, column)),
    vectorColumns(draw, table, vectors),
  );
  const kind = draw.of(['file', 'stream'] as const);
  const bytes = arrow.tableToIPC(new arrow.Table(Object.fromEntries(columns)), kind).slice();
  return typedResult(draw, table, vectors, { extension: draw.of(['arrow', 'feather']), bytes, how: kind });
}

function ordinary(draw: Draw, { name, type, cells }: OrdinaryColumn): NamedVector {
  return [name, arrow.vectorFromArray([...cells] as never[], typeOf(draw, type))];
}

function typeOf(draw: Draw, type: OrdinaryColumn['type']): arrow.DataType {
  switch (type) {
    case 'text':
    case 'list':
      return draw.chance(0.5) ? new arrow.Utf8() : new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32());
    case 'count':
      return draw.of([new arrow.Int32(), new arrow.Float64()]);
    case 'float':
      return draw.of([new arrow.Float32(), new arrow.Float64()]);
    case 'boolean':
      return new arrow.Bool();
    case 'date':
      return draw.of([new arrow.TimestampMillisecond(), new arrow.DateDay(), new arrow.DateMillisecond()]);
    default:
      return draw.of([new arrow.Null(), new arrow.Float64(), new arrow.Utf8()]);
  }
}

function vectorColumns(draw: Draw, table: RandomTable, { shape, form }: TypedVectors): NamedVector[] {
  const rows = table.vectors?.rows;
  if (!rows || shape.kind === 'none') return [];
  if (shape.kind === 'run') {
    const type = draw.of([new arrow.Float32(), new arrow.Float64()]);
    return shape.names.map((name, at) => [
      name,
      arrow.vectorFromArray(
        rows.map((row) => row?.[at] ?? null),
        type,
      ),
    ]);
  }
  const cells = rows.map((row) => cellOf(form, row)) as never[];
  return [[shape.name, arrow.vectorFromArray(cells, vectorType(draw, form, table.vectors?.depth as number)) as arrow.Vector]];
}

function vectorType(draw: Draw, form: TypedVectors['form'], depth: number): arrow.DataType {
  if (form.kind === 'text') return new arrow.Utf8();
  if (form.kind === 'bytes') return draw.chance(0.5) ? new arrow.Binary() : new arrow.LargeBinary();
  const element = new arrow.Field('item', form.name.startsWith('Float32') ? new arrow.Float32() : new arrow.Float64());
  return form.name.endsWith('fixed') ? new arrow.FixedSizeList(depth, element) : new arrow.List(element);
}
