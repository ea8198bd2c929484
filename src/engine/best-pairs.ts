// Computes the pairs with the highest scores.

import type { Delivery, PairsOrder } from '../backends/work.js';
import { type BestPairs, BestPairsCollector } from '../epilogues/best-pairs.js';
import type { Collector } from '../epilogues/epilogue.js';
import type { BestPairsProblem } from '../problem.js';
import { productError } from '../pruning/bound.js';
import type { Computed, Pairs } from '../results.js';
import { needsOfBestPairs, pairsWanted } from './best-pairs-plan.js';
import type { Run } from './run.js';
import { type Setting, startRun } from './setting.js';
import { Windows } from './windows.js';

/** `lowest` is a cosine that all of the best pairs reach, if pairs are excluded by sketches. */
export async function computeBestPairs(problem: BestPairsProblem, setting: Setting, lowest?: number): Promise<Computed<Pairs>> {
  const run = startRun(problem, needsOfBestPairs(problem, setting), setting);
  try {
    const collector = new BestPairsCollector(pairsWanted(problem), problem.below);
    if (lowest === undefined) await run.whole(collector);
    else await aboveRisingThreshold(run, collector.best, lowest, problem.below, setting);
    const found = collector.best.takeSorted(problem.dtype);
    return { ...found, length: found.rows.length };
  } finally {
    run.release();
  }
}

/** Computes in windows, the first ones small, because the pairs of a window raise the threshold of the next. */
async function aboveRisingThreshold(
  run: Run,
  best: BestPairs,
  lowest: number,
  below: number,
  { backend }: Setting,
): Promise<void> {
  const { dtype, x } = run.problem;
  const error = 2 * productError(dtype, x.depth, backend.depthBlock);
  const windows = new Windows(run.plan, run.tileStep);
  windows.shrinkToTile();
  for (let window = windows.current(); window; window = windows.current()) {
    await run.computeWindow(window, new Raising(best, Math.max(lowest, best.bound - error), below));
    run.addWindow(window);
    windows.advance();
    windows.grow();
  }
  run.progress.finish();
}

class Raising implements Collector<PairsOrder> {
  readonly order: PairsOrder;

  constructor(
    private readonly best: BestPairs,
    threshold: number,
    below: number,
  ) {
    this.order = { kind: 'pairs', threshold, below };
  }

  receive(delivery: Delivery): void {
    if (delivery.kind === 'pairs') this.best.offerAll(delivery.pairs);
  }
}
