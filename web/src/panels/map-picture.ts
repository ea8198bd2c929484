// Draws the points of the map on a canvas, and finds the point at a pixel.

import type { Positions } from '../compute/principal-positions.js';
import type { Place } from './gestures.js';
import { isInside } from './lasso.js';
import type { MapClass } from './map-colours.js';
import type { MapPoints } from './map-points.js';
import {
  frameOf,
  type MapFrame,
  type MapSquare,
  type MapView,
  pixelOnMap,
  placeInSquare,
  squareAround,
  textWithin,
} from './map-view.js';

/** The content of the drawing. */
export interface MapScene {
  readonly classes: readonly MapClass[];
  /** The key of the class that is shown alone, if there is one. */
  readonly singled: string | null;
  readonly view: MapView;
  readonly selected: number | null;
  /** Rows with a thin ring. */
  readonly near: ArrayLike<number>;
  /** The row under the pointer. */
  readonly pointed: number | null;
  readonly selection: readonly number[];
  /** A line around points that is being drawn. */
  readonly lasso: readonly Place[];
  readonly colours: { readonly ink: string; readonly faded: string; readonly paper: string; readonly selection: string };
}

/** Maximum number of characters of a name on the map. */
const MAX_NAME = 20;
/** In pixels. */
const NAME_HEIGHT = 14;
/** The width of the outline of names, in pixels. */
const OUTLINE = 3;

/** Number of rows from which WebGL draws the points, because a canvas takes 100 ms for 100,000 of them. */
const MANY_POINTS = 20_000;

/** Points beyond the edge that are still partly visible. */
const MARGIN = 8;
const TURN = 2 * Math.PI;

export class MapPicture {
  private readonly square: MapSquare;
  private readonly middles = new WeakMap<readonly number[], { x: number; y: number }>();
  /** Draws many points. Undefined until it is loaded, null without WebGL. */
  private points: MapPoints | null | undefined;

