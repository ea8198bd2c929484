// The part of the matrix that is on the screen. Pure functions: positions in rows, sizes in CSS pixels.

export interface Viewport {
  /** Number of rows and columns of the whole matrix. */
  readonly rows: number;
  readonly cols: number;
  readonly width: number;
  readonly height: number;
  /** Pixels per row. */
  readonly scale: number;
  /** The position in the middle: x counts columns, y rows. */
  readonly x: number;
  readonly y: number;
}

/** Maximum number of pixels per row. */
const MAX_SCALE = 48;

/** Returns the pixels per row at which the whole matrix just fits. */
export function fitScale({ rows, cols = rows, width, height }: Size): number {
  return Math.min(width / Math.max(1, cols), height / Math.max(1, rows));
}

/** Without `cols`, the matrix is square. */
type Size = Pick<Viewport, 'rows' | 'width' | 'height'> & { readonly cols?: number };

/** Returns the whole matrix in a view of this size. */
export function wholeMatrix(rows: number, width: number, height: number, cols = rows): Viewport {
  return { rows, cols, width, height, scale: fitScale({ rows, cols, width, height }), x: cols / 2, y: rows / 2 };
}

/** Returns the row and column at a pixel; they may be fractions, and outside the matrix. */
export function placeAt({ width, height, scale, x, y }: Viewport, px: number, py: number): { row: number; col: number } {
  return { row: y + (py - height / 2) / scale, col: x + (px - width / 2) / scale };
}

/** Returns the pixel where a row and a column begin. */
export function pixelOf({ width, height, scale, x, y }: Viewport, row: number, col: number): { px: number; py: number } {
  return { px: width / 2 + (col - x) * scale, py: height / 2 + (row - y) * scale };
}

/** Returns the view enlarged by `factor`, with the same position at the pixel. */
export function zoomAt(view: Viewport, factor: number, px = view.width / 2, py = view.height / 2): Viewport {
  const scale = Math.min(Math.max(MAX_SCALE, fitScale(view)), Math.max(fitScale(view), view.scale * factor));
  const { row, col } = placeAt(view, px, py);
  return kept({ ...view, scale, x: col - (px - view.width / 2) / scale, y: row - (py - view.height / 2) / scale });
}

/** Returns the view after dragging by this many pixels. */
export function panBy(view: Viewport, dx: number, dy: number): Viewport {
  return kept({ ...view, x: view.x - dx / view.scale, y: view.y - dy / view.scale });
}

/** Returns the view moved just far enough to make a cell visible. */
export function reveal(view: Viewport, row: number, col: number): Viewport {
  const half = { x: view.width / view.scale / 2, y: view.height / view.scale / 2 };
  const x = Math.min(col + half.x, Math.max(col + 1 - half.x, view.x));
  const y = Math.min(row + half.y, Math.max(row + 1 - half.y, view.y));
  return kept({ ...view, x, y });
}

/** Returns the same part in a view of another size. */
export function resized(view: Viewport, width: number, height: number): Viewport {
  const zoom = view.scale / fitScale(view);
  return kept({ ...view, width, height, scale: zoom * fitScale({ ...view, width, height }) });
}

/** Keeps the middle of the view within the matrix, and the whole matrix in the middle. */
function kept(view: Viewport): Viewport {
  const { rows, cols, width, height, scale, x, y } = view;
  if (scale <= fitScale(view)) return wholeMatrix(rows, width, height, cols);
  return { ...view, x: Math.min(cols, Math.max(0, x)), y: Math.min(rows, Math.max(0, y)) };
}

/** Returns the rows and columns that are on the screen, [from, to). */
export function seenRange(view: Viewport): { rowStart: number; rowEnd: number; colStart: number; colEnd: number } {
  const from = placeAt(view, 0, 0);
  const to = placeAt(view, view.width, view.height);
  const clamp = (value: number, most: number) => Math.min(most, Math.max(0, value));
  return {
    rowStart: clamp(Math.floor(from.row), view.rows),
    rowEnd: clamp(Math.ceil(to.row), view.rows),
    colStart: clamp(Math.floor(from.col), view.cols),
    colEnd: clamp(Math.ceil(to.col), view.cols),
  };
}

/** Returns the finest level whose cells are at least as large as a pixel of the device. */
export function levelFor(scale: number, pixelRatio: number, top: number): number {
  return Math.min(top, Math.max(0, Math.ceil(-Math.log2(scale * pixelRatio) - 1e-9)));
}
