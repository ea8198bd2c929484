import { stat } from 'node:fs/promises';
import { checkSameColumns } from '../../check-columns.js';
import { type CostedJob, costsOf, type JobCosts } from '../../cluster/job/costs.js';
import { checkFree } from '../../cluster/job/job.js';
import { requireMemory } from '../../cluster/job/least-memory.js';
import type { Question } from '../../cluster/job/manifest.js';
import { measureRate } from '../../cluster/job/measure-rate.js';
import type { GivenRows } from '../../cluster/job/place-rows.js';
import { backendForAll, planJob } from '../../cluster/job/plan-job.js';
import { cutShards } from '../../cluster/job/shards.js';
import { absolutePlace, isBucket, openBytesAt, openStorage, placesOfRows } from '../../cluster/storage/open-storage.js';
import { openRows, type RowFile } from '../../index.js';
import { isPipe } from '../../io/bytes/pipe-bytes.js';
import { dtypeFor, refuseWithoutAgainst } from '../call.js';
import type { CallOptions } from '../call-options.js';
import { asInputError, UsageError } from '../exit-codes.js';
import { checkStdin, nameInputs, noteOrigin, openInput, readingOf, refuseSkip, STDIN } from '../input.js';
import { dim, formatBytes, formatCount, formatDuration, formatTable, note, print, printJson, wantsJson } from '../output.js';
import { ProgressLine } from '../progress.js';
import { checkReadingOptions } from '../reading-options.js';
import { namingTyped } from '../system-error.js';
import { VERSION } from '../version.js';

export interface PlanCommandOptions extends CallOptions {
  /** Undefined only with `dryRun`. */
  readonly output?: string;
  readonly topK?: number;
  readonly threshold?: number;
  readonly matrix?: boolean;
  readonly shards: number;
  readonly copy?: boolean;
}

/** `allpairs plan`: divides a job into shards and estimates its cost. */
export async function runPlan(inputs: readonly string[], options: PlanCommandOptions, signal: AbortSignal): Promise<void> {
  const question = questionOf(options);
  if (options.against === undefined) refuseWithoutAgainst(options);
  if (options.shards > MAX_SHARDS) throw new UsageError(`--shards ${options.shards}: expected at most ${MAX_SHARDS}`);
  const input = nameInputs(inputs);
  checkStdin(inputs.includes(STDIN) ? { 'the input': STDIN } : { '--against': options.against });
  refuseSkip('plan', options.nulls);
  checkReadingOptions([...inputs, options.against], options);
  const { output } = options;
  if (output !== undefined && !isBucket(output) && (await isFile(output))) {
    throw new UsageError(`-o ${output}: that is a file; expected a folder for the job`);
  }
  const storage = output === undefined ? undefined : await openStorage(output);
  const progress = new ProgressLine(options.quiet);
  const opened: RowFile[] = [];
  try {
    if (storage) await checkFree(storage);
    const x = await openRowsAt(inputs, options, signal, options.column, options.query);
    if (!options.quiet) noteOrigin(x);
    opened.push(x);
    const { against } = options;
    const y = await openOthers(x, inputs, options, signal);
    if (y) opened.push(y);
    if (y) checkSameColumns('against', { given: x, rows: x }, { given: y, rows: y });
    const dtype = dtypeFor(x, y, options.dtype);
    const job: CostedJob = { question, dtype, backend: backendForAll(options.backend) };
    const shards = cutShards({ rows: x.rows, cols: y?.rows }, options.shards);
    const rate = await measureRate(job, x, y, signal);
    await requireMemory(options.memory, (bytes) => costsOf(job, x, y, shards, bytes, rate));
    const costs = costsOf(job, x, y, shards, options.memory, rate);
    if (storage && !options.dryRun) {
      // Rows of several files are copied, because no single file has this name.
      const given = async (file: RowFile, name: string, as: string): Promise<GivenRows> => ({
        file,
        address: absolutePlace(name),
        copied:
          options.copy === true ||
          name === STDIN ||
          (isBucket(storage.name) && !isBucket(name)) ||
          (!isBucket(name) && (await isPipe(name))),
        as,
      });
      const placing = { zeroNonFinite: options.nonFinite === 'zero', signal, onProgress: progress.showRows };
      const described = { allpairs: VERSION, ...job };
      const others = y && (await given(y, against ?? '', 'y'));
      await planJob(storage, await given(x, input, 'x'), others, shards, described, placing);
    }
    progress.finish();
    const json = options.json || (!options.quiet && wantsJson(options));
    if (json) printJson({ ...costs, job: options.dryRun ? undefined : storage?.name });
    else if (!options.quiet) printForPeople(costs, options);
  } catch (error) {
    throw output === undefined ? error : namingTyped(error, output);
  } finally {
    progress.finish();
    for (const file of opened) await file.close();
    await storage?.close();
  }
}

