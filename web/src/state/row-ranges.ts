// Lists of rows as short text: "3-7,12".

/** @param rows ascending */
export function rangesOf(rows: readonly number[]): string {
  const parts: string[] = [];
  for (let at = 0; at < rows.length; ) {
    let end = at + 1;
    while (end < rows.length && rows[end] === (rows[end - 1] as number) + 1) end++;
    parts.push(end === at + 1 ? String(rows[at]) : `${rows[at]}-${rows[end - 1]}`);
    at = end;
  }
  return parts.join(',');
}

/** More rows than the page can show are a mistake. */
const MAX_ROWS = 2 ** 21;

/** Returns the rows in such a text; null if it is anything else. */
export function rowsOf(text: string): number[] | null {
  const rows: number[] = [];
  for (const part of text.split(',')) {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    if (first === undefined || Number(last) < Number(first) || Number(last) >= MAX_ROWS) return null;
    for (let row = Number(first); row <= Number(last); row++) rows.push(row);
  }
  return rows;
}
