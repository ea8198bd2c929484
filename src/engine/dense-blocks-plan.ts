// Memory of the blocks of a matrix.

import { MemoryError } from '../errors.js';
import { mention, say } from '../message.js';
import type { BlocksProblem } from '../problem.js';
import { elementBytes } from '../rows/dtype.js';
import type { Plan, ResultSize } from './plan.js';
import { planRun, type Setting } from './setting.js';

/** Large enough to make packing the rows of a block negligible; two float32 blocks take 128 MiB. */
const BLOCK_ROWS = 4096;
/** Smallest block size if memory is scarce. */
const MIN_ROWS = 256;
/** One block in use, one being computed. */
export const BUFFERS = 2;

/** Memory of what the caller makes of the blocks. */
export interface BlockUse {
  readonly held?: ResultSize;
  /** Largest number of rows in a block. */
  readonly mostRows?: number;
}

/** Chooses blocks that fit in memory. Throws MemoryError. */
export function planBlocks(problem: BlocksProblem, setting: Setting, { held, mostRows = BLOCK_ROWS }: BlockUse = {}): Plan {
  const { x, y, dtype } = problem;
  const largest = Math.max(1, x.rows, (y ?? x).rows);
  let rows = Math.min(problem.blockRows ?? mostRows, largest);
  for (;;) {
    try {
      const size: ResultSize = {
        bytes: (held?.bytes ?? 0) + BUFFERS * rows * Math.min(rows, largest) * elementBytes(dtype),
        what: `${held ? `${held.what}, and ` : ''}blocks of ${rows} x ${rows} ${dtype} scores`,
        advice:
          held?.advice ?? say`${mention.call('topK')}, ${mention.call('pairs')} and ${mention.call('histogram')} need less.`,
      };
      const plan = planRun(problem, { purpose: { kind: 'dense', detachable: false }, size }, setting, rows);
      if (plan.blockRows >= rows) return plan;
    } catch (error) {
      if (problem.blockRows !== undefined || rows <= MIN_ROWS) throw error;
    }
    if (problem.blockRows !== undefined || rows <= MIN_ROWS) throw blocksTooLarge(rows);
    rows = Math.max(MIN_ROWS, Math.floor(rows / 2));
  }
}

function blocksTooLarge(rows: number): MemoryError {
  return new MemoryError(0, `blocks of ${rows} rows and columns do not fit in the available memory`);
}
