// The heatmap's canvas: the visible part of the matrix, when it is drawn, and what pointers and keys do.

import { effect, type Signal, signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { isSameRange, type ScoreRange } from '../compute/score-range.js';
import { followGestures, type Place, type Trace, ZOOM_STEP } from '../panels/gestures.js';
import type { Zoomable } from '../panels/zoom-buttons.js';
import { facts, matrixSize, permutation, selectedRow } from '../state/answers.js';
import { cellValue, colourRange, type Part, seen } from '../state/choices.js';
import { rgbOfHex } from '../state/oklab.js';
import { selectRows } from '../state/selection.js';
import { styleColour, theme } from '../state/theme.js';
import { tiles } from '../state/tile-store.js';
import { tell } from '../state/working.js';
import { colourScale, FULL_RANGE } from './colours.js';
import { HeatmapRenderer } from './renderer.js';
import { rangeSeen } from './seen-range.js';
import {
  fitScale,
  panBy,
  pixelOf,
  placeAt,
  resized,
  reveal,
  seenRange,
  type Viewport,
  wholeMatrix,
  zoomAt,
} from './viewport.js';

/** A cell of the matrix by its position, not by the rows that are there. */
export interface Cell {
  readonly row: number;
  readonly col: number;
}

/** Two opposite corners. */
export type Box = readonly [from: Place, to: Place];

export interface Heatmap extends Zoomable {
  readonly frame: { current: HTMLDivElement | null };
  readonly canvas: { current: HTMLCanvasElement | null };
  readonly view: Signal<Viewport>;
  /** The cell under the pointer, or the one that the keys have reached. */
  readonly cell: Signal<Cell | null>;
  /** The corners of the box that is being dragged, in pixels. */
  readonly box: Signal<Box | null>;
  onKeyDown(event: KeyboardEvent): void;
}

/** Returns the row at a position in the matrix. */
export function rowAt(place: number): number {
  return permutation.value?.[place] ?? place;
}

/** Returns the row in a column of the matrix. */
export function colAt(place: number): number {
  return rowAt(matrixSize.value.from + place);
}

/** Returns where a row lies in the matrix: as a row and as a column, or with two files as one of them. */
export function placesOfRow(row: number | null): Partial<Cell> {
  if (row === null) return {};
  const place = permutation.value ? permutation.value.indexOf(row) : row;
  const { from } = matrixSize.value;
  if (place < 0) return {};
  if (from === 0) return { row: place, col: place };
  return place < from ? { row: place } : { col: place - from };
}

/** Moves to a row that is picked elsewhere, if it is not seen. */
function followSelection(view: Signal<Viewport>, change: Change): () => void {
  let before = selectedRow.peek();
  return effect(() => {
    const { row, col } = placesOfRow(selectedRow.value);
    const now = view.peek();
    const { rowStart, rowEnd, colStart, colEnd } = seenRange(now);
    const isOutside = (place: number | undefined, start: number, end: number) =>
      place !== undefined && (place < start || place >= end);
    const unseen = row === undefined ? isOutside(col, colStart, colEnd) : isOutside(row, rowStart, rowEnd);
    if (unseen && selectedRow.value !== before && now.rows > 0) {
      change(row === undefined ? reveal(now, Math.floor(now.y), col ?? 0) : reveal(now, row, Math.floor(now.x)));
    }
    before = selectedRow.value;
  });
}

/** The visible part of the matrix as the address states it; null for all of it. */
function partOf(view: Viewport): Part | null {
  const { scale, x, y } = view;
  const zoom = scale / fitScale(view);
  return zoom < 1.001 ? null : { x, y, zoom };
}

function viewOf(part: Part | null, { rows, cols }: typeof matrixSize.value, width: number, height: number): Viewport {
  const whole = wholeMatrix(rows, width, height, cols);
  return part && part.x <= cols && part.y <= rows ? zoomAt({ ...whole, x: part.x, y: part.y }, part.zoom) : whole;
}

function isSamePart(a: Part | null, b: Part | null): boolean {
  if (!a || !b) return a === b;
  return Math.abs(a.x - b.x) + Math.abs(a.y - b.y) + Math.abs(a.zoom - b.zoom) < 0.02;
}

/** The range of the visible scores since the picture came to rest; null while the whole is visible, or if it is unknown. */
const rangeInView = signal<ScoreRange | null>(null);

/** The scores of the colours. */
export function usedRange(): ScoreRange {
  if (colourRange.value !== 'fitted') return FULL_RANGE;
  return rangeInView.value ?? facts.value?.typicalScores ?? FULL_RANGE;
}

/** The picture is at rest when it has not moved for this long. */
const REST_MS = 150;

/** Minimum number of pixels that an arrow key moves. */
const KEY_PIXELS = 6;

export function useHeatmap(onPick: (cell: Cell) => void): Heatmap {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [{ view, cell, box, isSelecting }] = useState(() => ({
    view: signal(wholeMatrix(0, 1, 1)),
    cell: signal<Cell | null>(null),
    box: signal<Box | null>(null),
    isSelecting: signal(false),
  }));
  const change = (next: Viewport) => {
    view.value = next;
    seen.value = partOf(next);
  };
  useEffect(() => followSize(frame.current as HTMLDivElement, view), [view]);
  useEffect(() => followDrawing(canvas.current as HTMLCanvasElement, view), [view]);
  useEffect(() => followSelection(view, change), [view]);
  useEffect(() => {
    const trace = {
      isWanted: (event: PointerEvent) => event.shiftKey || isSelecting.peek(),
      moved: (line: readonly Place[]) => {
        const [from, to] = [line[0], line.at(-1)];
        box.value = from && to ? [from, to] : null;
      },
      ended: (line: readonly Place[]) => selectRows(rowsInBox(view.peek(), [line[0] as Place, line.at(-1) as Place])),
    };
    return followPointers(canvas.current as HTMLCanvasElement, view, cell, change, onPick, trace);
  }, [view, cell]);
  return {
    frame,
    canvas,
    view,
    cell,
    box,
    isSelecting,
    zoomIn: () => change(zoomAt(view.peek(), ZOOM_STEP)),
    zoomOut: () => change(zoomAt(view.peek(), 1 / ZOOM_STEP)),
    showWhole: () => change(wholeOf(view.peek())),
    onKeyDown: (event) => pressed(event, view.peek(), cell, change, onPick),
  };
}

/** Returns the view in the size of its frame, of the current rows, at the position in the address. */
function followSize(frame: HTMLElement, view: Signal<Viewport>): () => void {
  const observer = new ResizeObserver(() => {
    const { clientWidth, clientHeight } = frame;
    if (clientWidth > 0 && clientHeight > 0) view.value = resized(view.peek(), clientWidth, clientHeight);
  });
  observer.observe(frame);
  const stop = effect(() => {
    const { rows, cols } = matrixSize.value;
    const now = view.peek();
    if (now.rows === rows && now.cols === cols && isSamePart(partOf(now), seen.value)) return;
    view.value = viewOf(seen.value, matrixSize.value, frame.clientWidth || 1, frame.clientHeight || 1);
  });
  return () => {
    observer.disconnect();
    stop();
  };
}

/** Undefined without WebGL. The page reports this, and the rest of it works. */
function makeRenderer(canvas: HTMLCanvasElement): HeatmapRenderer | undefined {
  try {
    return new HeatmapRenderer(canvas);
  } catch (error) {
    tell(error);
    return undefined;
  }
}

/** Draws once per frame if anything has changed. */
function followDrawing(canvas: HTMLCanvasElement, view: Signal<Viewport>): () => void {
  let renderer = makeRenderer(canvas);
  let resting: ReturnType<typeof setTimeout> | undefined;
  // The mean scores of the whole have a range that is known before the picture, and stays.
  const followRange = () => {
    const channel = cellValue.peek() === 'mean' ? 0 : 1;
    const isKnown = seen.peek() === null && channel === 0;
    const range = isKnown ? null : rangeSeen(tiles, view.peek(), devicePixelRatio, channel);
    // A new object would count as a change, and draw again without end.
    if (!isSameRange(range, rangeInView.peek())) rangeInView.value = range;
  };
  const colours = { light: colourScale('light'), dark: colourScale('dark') };
  let frame = 0;
  const draw = () => {
    frame = 0;
    const whole = renderer?.draw(tiles, {
      view: view.peek(),
      pixelRatio: devicePixelRatio,
      channel: cellValue.peek() === 'mean' ? 0 : 1,
      range: usedRange(),
      colours: colours[theme.peek()],
      background: rgbOfHex(styleColour('--panel')),
    });
    clearTimeout(resting);
    if (whole) resting = setTimeout(followRange, REST_MS);
    // Tests and screenshots wait for the picture with this.
    canvas.dataset.drawn = String(whole && tiles.version.peek() > 1);
    if (whole && tiles.version.peek() > 1 && performance.getEntriesByName('allpairs picture').length === 0) {
      performance.mark('allpairs picture');
    }
  };
  const stop = effect(() => {
    // Reading these signals makes the effect run when they change.
    void [view.value, tiles.version.value, cellValue.value, colourRange.value, rangeInView.value, facts.value, theme.value];
    canvas.dataset.drawn = 'false';
    frame ||= requestAnimationFrame(draw);
  });
  // A driver may lose the context and restore it.
  const lost = (event: Event) => event.preventDefault();
  const restored = () => {
    renderer = makeRenderer(canvas);
    frame ||= requestAnimationFrame(draw);
  };
  canvas.addEventListener('webglcontextlost', lost);
  canvas.addEventListener('webglcontextrestored', restored);
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(resting);
    canvas.removeEventListener('webglcontextlost', lost);
    canvas.removeEventListener('webglcontextrestored', restored);
    stop();
  };
}

