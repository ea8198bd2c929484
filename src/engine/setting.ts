// What a call computes with, chosen before it starts.

import type { Backend, Purpose, SketchDepths, Sketching } from '../backends/backend.js';
import { MemoryError } from '../errors.js';
import type { Message } from '../message.js';
import type { Platform } from '../platform/platform.js';
import type { Problem } from '../problem.js';
import { makePlan, NO_SKETCHES, type Plan, type ResultSize } from './plan.js';
import { Run } from './run.js';

export interface Setting {
  readonly backend: Backend;
  readonly platform: Platform;
  /** Number of threads besides the calling one; undefined if the calling thread computes. */
  readonly threads: number | undefined;
  /** How pairs are excluded; undefined if every pair is computed. */
  readonly sketching?: Sketching | undefined;
  /** Returns the backend for samples of rows, directions and transforms, if the backend of the call does not compute float64 scores. */
  readonly samplingBackend?: (() => Promise<Backend>) | undefined;
}

/** The purpose of a call, and the size of its result. */
export interface Needs {
  readonly purpose: Purpose;
  readonly size: ResultSize;
}

/** Limits on threads: per core, and for machines with few or miscounted cores. More threads only use memory. */
const THREADS_PER_CORE = 4;
const THREADS_ANYWHERE = 32;

/** Returns the number of threads for a call that asks for `asked`. */
export function threadsFor(asked: number | undefined, { cores }: Platform): number {
  return asked === undefined ? cores() : Math.min(asked, Math.max(THREADS_PER_CORE * cores(), THREADS_ANYWHERE));
}

/** Plans a call whose passes may have up to `mostBlockRows` rows. Throws MemoryError. */
export function planRun(problem: Problem, needs: Needs, setting: Setting, mostBlockRows?: number): Plan {
  return planWith(setting.sketching?.depths ?? NO_SKETCHES, problem, needs, setting, mostBlockRows);
}

/** Undefined if there is not enough memory for these sketches. */
export function planPruned(problem: Problem, needs: Needs, setting: Setting, sketches: SketchDepths): Plan | undefined {
  try {
    // Where pairs are excluded, the remaining ones are found as pairs.
    const purpose: Purpose = needs.purpose.kind === 'tiles' ? { kind: 'pairs' } : needs.purpose;
    return planWith(sketches, problem, { ...needs, purpose }, setting);
  } catch (error) {
    if (error instanceof MemoryError) return undefined;
    throw error;
  }
}

function planWith(
  sketches: SketchDepths,
  problem: Problem,
  { purpose, size }: Needs,
  setting: Setting,
  mostBlockRows?: number,
): Plan {
  const { backend, platform, threads } = setting;
  const limits = { threads: threads ?? 1, onThreads: threads !== undefined, memoryBytes: platform.memoryBytes() };
  return makePlan(problem, purpose, size, backend, limits, sketches, mostBlockRows);
}

/** Plans a call and allocates its memory. The caller releases the run. Throws MemoryError. */
export function startRun(problem: Problem, needs: Needs, setting: Setting): Run {
  return startPlanned(problem, planRun(problem, needs, setting), setting);
}

/** Allocates the memory of a plan. The caller releases the run. */
export function startPlanned(problem: Problem, plan: Plan, { backend, platform, sketching }: Setting): Run {
  problem.signal?.throwIfAborted();
  return new Run(problem, plan, backend, platform, sketching);
}

/** Whether threads compute that can only access shared memory. */
export function needsSharedMemory({ backend, threads }: Setting): boolean {
  return threads !== undefined && backend.needsSharedMemory;
}

/** Allocates a result that is written as a whole, in shared memory if its writers need it. Throws MemoryError. */
export function allocateResult(
  bytes: number,
  setting: Setting,
  advice: Message,
  shared: boolean = needsSharedMemory(setting),
): ArrayBufferLike {
  try {
    return shared ? new SharedArrayBuffer(bytes) : setting.platform.allocate(bytes);
  } catch (cause) {
    throw new MemoryError(bytes, `could not allocate ${bytes} bytes for the result.`, { advice, cause });
  }
}
