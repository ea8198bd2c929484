// The buffers of a job. What the GPU has no memory for shows later, when the job is asked whether all went well.

import type { JobShape, Sketching } from '../backend.js';
import { higherThreshold, RowGroups } from '../row-marks.js';
import { type Device, PARAM_STEP, USAGE } from './device.js';
import { hasTransposes, type Layout, MAX_DISPATCHES, PAIR_BYTES, SLOT_HEADER, SLOTS } from './layout.js';
import { type Bound, bind } from './recorder.js';
import { MAX_BINS, PANEL_ROWS } from './shaders.js';

/** The packed rows of x or y, and what is known of them. */
export interface Operand {
  readonly panels: GPUBuffer;
  /** Panels of sketches, where the job has some. */
  readonly sketches: GPUBuffer;
  readonly guards: GPUBuffer;
  readonly groups: GPUBuffer;
  /** Of top-k, the lists of rows, k places each. */
  readonly listScores: GPUBuffer;
  readonly listIndices: GPUBuffer;
  /** What the processor keeps of rows. */
  readonly zeros: Uint8Array;
  readonly digits: Float32Array | undefined;
  readonly groupsHere: Uint32Array;
  readonly thresholds: Float64Array;
}

/** What excluding pairs takes: see filter.ts. */
interface FilterBuffers {
  readonly directions: GPUBuffer;
  /** How many columns of a tile are listed for each panel of rows; the lists; and these columns, packed, with their guards. */
  readonly listed: GPUBuffer;
  readonly columns: GPUBuffer;
  readonly gathered: GPUBuffer;
  readonly gatheredGuards: GPUBuffer;
}

export class JobMemory {
  readonly params: GPUBuffer;
  /** Rows on their way to panels. */
  readonly upload: GPUBuffer;
  readonly scores: GPUBuffer;
  readonly transposed: GPUBuffer;
  /** Pairs that were found, or totals of tiles that were counted. */
  readonly finds: GPUBuffer;
  /** How many pairs there are, or the bins. */
  readonly total: GPUBuffer;
  /** Edges of bins. */
  readonly edges: GPUBuffer;
  readonly slots: readonly GPUBuffer[];
  readonly filter: FilterBuffers;
  sketching: Sketching | undefined;
  readonly x: Operand;
  readonly y: Operand;
  /** Which pairs of a tile count, where the job has a grouping; and the threshold of a pair, where rows have some. */
  readonly groups: RowGroups | undefined;
  readonly thresholdOf: ReturnType<typeof higherThreshold> | undefined;
  /** The end of the rows that were packed since guards were made of all of them. */
  readonly unguarded: { x: number; y: number } = { x: 0, y: 0 };
  private readonly buffers: GPUBuffer[] = [];
  /** In place of buffers that a kernel does not use. */
  readonly none: GPUBuffer;
  private accepted: Promise<unknown> = Promise.resolve();

  constructor(
    readonly device: Device,
    readonly shape: JobShape,
    readonly layout: Layout,
  ) {
    const { storage, uniform, copySource, copyTarget, mapRead } = USAGE;
    const { xRows, yRows, tileRows, listPanels, slotBytes, onGpu } = layout;
    const kind = onGpu ? shape.purpose.kind : 'tiles';
    const scoreBytes = 4 * layout.scoresOfTile;
    this.none = this.allocate(16, storage | copySource | copyTarget);
    this.params = this.allocate(MAX_DISPATCHES * PARAM_STEP, uniform | copyTarget);
    this.upload = this.allocate(4 * layout.uploadRows * shape.depth, storage | copyTarget);
    this.scores = this.allocate(scoreBytes, storage | copySource);
    this.transposed = hasTransposes(shape) && onGpu ? this.allocate(scoreBytes, storage | copySource) : this.none;
    this.total = this.allocate(kind === 'histogram' ? 4 * MAX_BINS : SLOT_HEADER, storage | copySource | copyTarget);
    const findsBytes = { pairs: slotBytes - SLOT_HEADER, histogram: slotBytes - 4 * MAX_BINS }[kind as string];
    this.finds = findsBytes === undefined ? this.none : this.allocate(findsBytes, storage | copySource | copyTarget);
    this.edges = kind === 'histogram' ? this.allocate(4 * (MAX_BINS + 2), storage | copyTarget) : this.none;
    this.slots = Array.from({ length: SLOTS }, () => this.allocate(slotBytes, mapRead | copyTarget));
    const used = (elements: number, usage: number = storage) => (elements > 0 ? this.allocate(4 * elements, usage) : this.none);
    const lists = listPanels && tileRows / PANEL_ROWS;
    this.filter = {
      directions: used(layout.directionRows * layout.depth),
      listed: used(lists, storage | copyTarget),
      columns: used(lists * tileRows),
      gathered: used(tileRows * listPanels * layout.depth),
      gatheredGuards: used(tileRows * listPanels),
    };
    this.x = this.allocateOperand(shape.xRows, xRows);
    this.y = yRows > 0 ? this.allocateOperand(shape.yRows, yRows) : this.x;
    const { x, y } = this;
    if (shape.grouping) this.groups = new RowGroups({ x: x.groupsHere, y: y.groupsHere }, shape.grouping);
    if (shape.thresholds) this.thresholdOf = higherThreshold({ x: x.thresholds, y: y.thresholds });
  }

