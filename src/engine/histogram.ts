// Computes the distribution of all scores.

import { SUM_UNITS } from '../backends/constants.js';
import type { Counts } from '../backends/work.js';
import { HistogramCollector } from '../epilogues/histogram.js';
import type { HistogramProblem } from '../problem.js';
import type { Histogram } from '../results.js';
import type { SavedArrays } from '../saved-state.js';
import { restore } from './checkpoint.js';
import { needsOfHistogram } from './histogram-plan.js';
import { type Setting, startRun } from './setting.js';

export async function computeHistogram(problem: HistogramProblem, setting: Setting): Promise<Histogram> {
  const { x, y, bins, checkpoint } = problem;
  const run = startRun(problem, needsOfHistogram(problem, setting), setting);
  try {
    const edges = Float64Array.from({ length: bins + 1 }, (_, b) => (2 * b - bins) / bins);
    const collector = new HistogramCollector(edges);
    if (checkpoint?.saved) restoreCounts(checkpoint.saved.arrays, collector.counts);
    let complete = collector.counts;
    await run.whole(collector, checkpoint, {
      arrays: () => saveCounts(complete),
      mark: () => {
        complete = { ...collector.counts, bins: collector.counts.bins.slice() };
      },
    });
    const total = y ? x.rows * y.rows : (x.rows * (x.rows - 1)) / 2;
    return toHistogram(edges, collector.counts, total);
  } finally {
    run.release();
  }
}

/** The sum as two 64-bit words. */
function saveCounts({ bins, minimum, maximum, sum }: Counts): SavedArrays {
  return { bins, extremes: Float64Array.of(minimum, maximum), sum: BigInt64Array.of(BigInt.asIntN(64, sum), sum >> 64n) };
}

function restoreCounts(saved: SavedArrays, counts: Counts): void {
  restore(saved, 'bins', counts.bins);
  [counts.minimum, counts.maximum] = restore(saved, 'extremes', new Float64Array(2)) as unknown as [number, number];
  const [low, high] = restore(saved, 'sum', new BigInt64Array(2)) as unknown as [bigint, bigint];
  counts.sum = (high << 64n) + BigInt.asUintN(64, low);
}

function toHistogram(edges: Float64Array, { bins, minimum, maximum, sum }: Counts, total: number): Histogram {
  const atOrAbove = bins.slice();
  for (let b = bins.length - 2; b >= 0; b--) atOrAbove[b] = (atOrAbove[b] as number) + (atOrAbove[b + 1] as number);
  // The extra bin for scores of exactly 1 is merged into the last.
  const counts = bins.slice(0, -1);
  counts[counts.length - 1] = atOrAbove[counts.length - 1] as number;
  const some = total > 0;
  return {
    edges,
    counts,
    atOrAbove,
    total,
    minimum: some ? minimum : Number.NaN,
    maximum: some ? maximum : Number.NaN,
    mean: Number(sum) / SUM_UNITS / total,
  };
}
