// Which part of the map is on the screen. Pure: places are fractions of a square that holds all rows, from its left and its top.
// One unit is as long across as it is down, so that distances on the map can be compared.

export interface MapView {
  /** What lies in the middle. */
  readonly x: number;
  readonly y: number;
  /** How many times larger than the whole. */
  readonly zoom: number;
}

export const WHOLE_MAP: MapView = { x: 0.5, y: 0.5, zoom: 1 };

export const MAX_MAP_ZOOM = 256;

/** `factor` times larger; what is at this place stays there, which is given as fractions of the square when the whole is seen. */
export function zoomMap(view: MapView, factor: number, across = 0.5, down = 0.5): MapView {
  const zoom = Math.min(MAX_MAP_ZOOM, Math.max(1, view.zoom * factor));
  const gain = 1 / view.zoom - 1 / zoom;
  return within({ x: view.x + (across - 0.5) * gain, y: view.y + (down - 0.5) * gain, zoom });
}

/** Moved as if dragged by these fractions of the square when the whole is seen. */
export function panMap({ x, y, zoom }: MapView, across: number, down: number): MapView {
  return within({ x: x - across / zoom, y: y - down / zoom, zoom });
}

/** Moved so that a place is in the middle, if it is not seen. */
export function revealOnMap(view: MapView, frame: MapFrame, x: number, y: number): MapView {
  const { px, py } = pixelOnMap(view, frame, x, y);
  const seen = px >= 0 && py >= 0 && px <= frame.width && py <= frame.height;
  return seen ? view : within({ x, y, zoom: view.zoom });
}

/** The middle stays within the square, and in its middle when the whole is seen. */
function within({ x, y, zoom }: MapView): MapView {
  const keep = (place: number) => Math.min(1 - 0.5 / zoom, Math.max(0.5 / zoom, place));
  return { x: keep(x), y: keep(y), zoom };
}

/** The square that holds all positions, in their own units: y counts upwards. */
export interface MapSquare {
  readonly left: number;
  readonly top: number;
  readonly side: number;
  /** The part of the side that the positions take up, with some room. */
  readonly width: number;
  readonly height: number;
}

/** Room around the positions, as a fraction of their extent. */
const ROOM = 0.04;

/** The square around `places`, x and y of each row one after another. */
export function squareAround(places: ArrayLike<number>): MapSquare {
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY] as [number, number];
  const high = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY] as [number, number];
  for (let at = 0; at < places.length; at++) {
    const axis = (at % 2) as 0 | 1;
    low[axis] = Math.min(low[axis], places[at] as number);
    high[axis] = Math.max(high[axis], places[at] as number);
  }
  if (low[0] > high[0]) return { left: -1, top: 1, side: 2, width: 1, height: 1 };
  const extents = [high[0] - low[0], high[1] - low[1]].map((extent) => (1 + 2 * ROOM) * extent) as [number, number];
  const side = Math.max(...extents) || 2;
  return {
    left: (low[0] + high[0] - side) / 2,
    top: (low[1] + high[1] + side) / 2,
    side,
    width: extents[0] / side,
    height: extents[1] / side,
  };
}

/** The picture in CSS pixels. */
export interface MapFrame {
  readonly width: number;
  readonly height: number;
  /** Pixels of the square's side when the whole is seen: all positions just fit. */
  readonly side: number;
}

export function frameOf(square: MapSquare, width: number, height: number): MapFrame {
  // Positions along one line fill the frame that way.
  const least = 1e-6;
  return { width, height, side: Math.min(width / Math.max(square.width, least), height / Math.max(square.height, least)) };
}

/** Where a position lies in the square. */
export function placeInSquare({ left, top, side }: MapSquare, x: number, y: number): { x: number; y: number } {
  return { x: (x - left) / side, y: (top - y) / side };
}

/** The pixel where a place of the square is. */
export function pixelOnMap(view: MapView, { width, height, side }: MapFrame, x: number, y: number): { px: number; py: number } {
  const scale = side * view.zoom;
  return { px: width / 2 + (x - view.x) * scale, py: height / 2 + (y - view.y) * scale };
}

/** Where a pixel of the frame lies in the square when the whole is seen: what `zoomMap` and `panMap` count in. */
export function fractionAt({ width, height, side }: MapFrame, px: number, py: number): { across: number; down: number } {
  return { across: 0.5 + (px - width / 2) / side, down: 0.5 + (py - height / 2) / side };
}
