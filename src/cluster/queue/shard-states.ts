// How far each shard of a job is: done where its part is there, whoever computed it; else as the queue has it, if there is one.

import type { JobManifest } from '../job/manifest.js';
import type { ShardQueue } from './queue.js';

export type ShardState =
  /** Missing: neither done nor in the queue. */
  | { readonly state: 'done' | 'waiting' | 'missing' }
  /** Waits before it is tried again. */
  | { readonly state: 'delayed' }
  /** `done` is from 0 to 1, `since` in milliseconds of Date.now(). */
  | { readonly state: 'active'; readonly done: number; readonly worker?: string; readonly since?: number }
  | { readonly state: 'failed'; readonly reason: string };

export type StateName = ShardState['state'];

export interface ShardStates {
  readonly shards: readonly ShardState[];
  readonly counts: Readonly<Record<StateName, number>>;
}

/** What is asked of a job. */
export interface JobParts {
  readonly manifest: JobManifest;
  partsDone(): Promise<ReadonlySet<number>>;
}

export async function readShardStates(job: JobParts, queue: ShardQueue | undefined): Promise<ShardStates> {
  const { id, shards } = job.manifest;
  // A shard's part is there before the queue lets go of it: asked in this order, none is overlooked.
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
