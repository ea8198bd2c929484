// The whole matrix.

import { DenseCollector } from '../epilogues/dense.js';
import { elementBytes, type ScoreArray, viewScores } from '../matrix/dtype.js';
import type { Phrase } from '../words.js';
import type { Problem } from './problem.js';
import type { Run } from './run.js';
import { type Aim, allocateResult, type Setting, startRun, usesPool } from './setting.js';

export interface DenseProblem extends Problem {
  readonly out: ScoreArray | undefined;
}

const ADVICE: Phrase = ({ call }) =>
  `${call('topK')}, ${call('pairs')} and ${call('histogram')} need no matrix; or compare a part of the rows with all of them at a time.`;

export async function computeDense(problem: DenseProblem, setting: Setting): Promise<ScoreArray> {
  const { run, result, collector } = start(problem, setting);
  try {
    await run.whole(collector);
  } finally {
    run.release();
  }
  return result;
}

/** The same on the calling thread without letting go of it; `setting` has no crew. */
export function computeDenseAtOnce(problem: DenseProblem, setting: Setting): ScoreArray {
  const { run, result, collector } = start(problem, setting);
  try {
    run.wholeAtOnce(collector);
  } finally {
    run.release();
  }
  return result;
}

export function aimOfDense({ x, y, dtype, out }: DenseProblem): Aim {
  const cols = (y ?? x).rows;
  const bytes = out ? 0 : x.rows * cols * elementBytes(dtype);
  return { purpose: { kind: 'dense' }, size: { bytes, what: `${x.rows} x ${cols} ${dtype} scores`, advice: ADVICE } };
}

function start(problem: DenseProblem, setting: Setting): { run: Run; result: ScoreArray; collector: DenseCollector } {
  const { x, y, dtype, out } = problem;
  const cols = (y ?? x).rows;
  const length = x.rows * cols;
  const bytes = length * elementBytes(dtype);
  const run = startRun(problem, aimOfDense(problem), setting);
  try {
    const result = out ?? viewScores(dtype, allocateResult(bytes, setting, ADVICE), 0, length);
    const reachable = !usesPool(setting) || !(result.buffer instanceof ArrayBuffer);
    return { run, result, collector: new DenseCollector(result, cols, reachable) };
  } catch (error) {
    run.release();
    throw error;
  }
}
