// What a call computes with, chosen before it starts.

import type { Backend, Purpose } from '../backends/backend.js';
import { MemoryError } from '../errors.js';
import type { Platform } from '../platform/platform.js';
import { makePlan, type ResultSize } from './plan.js';
import type { Problem } from './problem.js';
import { type Crew, Run } from './run.js';

export interface Setting {
  readonly backend: Backend;
  readonly platform: Platform;
  /** Undefined where the calling thread computes. */
  readonly crew: Crew | undefined;
}

/** Plans a call and sets up its memory. The caller releases the run. Throws MemoryError. */
export function startRun(problem: Problem, purpose: Purpose, result: ResultSize, setting: Setting): Run {
  problem.signal?.throwIfAborted();
  const { backend, platform, crew } = setting;
  const shared = usesPool(setting);
  const limits = { threads: crew?.threads ?? 1, shared, memoryBytes: platform.memoryBytes() };
  const plan = makePlan(problem, purpose, result, backend, limits);
  return new Run(problem, plan, backend, platform, crew);
}

/** Whether threads of JavaScript compute, which reach no memory of this one's but what is shared. */
export function usesPool({ backend, crew }: Setting): boolean {
  return crew !== undefined && !backend.ownThreads;
}

/** A buffer for a result that is written whole, shared where threads of JavaScript do that. Throws MemoryError. */
export function allocateResult(bytes: number, setting: Setting, advice: string): ArrayBufferLike {
  try {
    return usesPool(setting) ? new SharedArrayBuffer(bytes) : setting.platform.allocate(bytes);
  } catch (cause) {
    throw new MemoryError(bytes, `could not allocate ${bytes} bytes for the result. ${advice}`, { cause });
  }
}
