import { describe, expect, it } from 'vitest';
import { cutShards, pairsOfShard, rowsOfShard, type Shard } from '#src/cluster/job/shards.js';
import { fc } from '../property.js';

function places({ rowStart, rowEnd, colStart, colEnd }: Shard, symmetric: boolean): string[] {
  const found: string[] = [];
  for (let row = rowStart; row < rowEnd; row++) {
    for (let col = colStart; col < colEnd; col++)
      if (!symmetric || colStart !== rowStart || row <= col) found.push(`${row} ${col}`);
  }
  return found;
}

describe('shards', () => {
  it('cover every pair exactly once', () => {
    const size = fc.integer({ min: 0, max: 40 });
    fc.assert(
      fc.property(size, fc.option(size, { nil: undefined }), fc.integer({ min: 1, max: 60 }), (rows, cols, count) => {
        const symmetric = cols === undefined;
        const shards = cutShards({ rows, cols }, count);
        expect(shards.length).toBeLessThanOrEqual(count);
        const all = shards.flatMap((shard) => places(shard, symmetric));
        expect(new Set(all).size).toBe(all.length);
        expect(all.length).toBe(symmetric ? (rows * (rows + 1)) / 2 : rows * cols);
        for (const shard of shards) {
          expect(pairsOfShard(shard, symmetric)).toBe(places(shard, symmetric).length);
          const touched = new Set(
            places(shard, symmetric).flatMap((place) => place.split(' ').map((row, side) => `${symmetric ? '' : side}${row}`)),
          );
          expect(rowsOfShard(shard, symmetric)).toBe(touched.size);
          // The engine compares rows with themselves or with others.
          expect(symmetric && shard.colStart < shard.rowEnd && shard.colStart !== shard.rowStart).toBe(false);
        }
      }),
      { numRuns: 1000, examples: [[3, undefined, 5]] },
    );
  });

  it.each([
    [10_000, undefined, 400],
    [1_000_000, undefined, 7],
    [10_000_000, undefined, 1000],
    [1_000_000, 1_000_000, 1000],
    [100_000, 3_000_000, 500],
    [3_000_000, 100_000, 500],
  ])('of %i rows against %s, cut into %i, have equal work and read few rows', (rows, cols, count) => {
    const symmetric = cols === undefined;
    const shards = cutShards({ rows, cols }, count);
    expect(shards.length).toBe(count);
    const pairs = shards.map((shard) => pairsOfShard(shard, symmetric));
    const mean = pairs.reduce((sum, some) => sum + some, 0) / count;
    expect(Math.max(...pairs) / mean).toBeLessThan(1.01);
    const read = shards.map((shard) => rowsOfShard(shard, symmetric));
    expect(Math.max(...read) / (2 * Math.sqrt(mean))).toBeLessThan(1.1);
  });

  it('are ordered strip by strip from left to right, as merging pairs requires', () => {
    for (const cols of [undefined, 700]) {
      const shards = cutShards({ rows: 500, cols }, 37);
      for (const [at, shard] of shards.entries()) {
        const before = shards[at - 1];
        if (before?.rowStart === shard.rowStart) expect([shard.colStart, shard.rowEnd]).toEqual([before.colEnd, before.rowEnd]);
        else expect(shard.rowStart).toBe(before?.rowEnd ?? 0);
      }
    }
  });
});
