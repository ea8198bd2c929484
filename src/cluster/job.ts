// A job of many shards, as its manifest says. STUB: stands in for the real one until they are merged.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface JobManifest {
  /** Short, of letters and digits; identifies the job. */
  readonly id: string;
  readonly shards: readonly unknown[];
}

export interface OpenJob {
  readonly manifest: JobManifest;
  partsDone(): Promise<ReadonlySet<number>>;
  close(): Promise<void>;
}

export async function openJob(place: string): Promise<OpenJob> {
  const manifest = JSON.parse(await readFile(join(place, 'manifest.json'), 'utf8')) as JobManifest;
  return {
    manifest,
    async partsDone() {
      const names = await readdir(place);
      return new Set(names.flatMap((name) => /^part-(\d+)$/.exec(name)?.[1] ?? []).map(Number));
    },
    async close() {},
  };
}
