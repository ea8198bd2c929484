// The matrix as the heatmap draws it: tiles of 256 x 256 cells at levels 0, 1, 2, and so on. A cell of level L is the mean and the highest
// of 2^L x 2^L scores. If rows are compared with each other, only tiles on and above the diagonal are computed; each also stands for its
// transpose.
//
// Levels from `base` on are computed in one pass over the matrix and kept: at most 5,120 cells a side. Finer ones are computed again from
// the rows when they are viewed. If there are many rows, only every 2^s-th is compared, so that no tile takes long; a cell of level L then
// summarises 2^(L-s) x 2^(L-s) scores.

/** Number of cells along a side of a tile. */
export const TILE = 256;
/** Two numbers per cell. */
export const CHANNELS = 2;

/** 210 tiles of 256 KiB. */
const MAX_BASE_CELLS = 20 * TILE;

/** Number of rows compared with each other in the pass. Four times the cells, so that each cell summarises at least 16 scores. */
export const MAX_COMPARED = 4 * MAX_BASE_CELLS;

/** Levels up to this one compare all rows of a tile when they are computed again: at most 2,048 with as many. */
const MAX_EXACT_LEVEL = 3;

export interface TilePlace {
  readonly level: number;
  /** In tiles; row <= col where the matrix is symmetric. */
  readonly row: number;
  readonly col: number;
}

export interface Tile extends TilePlace {
  /** (256, 256, 2): mean and maximum of each cell, encoded by `encodeScore`. Cells outside the matrix are 0. */
  readonly cells: Uint16Array<ArrayBuffer>;
}

export interface PyramidShape {
  readonly rows: number;
  readonly cols: number;
  /** True if rows are compared with each other. */
  readonly symmetric: boolean;
  /** The finest level that is kept. */
  readonly base: number;
  /** The coarsest level, a single tile. */
  readonly top: number;
  /** The pass compares every 2^sampling-th row. */
  readonly sampling: number;
}

/** Returns the shape of a matrix of rows with each other, or with `others` other rows. */
export function shapeOf(rows: number, others: number | null = null): PyramidShape {
  const cols = others ?? rows;
  const longer = Math.max(rows, cols);
  let base = 0;
  while (cellsAt(longer, base) > MAX_BASE_CELLS) base++;
  let top = base;
  while (tilesAt(longer, top) > 1) top++;
  let sampling = 0;
  while (cellsAt(longer, sampling) > MAX_COMPARED) sampling++;
  return { rows, cols, symmetric: others === null, base, top, sampling };
}

/** Returns the sampling of the tiles of one level: 0 if their cells summarise all scores. */
export function samplingAt({ base, sampling }: Pick<PyramidShape, 'base' | 'sampling'>, level: number): number {
  if (sampling === 0) return 0;
  return level >= base ? sampling : Math.max(0, level - MAX_EXACT_LEVEL);
}

/** Returns every 2^sampling-th of `rows`. */
export function sampleOf<T>(rows: readonly T[], sampling: number): T[] {
  return Array.from({ length: cellsAt(rows.length, sampling) }, (_, at) => rows[at * 2 ** sampling] as T);
}

export function cellsAt(rows: number, level: number): number {
  return Math.ceil(rows / 2 ** level);
}

export function tilesAt(rows: number, level: number): number {
  return Math.ceil(cellsAt(rows, level) / TILE);
}

/** The finest level that is kept at which the matrix has at most so many cells along a side. */
export function levelWithin({ rows, base, top }: PyramidShape, cells: number): number {
  let level = base;
  while (level < top && cellsAt(rows, level) > cells) level++;
  return level;
}

export function keyOf({ level, row, col }: TilePlace): string {
  return `${level}/${row}/${col}`;
}

/** Returns the tile that represents this one: itself, or its transpose above the diagonal. */
export function upper({ level, row, col }: TilePlace): TilePlace {
  return row <= col ? { level, row, col } : { level, row: col, col: row };
}

/** Returns the tile that is kept for this one. */
export function keptPlace({ symmetric }: Pick<PyramidShape, 'symmetric'>, place: TilePlace): TilePlace {
  return symmetric ? upper(place) : place;
}

/** Encodes -1 to 1 as 0 to 65534, so that 0 is 32767. */
export function encodeScore(score: number): number {
  return ((score + 1) * 32767 + 0.5) | 0;
}

export function decodeScore(code: number): number {
  return code / 32767 - 1;
}

export function emptyCells(): Uint16Array<ArrayBuffer> {
  return new Uint16Array(TILE * TILE * CHANNELS);
}

/** Scores in a larger matrix: `rows` x `cols` of them, starting at `offset`, with rows `stride` apart. */
export interface ScoreWindow {
  readonly data: Float32Array | Float64Array;
  readonly offset: number;
  readonly stride: number;
  readonly rows: number;
  readonly cols: number;
}

/** Returns the cells of a tile of this level from its scores. Every score of the matrix passes through here. */
export function reduceScores(scores: ScoreWindow, level: number): Uint16Array<ArrayBuffer> {
  const side = 2 ** level;
  const cells = emptyCells();
  for (let top = 0, cellRow = 0; top < scores.rows; top += side, cellRow++) {
    const into = cells.subarray(cellRow * TILE * CHANNELS);
    if (level === 0) encodeRow(scores, top, into);
    else reduceCells(scores, top, side, into);
  }
  return cells;
}

