// A problem in the addon's memory. Rows are packed straight from the caller's array where they lie in one piece, else from a
// staging buffer, a block at a time.

import { argumentLost, MemoryError } from '../../errors.js';
import { ContiguousRows, type RowSource } from '../../rows/row-source.js';
import type { GridJob, GridWork, JobShape } from '../backend.js';
import type { Delivery, Order, TileGrid } from '../work.js';
import type { AddonJob, BeginDetail, NativeAddon, Targets } from './addon.js';
import { giveBackMemory, lendMemory, type NativeMemory } from './memory.js';

/** Elements that are packed at a time: enough to share between threads, few enough for the event loop. */
const BLOCK_ELEMENTS = 2 ** 20;
/** Waking a thread takes as long as packing this many elements. */
const ELEMENTS_WORTH_HELP = 2 ** 17;

function blockRows(depth: number, panelRows: number): number {
  return Math.max(1, Math.floor(BLOCK_ELEMENTS / (depth + 1) / panelRows)) * panelRows;
}

/** What staging takes at most. */
export function stagingBytes({ depth, xRows, yRows }: JobShape, panelRows: number): number {
  return Math.min(Math.max(xRows, yRows), blockRows(depth, panelRows)) * depth * Float64Array.BYTES_PER_ELEMENT;
}

export class NativeJob implements GridJob {
  readonly packBlock: number;
  private readonly memory: NativeMemory;

  constructor(
    addon: NativeAddon,
    instructionSet: string,
    private readonly shape: JobShape,
    panelRows: number,
  ) {
    this.packBlock = blockRows(shape.depth, panelRows);
    this.memory = lendMemory(addon, instructionSet, shape);
  }

  packRows(operand: 'x' | 'y', source: RowSource, from: number, to: number, at: number, zeroNonFinite: boolean): number {
    const { job } = this.memory;
    const count = to - from;
    const helpers = count * source.depth < ELEMENTS_WORTH_HELP ? 0 : this.shape.threads - 1;
    const y = operand === 'y';
    let bad: number;
    if (source instanceof ContiguousRows && (source.data instanceof Float32Array || source.data instanceof Float64Array)) {
      bad = job.pack(y, source.data, source.offset + from * source.depth, count, at, zeroNonFinite, helpers);
    } else {
      const staging = this.memory.staging(source.staged, count * source.depth);
      source.copyRows(from, to, staging, 0);
      bad = job.pack(y, staging, 0, count, at, zeroNonFinite, helpers);
    }
    return bad < 0 ? -1 : from + bad;
  }

  openGrid({ pass, rowStart, rowEnd, tileRows, symmetric }: TileGrid, order: Order): GridWork {
    const { job } = this.memory;
    const cols = pass.colEnd - pass.colStart;
    let detail: BeginDetail;
    if (order.kind === 'dense') detail = order.cols;
    if (order.kind === 'pairs') detail = order.threshold;
    if (order.kind === 'histogram') detail = order.edges;
    job.begin(pass.rowStart, pass.colStart, cols, rowStart, rowEnd, tileRows, pass.diagonal, symmetric, detail);
    return new NativeGrid(job, order);
  }

  release(): void {
    giveBackMemory(this.memory);
  }
}

class NativeGrid implements GridWork {
  private readonly first: Targets[0];
  private readonly second: Targets[1];

  constructor(
    private readonly job: AddonJob,
    private readonly order: Order,
  ) {
    if (order.kind === 'dense') this.first = order.result;
    if (order.kind === 'top-k') [this.first, this.second] = [order.indices, order.scores];
  }

  take(index: number): Delivery | undefined {
    const pairs = this.job.take(index, this.first, this.second);
    return pairs && { content: pairs, transfer: [] };
  }

  finish(): Delivery | undefined {
    return this.order.kind === 'histogram' ? { content: this.job.counts(), transfer: [] } : undefined;
  }

  async start(threads: number, receive: (content: unknown) => void): Promise<void> {
    const { outOfMemory, resultLost } = await new Promise<{ outOfMemory: boolean; resultLost: boolean }>((resolve) => {
      const onEnd = (outOfMemory: boolean, resultLost: boolean) => resolve({ outOfMemory, resultLost });
      this.job.start(this.first, this.second, threads, receive, onEnd);
    });
    if (outOfMemory) throw new MemoryError(0, 'a thread found no memory for the pairs of a tile');
    if (resultLost) throw argumentLost('out');
  }

  tilesDone(): number {
    return this.job.tilesDone();
  }

  stop(): void {
    this.job.stop();
  }
}
