// Checks that the rows of x and of y have the same columns.

import { fail, refuse } from './argument.js';
import { mention, say } from './message.js';
import { type AnyRows, fileOf, type OpenColumns, StoredRows } from './rows/stored-rows.js';

/** Rows as the caller gave them, and as they were understood. */
interface Columns {
  readonly given: unknown;
  readonly rows: AnyRows;
}

/** Throws ArgumentError for rows of different lengths, and for columns that two files may count differently. */
export function checkSameColumns(colArgument: string, x: Columns, y: Columns): void {
  const { depth } = x.rows;
  if (x.rows.rows === 0 || y.rows.rows === 0) return;
  const [ofX, ofY] = [openColumns(x), openColumns(y)];
  const ownName = mention.argument('x', nameOf(x));
  if (!ofX?.chooseBase !== !ofY?.chooseBase) {
    const names = [ownName, mention.argument(colArgument, nameOf(y))];
    const [open, other] = (ofX?.chooseBase ? names : names.reverse()) as [(typeof names)[0], (typeof names)[0]];
    refuse(
      ofX?.chooseBase ? 'x' : colArgument,
      say`the columns of ${open} may be counted from 0 or from 1, as none is 0, and those of ${other} are counted from 0`,
      ofX?.chooseBase ?? ofY?.chooseBase,
    );
  }
  if (depth === y.rows.depth) return;
  fail(colArgument, say`rows of length ${depth} (as ${ownName} has)`, `rows of length ${y.rows.depth}`, {
    file: nameOf(y),
    advice: (ofX ?? ofY)?.chooseWidth(Math.max(depth, y.rows.depth)),
  });
}

function openColumns({ given }: Columns): OpenColumns | undefined {
  return given instanceof StoredRows ? given.openColumns : undefined;
}

/** Sparse rows in memory do not know their file. */
function nameOf({ given, rows }: Columns): string | undefined {
  return given instanceof StoredRows ? given.name : fileOf(rows);
}
