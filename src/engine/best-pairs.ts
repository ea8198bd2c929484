// The pairs with the highest scores of all.

import { BestPairsCollector } from '../epilogues/best-pairs.js';
import type { BestPairsProblem } from '../problem.js';
import type { Pairs } from '../results.js';
import { type Needs, type Setting, startRun } from './setting.js';

/** A pair in a heap: two indices and a score in float64. */
const HEAP_BYTES = 16;

export async function computeBestPairs(problem: BestPairsProblem, setting: Setting): Promise<Pairs> {
  const run = startRun(problem, needsOfBestPairs(problem, setting), setting);
  try {
    const collector = new BestPairsCollector(pairsWanted(problem));
    await run.whole(collector);
    const found = collector.best.takeSorted(problem.dtype);
    return { ...found, length: found.rows.length };
  } finally {
    run.release();
  }
}

export function needsOfBestPairs(problem: BestPairsProblem, { threads = 1 }: Setting): Needs {
  const count = pairsWanted(problem);
  // A heap of each thread, the collector's, and the result.
  const size = {
    bytes: (threads + 2) * count * HEAP_BYTES,
    what: `the best ${count} pairs`,
    advice: 'A smaller count needs less.',
  };
  return { purpose: { kind: 'tiles' }, size };
}

/** As many as were asked for, or as there are. */
function pairsWanted({ x, y, count }: BestPairsProblem): number {
  return Math.min(count, y ? x.rows * y.rows : (x.rows * (x.rows - 1)) / 2);
}