  /** `onReady` is called if points are missing in what has been drawn so far. */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly places: Positions,
    onReady: () => void,
  ) {
    this.square = squareAround(places);
    this.points = places.length / 2 > MANY_POINTS ? undefined : null;
    if (this.points === undefined) void this.load().then(onReady);
  }

  private async load(): Promise<void> {
    const { MapPoints } = await import('./map-points.js');
    this.points = MapPoints.create() ?? null;
  }

  get frame(): MapFrame {
    return frameOf(this.square, Math.max(1, this.canvas.clientWidth), Math.max(1, this.canvas.clientHeight));
  }

  placeOf(row: number): { x: number; y: number } {
    return placeInSquare(this.square, this.places[2 * row] as number, this.places[2 * row + 1] as number);
  }

  pixelOf(row: number, view: MapView, frame = this.frame): { px: number; py: number } {
    const { x, y } = this.placeOf(row);
    return pixelOnMap(view, frame, x, y);
  }

  /** Draws the scene. Returns how many rows that are not faded lie within the frame; of many rows, only whether one does. */
  draw({ classes, singled, view, selected, near, pointed, selection, lasso, colours }: MapScene): number {
    const { canvas, frame } = this;
    const context = canvas.getContext('2d');
    if (!context) return 0;
    const ratio = devicePixelRatio;
    const [width, height] = [Math.round(frame.width * ratio), Math.round(frame.height * ratio)];
    // Setting the size creates a new buffer, even if it is unchanged.
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, frame.width, frame.height);
    const radius = radiusAt(view.zoom, this.places.length / 2);
    const isFaded = ({ key }: MapClass) => singled !== null && singled !== key;
    // The points drawn last are on top.
    const order = [...classes].sort((a, b) => Number(isFaded(b)) - Number(isFaded(a)));
    const many = this.points;
    if (many === undefined) return 1;
    if (many) {
      const lookOf = (entry: MapClass) =>
        isFaded(entry) ? { colour: colours.faded, radius: radius / 2 } : { colour: entry.colour, radius };
      const drawn = many.draw(classes, (row) => this.placeOf(row), lookOf, order, view, frame, ratio);
      context.drawImage(drawn, 0, 0, frame.width, frame.height);
    }
    let seen =
      many &&
      this.isAnySeen(
        classes.filter((entry) => !isFaded(entry)),
        view,
        frame,
      )
        ? 1
        : 0;
    for (const entry of many ? [] : order) {
      const faded = isFaded(entry);
      context.fillStyle = faded ? colours.faded : entry.colour;
      context.beginPath();
      for (const row of entry.rows) {
        const { px, py } = this.pixelOf(row, view, frame);
        if (!isWithin(frame, px, py, MARGIN)) continue;
        if (!faded && isWithin(frame, px, py, 0)) seen++;
        const size = faded ? radius / 2 : radius;
        context.moveTo(px + size, py);
        context.arc(px, py, size, 0, TURN);
      }
      context.fill();
    }
    this.drawNames(
      context,
      classes.filter((entry) => !isFaded(entry)),
      view,
      frame,
      colours,
    );
    const ring = (row: number, size: number, thick: number) => {
      const { px, py } = this.pixelOf(row, view, frame);
      if (!isWithin(frame, px, py, MARGIN)) return;
      context.lineWidth = thick;
      context.beginPath();
      // An ellipse, so that only rows are arcs.
      context.ellipse(px, py, size, size, 0, 0, TURN);
      context.stroke();
    };
    context.strokeStyle = colours.selection;
    for (const row of selection) ring(row, radius + 1.5, 1.5);
    context.strokeStyle = colours.ink;
    for (const row of Array.from(near)) ring(row, radius + 2.5, 1);
    if (pointed !== null) ring(pointed, radius + 3, 2);
    if (selected !== null) ring(selected, radius + 5, 3);
    drawLasso(context, lasso);
    return seen;
  }

  /** The names of classes, each at the middle of its points, or as close to it as the frame allows. */
  private drawNames(
    context: CanvasRenderingContext2D,
    classes: readonly MapClass[],
    view: MapView,
    frame: MapFrame,
    { ink, paper }: MapScene['colours'],
  ): void {
    Object.assign(context, { font: '600 12px system-ui, sans-serif', textAlign: 'center', textBaseline: 'middle' });
    Object.assign(context, { lineWidth: OUTLINE, lineJoin: 'round', strokeStyle: paper, fillStyle: ink });
    const drawn: { px: number; py: number; width: number }[] = [];
    // The largest classes first; names do not overlap.
    for (const { onMap, rows } of [...classes].sort((a, b) => b.rows.length - a.rows.length)) {
      if (onMap === '') continue;
      const { x, y } = this.middleOf(rows);
      const middle = pixelOnMap(view, frame, x, y);
      const text = onMap.length > MAX_NAME ? `${onMap.slice(0, MAX_NAME)}…` : onMap;
      const { width } = context.measureText(text);
      const place = textWithin(frame, middle.px, middle.py, width + OUTLINE, NAME_HEIGHT + OUTLINE);
      if (!place) continue;
      const { px, py } = place;
      const isOver = drawn.some((one) => Math.abs(one.py - py) < NAME_HEIGHT && 2 * Math.abs(one.px - px) < one.width + width);
      if (isOver) continue;
      drawn.push({ px, py, width });
      context.strokeText(text, px, py);
      context.fillText(text, px, py);
    }
  }

  /** The median along each axis. */
  private middleOf(rows: readonly number[]): { x: number; y: number } {
    let middle = this.middles.get(rows);
    if (!middle) {
      const median = (axis: 'x' | 'y') =>
        Float32Array.from(rows, (row) => this.placeOf(row)[axis]).sort()[rows.length >> 1] ?? 0;
      middle = { x: median('x'), y: median('y') };
      this.middles.set(rows, middle);
    }
    return middle;
  }

  /** Returns the rows whose points a line encloses, without those of faded classes. */
  rowsInside(line: readonly Place[], { classes, singled, view }: Pick<MapScene, 'classes' | 'singled' | 'view'>): number[] {
    const { frame } = this;
    const seen = classes.filter(({ key }) => singled === null || singled === key);
    return seen.flatMap(({ rows }) =>
      rows.filter((row) => {
        const { px, py } = this.pixelOf(row, view, frame);
        return isWithin(frame, px, py, 0) && isInside(line, { x: px, y: py });
      }),
    );
  }

  /** Returns the row whose point is nearest to a pixel, at most `reach` pixels away, without those of faded classes. */
  rowAt(px: number, py: number, { classes, singled, view }: Pick<MapScene, 'classes' | 'singled' | 'view'>, reach: number) {
    const { frame } = this;
    let [nearest, least] = [null as number | null, reach];
    for (const { key, rows } of classes) {
      if (singled !== null && singled !== key) continue;
      for (const row of rows) {
        const point = this.pixelOf(row, view, frame);
        const distance = Math.hypot(point.px - px, point.py - py);
        if (distance > least || !isWithin(frame, point.px, point.py, 0)) continue;
        [nearest, least] = [row, distance];
      }
    }
    return nearest;
  }

  private isAnySeen(classes: readonly MapClass[], view: MapView, frame: MapFrame): boolean {
    return classes.some(({ rows }) =>
      rows.some((row) => {
        const { px, py } = this.pixelOf(row, view, frame);
        return isWithin(frame, px, py, 0);
      }),
    );
  }

  /** Frees the resources of the picture. */
  end(): void {
    this.points?.end();
  }
}

/** Dashed, with a light fill. */
function drawLasso(context: CanvasRenderingContext2D, [first, ...others]: readonly Place[]): void {
  if (!first) return;
  context.beginPath();
  context.moveTo(first.x, first.y);
  for (const { x, y } of others) context.lineTo(x, y);
  context.closePath();
  context.lineWidth = 1.5;
  context.setLineDash([5, 4]);
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 0.1;
  context.fillStyle = context.strokeStyle;
  context.fill();
  context.globalAlpha = 1;
}

function isWithin({ width, height }: MapFrame, px: number, py: number, margin: number): boolean {
  return px >= -margin && py >= -margin && px <= width + margin && py <= height + margin;
}

/** Points grow more slowly than the distances between them. */
function radiusAt(zoom: number, rows: number): number {
  return (rows > 5000 ? 1.5 : 2.5) * Math.min(2.5, zoom ** 0.3);
}
