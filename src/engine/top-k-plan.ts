// What topK needs. Apart from top-k.ts, because a plan needs no more.

import { type Message, mention, say } from '../message.js';
import type { TopKProblem } from '../problem.js';
import { elementBytes } from '../rows/dtype.js';
import type { Needs } from './setting.js';

export const ADVICE: Message = say`Try a smaller ${mention.option('k')}, or compare a part of the rows with all of them at a time.`;
export function needsOfTopK(problem: TopKProblem): Needs {
  const k = listLength(problem);
  const { rows } = problem.x;
  const bytes = rows * k * (4 + elementBytes(problem.dtype)) + (problem.grouping ? 4 * rows : 0);
  const size = { bytes, what: `${rows} x ${k} indices and scores`, advice: ADVICE };
  return { purpose: { kind: 'top-k', k: Math.max(1, k) }, size };
}

/** Returns k, or the number of other rows if that is smaller. */
export function listLength({ x, y, k }: TopKProblem): number {
  return Math.max(0, Math.min(k, y ? y.rows : x.rows - 1));
}
