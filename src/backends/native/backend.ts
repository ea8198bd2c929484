// The native backend: C++ kernels (native/) for the processor's vector instructions, in an addon with its own threads.

import { UnsupportedError } from '../../errors.js';
import { type DType, elementBytes } from '../../rows/dtype.js';
import type { Backend, ComputeSmall, Host, Job, JobShape, SketchDepths } from '../backend.js';
import { isSameShape } from '../job-shape.js';
import { sparseBytes, sparseTileRows } from '../sparse/packed-sparse.js';
import { type AddonJob, type InstructionSet, type NativeAddon, shapeArguments } from './addon.js';
import { refusalOfConstants } from './constants.js';
import { NativeJob, stagingBytes } from './job.js';

/**
 * Rows of a tile: a depth block of them and the sums fit in the second-level cache, and tiles are small enough that threads do not wait
 * long for the last one. A multiple of every panel width. Measured by `bench/native-kernel.ts`.
 */
const TILE_ROWS = 192;
/** The same for sparse rows, whose sums are computed in strips: one row of sums should fit in the first-level cache. */
const SPARSE_TILE_ROWS = 2016;
/** Multiply-adds of a tile, limited so that threads notice an abort soon. */
const TILE_WORK = 5e8;

/** From here on, two threads are faster than one. */
const SMALL_WORK = 2e7;

/** A single pair is not computed in registers, and a verified pair may have to be summed again in order. */
const PRUNING_COSTS = {
  leastWork: 1.5e10,
  leastWorkOfLists: 1e11,
  comparing: 15,
  narrowing: 5,
  verifying: 5,
  verifyingOfLists: 5,
};

class NativeBackend implements Backend {
  readonly description: string;
  readonly smallWork = SMALL_WORK;
  readonly packedLimit = Number.POSITIVE_INFINITY;
  readonly servesSync = true;
  readonly pruningCosts = PRUNING_COSTS;
  readonly filtersSparse = true;
  readonly needsSharedMemory = false;
  readonly threadRefusal = undefined;
  readonly depthBlock: number;
  private smallJob: AddonJob | undefined;
  private lastBytes: { shape: JobShape; bytes: number } | undefined;

  constructor(
    readonly name: string,
    private readonly addon: NativeAddon,
    private readonly set: InstructionSet,
  ) {
    this.description = `C++, ${set.description}`;
    this.depthBlock = set.depthBlock;
  }

  tileRows(dtype: DType, depth: number, stored?: number): number {
    const step = this.tileStep(dtype);
    if (stored !== undefined) return sparseTileRows(SPARSE_TILE_ROWS, step, stored, depth);
    const rows = Math.floor(Math.sqrt(TILE_WORK / (depth + 1)) / step) * step;
    return Math.max(step, Math.min(TILE_ROWS, rows));
  }

  tileStep(dtype: DType): number {
    return this.panelRows(dtype);
  }

  panelRows(dtype: DType): number {
    return dtype === 'float32' ? this.set.panelRowsFloat32 : this.set.panelRowsFloat64;
  }

  packedBytes(dtype: DType, rows: number, depth: number, sketches: SketchDepths): number {
    return rows * (depth + sketches.short + sketches.long + 2) * elementBytes(dtype);
  }

  scratchBytes(shape: JobShape): number {
    if (!this.lastBytes || !isSameShape(this.lastBytes.shape, shape)) {
      this.lastBytes = { shape, bytes: this.addon.jobBytes(this.set.name, ...shapeArguments(shape)) };
    }
    const { dtype, xRows, yRows, depth, sketches, sparse } = shape;
    const packed = sparse ? sparseBytes(shape, sparse) : this.packedBytes(dtype, xRows + yRows, depth, sketches);
    return this.lastBytes.bytes - packed + stagingBytes(shape, this.tileStep(dtype));
  }

  createJob(shape: JobShape): Job {
    return new NativeJob(this.addon, this.set.name, shape, this.tileStep(shape.dtype));
  }

  readonly computeSmall: ComputeSmall = (result, depth, zeroNonFinite, x, xOffset, xRows, y, yOffset, yRows) => {
    this.smallJob ??= new this.addon.Job(this.set.name);
    return this.smallJob.computeSmall(result, depth, zeroNonFinite, x, xOffset, xRows, y, yOffset, yRows);
  };
}

/**
 * Creates the best backend for this processor, or the one for the instruction set `wanted`. Throws UnsupportedError if it is unavailable.
 */
export function createNativeBackend(host: Host, wanted?: string): Backend {
  const addon = loadAddon(host);
  const sets = addon.instructionSets();
  const set = sets.find(({ name, runs }) => runs && (wanted === undefined || name === wanted));
  if (set) return new NativeBackend(wanted ? `native-${wanted}` : 'native', addon, set);
  const has = sets.some(({ name }) => name === wanted);
  throw new UnsupportedError(
    has ? `this processor lacks ${wanted}` : `the addon for ${host.architecture} has no kernels for ${wanted}`,
  );
}

function loadAddon(host: Host): NativeAddon {
  let addon: NativeAddon;
  try {
    addon = host.loadNativeAddon() as NativeAddon;
  } catch (error) {
    throw new UnsupportedError(error instanceof Error ? error.message : String(error));
  }
  const refusal = refusalOfConstants(addon.constants);
  if (refusal) throw new UnsupportedError(refusal);
  return addon;
}
