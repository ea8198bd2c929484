// The part of the map that is on the screen. Pure functions: positions are fractions of a square that contains all rows, from its left and
// its top. A unit has the same length in both directions, so that distances on the map can be compared.

export interface MapView {
  /** The position in the middle. */
  readonly x: number;
  readonly y: number;
  /** The magnification relative to the whole. */
  readonly zoom: number;
}

export const WHOLE_MAP: MapView = { x: 0.5, y: 0.5, zoom: 1 };

export const MAX_MAP_ZOOM = 256;

/**
 * Returns the view enlarged by `factor`, with the same content at this position, which is given in fractions of the square when the whole
 * is visible.
 */
export function zoomMap(view: MapView, factor: number, across = 0.5, down = 0.5): MapView {
  const zoom = Math.min(MAX_MAP_ZOOM, Math.max(1, view.zoom * factor));
  const gain = 1 / view.zoom - 1 / zoom;
  return within({ x: view.x + (across - 0.5) * gain, y: view.y + (down - 0.5) * gain, zoom });
}

/** Returns the view after dragging by these fractions of the square when the whole is visible. */
export function panMap({ x, y, zoom }: MapView, across: number, down: number): MapView {
  return within({ x: x - across / zoom, y: y - down / zoom, zoom });
}

/** Returns the view with a position in the middle if it was not visible. */
export function revealOnMap(view: MapView, frame: MapFrame, x: number, y: number): MapView {
  const { px, py } = pixelOnMap(view, frame, x, y);
  const seen = px >= 0 && py >= 0 && px <= frame.width && py <= frame.height;
  return seen ? view : within({ x, y, zoom: view.zoom });
}

/** Keeps the middle within the square, and in its centre when the whole is visible. */
function within({ x, y, zoom }: MapView): MapView {
  const keep = (place: number) => Math.min(1 - 0.5 / zoom, Math.max(0.5 / zoom, place));
  return { x: keep(x), y: keep(y), zoom };
}

/** The square that contains all positions, in their own units; y counts upwards. */
export interface MapSquare {
  readonly left: number;
  readonly top: number;
  readonly side: number;
  /** The fraction of the side that the positions and a margin take. */
  readonly width: number;
  readonly height: number;
}

/** The margin around the positions, as a fraction of their extent. */
const ROOM = 0.04;

/** Returns the square around `places`, x and y of each row one after another. */
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
  /** Returns the pixels of the square's side when the whole is visible: all positions just fit. */
  readonly side: number;
}

export function frameOf(square: MapSquare, width: number, height: number): MapFrame {
  // Positions along one line fill the frame in that direction.
  const least = 1e-6;
  return { width, height, side: Math.min(width / Math.max(square.width, least), height / Math.max(square.height, least)) };
}

/** Returns a position in fractions of the square. */
export function placeInSquare({ left, top, side }: MapSquare, x: number, y: number): { x: number; y: number } {
  return { x: (x - left) / side, y: (top - y) / side };
}

/** Returns the pixel of a position in the square. */
export function pixelOnMap(view: MapView, { width, height, side }: MapFrame, x: number, y: number): { px: number; py: number } {
  const scale = side * view.zoom;
  return { px: width / 2 + (x - view.x) * scale, py: height / 2 + (y - view.y) * scale };
}

/** Returns the pixel nearest to this one at which a centred text of this size is within the frame; null if the pixel itself is not. */
export function textWithin(
  frame: MapFrame,
  px: number,
  py: number,
  width: number,
  height: number,
): { px: number; py: number } | null {
  if (px < 0 || py < 0 || px > frame.width || py > frame.height) return null;
  const keep = (at: number, half: number, length: number) => Math.max(half, Math.min(length - half, at));
  return { px: keep(px, width / 2, frame.width), py: keep(py, height / 2, frame.height) };
}

/** Returns the position of a pixel of the frame in the square when the whole is visible, as `zoomMap` and `panMap` expect it. */
export function fractionAt({ width, height, side }: MapFrame, px: number, py: number): { across: number; down: number } {
  return { across: 0.5 + (px - width / 2) / side, down: 0.5 + (py - height / 2) / side };
}
