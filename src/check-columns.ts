// Whether the rows of x and of y have the same columns.

import { fail, refuse } from './argument.js';
import { type Message, mention, say } from './message.js';
import { type AnyRows, fileOf, type OpenColumns, StoredRows } from './rows/stored-rows.js';

/** Rows as the caller gave them, and what they are. */
interface Columns {
  readonly given: unknown;
  readonly rows: AnyRows;
}

/** Throws ArgumentError for rows of another length, and for columns that may be counted otherwise in one of two files. */
export function checkSameColumns(colArgument: string, x: Columns, y: Columns): void {
  if (x.rows.rows === 0 || y.rows.rows === 0) return;
  const [ofX, ofY] = [openColumns(x.given), openColumns(y.given)];
  if (ofX?.indexBase !== ofY?.indexBase && (ofX?.indexBase || ofY?.indexBase)) refuseBase(colArgument, x, y);
  if (x.rows.depth === y.rows.depth) return;
  const expected = say`rows of length ${x.rows.depth} (as ${mention.argument('x', nameOf(x))} has)`;
  const advice = ofX?.width || ofY?.width ? widthAdvice(x, y) : undefined;
  fail(colArgument, expected, `rows of length ${y.rows.depth}`, { file: nameOf(y), advice });
}

function refuseBase(colArgument: string, x: Columns, y: Columns): never {
  const [open, other] = openColumns(x.given)?.indexBase ? ['x', colArgument] : [colArgument, 'x'];
  const names = { x: nameOf(x), [colArgument]: nameOf(y) };
  const fileOfOpen = mention.argument(open, names[open as 'x']);
  const fileOfOther = mention.argument(other, names[other as 'x']);
  refuse(
    open,
    say`the columns of ${fileOfOpen} may be counted from 0 or from 1, as none is 0, and those of ${fileOfOther} are counted from 0`,
    say`choose with ${mention.option('indexBase', 1)} or ${mention.option('indexBase', 0)}`,
  );
}

/** What makes two files of SVMlight as wide as each other. */
function widthAdvice(x: Columns, y: Columns): Message {
  const most = Math.max(x.rows.depth, y.rows.depth);
  const base = openColumns(x.given)?.indexBase || openColumns(y.given)?.indexBase;
  const width = say`a file of SVMlight ends with the last column that it stores; give the number of columns with ${mention.option('width', most)} or more`;
  return base ? say`${width}, and ${mention.option('indexBase', 1)} or ${mention.option('indexBase', 0)}` : width;
}

function openColumns(given: unknown): OpenColumns | undefined {
  return given instanceof StoredRows ? given.openColumns : undefined;
}

/** Sparse rows in memory have forgotten their file. */
function nameOf({ given, rows }: Columns): string | undefined {
  return given instanceof StoredRows ? given.name : fileOf(rows);
}
