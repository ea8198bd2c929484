// The tiles of a grid in the addon: either processed there completely, or only computed there and processed by an epilogue here.

import { createEpilogue } from '../../epilogues/create.js';
import type { Epilogue } from '../../epilogues/epilogue.js';
import { argumentLost, MemoryError } from '../../errors.js';
import type { GridWork, MultiplyAdds } from '../backend.js';
import { tileAt } from '../grid.js';
import type { RowGroups } from '../row-marks.js';
import type { FinishedTile, TileComputer } from '../tiled/tile-backend.js';
import type { Delivery, Order, TileGrid, TilePairs } from '../work.js';
import type { AddonJob, AddonTile, Targets } from './addon.js';

/** Everything is done in the addon. */
export class NativeGrid implements GridWork {
  private readonly first: Targets[0];
  private readonly second: Targets[1];

  constructor(
    private readonly job: AddonJob,
    private readonly order: Order,
  ) {
    if (order.kind === 'dense') this.first = order.result;
    if (order.kind === 'top-k') [this.first, this.second] = [order.indices, order.scores];
  }

  take(index: number): Delivery | undefined {
    const pairs = this.job.take(index, this.first, this.second);
    return pairs && { kind: 'pairs', pairs };
  }

  finish(): Delivery | undefined {
    return this.order.kind === 'histogram' ? { kind: 'counts', counts: this.job.counts() } : undefined;
  }

  start(threads: number, receive: (delivery: Delivery) => void): Promise<boolean> {
    return startJob(this.job, this.first, this.second, threads, (pairs: TilePairs) => receive({ kind: 'pairs', pairs }));
  }

  tilesDone(): number {
    return this.job.tilesDone();
  }

  multiplyAdds(): MultiplyAdds | undefined {
    return this.job.multiplyAdds();
  }

  stop(): void {
    this.job.stop();
  }
}

/** The addon's threads compute tiles, and the calling thread processes them. */
export class NativeTiles implements GridWork {
  private readonly finished: FinishedTile = { scores: new Float32Array(), direct: 0, mirrored: -1 };
  private readonly epilogue: Epilogue;

  constructor(
    private readonly job: AddonJob,
    private readonly grid: TileGrid,
    order: Order,
    groups: RowGroups | undefined,
  ) {
    const reaches: TileComputer['reaches'] = (tile, row, col, score, threshold) =>
      job.reaches(tile.rowStart + row, tile.colStart + col, score, threshold);
    const tiles: TileComputer = { computeTile: () => this.finished, groups, reaches };
    this.epilogue = createEpilogue(order, { matrix: tiles, tiles }, () => false);
  }

  take(index: number): Delivery | undefined {
    return this.takeScores({ index, scores: this.job.takeScores(index) });
  }

  finish(): Delivery | undefined {
    return this.epilogue.finish?.();
  }

  start(threads: number, receive: (delivery: Delivery) => void): Promise<boolean> {
    return startJob(this.job, undefined, undefined, threads, (tile: AddonTile) => {
      const delivery = this.takeScores(tile);
      if (delivery) receive(delivery);
    });
  }

  tilesDone(): number {
    return this.job.tilesDone();
  }

  multiplyAdds(): MultiplyAdds | undefined {
    return this.job.multiplyAdds();
  }

  stop(): void {
    this.job.stop();
  }

  private takeScores({ index, scores }: AddonTile): Delivery | undefined {
    this.finished.scores = scores;
    return this.epilogue.take(this.grid.pass, tileAt(this.grid, index));
  }
}

/** `onFound` receives pairs, or tiles if the job is for tiles. Rejects if memory runs out or the result was detached. */
async function startJob(
  job: AddonJob,
  first: Targets[0],
  second: Targets[1],
  threads: number,
  onFound: Parameters<AddonJob['start']>[3],
): Promise<true> {
  const { outOfMemory, resultLost } = await new Promise<{ outOfMemory: boolean; resultLost: boolean }>((resolve) => {
    const onEnd = (outOfMemory: boolean, resultLost: boolean) => resolve({ outOfMemory, resultLost });
    job.start(first, second, threads, onFound, onEnd);
  });
  if (outOfMemory)
    throw new MemoryError(0, 'could not allocate memory for the pairs of a tile. Try fewer threads or a higher threshold.');
  if (resultLost) throw argumentLost('out');
  return true;
}
