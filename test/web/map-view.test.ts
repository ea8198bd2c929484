import { describe, expect, it } from 'vitest';
import {
  extentOf,
  MAX_MAP_ZOOM,
  panMap,
  revealOnMap,
  seenPart,
  shareOf,
  WHOLE_MAP,
  zoomMap,
} from '../../web/src/panels/map-view.js';

describe('the part of the map that is seen', () => {
  it('is enlarged around the pointer', () => {
    const view = zoomMap(zoomMap(WHOLE_MAP, 5, 0.4, 0.7), 3, 0.3, 0.2);
    const before = zoomMap(WHOLE_MAP, 5, 0.4, 0.7);
    const under = (of: typeof view, across: number, down: number) => [
      of.x + (across - 0.5) / of.zoom,
      of.y + (down - 0.5) / of.zoom,
    ];
    for (const [at, place] of under(view, 0.3, 0.2).entries())
      expect(place).toBeCloseTo(under(before, 0.3, 0.2)[at] as number, 12);
    expect(view.zoom).toBeCloseTo(15, 12);
  });

  it('stays within the whole, and between the whole and the largest', () => {
    expect(zoomMap(WHOLE_MAP, 0.1)).toEqual(WHOLE_MAP);
    expect(zoomMap(WHOLE_MAP, 1e9).zoom).toBe(MAX_MAP_ZOOM);
    const { x, y } = panMap(zoomMap(WHOLE_MAP, 4), 100, -100);
    expect([x, y]).toEqual([0.125, 0.875]);
  });

  it('moves with what is dragged', () => {
    const view = zoomMap(WHOLE_MAP, 4);
    expect(panMap(view, 0.2, -0.1)).toEqual({ x: 0.45, y: 0.525, zoom: 4 });
  });

  it('moves to a place that is not seen, and not to one that is', () => {
    const view = zoomMap(WHOLE_MAP, 4);
    expect(revealOnMap(view, 0.6, 0.4)).toBe(view);
    expect(revealOnMap(view, 0.8, 0.4)).toEqual({ x: 0.8, y: 0.4, zoom: 4 });
    expect(revealOnMap(view, 1, 0.4).x).toBe(0.875);
  });

  it('is a part of each axis', () => {
    expect(seenPart({ from: -2, to: 6 }, 0.5, 4)).toEqual({ from: 1, to: 3 });
    expect(shareOf({ from: -2, to: 6 }, 2)).toBe(0.5);
  });
});

describe('the extent of the positions', () => {
  it('has some room around them', () => {
    const places = Float32Array.of(0, 10, 100, 20, 50, 30);
    expect(extentOf(places, 0)).toEqual({ from: -4, to: 104 });
    expect(extentOf(places, 1).to).toBeCloseTo(30.8, 12);
  });

  it('is never empty', () => {
    expect(extentOf(Float32Array.of(3, 3), 0)).toEqual({ from: 2, to: 4 });
    expect(extentOf(new Float32Array(), 1)).toEqual({ from: -1, to: 1 });
  });
});