const wholeOf = ({ rows, cols, width, height }: Viewport) => wholeMatrix(rows, width, height, cols);

type Change = (view: Viewport) => void;
type Pick = (cell: Cell) => void;

function followPointers(
  canvas: HTMLCanvasElement,
  view: Signal<Viewport>,
  cell: Signal<Cell | null>,
  change: Change,
  pick: Pick,
  trace: Trace,
): () => void {
  return followGestures(canvas, {
    trace,
    pan: (dx, dy) => change(panBy(view.peek(), dx, dy)),
    zoom: (factor, px, py) => {
      change(zoomAt(view.peek(), factor, px, py));
      point(cell, view.peek(), px, py);
    },
    isWhole: () => seen.peek() === null,
    click: (px, py) => {
      point(cell, view.peek(), px, py);
      const there = cellAt(view.peek(), px, py);
      if (there) pick(there);
    },
    hover: (px, py) => point(cell, view.peek(), px, py),
    leave: () => {
      cell.value = null;
    },
  });
}

/** Returns the rows and the columns that a box covers, even partly. */
function rowsInBox(view: Viewport, [from, to]: Box): number[] {
  const corners = [placeAt(view, from.x, from.y), placeAt(view, to.x, to.y)] as const;
  const between = (a: number, b: number, count: number, at: (place: number) => number) => {
    const first = Math.max(0, Math.floor(Math.min(a, b)));
    const last = Math.min(count - 1, Math.floor(Math.max(a, b)));
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, place) => at(first + place));
  };
  const [a, b] = corners;
  // A box outside the matrix covers no cell.
  const rows = between(a.row, b.row, view.rows, rowAt);
  const cols = between(a.col, b.col, view.cols, colAt);
  return rows.length > 0 && cols.length > 0 ? [...rows, ...cols] : [];
}

