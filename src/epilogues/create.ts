import type { TileComputer } from '../backends/backend.js';
import { DenseEpilogue, type DenseOrder } from './dense.js';
import type { Epilogue } from './epilogue.js';
import { HistogramEpilogue, type HistogramOrder } from './histogram.js';
import { PairsEpilogue, type PairsOrder } from './pairs.js';
import { TopKEpilogue, type TopKOrder } from './top-k.js';

export type EpilogueOrder = DenseOrder | TopKOrder | PairsOrder | HistogramOrder;

/** The epilogue of one thread; `isStopped` says that what it does is no longer wanted. */
export function createEpilogue(order: EpilogueOrder, computer: TileComputer, isStopped: () => boolean): Epilogue {
  switch (order.kind) {
    case 'dense':
      return new DenseEpilogue(order, computer);
    case 'top-k':
      return new TopKEpilogue(order, computer, isStopped);
    case 'pairs':
      return new PairsEpilogue(order, computer);
    case 'histogram':
      return new HistogramEpilogue(order, computer);
  }
}
