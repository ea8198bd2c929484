// Computes the whole matrix.

import { DenseCollector } from '../epilogues/dense.js';
import { type ArgumentError, argumentLost } from '../errors.js';
import { type Message, mention, say } from '../message.js';
import type { Problem } from '../problem.js';
import { elementBytes, isShared, lengthNow, type ScoreArray, viewScores } from '../rows/dtype.js';
import type { Run } from './run.js';
import { allocateResult, type Needs, needsSharedMemory, type Setting, startRun } from './setting.js';

const ADVICE: Message = say`${mention.call('topK')}, ${mention.call('pairs')} and ${mention.call('histogram')} need no matrix; or compare a part of the rows with all of them at a time.`;

export async function computeDense(problem: Problem, setting: Setting): Promise<ScoreArray> {
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

/** Computes the matrix on the calling thread, synchronously; `setting` has no threads. */
export function computeDenseSync(problem: Problem, setting: Setting): ScoreArray {
  const { run, result, collector } = start(problem, setting);
  try {
    run.wholeSync(collector);
  } catch (error) {
    throw lossOf(problem) ?? error;
  } finally {
    run.release();
  }
  throwIfLost(problem);
  return result;
}

/**
 * Returns the error for an `out` that has changed since the call began, or undefined. The caller may detach or resize it at any time,
 * even in `onProgress`, and each backend would then fail differently. An abort takes precedence.
 */
function lossOf({ x, y, out, signal }: Problem): ArgumentError | undefined {
  const isLost = out !== undefined && lengthNow(out) !== x.rows * (y ?? x).rows;
  return isLost && !signal?.aborted ? argumentLost('out') : undefined;
}

function throwIfLost(problem: Problem): void {
  const loss = lossOf(problem);
  if (loss) throw loss;
}

function needsOfDense({ x, y, dtype, out }: Problem, { threads }: Setting): Needs {
  const cols = (y ?? x).rows;
  const bytes = out ? 0 : x.rows * cols * elementBytes(dtype);
  // A new result is not accessible to the caller yet.
  const detachable = threads !== undefined && out !== undefined && !isShared(out.buffer);
  return {
    purpose: { kind: 'dense', detachable },
    size: { bytes, what: `${x.rows} x ${cols} ${dtype} scores`, advice: ADVICE },
  };
}

function start(problem: Problem, setting: Setting): { run: Run; result: ScoreArray; collector: DenseCollector } {
  const { x, y, dtype, out } = problem;
  const cols = (y ?? x).rows;
  const length = x.rows * cols;
  const bytes = length * elementBytes(dtype);
  const run = startRun(problem, needsOfDense(problem, setting), setting);
  try {
    const result = out ?? viewScores(dtype, allocateResult(bytes, setting, ADVICE), 0, length);
    const reachable = !needsSharedMemory(setting) || isShared(result.buffer);
    return { run, result, collector: new DenseCollector(result, cols, reachable) };
  } catch (error) {
    run.release();
    throw error;
  }
}
