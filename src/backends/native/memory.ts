// Memory of the addon, lent to one job at a time. A little is kept between calls, with its plan: short work would feel it.

import { MemoryError } from '../../errors.js';
import type { StagedType } from '../../rows/row-source.js';
import type { JobShape } from '../backend.js';
import { isSameShape } from '../job-shape.js';
import { type AddonJob, type NativeAddon, shapeArguments } from './addon.js';

/** Idle memories that are kept, and the elements of a staging buffer that is. */
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

  /** A buffer for at least so many elements. */
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

/** Memory for a job of this shape, reserved until it is given back. Throws MemoryError. */
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
