// Computes one shard of a job and writes its part. STUB: stands in for the real one until they are merged.

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createAtomically } from '../io/atomic-file.js';

export interface ShardRun {
  readonly threads?: number;
  readonly memory?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { done: number; total: number }) => void;
}

/** Computes shard `index` of the job at `place` (a folder or s3://...) and writes its part; false where a right part is there already. */
export async function runShard(place: string, index: number, options: ShardRun): Promise<boolean> {
  const path = join(place, `part-${index}`);
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (isThere) return false;
  for (let done = 1; done <= 4; done++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    options.signal?.throwIfAborted();
    options.onProgress?.({ done, total: 4 });
  }
  await createAtomically(path, (file) => file.append(new TextEncoder().encode(`shard ${index}`)));
  return true;
}
