// Finds the k most similar rows of each row.

import { NO_INDEX } from '../backends/constants.js';
import { BestLists } from '../epilogues/best-lists.js';
import { TopKCollector } from '../epilogues/top-k.js';
import type { TopKProblem } from '../problem.js';
import type { Computed, TopK } from '../results.js';
import { elementBytes, type ScoreArray, viewScores } from '../rows/dtype.js';
import type { SavedArrays } from '../saved-state.js';
import { restore } from './checkpoint.js';
import { allocateResult, needsSharedMemory, type Setting, startRun } from './setting.js';
import { ADVICE, listLength, needsOfTopK } from './top-k-plan.js';
import type { Steps } from './turns.js';

/** Lists sorted between two turns of the event loop. */
const SORTED_AT_ONCE = 512;

export async function computeTopK(problem: TopKProblem, setting: Setting): Promise<Computed<TopK>> {
  const { x, dtype, checkpoint } = problem;
  const k = listLength(problem);
  const length = x.rows * k;
  const scoreBytes = length * elementBytes(dtype);
  const run = startRun(problem, needsOfTopK(problem), setting);
  try {
    // `checkpoint.save` receives the lists. It cannot detach shared memory, so no copy is needed.
    const shared = needsSharedMemory(setting) || (checkpoint !== undefined && typeof SharedArrayBuffer !== 'undefined');
    const indices = new Uint32Array(allocateResult(4 * length, setting, ADVICE, shared));
    const scores = viewScores(dtype, allocateResult(scoreBytes, setting, ADVICE, shared), 0, length);
    if (length > 0) {
      const lists = new BestLists(k, indices, scores);
      const collector = new TopKCollector(lists, run.plan.shape.tileRows, needsSharedMemory(setting));
      if (checkpoint?.saved) restoreLists(checkpoint.saved.arrays, lists);
      await run.whole(collector, checkpoint, {
        arrays: () => ({ indices, scores }),
        revert: (row) => lists.dropFrom(row, problem.y === undefined),
      });
      await run.inTurns(sortLists(lists, x.rows));
    }
    // Without groups every list is full, unless the call computes only a part.
    const counts = problem.grouping && (await run.inTurns(endLists(indices, scores, x.rows, k)));
    return { indices, scores, shape: [x.rows, k], ...(counts && { counts }) };
  } finally {
    run.release();
  }
}

/** Returns the number of entries in each sorted list, and sets the other scores to NaN. */
function* endLists(indices: Uint32Array, scores: ScoreArray, rows: number, k: number): Steps<Uint32Array> {
  const counts = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    const end = (row + 1) * k;
    let at = row * k;
    while (at < end && indices[at] !== NO_INDEX) at++;
    counts[row] = at - row * k;
    scores.fill(Number.NaN, at, end);
    if (row % SORTED_AT_ONCE === 0) yield;
  }
  return counts;
}

function restoreLists(saved: SavedArrays, { indices, scores }: BestLists): void {
  restore(saved, 'indices', indices);
  restore(saved, 'scores', scores);
}

function* sortLists(lists: BestLists, rows: number): Steps<void> {
  for (let row = 0; row < rows; row++) {
    lists.sort(row);
    if (row % SORTED_AT_ONCE === 0) yield;
  }
}