/** Points at the cell under a pixel, if it differs from the previous one. */
function point(cell: Signal<Cell | null>, view: Viewport, px: number, py: number): void {
  const next = cellAt(view, px, py);
  const before = cell.peek();
  if (next?.row !== before?.row || next?.col !== before?.col) cell.value = next;
}

function cellAt(view: Viewport, px: number, py: number): Cell | null {
  const { row, col } = placeAt(view, px, py);
  const cell = { row: Math.floor(row), col: Math.floor(col) };
  return cell.row >= 0 && cell.row < view.rows && cell.col >= 0 && cell.col < view.cols ? cell : null;
}

const ARROWS: Record<string, readonly [down: number, right: number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

function pressed(event: KeyboardEvent, view: Viewport, cell: Signal<Cell | null>, change: Change, pick: Pick): void {
  const { key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || view.rows === 0) return;
  const middle = { row: Math.floor(view.y), col: Math.floor(view.x) };
  const here = cell.peek() ?? middle;
  const arrow = ARROWS[key];
  if (arrow) {
    const step = Math.max(1, Math.round(KEY_PIXELS / view.scale)) * (event.shiftKey ? 10 : 1);
    const move = (place: number, by: number, count: number) => Math.min(count - 1, Math.max(0, place + by * step));
    cell.value = { row: move(here.row, arrow[0], view.rows), col: move(here.col, arrow[1], view.cols) };
    change(reveal(view, cell.value.row, cell.value.col));
  } else if (key === '+' || key === '=' || key === '-') {
    const { px, py } = pixelOf(view, here.row + 0.5, here.col + 0.5);
    change(zoomAt(view, key === '-' ? 1 / ZOOM_STEP : ZOOM_STEP, px, py));
    cell.value = here;
  } else if (key === '0') change(wholeOf(view));
  else if (key === 'Enter') pick(here);
  else if (key === 'Escape') cell.value = null;
  else return;
  event.preventDefault();
}
