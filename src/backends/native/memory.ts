// Memory of the addon, lent to one job at a time. Small amounts are kept between calls, with their plan, because allocating them would slow
// down short calls.

import { MemoryError } from '../../errors.js';
import type { StagedType } from '../../rows/row-source.js';
import type { JobShape } from '../backend.js';
import { isSameShape } from '../job-shape.js';
import { type AddonJob, type NativeAddon, shapeArguments } from './addon.js';

/** Limits for the number of idle memories that are kept, and for the elements of a staging buffer that is kept. */
const KEPT = 4;
const KEPT_ELEMENTS = 2 ** 17;

export class NativeMemory {
  readonly job: AddonJob;
  private shape: JobShape | undefined;
  private buffer: Float32Array | Float64Array | undefined;

  constructor(
    private readonly addon: NativeAddon,
    readonly instructionSet: string,
  ) {
    this.job = new addon.Job(instructionSet);
  }

  /** Throws MemoryError. */
  configure(shape: JobShape): void {
    if (this.shape && isSameShape(this.shape, shape)) return;
    this.shape = undefined;
    if (!this.job.configure(...shapeArguments(shape))) {
      const bytes = this.addon.jobBytes(this.instructionSet, ...shapeArguments(shape));
      throw new MemoryError(bytes, `could not allocate ${bytes} bytes for packed rows`);
    }
    this.shape = shape;
  }

  /** Returns a buffer for at least this many elements. */
  staging(type: StagedType, elements: number): Float32Array | Float64Array {
    const ofType = type === 'float32' ? Float32Array : Float64Array;
    if (!(this.buffer instanceof ofType) || this.buffer.length < elements) this.buffer = new ofType(elements);
    return this.buffer;
  }

  release(): void {
    if (!this.job.release()) this.shape = undefined;
    if (this.buffer && this.buffer.length > KEPT_ELEMENTS) this.buffer = undefined;
  }
}

const idle: NativeMemory[] = [];

/** Reserves memory for a job of this shape until it is returned. Throws MemoryError. */
export function lendMemory(addon: NativeAddon, instructionSet: string, shape: JobShape): NativeMemory {
  const at = idle.findLastIndex((memory) => memory.instructionSet === instructionSet);
  const memory = at < 0 ? new NativeMemory(addon, instructionSet) : (idle.splice(at, 1)[0] as NativeMemory);
  memory.configure(shape);
  return memory;
}

export function giveBackMemory(memory: NativeMemory): void {
  memory.release();
  if (idle.length < KEPT) idle.push(memory);
}
