// Merges the lists that several shards found for each row.

import { NO_INDEX } from '../../backends/constants.js';
import { BestLists } from '../../epilogues/best-lists.js';
import { MemoryError } from '../../errors.js';
import type { Computed, TopK } from '../../results.js';
import { elementBytes, viewScores } from '../../rows/dtype.js';
import type { Job } from '../job/job.js';
import { checkComplete, framesOfPart } from './read-parts.js';

/** Parts read at the same time. */
const AT_ONCE = 4;

/** Reads every part; holds the whole result. Throws JobError or MemoryError. */
export async function mergeTopK(job: Job, k: number, signal: AbortSignal): Promise<Computed<TopK>> {
  const { x, y, dtype, shards } = job.manifest;
  const { rows } = x.layout;
  const width = Math.max(0, Math.min(k, y ? y.layout.rows : rows - 1));
  await checkComplete(job);
  const { indices, scores } = allocate(rows * width, dtype);
  const lists = new BestLists(width, indices, scores);
  lists.clear();
  // The order of the parts does not matter, so several are read at once.
  const left = shards.keys();
  const take = async () => {
    for (const index of left) {
      for await (const { meta, arrays } of framesOfPart(job, index)) {
        signal.throwIfAborted();
        offerAll(
          lists,
          meta.rowStart as number,
          meta.k as number,
          arrays.indices as Uint32Array,
          arrays.scores as Float32Array,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, take));
  for (let row = 0; row < rows; row++) lists.sort(row);
  return { indices, scores, shape: [rows, width] };
}

function offerAll(lists: BestLists, rowStart: number, k: number, indices: Uint32Array, scores: ArrayLike<number>): void {
  for (let at = 0; at < indices.length; at++) {
    const index = indices[at] as number;
    if (index !== NO_INDEX) lists.offer(rowStart + Math.floor(at / k), index, scores[at] as number);
  }
}

function allocate(length: number, dtype: 'float32' | 'float64') {
  const bytes = length * (4 + elementBytes(dtype));
  try {
    return {
      indices: new Uint32Array(length),
      scores: viewScores(dtype, new ArrayBuffer(length * elementBytes(dtype)), 0, length),
    };
  } catch (cause) {
    throw new MemoryError(bytes, `not enough memory: the result needs ${bytes} bytes. Try a smaller k.`, {
      cause,
    });
  }
}
