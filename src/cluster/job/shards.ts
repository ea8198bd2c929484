// A result cut into shards of equal work that read few rows. Pure: shapes in, rectangles out.
//
// The result is cut into strips of whole rows, and each strip into shards side by side. A shard of w pairs reads the fewest rows
// where it is a square: 2 sqrt(w) of them. Of x with itself only what is on and above the diagonal is cut; the first shard of a
// strip has the strip's triangle on the diagonal, whose rows and columns are the same rows, and reads 1.5 sqrt(w).

/** Rows [rowStart, rowEnd) against rows [colStart, colEnd); of x with itself, where colStart is rowStart, from the diagonal on. */
export interface Shard {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly colStart: number;
  readonly colEnd: number;
}

/** The shape of a result: `cols` rows of y, or undefined for x with itself. */
export interface ResultShape {
  readonly rows: number;
  readonly cols: number | undefined;
}

/** Up to `count` shards, strip by strip: fewer where there are not as many pairs, none where there is no pair. */
export function cutShards({ rows, cols }: ResultShape, count: number): Shard[] {
  if (rows === 0 || cols === 0) return [];
  const pairs = cols === undefined ? (rows * (rows + 1)) / 2 : rows * cols;
  const most = Math.min(count, pairs);
  return cols === undefined ? cutTriangle(rows, most) : cutRectangle(rows, cols, most);
}

/** Pairs of rows that are compared, of x with itself a row with itself too. */
export function pairsOfShard(shard: Shard, symmetric: boolean): number {
  const { rowStart, rowEnd, colStart, colEnd } = shard;
  const height = rowEnd - rowStart;
  if (!isOnDiagonal(shard, symmetric)) return height * (colEnd - colStart);
  return (height * (height + 1)) / 2 + height * (colEnd - rowEnd);
}

/** Rows that are read. */
export function rowsOfShard(shard: Shard, symmetric: boolean): number {
  const { rowStart, rowEnd, colStart, colEnd } = shard;
  return colEnd - colStart + (isOnDiagonal(shard, symmetric) ? 0 : rowEnd - rowStart);
}

export function isOnDiagonal({ rowStart, colStart }: Shard, symmetric: boolean): boolean {
  return symmetric && rowStart === colStart;
}

function cutTriangle(rows: number, count: number): Shard[] {
  const shards: Shard[] = [];
  for (let rowStart = 0; rowStart < rows; ) {
    const size = rows - rowStart;
    const left = Math.max(1, count - shards.length);
    const { height, across } = bestStrip(size, left);
    const rowEnd = rowStart + height;
    const corner = (height * (height + 1)) / 2;
    const work = (corner + height * (size - height)) / across;
    let colStart = rowStart;
    for (let at = 1; at <= across && colStart < rows; at++) {
      const end = rowEnd + Math.round((at * work - corner) / height);
      const colEnd = at === across ? rows : Math.min(rows, Math.max(rowEnd, end));
      if (colEnd === colStart) continue;
      shards.push({ rowStart, rowEnd, colStart, colEnd });
      colStart = colEnd;
    }
    rowStart = rowEnd;
  }
  return shards;
}

/** The next strip of a triangle for `left` shards: how many of them side by side, so that they read the fewest rows each. */
function bestStrip(size: number, left: number): { height: number; across: number } {
  const work = (size * (size + 1)) / 2 / left;
  let best = { height: size, across: left };
  let fewest = Number.POSITIVE_INFINITY;
  for (let across = 1; across < left; across++) {
    // Of height * (size - height / 2) = across * work.
    const height = Math.max(1, Math.round(size - Math.sqrt(Math.max(0, size * size - 2 * across * work))));
    // Beyond, the triangle on the diagonal alone is more than a shard.
    if (height >= size || height * height > 2 * work) break;
    const width = work / height;
    const read = (width + height / 2 + (across - 1) * (height + width)) / across;
    if (read >= fewest) continue;
    fewest = read;
    best = { height, across };
  }
  return best;
}

function cutRectangle(rows: number, cols: number, count: number): Shard[] {
  const strips = bestStrips(rows, cols, count);
  const shards: Shard[] = [];
  let before = 0;
  for (let strip = 1, rowStart = 0; strip <= strips; strip++) {
    // As many shards in a strip as in any other, or one more, and as high in proportion.
    const after = Math.round((strip * count) / strips);
    const across = after - before;
    const rowEnd = Math.round((after * rows) / count);
    before = after;
    for (let at = 1, colStart = 0; at <= across && rowEnd > rowStart; at++) {
      const colEnd = Math.round((at * cols) / across);
      if (colEnd > colStart) shards.push({ rowStart, rowEnd, colStart, colEnd });
      colStart = colEnd;
    }
    rowStart = rowEnd;
  }
  return shards;
}

/** How many strips make shards nearest to squares. */
function bestStrips(rows: number, cols: number, count: number): number {
  const ideal = Math.sqrt((count * rows) / cols);
  const candidates = [Math.floor(ideal), Math.ceil(ideal)].map((strips) => Math.min(count, rows, Math.max(1, strips)));
  const read = (strips: number) => rows / strips + (cols * strips) / count;
  const [few, many] = candidates as [number, number];
  return read(few) <= read(many) ? few : many;
}
