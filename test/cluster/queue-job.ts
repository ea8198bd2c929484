// A job for tests of the queue, with faults to inject, and the commands that work on it as processes.

import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJob } from '#src/cluster/job/job.js';
import { writeNpy } from '#src/io/rows/npy-file.js';
import { Matrix } from '#src/rows/dense-matrix.js';
import { type Run, run } from '../cli/command.js';
import { randomRows } from '../random.js';

/** NODE_OPTIONS of workers that inject the faults in the file FAULTS. */
export const BEFORE_SHARD: string = `--import ${new URL('before-shard.mjs', import.meta.url).href}`;

/** Faults by shard number. */
export interface Faults {
  /** Minimum milliseconds per shard. */
  readonly every?: number;
  /** The first shard that waits while shards are held (default: 0). */
  readonly heldFrom?: number;
  readonly poisoned?: readonly number[];
  /** Shards that end their thread. */
  readonly exits?: readonly number[];
  /** Shards that end their process like kill -9. */
  readonly kills?: readonly number[];
  /** Milliseconds for which the thread is blocked. */
  readonly blocks?: Readonly<Record<number, number>>;
}

export interface StartedProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Run>;
}

export class QueueJob {
  private constructor(
    private readonly folder: string,
    readonly place: string,
    readonly id: string,
    readonly redis: string,
  ) {}

  static async create(shards: number, redis: string): Promise<QueueJob> {
    const folder = await mkdtemp(join(tmpdir(), 'allpairs-queue-'));
    const rows = join(folder, 'rows.npy');
    // Different rows per job, because the same job would have the same entries in the queue.
    const { data, shape } = randomRows(120, 5, 1 + Math.floor(1e6 * Math.random()));
    await writeNpy(rows, new Matrix(data, shape));
    const place = join(folder, 'job');
    const { code, stderr } = await run(['plan', rows, '--top-k', '3', '--shards', `${shards}`, '-o', place, '-q', '--json']);
    if (code !== 0) throw new Error(stderr);
    const planned = await openJob(place);
    await planned.close();
    const job = new QueueJob(folder, place, planned.manifest.id, redis);
    await job.breaks({});
    return job;
  }

  /** Faults from now on. */
  async breaks(faults: Faults): Promise<void> {
    await writeFile(this.path('faults.json'), JSON.stringify({ ...faults, log: this.path('log'), held: this.path('held') }));
  }

  /** Makes shards wait. */
  async hold(held: boolean): Promise<void> {
    if (held) await writeFile(this.path('held'), '');
    else await rm(this.path('held'), { force: true });
  }

  /** The shards that were started, in order. */
  async begun(): Promise<number[]> {
    const log = await readFile(this.path('log'), 'utf8').catch(() => '');
    return log
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => Number.parseInt(line, 10));
  }

  async done(): Promise<number> {
    const job = await openJob(this.place);
    try {
      return (await job.partsDone()).size;
    } finally {
      await job.close();
    }
  }

  start(...args: string[]): StartedProcess {
    let started: ChildProcess | undefined;
    const env = { FAULTS: this.path('faults.json'), NODE_OPTIONS: BEFORE_SHARD, ALLPAIRS_REDIS_URL: this.redis };
    const ended = run(args, {
      env,
      onStart: (child) => {
        started = child;
      },
    });
    return { child: started as ChildProcess, ended };
  }

  worker(...args: string[]): StartedProcess {
    return this.start('worker', '--threads', '1', ...args);
  }

  async command(...args: string[]): Promise<Run> {
    return this.start(...args).ended;
  }

  async status() {
    return JSON.parse((await this.command('status', this.place)).stdout.toString());
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  private path(name: string): string {
    return join(this.folder, name);
  }
}
