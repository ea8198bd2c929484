// Brackets in the cells of a record. If a bracket opens in one cell and closes in a later one, the cells are parts of one cell.

/** True if a cell opens a bracket without closing it, or closes one without opening it. */
export function isUnbalanced(cell: string): boolean {
  const { squares, braces } = depthAfter(cell, { squares: 0, braces: 0 });
  return squares !== 0 || braces !== 0 || opensRound(cell);
}

/** For each cell: whether it is unbalanced but balanced together with the cells after it, up to a later one. Reads each cell once. */
export function closingLater(cells: readonly string[]): boolean[] {
  const depths: Depth[] = [{ squares: 0, braces: 0 }];
  /** The last cell after which the brackets have this depth. */
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

/** Number of open brackets of each kind. */
interface Depth {
  readonly squares: number;
  readonly braces: number;
}

const OPEN_SQUARE = 0x5b;
const CLOSE_SQUARE = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

function depthAfter(cell: string, { squares, braces }: Depth): Depth {
  // Iterating over the characters would make a string of each.
  for (let at = 0; at < cell.length; at++) {
    const unit = cell.charCodeAt(at);
    if (unit === OPEN_SQUARE) squares += 1;
    else if (unit === CLOSE_SQUARE) squares -= 1;
    else if (unit === OPEN_BRACE) braces += 1;
    else if (unit === CLOSE_BRACE) braces -= 1;
  }
  return { squares, braces };
}

function keyOf({ squares, braces }: Depth): string {
  return `${squares},${braces}`;
}

/** Round brackets also occur in texts, so only one that begins a cell counts. */
function opensRound(cell: string): boolean {
  return /^\s*\(/.test(cell) && !cell.includes(')');
}
