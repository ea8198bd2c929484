// A stored job: the manifest and the parts of its shards. The manifest is written last, so a place without a manifest holds no job.

import { openStorage } from '../storage/open-storage.js';
import type { JobStorage } from '../storage/storage.js';
import { JobError } from './job-error.js';
import { decodeManifest, encodeManifest, type JobManifest } from './manifest.js';
import type { Shard } from './shards.js';

const MANIFEST = 'job.json';

export class Job {
  constructor(
    readonly storage: JobStorage,
    readonly manifest: JobManifest,
  ) {}

  /** True if x is compared with itself. */
  get symmetric(): boolean {
    return this.manifest.y === undefined;
  }

  /** Returns shard `index`. Throws JobError if it does not exist. */
  shard(index: number): Shard {
    const { shards } = this.manifest;
    const place = shards[index];
    if (!place) {
      const there = shards.length > 0 ? `a shard from 0 to ${shards.length - 1}` : 'no shard, because there are no pairs';
      throw new JobError(`expected ${there} of ${this.storage.name}, got ${index}`);
    }
    const [rowStart, rowEnd, colStart, colEnd] = place;
    return { rowStart, rowEnd, colStart, colEnd };
  }

  partName(index: number): string {
    return `${this.partsPrefix}${String(index).padStart(6, '0')}`;
  }

  /** Parts of an earlier job in the same place have another prefix. */
  private get partsPrefix(): string {
    return `parts/${this.manifest.id}/`;
  }

  /** Returns the shards whose parts exist. Reading a part verifies it. */
  async partsDone(): Promise<ReadonlySet<number>> {
    const done = new Set<number>();
    for (const name of await this.storage.list(this.partsPrefix)) {
      const number = name.slice(this.partsPrefix.length);
      if (/^\d{6}$/.test(number) && Number(number) < this.manifest.shards.length) done.add(Number(number));
    }
    return done;
  }

  close(): Promise<void> {
    return this.storage.close();
  }
}

/** Opens the job at `place`, a folder or s3://bucket/prefix; the caller closes it. Throws JobError if there is no job. */
export async function openJob(place: string): Promise<Job> {
  const storage = await openStorage(place);
  try {
    const bytes = await storage.read(MANIFEST);
    if (!bytes) throw new JobError(`${storage.name}: no job found; run "allpairs plan ... -o ${storage.name}" to create one`);
    return new Job(storage, decodeManifest(bytes, `${storage.name.replace(/\/$/, '')}/${MANIFEST}`));
  } catch (error) {
    await storage.close();
    throw error;
  }
}

/** Throws JobError if `storage` already holds a job. */
export async function checkFree(storage: JobStorage): Promise<void> {
  if (await storage.read(MANIFEST)) throw takenBy(storage);
}

/** Writes the manifest, which creates the job. Throws JobError if another process has created one first. */
export async function writeManifest(storage: JobStorage, manifest: JobManifest): Promise<Job> {
  if (!(await storage.write(MANIFEST, [encodeManifest(manifest)], { ifAbsent: true }))) throw takenBy(storage);
  return new Job(storage, manifest);
}

function takenBy({ name }: JobStorage): JobError {
  return new JobError(`${name}: a job already exists; choose another place or remove this job`);
}
