import type { TilesOfJob } from '../backends/tiled/tile-backend.js';
import type { Order } from '../backends/work.js';
import { BestPairsEpilogue } from './best-pairs.js';
import { DenseEpilogue } from './dense.js';
import type { Epilogue } from './epilogue.js';
import { HistogramEpilogue } from './histogram.js';
import { PairsEpilogue } from './pairs.js';
import { TopKEpilogue } from './top-k.js';

/** Creates the epilogue of one thread. `isStopped` returns true once its results are no longer needed. */
export function createEpilogue(order: Order, { matrix, tiles }: TilesOfJob, isStopped: () => boolean): Epilogue {
  if (order.kind === 'dense') return new DenseEpilogue(order, matrix);
  if (!tiles) throw new Error('only the tiles of a matrix can be computed here');
  switch (order.kind) {
    case 'top-k':
      return new TopKEpilogue(order, tiles, isStopped);
    case 'pairs':
      return new PairsEpilogue(order, tiles);
    case 'histogram':
      return new HistogramEpilogue(order, tiles);
    case 'best-pairs':
      return new BestPairsEpilogue(order, tiles);
  }
}
