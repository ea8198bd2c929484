import process from 'node:process';
import { runShard } from '../../cluster/job/run-shard.js';
import { UsageError } from '../exit-codes.js';
import { note } from '../output.js';
import { ProgressLine } from '../progress.js';
import { namingTyped } from '../system-error.js';

export interface RunShardOptions {
  readonly index?: number;
  readonly threads?: number;
  readonly memory?: number;
  readonly quiet?: boolean;
}

/** Variables in which schedulers give the index of a task in its array. */
export const INDEX_VARIABLES: readonly string[] = ['SLURM_ARRAY_TASK_ID', 'JOB_COMPLETION_INDEX', 'AWS_BATCH_JOB_ARRAY_INDEX'];

/** `allpairs run-shard`: computes one shard of a job. */
export async function runRunShard(place: string, options: RunShardOptions, signal: AbortSignal): Promise<void> {
  const { threads, memory, quiet } = options;
  const index = options.index ?? indexOfEnvironment();
  const progress = new ProgressLine(quiet);
  try {
    const computed = await runShard(place, index, { threads, memory, signal, onProgress: progress.update });
    progress.finish();
    if (!quiet) note(`shard ${index} of ${place}: ${computed ? 'done' : 'was done already'}`);
  } catch (error) {
    throw namingTyped(error, place);
  } finally {
    progress.finish();
  }
}

function indexOfEnvironment(): number {
  const name = INDEX_VARIABLES.find((variable) => process.env[variable]);
  if (name === undefined)
    throw new UsageError(`run-shard needs --index, or one of the environment variables ${INDEX_VARIABLES.join(', ')}`);
  const text = process.env[name] as string;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`expected a shard number in the environment variable ${name}, got ${text}`);
}
