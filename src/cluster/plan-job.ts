// From rows and a question to a job.

import { runtimeInfo } from '../index.js';
import type { BackendName } from '../types.js';
import { holdsJob, type Job, type JobManifest, writeManifest } from './job.js';
import { JobError } from './job-error.js';
import { type GivenRows, type PlacingOptions, placeRows } from './place-rows.js';
import type { Shard } from './shards.js';
import type { JobStorage } from './storage.js';

/** Throws JobError where `storage` has a job already. */
export async function checkFree(storage: JobStorage): Promise<void> {
  if (!(await holdsJob(storage))) return;
  throw new JobError(`${storage.name}: there is a job already. Choose another place, or remove that one`);
}

/** Puts down rows and manifest in `storage`. */
export async function planJob(
  storage: JobStorage,
  x: GivenRows,
  y: GivenRows | undefined,
  shards: readonly Shard[],
  described: Pick<JobManifest, 'allpairs' | 'question' | 'dtype' | 'backend'>,
  options: PlacingOptions,
): Promise<Job> {
  await checkFree(storage);
  const places = { x: await placeRows(storage, x, options), ...(y && { y: await placeRows(storage, y, options) }) };
  const cut = shards.map(({ rowFrom, rowTo, colFrom, colTo }) => [rowFrom, rowTo, colFrom, colTo] as const);
  return writeManifest(storage, { ...described, ...places, shards: cut });
}

/**
 * The backend that all machines compute with: `name`, or the best of this machine. 'native' means other instructions on another
 * processor, and so other bits: the ones of this machine are named.
 */
export function backendForAll(name: BackendName | undefined): BackendName {
  const { backend, backends } = runtimeInfo();
  const asked = name ?? backend;
  if (asked !== 'native') return asked;
  return backends.find((info) => info.name.startsWith('native-') && info.available)?.name ?? asked;
}
