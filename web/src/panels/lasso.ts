// Determines which points a drawn line encloses. Pure functions.

import type { Place } from './gestures.js';

/** Returns whether a point is inside the polygon, whose last corner joins the first, by the even-odd rule. */
export function isInside(polygon: readonly Place[], { x, y }: Place): boolean {
  let inside = false;
  for (let at = 0; at < polygon.length; at++) {
    const a = polygon[at] as Place;
    const b = polygon[(at + 1) % polygon.length] as Place;
    if (a.y > y !== b.y > y && x < a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x)) inside = !inside;
  }
  return inside;
}