  /** Notes that `check` tells whether the GPU takes something. */
  expect(check: Promise<void>): void {
    this.accepted = Promise.all([this.accepted, check]);
    // A grid waits for it.
    this.accepted.catch(() => {});
  }

  /** Resolves when the GPU has taken all it was given; rejects where it refused something, or has no memory for it. */
  async ready(): Promise<void> {
    await this.accepted;
    this.accepted = Promise.resolve();
  }

  private allocateOperand(rows: number, padded: number): Operand {
    const { shape, layout } = this;
    const { storage, copySource, copyTarget } = USAGE;
    const grouped = shape.grouping !== undefined;
    const listBytes = shape.purpose.kind === 'top-k' && layout.onGpu ? 4 * rows * shape.purpose.k : 0;
    const list = () => (listBytes > 0 ? this.allocate(listBytes, storage | copySource | copyTarget) : this.none);
    return {
      panels: this.allocate(4 * padded * layout.depth, storage),
      sketches: layout.sketchDepth > 0 ? this.allocate(4 * padded * layout.sketchDepth, storage) : this.none,
      guards: this.allocate(4 * padded, storage),
      groups: grouped ? this.allocate(4 * padded, storage | copyTarget) : this.none,
      listScores: list(),
      listIndices: list(),
      zeros: new Uint8Array(rows),
      digits: layout.keepsDigits ? new Float32Array(rows * shape.depth) : undefined,
      groupsHere: new Uint32Array(grouped ? rows : 0),
      thresholds: new Float64Array(shape.thresholds ? rows : 0),
    };
  }

  /** At least a few bytes, as no binding may be empty. */
  private allocate(bytes: number, usage: number): GPUBuffer {
    const buffer = this.device.gpu.createBuffer({ size: Math.max(16, Math.ceil(bytes / 4) * 4), usage });
    this.buffers.push(buffer);
    return buffer;
  }

  bindSums(rows: Operand, cols: Operand): Bound {
    return this.bind('sums', rows.panels, cols.panels, rows.guards, cols.guards, this.none, this.scores);
  }

  bindSelect(scores: GPUBuffer, rows: Operand, cols: Operand): Bound {
    return this.bind('select', scores, rows.groups, cols.groups, rows.listScores, rows.listIndices);
  }

  bindFind(rows: Operand, cols: Operand): Bound {
    const { listed, columns } = this.filter;
    return this.bind('find', this.scores, rows.groups, cols.groups, listed, columns, this.total, this.finds);
  }

  bind(kernel: Bound['kernel'], ...buffers: GPUBuffer[]): Bound {
    return bind(this.device, kernel, this.params, buffers);
  }

  /** How many pairs `finds` holds. */
  get mostPairs(): number {
    return Math.floor((this.layout.slotBytes - SLOT_HEADER) / PAIR_BYTES);
  }

  release(): void {
    for (const buffer of this.buffers) buffer.destroy();
  }
}
