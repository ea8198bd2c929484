// Turns rows and a question into a job.

import { randomBytes } from 'node:crypto';
import { runtimeInfo } from '../../index.js';
import type { BackendName } from '../../types.js';
import type { JobStorage } from '../storage/storage.js';
import { checkFree, type Job, writeManifest } from './job.js';
import { kernelFingerprint } from './kernel-fingerprint.js';
import type { JobManifest } from './manifest.js';
import { type GivenRows, type PlacingOptions, placeRows } from './place-rows.js';
import type { RowPlace } from './row-place.js';
import type { Shard } from './shards.js';

/**
 * Writes the rows and the manifest to `storage`. Throws JobError if it already holds a job; of two simultaneous calls, one succeeds.
 */
export async function planJob(
  storage: JobStorage,
  x: GivenRows,
  y: GivenRows | undefined,
  shards: readonly Shard[],
  described: Pick<JobManifest, 'allpairs' | 'question' | 'dtype' | 'backend'>,
  options: PlacingOptions,
): Promise<Job> {
  await checkFree(storage);
  const id = randomBytes(8).toString('hex');
  const placed: RowPlace[] = [];
  const place = async (given: GivenRows) => {
    const rows = await placeRows(storage, given, id, options);
    placed.push(rows);
    return rows;
  };
  try {
    const places = { x: await place(x), ...(y && { y: await place(y) }) };
    const cut = shards.map(({ rowStart, rowEnd, colStart, colEnd }) => [rowStart, rowEnd, colStart, colEnd] as const);
    const fingerprint = await kernelFingerprint(described.backend, described.dtype);
    return await writeManifest(storage, { ...described, id, fingerprint, ...places, shards: cut });
  } catch (error) {
    for (const { name, within, sums } of placed) {
      await storage.remove(sums.name).catch(() => {});
      if (within) await storage.remove(name).catch(() => {});
    }
    throw error;
  }
}

/**
 * Returns the backend for all machines: `name`, or the best of this machine. 'native' uses other instructions, and so computes other
 * bits, on other processors; it is replaced by the name for this machine's instructions.
 */
export function backendForAll(name: BackendName | undefined): BackendName {
  const { backend, backends } = runtimeInfo();
  const asked = name ?? backend;
  if (asked !== 'native') return asked;
  return backends.find((info) => info.name.startsWith('native-') && info.available)?.name ?? asked;
}
