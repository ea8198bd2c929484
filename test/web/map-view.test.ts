import { describe, expect, it } from 'vitest';
import {
  fractionAt,
  frameOf,
  MAX_MAP_ZOOM,
  panMap,
  pixelOnMap,
  placeInSquare,
  revealOnMap,
  squareAround,
  textWithin,
  WHOLE_MAP,
  zoomMap,
} from '../../web/src/panels/map-view.js';

describe('the visible part of the map', () => {
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

  it('stays within the map, and between the whole map and the highest magnification', () => {
    expect(zoomMap(WHOLE_MAP, 0.1)).toEqual(WHOLE_MAP);
    expect(zoomMap(WHOLE_MAP, 1e9).zoom).toBe(MAX_MAP_ZOOM);
    const { x, y } = panMap(zoomMap(WHOLE_MAP, 4), 100, -100);
    expect([x, y]).toEqual([0.125, 0.875]);
  });

  it('moves when it is dragged', () => {
    const view = zoomMap(WHOLE_MAP, 4);
    expect(panMap(view, 0.2, -0.1)).toEqual({ x: 0.45, y: 0.525, zoom: 4 });
  });

  it('moves to a point that is out of view, but not to a visible one', () => {
    const view = zoomMap(WHOLE_MAP, 4);
    const frame = { width: 100, height: 100, side: 100 };
    expect(revealOnMap(view, frame, 0.6, 0.4)).toBe(view);
    expect(revealOnMap(view, frame, 0.8, 0.4)).toEqual({ x: 0.8, y: 0.4, zoom: 4 });
    expect(revealOnMap(view, frame, 1, 0.4).x).toBe(0.875);
    expect(revealOnMap(view, { ...frame, width: 300 }, 0.8, 0.4)).toBe(view);
  });
});

describe('the map in its frame', () => {
  const places = Float32Array.of(0, 10, 100, 20, 50, 35);
  const square = squareAround(places);

  it('has the same scale on both axes, and a margin', () => {
    for (const [width, height] of [
      [600, 400],
      [200, 400],
      [300, 20],
    ] as const) {
      const frame = frameOf(square, width, height);
      const pixel = (row: number) => {
        const { x, y } = placeInSquare(square, places[2 * row] as number, places[2 * row + 1] as number);
        return pixelOnMap(WHOLE_MAP, frame, x, y);
      };
      const [a, b, c] = [pixel(0), pixel(1), pixel(2)];
      expect((b.px - a.px) / 100).toBeCloseTo((a.py - b.py) / 10, 9);
      for (const { px, py } of [a, b, c]) {
        expect(px).toBeGreaterThan(0);
        expect(px).toBeLessThan(width);
        expect(py).toBeGreaterThan(0);
        expect(py).toBeLessThan(height);
      }
      expect(Math.min(a.px, c.py) / Math.min(width, height)).toBeLessThan(0.1);
    }
  });

  it('is enlarged at the pointer', () => {
    const frame = frameOf(square, 600, 400);
    const place = placeInSquare(square, 100, 20);
    const before = pixelOnMap(WHOLE_MAP, frame, place.x, place.y);
    const { across, down } = fractionAt(frame, before.px, before.py);
    const after = pixelOnMap(zoomMap(WHOLE_MAP, 7, across, down), frame, place.x, place.y);
    expect(after.px).toBeCloseTo(before.px, 9);
    expect(after.py).toBeCloseTo(before.py, 9);
  });

  it('has a position for rows that all lie in one point, and for no rows', () => {
    const one = squareAround(Float32Array.of(3, 3, 3, 3));
    const frame = frameOf(one, 100, 50);
    const { x, y } = placeInSquare(one, 3, 3);
    expect(pixelOnMap(WHOLE_MAP, frame, x, y)).toEqual({ px: 50, py: 25 });
    expect(squareAround(new Float32Array()).side).toBe(2);
  });
});

describe('a text on the map', () => {
  const frame = { width: 300, height: 200, side: 200 };

  it('is moved into the frame if it would be clipped', () => {
    expect(textWithin(frame, 4, 2, 80, 16)).toEqual({ px: 40, py: 8 });
    expect(textWithin(frame, 299, 198, 80, 16)).toEqual({ px: 260, py: 192 });
    expect(textWithin(frame, 150, 100, 80, 16)).toEqual({ px: 150, py: 100 });
  });

  it('starts at the left edge if it is wider than the frame', () => {
    expect(textWithin(frame, 150, 100, 400, 16)).toEqual({ px: 200, py: 100 });
  });

  it('is not shown if its place is out of view', () => {
    expect(textWithin(frame, -1, 100, 80, 16)).toBe(null);
    expect(textWithin(frame, 150, 201, 80, 16)).toBe(null);
  });
});