/** Shard numbers have six digits in the names of parts. */
const MAX_SHARDS = 1_000_000;

function questionOf({ topK, threshold, matrix }: PlanCommandOptions): Question {
  const asked = [topK, threshold, matrix].filter((value) => value !== undefined).length;
  if (asked !== 1) throw new UsageError(`plan needs one of --top-k, --threshold and --matrix, but got ${asked || 'none'}`);
  if (topK !== undefined) return { kind: 'topk', k: topK };
  return threshold === undefined ? { kind: 'matrix' } : { kind: 'pairs', threshold };
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => !status.isDirectory(),
    () => false,
  );
}

/** Handles stdin, which can only be read once. */
async function openOthers(
  x: RowFile,
  inputs: readonly string[],
  options: CallOptions,
  signal: AbortSignal,
): Promise<RowFile | undefined> {
  const { against, againstColumn, againstQuery } = options;
  if (against === undefined) return undefined;
  if (against === STDIN && inputs.includes(STDIN)) return x;
  return openRowsAt([against], options, signal, againstColumn, againstQuery);
}

async function openRowsAt(
  names: readonly string[],
  options: CallOptions,
  signal: AbortSignal,
  column?: string,
  query?: string,
): Promise<RowFile> {
  const reading = { ...readingOf(options), column, query, signal };
  if (!names.some(isBucket)) return openInput(names, reading);
  const places = (await Promise.all(names.map(placesOfRows))).flat();
  return openRows(await Promise.all(places.map(openBytesAt)), reading).catch((error) => {
    throw asInputError(error, nameInputs(names));
  });
}

function printForPeople(costs: JobCosts, { dryRun, output }: PlanCommandOptions): void {
  const { shards, multiplyAdds, balance, bytesRead, bytesReadPerShard, bytesWritten, memoryBytes, secondsPerShard } = costs;
  const facts = [
    ['shards', formatCount(shards), `the largest has ${balance.toFixed(2)}x the mean work`],
    ['computes', `${multiplyAdds.toExponential(1)} multiply-adds`, costs.backend],
    ['reads', formatBytes(bytesRead), `at most ${formatBytes(bytesReadPerShard)} per shard`],
    ['writes', bytesWritten === undefined ? 'as many pairs as there are' : formatBytes(bytesWritten), 'in parts'],
    ['memory', formatBytes(memoryBytes), 'per worker with one thread, in addition to the runtime'],
    ['time', formatDuration(secondsPerShard), 'per shard, on one thread of this machine'],
    ['', formatDuration(costs.seconds), 'for all shards, without reading from remote places'],
  ];
  print(
    formatTable(
      facts.map(([name, value, more]) => [dim(name as string), value as string, dim(more as string)]),
      ['left', 'right', 'left'],
    ),
  );
  if (dryRun) note(dim('nothing was written (--dry-run)'));
  else {
    note(`wrote ${output}`);
    const one = `allpairs run-shard ${output} --index 0 to ${shards - 1}`;
    note(dim(`next: ${one}, or allpairs enqueue ${output}; then allpairs merge ${output}`));
  }
}
