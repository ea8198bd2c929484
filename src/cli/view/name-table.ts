// Decides how the lines of a file of names are read. It is pure code, shared by the command and the page.

import { DECIMAL } from '../comparable-values.js';

/** Usual names of columns that name rows. */
const USUAL_LABEL =
  /^(title|name|text|label|word|token|term|sentence|caption|question|query|headline|content|document|description)s?$/i;

/** True if a column of this name, or with this path, usually names rows. */
export function isUsualLabel(column: string): boolean {
  return USUAL_LABEL.test(column.slice(column.lastIndexOf('.') + 1).replace(/^#?\s*/, ''));
}

/** Returns the columns that may name the rows: those with a usual name, or else the last. */
export function labelColumns(header: readonly string[] | undefined, width: number): readonly number[] {
  const usual = [...(header ?? []).keys()].filter((at) => isUsualLabel((header as readonly string[])[at] as string));
  return usual.length > 0 ? usual : [width - 1];
}

/** Other usual names for a column of a file of names. */
const USUAL_NAME =
  /^#?\s*(ids?|index|keys?|class(es)?|category|categories|tags?|targets?|paths?|files?|file_?names?|urls?|metadata)$/i;

/**
 * True if the first line, where there is one line too many, names the columns: if there are several columns, if it is a usual name, or if
 * the types in the column show it. False if it may also be a name of a row.
 */
export function beginsWithHeader([first, ...rest]: readonly (readonly string[])[]): boolean {
  if (first === undefined || first.length > 1) return first !== undefined;
  const [name] = first as [string];
  const others = rest.map(([cell]) => cell as string);
  if (!DECIMAL.test(name) && others.every((cell) => DECIMAL.test(cell))) return true;
  return (USUAL_NAME.test(name) || isUsualLabel(name)) && !others.includes(name);
}
