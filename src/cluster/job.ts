// A job: what is to be computed, of which rows, by whom it can be computed, and cut into shards. All of it is in one manifest, which
// is written last: a place without a manifest holds no job.

import { createHash } from 'node:crypto';
import { FormatError } from '../errors.js';
import type { DType } from '../matrix/dtype.js';
import type { BackendName } from '../types.js';
import { JobError } from './job-error.js';
import { openStorage } from './open-storage.js';
import type { RowPlace } from './row-place.js';
import type { Shard } from './shards.js';
import type { JobStorage } from './storage.js';

/** What a job computes. */
export type Question =
  | { readonly kind: 'topk'; readonly k: number }
  | { readonly kind: 'pairs'; readonly threshold: number }
  | { readonly kind: 'matrix' };

export interface JobManifest {
  readonly allpairs: string;
  /** Of this and nothing else: whoever has a part knows whether it belongs here. */
  readonly id: string;
  readonly question: Question;
  readonly dtype: DType;
  /** Which kernels compute, on every machine: others round otherwise. */
  readonly backend: BackendName;
  readonly x: RowPlace;
  /** Undefined where x is compared with itself. */
  readonly y?: RowPlace | undefined;
  /** [rowFrom, rowTo, colFrom, colTo] of each. */
  readonly shards: readonly (readonly [number, number, number, number])[];
}

const MANIFEST = 'job.json';
const PARTS = 'parts/';

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
    if (!place) throw new JobError(`expected a shard from 0 to ${shards.length - 1} of ${this.storage.name}, got ${index}`);
    const [rowFrom, rowTo, colFrom, colTo] = place;
    return { rowFrom, rowTo, colFrom, colTo };
  }

  partName(index: number): string {
    return `${PARTS}${String(index).padStart(6, '0')}`;
  }

  /** The shards whose parts are there; whether these are whole is seen when they are read. */
  async partsDone(): Promise<ReadonlySet<number>> {
    const done = new Set<number>();
    for (const { name } of await this.storage.list(PARTS)) {
      const index = Number(name.slice(PARTS.length));
      if (/^\d{6}$/.test(name.slice(PARTS.length)) && index < this.manifest.shards.length) done.add(index);
    }
    return done;
  }

  close(): Promise<void> {
    return this.storage.close();
  }
}

async function readJob(storage: JobStorage): Promise<Job> {
  const bytes = await storage.read(MANIFEST);
  if (!bytes) throw new JobError(`${storage.name}: no job is there: "allpairs plan ... -o ${storage.name}" makes one`);
  return new Job(storage, parseManifest(bytes, `${storage.name.replace(/\/$/, '')}/${MANIFEST}`));
}

/** The job at `place`: a folder, or s3://bucket/prefix. The caller closes it. Throws JobError where there is none. */
export async function openJob(place: string): Promise<Job> {
  const storage = await openStorage(place);
  try {
    return await readJob(storage);
  } catch (error) {
    await storage.close();
    throw error;
  }
}

/** Whether there is a job already. */
export async function holdsJob(storage: JobStorage): Promise<boolean> {
  return (await storage.read(MANIFEST)) !== undefined;
}

/** Writes the manifest: from now on there is a job. Throws JobError where somebody else was faster. */
export async function writeManifest(storage: JobStorage, described: Omit<JobManifest, 'id'>): Promise<Job> {
  const text = JSON.stringify(described);
  const id = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const manifest: JobManifest = { ...described, id };
  const written = await storage.write(MANIFEST, [Buffer.from(`${JSON.stringify(manifest)}\n`)], { ifAbsent: true });
  if (!written) throw new JobError(`${storage.name}: there is a job already`);
  return new Job(storage, manifest);
}

function parseManifest(bytes: Uint8Array, name: string): JobManifest {
  let manifest: JobManifest;
  try {
    manifest = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw new FormatError(name, 0, 'damaged: no JSON');
  }
  const { id, question, x, shards } = manifest ?? {};
  if (typeof id === 'string' && question && x && Array.isArray(shards)) return manifest;
  throw new FormatError(name, 0, 'this is no job of allpairs');
}
