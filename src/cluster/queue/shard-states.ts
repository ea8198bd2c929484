// The state of each shard of a job: done if its part exists, no matter who computed it; otherwise the state in the queue, if there is
// one.

import type { JobManifest } from '../job/manifest.js';
import type { ShardQueue } from './queue.js';

export type ShardState =
  /** Missing: neither finished nor in the queue. */
  | { readonly state: 'done' | 'waiting' | 'missing' }
  /** Waiting for its next attempt. */
  | { readonly state: 'delayed' }
  /** `done` is a fraction from 0 to 1, `since` is in milliseconds since the epoch. */
  | { readonly state: 'active'; readonly done: number; readonly worker?: string; readonly since?: number }
  | { readonly state: 'failed'; readonly reason: string };

export type StateName = ShardState['state'];

export interface ShardStates {
  readonly shards: readonly ShardState[];
  readonly counts: Readonly<Record<StateName, number>>;
}

/** The parts of a job that are needed here. */
export interface JobParts {
  readonly manifest: JobManifest;
  partsDone(): Promise<ReadonlySet<number>>;
}

export async function readShardStates(job: JobParts, queue: ShardQueue | undefined): Promise<ShardStates> {
  const { id, shards } = job.manifest;
  // A part exists before the queue removes its entry, so reading the queue first misses no shard.
  const snapshot = await queue?.snapshot(id);
  const done = await job.partsDone();
  return countStates(
    Array.from(shards, (_, index): ShardState => {
      if (done.has(index)) return { state: 'done' };
      const active = snapshot?.active.get(index);
      if (active) {
        const { worker, since } = active;
        return { state: 'active', done: active.done, ...(worker && { worker }), ...(since !== undefined && { since }) };
      }
      const reason = snapshot?.failed.get(index);
      if (reason !== undefined) return { state: 'failed', reason };
      if (snapshot?.delayed.has(index)) return { state: 'delayed' };
      return { state: snapshot?.waiting.has(index) ? 'waiting' : 'missing' };
    }),
  );
}

export function countStates(shards: readonly ShardState[]): ShardStates {
  const counts = { done: 0, active: 0, waiting: 0, delayed: 0, failed: 0, missing: 0 };
  for (const { state } of shards) counts[state]++;
  return { shards, counts };
}

export function indicesIn({ shards }: ShardStates, state: StateName): number[] {
  return shards.flatMap((shard, index) => (shard.state === state ? [index] : []));
}
