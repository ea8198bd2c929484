// Estimates the cost of a job before it runs.

import { type Options, plan, type RowFile } from '../../index.js';
import { elementBytes } from '../../rows/dtype.js';
import type { JobManifest, Question } from './manifest.js';
import { problemOf, type ShardProblem } from './shard-frames.js';
import { pairsOfShard, rowsOfShard, type Shard } from './shards.js';

/** Costs of a job. Per-shard figures are those of the largest shard. */
export interface JobCosts {
  readonly shards: number;
  readonly backend: string;
  readonly multiplyAdds: number;
  /** Work of the largest shard divided by the mean. */
  readonly balance: number;
  readonly bytesRead: number;
  readonly bytesReadPerShard: number;
  /** Bytes of all parts; undefined for pairs, whose number is unknown. */
  readonly bytesWritten: number | undefined;
  readonly memoryBytes: number;
  /** Multiply-adds per second of one thread on this machine. */
  readonly rate: number;
  /** Time of the largest shard on one thread, without reading. */
  readonly secondsPerShard: number;
  /** Time of all shards on one thread. */
  readonly seconds: number;
}

/** The parts of a manifest that determine its costs. */
export type CostedJob = Pick<JobManifest, 'question' | 'dtype' | 'backend'>;

/** Returns the costs of `shards`, given the `rate` that `measureRate` measured. */
export function costsOf(
  job: CostedJob,
  x: RowFile,
  y: RowFile | undefined,
  shards: readonly Shard[],
  memory: number | undefined,
  rate: number,
): JobCosts {
  const symmetric = y === undefined;
  const pairs = shards.map((shard) => pairsOfShard(shard, symmetric));
  const all = pairs.reduce((sum, count) => sum + count, 0);
  const most = pairs.reduce((a, b) => Math.max(a, b), 0);
  const read = shards.map((shard) => bytesRead(shard, x, y));
  const largest = shards[read.indexOf(read.reduce((a, b) => Math.max(a, b), 0))];
  const options = { dtype: job.dtype, backend: job.backend, threads: 1, memoryBudget: memory, nonFinite: 'zero' } as const;
  return {
    shards: shards.length,
    backend: job.backend,
    multiplyAdds: all * x.depth,
    balance: shards.length === 0 ? 1 : (most * shards.length) / all,
    bytesRead: read.reduce((sum, bytes) => sum + bytes, 0),
    bytesReadPerShard: read.reduce((a, b) => Math.max(a, b), 0),
    bytesWritten: bytesWritten(job, x, y, shards),
    memoryBytes: largest ? memoryOf(job.question, problemOf(largest, x, y), options) : 0,
    rate,
    secondsPerShard: (most * x.depth) / rate,
    seconds: (all * x.depth) / rate,
  };
}

function bytesRead(shard: Shard, x: RowFile, y: RowFile | undefined): number {
  if (!y) return x.storedBytes(rowsOfShard(shard, true));
  return x.storedBytes(shard.rowEnd - shard.rowStart) + y.storedBytes(shard.colEnd - shard.colStart);
}

function bytesWritten(
  { question, dtype }: CostedJob,
  x: RowFile,
  y: RowFile | undefined,
  shards: readonly Shard[],
): number | undefined {
  const symmetric = y === undefined;
  const sum = (bytesOf: (shard: Shard) => number) => shards.reduce((all, shard) => all + bytesOf(shard), 0);
  if (question.kind === 'pairs') return undefined;
  if (question.kind === 'matrix') return sum((shard) => pairsOfShard(shard, symmetric) * elementBytes(dtype));
  const listBytes = Math.min(question.k, (y ?? x).rows) * (4 + elementBytes(dtype));
  return sum((shard) => listBytes * (symmetric ? rowsOfShard(shard, true) : shard.rowEnd - shard.rowStart));
}

/** Returns the bytes that a shard allocates. Throws MemoryError if `memoryBudget` is too small. */
export function memoryOf(question: Question, { x, y, part }: ShardProblem, options: Options): number {
  const asked = { ...options, ...part };
  if (question.kind === 'topk') return plan.topK(x, y, { ...asked, k: question.k }).memoryBytes;
  if (question.kind === 'pairs') return plan.streamPairs(x, y, { ...asked, threshold: question.threshold }).memoryBytes;
  return plan.streamMatrix(x, y, asked).memoryBytes;
}
