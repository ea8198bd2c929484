// The whole matrix.

import { DenseCollector } from '../epilogues/dense.js';
import { type ArgumentError, argumentLost } from '../errors.js';
import { elementBytes, isShared, lengthNow, type ScoreArray, viewScores } from '../rows/dtype.js';
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
  } catch (error) {
    throw lossOf(problem) ?? error;
  } finally {
    run.release();
  }
  throwIfLost(problem);
  return result;
}

/** The same on the calling thread without letting go of it; `setting` has no crew. */
export function computeDenseAtOnce(problem: DenseProblem, setting: Setting): ScoreArray {
  const { run, result, collector } = start(problem, setting);
  try {
    run.wholeAtOnce(collector);
  } catch (error) {
    throw lossOf(problem) ?? error;
  } finally {
    run.release();
  }
  throwIfLost(problem);
  return result;
}

/**
 * Why `out` is not what it was when the call began, if it is not. The caller may detach or resize it at any moment, also in
 * `onProgress`; writing to it then fails in as many ways as there are backends. An abort comes first.
 */
function lossOf({ x, y, out, signal }: DenseProblem): ArgumentError | undefined {
  const isLost = out !== undefined && lengthNow(out) !== x.rows * (y ?? x).rows;
  return isLost && !signal?.aborted ? argumentLost('out') : undefined;
}

function throwIfLost(problem: DenseProblem): void {
  const loss = lossOf(problem);
  if (loss) throw loss;
}

function aimOfDense({ x, y, dtype, out }: DenseProblem, { crew }: Setting): Aim {
  const cols = (y ?? x).rows;
  const bytes = out ? 0 : x.rows * cols * elementBytes(dtype);
  // Nobody else has a new result.
  const detachable = crew !== undefined && out !== undefined && !isShared(out.buffer);
  return {
    purpose: { kind: 'dense', detachable },
    size: { bytes, what: `${x.rows} x ${cols} ${dtype} scores`, advice: ADVICE },
  };
}

function start(problem: DenseProblem, setting: Setting): { run: Run; result: ScoreArray; collector: DenseCollector } {
  const { x, y, dtype, out } = problem;
  const cols = (y ?? x).rows;
  const length = x.rows * cols;
  const bytes = length * elementBytes(dtype);
  const run = startRun(problem, aimOfDense(problem, setting), setting);
  try {
    const result = out ?? viewScores(dtype, allocateResult(bytes, setting, ADVICE), 0, length);
    const reachable = !usesPool(setting) || isShared(result.buffer);
    return { run, result, collector: new DenseCollector(result, cols, reachable) };
  } catch (error) {
    run.release();
    throw error;
  }
}
