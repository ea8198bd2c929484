import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { Pass } from '#src/backends/work.js';
import { Passes, type Region, withNext } from '#src/engine/passes.js';
import { fc } from '../property.js';

/** What the passes must be, written as a list. */
function listed({ rowStart: first, rowEnd: end, colStart: from, cols, symmetric }: Region, blockRows: number): Pass[] {
  const passes: Pass[] = [];
  for (let rowStart = first; rowStart < end; rowStart += blockRows) {
    const rowEnd = Math.min(rowStart + blockRows, end);
    let colStart = symmetric ? Math.max(rowStart, from) : from;
    while (colStart < cols) {
      const diagonal = symmetric && colStart === rowStart;
      const colEnd = diagonal ? rowEnd : Math.min(colStart + blockRows, cols);
      passes.push({ rowStart, rowEnd, colStart, colEnd, diagonal });
      colStart = colEnd;
    }
  }
  return passes;
}

const regions = fc
  .tuple(fc.nat({ max: 40 }), fc.nat({ max: 40 }), fc.nat({ max: 40 }), fc.nat({ max: 40 }), fc.boolean(), fc.nat({ max: 3 }))
  .map(([a, b, c, d, symmetric, choice]): Region => {
    const [rowStart, rowEnd, later, last] = [a, b, c, d].sort((one, other) => one - other) as [number, number, number, number];
    if (symmetric) return { rowStart, rowEnd, cols: last, colStart: [0, rowStart, rowEnd, later][choice] as number, symmetric };
    // Fewer columns than rows, too.
    const cols = choice % 2 === 0 ? last : rowStart;
    return { rowStart, rowEnd, cols, colStart: Math.min(choice < 2 ? 0 : later, cols), symmetric };
  });
const blocks = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.constant(Number.POSITIVE_INFINITY));

describe('passes', () => {
  it('come block of rows by block of rows, and are counted without being listed', () => {
    fc.assert(
      fc.property(regions, blocks, (region, blockRows) => {
        const expected = listed(region, blockRows);
        const passes = new Passes(region, blockRows);
        expect([...passes]).toEqual(expected);
        expect(passes.length).toBe(expected.length);
        expect(passes.blocks).toBe(new Set(expected.map(({ rowStart }) => rowStart)).size);
      }),
      { numRuns: 1000 },
    );
  });

  it('of each block are those of the whole in the same order', () => {
    fc.assert(
      fc.property(regions, blocks, (region, blockRows) => {
        const passes = new Passes(region, blockRows);
        const inBlocks = Array.from({ length: passes.blocks }, (_, block) => passes.block(block));
        expect(inBlocks.flatMap((block) => [...block])).toEqual([...passes]);
        for (const block of inBlocks)
          expect(new Set([...block].map(({ rowStart }) => rowStart))).toEqual(new Set([block.region.rowStart]));
      }),
    );
  });

  it('take no memory, even if there are billions', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const rows = 48 * 65_536;
    collect();
    const before = process.memoryUsage().heapUsed;
    const passes = new Passes({ rowStart: 0, rowEnd: rows, colStart: 0, cols: rows, symmetric: true }, 48);
    const held = [passes, passes[Symbol.iterator](), withNext(passes)];
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(2 ** 20);
    expect(held).toHaveLength(3);
    expect(passes.length).toBe((65_536 * 65_537) / 2);
    expect(passes.block(65_535).length).toBe(1);
  });

  it('come with the pass after them', () => {
    expect([...withNext([1, 2, 3])]).toEqual([
      [1, 2],
      [2, 3],
      [3, undefined],
    ]);
    expect([...withNext([])]).toEqual([]);
  });
});
