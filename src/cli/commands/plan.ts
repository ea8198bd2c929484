import { stat } from 'node:fs/promises';
import { type CostedJob, costsOf, type JobCosts } from '../../cluster/costs.js';
import { checkFree } from '../../cluster/job.js';
import type { Question } from '../../cluster/manifest.js';
import { measureRate } from '../../cluster/measure-rate.js';
import { absolutePlace, isBucket, openBytesAt, openStorage } from '../../cluster/open-storage.js';
import type { GivenRows } from '../../cluster/place-rows.js';
import { backendForAll, planJob } from '../../cluster/plan-job.js';
import { cutShards } from '../../cluster/shards.js';
import { openRows, type RowFile } from '../../index.js';
import { dtypeFor, refuseWithoutAgainst } from '../call.js';
import type { CallOptions } from '../call-options.js';
import { asInputError, UsageError } from '../exit-codes.js';
import { openInput, STDIN } from '../input.js';
import { dim, formatBytes, formatCount, formatDuration, formatTable, print, printJson, wantsJson } from '../output.js';
import { ProgressLine } from '../progress.js';
import { VERSION } from '../version.js';

export interface PlanCommandOptions extends CallOptions {
  readonly output: string;
  readonly topK?: number;
  readonly threshold?: number;
  readonly matrix?: boolean;
  readonly shards: number;
  readonly copy?: boolean;
}

/** `allpairs plan`: makes a job of many shards, and says what it will cost. */
export async function runPlan(input: string, options: PlanCommandOptions, signal: AbortSignal): Promise<void> {
  const question = questionOf(options);
  if (options.against === undefined) refuseWithoutAgainst(options);
  if (options.shards > MOST_SHARDS) throw new UsageError(`--shards ${options.shards}: expected at most ${MOST_SHARDS}`);
  if (!isBucket(options.output) && (await isFile(options.output))) {
    throw new UsageError(`-o ${options.output}: that is a file, and a job is a folder`);
  }
  const storage = await openStorage(options.output);
  const progress = new ProgressLine(options.quiet);
  const opened: RowFile[] = [];
  try {
    await checkFree(storage);
    const x = await openRowsAt(input, options, signal, options.column, options.query);
    opened.push(x);
    const { against } = options;
    const y = await openOthers(x, input, options, signal);
    if (y) opened.push(y);
    if (y && x.depth !== y.depth) {
      throw new UsageError(`--against ${against}: expected rows of ${x.depth} elements, as ${input} has, got ${y.depth}`);
    }
    const dtype = dtypeFor(x, y, options.dtype);
    const job: CostedJob = { question, dtype, backend: backendForAll(options.backend) };
    const shards = cutShards({ rows: x.rows, cols: y?.rows }, options.shards);
    const costs = costsOf(job, x, y, shards, options.memory, await measureRate(job, x, y, signal));
    if (!options.dryRun) {
      const given = (file: RowFile, name: string, as: string): GivenRows => ({
        file,
        address: absolutePlace(name),
        copied: options.copy === true || name === STDIN || (isBucket(options.output) && !isBucket(name)),
        as,
      });
      const placing = { zeroNonFinite: options.nonFinite === 'zero', signal, onProgress: progress.showRows };
      const described = { allpairs: VERSION, ...job };
      await planJob(storage, given(x, input, 'x'), y && given(y, against ?? '', 'y'), shards, described, placing);
    }
    progress.finish();
    const json = options.json || (!options.quiet && wantsJson(options));
    if (json) printJson({ ...costs, job: options.dryRun ? undefined : storage.name });
    else if (!options.quiet) printForPeople(costs, options);
  } finally {
    progress.finish();
    for (const file of opened) await file.close();
    await storage.close();
  }
}

/** Their numbers have six digits in the names of parts. */
const MOST_SHARDS = 1_000_000;

function questionOf({ topK, threshold, matrix }: PlanCommandOptions): Question {
  const asked = [topK, threshold, matrix].filter((value) => value !== undefined).length;
  if (asked !== 1) throw new UsageError(`expected one of --top-k, --threshold and --matrix, got ${asked || 'none'} of them`);
  if (topK !== undefined) return { kind: 'topk', k: topK };
  return threshold === undefined ? { kind: 'matrix' } : { kind: 'pairs', threshold };
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => !status.isDirectory(),
    () => false,
  );
}

/** stdin is there once. */
async function openOthers(x: RowFile, input: string, options: CallOptions, signal: AbortSignal): Promise<RowFile | undefined> {
  const { against, againstColumn, againstQuery } = options;
  if (against === undefined) return undefined;
  if (against === STDIN && input === STDIN) return x;
  return openRowsAt(against, options, signal, againstColumn, againstQuery);
}

async function openRowsAt(
  name: string,
  { format }: CallOptions,
  signal: AbortSignal,
  column?: string,
  query?: string,
): Promise<RowFile> {
  const reading = { format, column, query, signal };
  if (!isBucket(name)) return openInput(name, reading);
  return openRows(await openBytesAt(name), reading).catch((error) => {
    throw asInputError(error, name);
  });
}

function printForPeople(costs: JobCosts, { dryRun, output }: PlanCommandOptions): void {
  const { shards, multiplyAdds, balance, bytesRead, bytesReadPerShard, bytesWritten, memoryBytes, secondsPerShard } = costs;
  const facts = [
    ['shards', formatCount(shards), `the largest has ${balance.toFixed(2)}x the work of the mean`],
    ['computes', `${multiplyAdds.toExponential(1)} multiply-adds`, costs.backend],
    ['reads', formatBytes(bytesRead), `${formatBytes(bytesReadPerShard)} a shard at most`],
    ['writes', bytesWritten === undefined ? 'as many pairs as there are' : formatBytes(bytesWritten), 'in parts'],
    ['memory', formatBytes(memoryBytes), 'a worker of one thread at most, beside the runtime itself'],
    ['time', formatDuration(secondsPerShard), 'a shard, on one thread as fast as one of this machine'],
    ['', formatDuration(costs.seconds), 'all of them; reading from afar not counted'],
  ];
  print(
    formatTable(
      facts.map(([name, value, more]) => [dim(name as string), value as string, dim(more as string)]),
      ['left', 'right', 'left'],
    ),
  );
  if (dryRun) print(dim('\nnothing was written (--dry-run)'));
  else {
    print(`\nwritten to ${output}`);
    const one = `allpairs run-shard ${output} --index 0 to ${shards - 1}`;
    print(dim(`next: ${one}, or allpairs enqueue ${output}; then allpairs merge ${output}`));
  }
}
