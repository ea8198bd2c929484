// Cuts a result into shards of equal work that read few rows. Pure functions: shapes in, rectangles out.
//
// The result is cut into strips of whole rows, and each strip into shards side by side. A shard of w pairs reads the fewest rows if it
// is a square: 2 sqrt(w) of them. A self-comparison covers only the pairs on and above the diagonal. The first shard of a strip
// contains its triangle on the diagonal, whose rows and columns are the same rows, and reads 1.5 sqrt(w) rows.

/**
 * Rows [rowStart, rowEnd) against rows [colStart, colEnd). In a self-comparison with colStart equal to rowStart, only the pairs on and
 * above the diagonal.
 */
export interface Shard {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly colStart: number;
  readonly colEnd: number;
}

/** The shape of a result: `cols` is the number of rows of y, or undefined for a self-comparison. */
export interface ResultShape {
  readonly rows: number;
  readonly cols: number | undefined;
}

/** Returns up to `count` shards, strip by strip: fewer if there are fewer pairs, and none if there are no pairs. */
export function cutShards({ rows, cols }: ResultShape, count: number): Shard[] {
  if (rows === 0 || cols === 0) return [];
  const pairs = cols === undefined ? (rows * (rows + 1)) / 2 : rows * cols;
  const most = Math.min(count, pairs);
  return cols === undefined ? cutTriangle(rows, most) : cutRectangle(rows, cols, most);
}

/** Number of pairs in a shard. In a self-comparison this includes each row with itself. */
export function pairsOfShard(shard: Shard, symmetric: boolean): number {
  const { rowStart, rowEnd, colStart, colEnd } = shard;
  const height = rowEnd - rowStart;
  if (!isOnDiagonal(shard, symmetric)) return height * (colEnd - colStart);
  return (height * (height + 1)) / 2 + height * (colEnd - rowEnd);
}

/** Number of rows that a shard reads. */
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

/** Chooses the next strip of a triangle for `left` shards: as many shards side by side as need the fewest rows each. */
function bestStrip(size: number, left: number): { height: number; across: number } {
  const work = (size * (size + 1)) / 2 / left;
  let best = { height: size, across: left };
  let fewest = Number.POSITIVE_INFINITY;
  for (let across = 1; across < left; across++) {
    // Solves height * (size - height / 2) = across * work.
    const height = Math.max(1, Math.round(size - Math.sqrt(Math.max(0, size * size - 2 * across * work))));
    // Beyond this height, the triangle on the diagonal alone exceeds one shard.
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
    // Strips differ by at most one shard, and their heights are proportional.
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

/** Returns the number of strips that makes shards most nearly square. */
function bestStrips(rows: number, cols: number, count: number): number {
  const ideal = Math.sqrt((count * rows) / cols);
  const candidates = [Math.floor(ideal), Math.ceil(ideal)].map((strips) => Math.min(count, rows, Math.max(1, strips)));
  const read = (strips: number) => rows / strips + (cols * strips) / count;
  const [few, many] = candidates as [number, number];
  return read(few) <= read(many) ? few : many;
}
