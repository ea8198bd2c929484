// Brackets in the cells of a record: where one opens in a cell and closes in a later one, the cells are parts of one.

/** Whether a cell opens a bracket that it does not close, or closes one that it does not open. */
export function isUnbalanced(cell: string): boolean {
  const { squares, braces } = depthAfter(cell, { squares: 0, braces: 0 });
  return squares !== 0 || braces !== 0 || opensRound(cell);
}

/** For each cell whether it is unbalanced, and balanced together with what follows it up to a later cell. Reads each cell once. */
export function closingLater(cells: readonly string[]): boolean[] {
  const depths: Depth[] = [{ squares: 0, braces: 0 }];
  /** The last cell after which brackets are as deep as this. */
  const lastAt = new Map<string, number>();
  for (const [at, cell] of cells.entries()) {
    const depth = depthAfter(cell, depths[at] as Depth);
    depths.push(depth);
    lastAt.set(keyOf(depth), at);
  }
  const closing = new Array<boolean>(cells.length).fill(false);
  let nextRoundEnd = Number.POSITIVE_INFINITY;
  for (let at = cells.length - 1; at >= 0; at--) {
    const cell = cells[at] as string;
    if (cell.includes(')')) nextRoundEnd = at;
    const before = keyOf(depths[at] as Depth);
    const round = opensRound(cell);
    if (!round && keyOf(depths[at + 1] as Depth) === before) continue;
    closing[at] = (lastAt.get(before) ?? -1) >= Math.max(at + 1, round ? nextRoundEnd : 0);
  }
  return closing;
}

/** How many brackets of each kind are open. */
interface Depth {
  readonly squares: number;
  readonly braces: number;
}

function depthAfter(cell: string, { squares, braces }: Depth): Depth {
  for (const character of cell) {
    if (character === '[') squares += 1;
    else if (character === ']') squares -= 1;
    else if (character === '{') braces += 1;
    else if (character === '}') braces -= 1;
  }
  return { squares, braces };
}

function keyOf({ squares, braces }: Depth): string {
  return `${squares},${braces}`;
}

/** Round brackets stand in texts, too: only one that begins a cell counts. */
function opensRound(cell: string): boolean {
  return /^\s*\(/.test(cell) && !cell.includes(')');
}
