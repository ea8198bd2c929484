// Which part of the map is on the screen. Pure: places are shares of the whole, from its left and its top.

export interface MapView {
  /** What lies in the middle. */
  readonly x: number;
  readonly y: number;
  /** How many times larger than the whole. */
  readonly zoom: number;
}

export const WHOLE_MAP: MapView = { x: 0.5, y: 0.5, zoom: 1 };

export const MAX_MAP_ZOOM = 256;

/** `factor` times larger; what is at this share of the frame stays there. */
export function zoomMap(view: MapView, factor: number, across = 0.5, down = 0.5): MapView {
  const zoom = Math.min(MAX_MAP_ZOOM, Math.max(1, view.zoom * factor));
  const gain = 1 / view.zoom - 1 / zoom;
  return within({ x: view.x + (across - 0.5) * gain, y: view.y + (down - 0.5) * gain, zoom });
}

/** Moved as if dragged by these shares of the frame. */
export function panMap({ x, y, zoom }: MapView, across: number, down: number): MapView {
  return within({ x: x - across / zoom, y: y - down / zoom, zoom });
}

/** Moved so that a place is in the middle, if it is not seen. */
export function revealOnMap(view: MapView, x: number, y: number): MapView {
  const seen = Math.max(Math.abs(x - view.x), Math.abs(y - view.y)) <= 0.5 / view.zoom;
  return seen ? view : within({ x, y, zoom: view.zoom });
}

/** The frame stays within the whole. */
function within({ x, y, zoom }: MapView): MapView {
  const keep = (place: number) => Math.min(1 - 0.5 / zoom, Math.max(0.5 / zoom, place));
  return { x: keep(x), y: keep(y), zoom };
}

export interface Extent {
  readonly from: number;
  readonly to: number;
}

/** The part of an axis that is seen. */
export function seenPart({ from, to }: Extent, middle: number, zoom: number): Extent {
  const at = (share: number) => from + share * (to - from);
  return { from: at(middle - 0.5 / zoom), to: at(middle + 0.5 / zoom) };
}

/** Where a value lies between the ends of an axis. */
export function shareOf({ from, to }: Extent, value: number): number {
  return (value - from) / (to - from);
}

/** How far the positions reach along an axis (0 is x, 1 is y), with some room. */
export function extentOf(places: Float32Array, axis: 0 | 1): Extent {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = axis; at < places.length; at += 2) {
    from = Math.min(from, places[at] as number);
    to = Math.max(to, places[at] as number);
  }
  if (from > to) return { from: -1, to: 1 };
  const room = 0.04 * (to - from) || 1;
  return { from: from - room, to: to + room };
}