function encodeRow({ data, offset, stride, cols }: ScoreWindow, row: number, into: Uint16Array): void {
  const start = offset + row * stride;
  for (let col = 0; col < cols; col++) {
    const code = encodeScore(data[start + col] as number);
    into[CHANNELS * col] = code;
    into[CHANNELS * col + 1] = code;
  }
}

/** Computes one row of cells from the rows of scores from `top` on. */
function reduceCells({ data, offset, stride, rows, cols }: ScoreWindow, top: number, side: number, into: Uint16Array): void {
  const height = Math.min(side, rows - top);
  const start = offset + top * stride;
  const end = start + height * stride;
  for (let left = 0, at = 0; left < cols; left += side, at += CHANNELS) {
    const width = Math.min(side, cols - left);
    let sum = 0;
    let highest = -1;
    for (let first = start + left; first < end; first += stride) {
      for (let place = first; place < first + width; place++) {
        const score = data[place] as number;
        sum += score;
        if (score > highest) highest = score;
      }
    }
    into[at] = encodeScore(sum / (height * width));
    into[at + 1] = encodeScore(highest);
  }
}

export function transpose(cells: Uint16Array): Uint16Array<ArrayBuffer> {
  const transposed = emptyCells();
  for (let row = 0; row < TILE; row++) {
    for (let col = 0; col < TILE; col++) {
      const from = (row * TILE + col) * CHANNELS;
      const to = (col * TILE + row) * CHANNELS;
      transposed[to] = cells[from] as number;
      transposed[to + 1] = cells[from + 1] as number;
    }
  }
  return transposed;
}

/** Collects the tiles of the base level, and makes those above them as soon as their parts are complete. */
export class PyramidBuilder {
  private readonly waiting = new Map<string, Uint16Array<ArrayBuffer>>();

  constructor(private readonly shape: PyramidShape) {}

  /** Adds a tile of the base level; returns it with the tiles of higher levels that are now complete. */
  add(tile: Tile): Tile[] {
    const made = [tile];
    for (let last = tile; last.level < this.shape.top; ) {
      this.waiting.set(keyOf(last), last.cells);
      const parent = { level: last.level + 1, row: last.row >> 1, col: last.col >> 1 };
      const cells = this.join(parent);
      if (!cells) break;
      last = { ...parent, cells };
      made.push(last);
    }
    return made;
  }

  /** Returns the cells of a tile if all its parts are waiting, and removes these parts. */
  private join({ level, row, col }: TilePlace): Uint16Array<ArrayBuffer> | undefined {
    const { rows, cols, symmetric } = this.shape;
    const parts = [0, 1, 2, 3].map((part) => ({ level: level - 1, row: 2 * row + (part >> 1), col: 2 * col + (part & 1) }));
    const there = parts.filter(
      (part) =>
        part.row < tilesAt(rows, level - 1) && part.col < tilesAt(cols, level - 1) && (!symmetric || part.row <= part.col),
    );
    if (!there.every((part) => this.waiting.has(keyOf(part)))) return undefined;
    const cells = emptyCells();
    for (const part of there) {
      const finer = this.waiting.get(keyOf(part)) as Uint16Array;
      this.waiting.delete(keyOf(part));
      this.shrink(finer, part, cells, part.row - 2 * row, part.col - 2 * col);
      if (symmetric && row === col && part.row !== part.col)
        this.shrink(transpose(finer), { ...part, row: part.col, col: part.row }, cells, 1, 0);
    }
    return cells;
  }

  /** Copies a tile at half its size into quarter (down, right) of another. Cells at the edge of the matrix represent fewer scores. */
  private shrink(finer: Uint16Array, { level, row, col }: TilePlace, into: Uint16Array, down: number, right: number): void {
    const { rows, cols } = this.shape;
    const span = (cell: number, all: number) => Math.max(0, Math.min(2 ** level, all - cell * 2 ** level));
    const half = TILE / 2;
    for (let r = 0; r < half; r++) {
      const heights = [span(row * TILE + 2 * r, rows), span(row * TILE + 2 * r + 1, rows)] as const;
      if (heights[0] === 0) break;
      for (let c = 0; c < half; c++) {
        const widths = [span(col * TILE + 2 * c, cols), span(col * TILE + 2 * c + 1, cols)] as const;
        if (widths[0] === 0) break;
        let sum = 0;
        let highest = 0;
        for (let part = 0; part < 4; part++) {
          const weight = (heights[part >> 1] as number) * (widths[part & 1] as number);
          if (weight === 0) continue;
          const at = ((2 * r + (part >> 1)) * TILE + 2 * c + (part & 1)) * CHANNELS;
          sum += weight * (finer[at] as number);
          highest = Math.max(highest, finer[at + 1] as number);
        }
        const to = ((down * half + r) * TILE + right * half + c) * CHANNELS;
        into[to] = Math.round(sum / ((heights[0] + heights[1]) * (widths[0] + widths[1])));
        into[to + 1] = highest;
      }
    }
  }
}
