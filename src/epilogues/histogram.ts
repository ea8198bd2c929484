// Counts scores by size. The result does not depend on tiles and threads: counts are integers, and the sum is an integer sum of scores
// rounded to multiples of 2^-33.

import { SUM_ROUNDER, SUM_UNITS } from '../backends/constants.js';
import type { TileComputer, TileCounts } from '../backends/tiled/tile-backend.js';
import type { Counts, Delivery, HistogramOrder, Pass, Tile } from '../backends/work.js';
import type { Collector, Epilogue } from './epilogue.js';

function noCounts(order: HistogramOrder): Counts {
  return {
    bins: new Float64Array(order.edges.length),
    minimum: Number.POSITIVE_INFINITY,
    maximum: Number.NEGATIVE_INFINITY,
    sum: 0n,
  };
}

export class HistogramEpilogue implements Epilogue {
  private readonly counts: Counts;

  constructor(
    private readonly order: HistogramOrder,
    private readonly computer: TileComputer,
  ) {
    this.counts = noCounts(order);
  }

  take(_pass: Pass, tile: Tile): undefined {
    const { edges } = this.order;
    const { bins, minimum, maximum, sum } = this.computer.countScores?.(tile, edges) ?? this.scan(tile);
    addCounts(this.counts, { bins, minimum, maximum, sum: BigInt(sum * SUM_UNITS) });
  }

  finish(): Delivery {
    return { kind: 'counts', counts: this.counts };
  }

  /** For a backend that does not count by itself. */
  private scan(tile: Tile): TileCounts {
    const { edges } = this.order;
    const { scores, direct } = this.computer.computeTile(tile);
    const width = tile.colEnd - tile.colStart;
    const bins = new Uint32Array(edges.length);
    const half = (edges.length - 1) / 2;
    let minimum = Number.POSITIVE_INFINITY;
    let maximum = Number.NEGATIVE_INFINITY;
    let sum = 0;
    for (let i = 0; i < tile.rowEnd - tile.rowStart; i++) {
      for (let j = 0; j < (tile.diagonal ? i : width); j++) {
        const score = scores[direct + i * width + j] as number;
        let bin = Math.trunc((score + 1) * half);
        while (score < (edges[bin] as number)) bin--;
        while (score >= (edges[bin + 1] as number)) bin++;
        bins[bin] = (bins[bin] as number) + 1;
        minimum = Math.min(minimum, score);
        maximum = Math.max(maximum, score);
        sum += score + SUM_ROUNDER - SUM_ROUNDER;
      }
    }
    return { bins, minimum, maximum, sum };
  }
}

export class HistogramCollector implements Collector<HistogramOrder> {
  readonly order: HistogramOrder;
  readonly counts: Counts;

  constructor(edges: Float64Array) {
    this.order = { kind: 'histogram', edges };
    this.counts = noCounts(this.order);
  }

  receive(delivery: Delivery): void {
    if (delivery.kind === 'counts') addCounts(this.counts, delivery.counts);
  }
}

function addCounts(
  to: Counts,
  { bins, minimum, maximum, sum }: { bins: ArrayLike<number>; minimum: number; maximum: number; sum: bigint },
): void {
  for (let bin = 0; bin < bins.length; bin++) to.bins[bin] = (to.bins[bin] as number) + (bins[bin] as number);
  to.minimum = Math.min(to.minimum, minimum);
  to.maximum = Math.max(to.maximum, maximum);
  to.sum += sum;
}
