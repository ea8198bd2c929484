// Writes tables as text, as csv-stringify does, and as pandas, R and spreadsheets do.

import { stringify } from 'csv-stringify/sync';
import type { Draw } from './draw.js';
import type { Cell, RandomTable } from './random-table.js';
import { python, randomForm } from './text-forms.js';
import { areEasy, inOrder, optionOfForm, randomNulls, randomSelection, randomShape, type Written } from './written.js';

export function writeCsv(draw: Draw, whole: RandomTable): Written {
  const separator = draw.of([',', ',', ';', '\t', '|']);
  const form = randomForm(draw, whole.vectors);
  // Without a header, a first row with a word in place of its vector reads as a header.
  const header = draw.chance(0.8) || form.name.includes('damaged');
  const shape = randomShape(draw, whole.vectors, 0.4);
  // Without a header, a float next to a run belongs to it, and floats alone form a run.
  const floats = header || shape.kind === 'column';
  const columns = floats ? whole.columns : whole.columns.filter(({ type }) => type !== 'float');
  const table = { ...whole, columns, position: Math.min(whole.position, columns.length) };
  const commas = separator === ';' && draw.chance(0.5);
  const numberOf = draw.chance(0.5) ? python : String;
  const decimal = (text: string) => (commas ? text.replace('.', ',') : text);
  // In a table of only vectors with blanks between numbers, an empty vector at the end is a blank line at the end of the file.
  const unseen = columns.length === 0 && form.name.startsWith('blanks');
  const nullText = draw.of([...(unseen ? [] : ['', '', '']), 'NA', 'NULL', 'None', 'nan']);
  const booleans = draw.of([
    ['True', 'False'],
    ['true', 'false'],
    ['TRUE', 'FALSE'],
  ] as const);
  const date = draw.of([
    (day: Date) => day.toISOString().slice(0, 10),
    (day: Date) => day.toISOString(),
    (day: Date) => `${day.getUTCDate()}.${day.getUTCMonth() + 1}.${day.getUTCFullYear()}`,
    (day: Date) => `${day.getUTCMonth() + 1}/${day.getUTCDate()}/${day.getUTCFullYear()}`,
    (day: Date) => String(day.getTime()),
    (day: Date) => day.toISOString().slice(0, 10).replaceAll('-', ''),
  ]);
  const textOf = (cell: Cell, isFloat: boolean): string => {
    if (cell === null) return nullText;
    if (typeof cell === 'boolean') return booleans[cell ? 0 : 1];
    if (cell instanceof Date) return date(cell);
    if (typeof cell === 'number') return isFloat ? decimal(numberOf(cell)) : String(cell);
    return cell;
  };
  const { vectors } = table;
  const cells: string[][] = [];
  for (let row = 0; row < table.rows; row++) {
    const ordinary = columns.map((column) => textOf(column.cells[row] as Cell, column.type === 'float'));
    cells.push(inOrder(table, ordinary, vectorCells(vectors?.rows[row])));
  }
  function vectorCells(vector: readonly number[] | null | undefined): string[] {
    if (vector === undefined || shape.kind === 'none') return [];
    if (shape.kind === 'column') return [vector === null ? nullText : form.write(vector)];
    return vector === null ? shape.names.map(() => nullText) : vector.map((value) => decimal(numberOf(value)));
  }
  const vectorNames = shape.kind === 'none' ? [] : shape.kind === 'column' ? [shape.name] : shape.names;
  const names = inOrder(
    table,
    columns.map(({ name }) => name),
    vectorNames,
  );
  const index = header && draw.chance(0.2);
  const lines = [...(header ? [names] : []), ...cells].map((line, at) =>
    index ? [header && at === 0 ? '' : String(at - 1), ...line] : line,
  );
  const quoted = draw.chance(0.15);
  const text = stringify(lines, {
    delimiter: separator,
    record_delimiter: draw.of(['\n', '\r\n'] as const),
    bom: draw.chance(0.1),
    // This only finds the ends of records, and other programs end lines differently.
    quoted_match: /[\r\n]/,
    quoted,
  });
  const selection = header ? randomSelection(draw, table, shape) : { wrong: false };
  const options = {
    ...(selection.column !== undefined && { column: selection.column }),
    ...randomNulls(draw, table),
    ...(shape.kind === 'column' && optionOfForm(form)),
    ...(draw.chance(0.1) && { header }),
  };
  const how = `${JSON.stringify(separator)}${header ? '' : ', no header'}${index ? ', row numbers' : ''}${commas ? ', decimal commas' : ''}, ${shape.kind === 'column' ? form.name : shape.kind}, null is ${JSON.stringify(nullText)}`;
  const known = shape.kind === 'run' || (shape.kind === 'column' && !form.hard && !form.lost);
  return {
    extension: separator === '\t' && draw.chance(0.5) ? 'tsv' : 'csv',
    bytes: Buffer.from(text),
    options,
    how,
    easy: header && known && !selection.wrong && areEasy(table, options),
    refused: selection.wrong || shape.kind === 'none' || (shape.kind === 'column' && form.lost === true),
  };
}
