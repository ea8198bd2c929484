import type { TileComputer } from '../backends/tiled/tile-backend.js';
import type { Order } from '../backends/work.js';
import { BestPairsEpilogue } from './best-pairs.js';
import { DenseEpilogue } from './dense.js';
import type { Epilogue } from './epilogue.js';
import { HistogramEpilogue } from './histogram.js';
import { PairsEpilogue } from './pairs.js';
import { TopKEpilogue } from './top-k.js';

/** Creates the epilogue of one thread. `isStopped` returns true once its results are no longer needed. */
export function createEpilogue(order: Order, computer: TileComputer, isStopped: () => boolean): Epilogue {
  switch (order.kind) {
    case 'dense':
      return new DenseEpilogue(order, computer);
    case 'top-k':
      return new TopKEpilogue(order, computer, isStopped);
    case 'pairs':
      return new PairsEpilogue(order, computer);
    case 'histogram':
      return new HistogramEpilogue(order, computer);
    case 'best-pairs':
      return new BestPairsEpilogue(order, computer);
  }
}
