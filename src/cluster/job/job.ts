// A job in its place: the manifest, which is written last, so that a place without one holds no job, and the parts of its shards.

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

  /** Of x with itself. */
  get symmetric(): boolean {
    return this.manifest.y === undefined;
  }

  /** Throws JobError where there is none of that number. */
  shard(index: number): Shard {
    const { shards } = this.manifest;
    const place = shards[index];
    if (!place) {
      const there = shards.length > 0 ? `a shard from 0 to ${shards.length - 1}` : 'no shard, as there are no pairs';
      throw new JobError(`expected ${there} of ${this.storage.name}, got ${index}`);
    }
    const [rowStart, rowEnd, colStart, colEnd] = place;
    return { rowStart, rowEnd, colStart, colEnd };
  }

  partName(index: number): string {
    return `${this.partsPrefix}${String(index).padStart(6, '0')}`;
  }

  /** What an earlier job has left in the same place is not ours. */
  private get partsPrefix(): string {
    return `parts/${this.manifest.id}/`;
  }

  /** The shards whose parts are there; whether these are whole is seen when they are read. */
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

/** The job at `place`: a folder, or s3://bucket/prefix. The caller closes it. Throws JobError where there is none. */
export async function openJob(place: string): Promise<Job> {
  const storage = await openStorage(place);
  try {
    const bytes = await storage.read(MANIFEST);
    if (!bytes) throw new JobError(`${storage.name}: no job is there: "allpairs plan ... -o ${storage.name}" makes one`);
    return new Job(storage, decodeManifest(bytes, `${storage.name.replace(/\/$/, '')}/${MANIFEST}`));
  } catch (error) {
    await storage.close();
    throw error;
  }
}

/** Throws JobError where `storage` has a job already. */
export async function checkFree(storage: JobStorage): Promise<void> {
  if (await storage.read(MANIFEST)) throw takenBy(storage);
}

/** Writes the manifest: from now on there is a job. Throws JobError where somebody else was faster. */
export async function writeManifest(storage: JobStorage, manifest: JobManifest): Promise<Job> {
  if (!(await storage.write(MANIFEST, [encodeManifest(manifest)], { ifAbsent: true }))) throw takenBy(storage);
  return new Job(storage, manifest);
}

function takenBy({ name }: JobStorage): JobError {
  return new JobError(`${name}: there is a job already. Choose another place, or remove that one`);
}
