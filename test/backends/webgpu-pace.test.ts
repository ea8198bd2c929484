// How the GPU's work is divided into slices: the number of multiply-adds is limited, so that an abort never waits long.

import { describe, expect, it } from 'vitest';
import { FIRST_WORK, GROWTH, Pace, SLICE_MS, WORST } from '#src/backends/webgpu/pace.js';

const all = (work: number) => ({ likely: work, most: work });

describe('slices of work', () => {
  it('grow at most fourfold from one to the next, and settle at the work of 20 milliseconds', () => {
    const pace = new Pace(SLICE_MS);
    expect(pace.planned).toBe(FIRST_WORK);
    const perMs = 1e9;
    for (let slice = 0; slice < 20; slice++) {
      const before = pace.planned;
      pace.measure(before, before / perMs);
      expect(pace.planned).toBeLessThanOrEqual(GROWTH * before);
    }
    expect(pace.planned).toBeCloseTo(SLICE_MS * perMs, -3);
  });

  it('shrink when the GPU slows down, and stay below 50 milliseconds when a callback is late', () => {
    const pace = new Pace(SLICE_MS);
    const perMs = 1e8;
    for (let slice = 0; slice < 20; slice++) pace.measure(pace.planned, pace.planned / perMs);
    // One slice seems to take 100 milliseconds more, and the next, which finished meanwhile, no time.
    pace.measure(pace.planned, SLICE_MS + 100);
    pace.measure(pace.planned, 0);
    expect(pace.planned / perMs).toBeLessThan(50);
    for (let slice = 0; slice < 10; slice++) pace.measure(pace.planned, pace.planned / (perMs / 10));
    expect(pace.planned / (perMs / 10)).toBeLessThan(2 * SLICE_MS);
  });

  it('do at most the planned work, except for one unit, and at most twice as much if pairs expected to be excluded are not', () => {
    const pace = new Pace(SLICE_MS);
    const { planned } = pace;
    expect(pace.fits(all(0), all(10 * planned))).toBe(true);
    expect(pace.fits(all(planned / 2), all(planned / 2))).toBe(true);
    expect(pace.fits(all(planned / 2), all(planned))).toBe(false);
    const excluded = { likely: planned / 20, most: planned };
    expect(pace.fits({ likely: planned / 20, most: planned * (WORST - 1) }, excluded)).toBe(true);
    expect(pace.fits({ likely: planned / 20, most: planned * WORST }, excluded)).toBe(false);
  });
});
