import { type Options, type PairsBatch, type PairsOptions, plan, streamPairs } from '../../index.js';
import { RECORD_FORMATS } from '../../io/records/record-file.js';
import { type Call, namesOf, noteSummary, pruningOf, type Task, withCall } from '../call.js';
import type { CallOptions } from '../call-options.js';
import { checkNames } from '../check-names.js';
import { UsageError } from '../exit-codes.js';
import { FoundPairs } from '../found-pairs.js';
import { checkSymmetric, GRAPH_FORMATS, graphSides } from '../graph.js';
import { planGrouping, readGrouping } from '../grouping.js';
import { formatCount, wantsJson } from '../output.js';
import { batchesOfPairs, columnsOfPairs, writePairs } from '../pairs-records.js';
import { printRecords } from '../records.js';
import { renumber } from '../row-numbers.js';
import { SavedPairs } from '../saved-pairs.js';
import type { SavedRun } from '../saved-run.js';

export interface PairsCommandOptions extends CallOptions {
  readonly threshold: number;
  readonly below?: number;
}

/** `allpairs pairs`: every pair at or above a threshold. */
export function runPairs(inputs: readonly string[], options: PairsCommandOptions, signal: AbortSignal): Promise<void> {
  const { threshold, below } = options;
  checkSymmetric(options);
  if (below !== undefined && below <= threshold) {
    throw new UsageError(`--below ${below}: expected a score above --threshold ${threshold}`);
  }
  const asked = { threshold, below, ...pruningOf(options) };
  const planOf = (call: Call, common: Options) =>
    plan.streamPairs(call.x, call.y, { ...common, ...asked, ...planGrouping(call, options) });
  const work: Task['work'] = async (call, format, run) => {
    checkNames(format, namesOf(call));
    await call.begin(run);
    const started = performance.now();
    const grouping = await readGrouping(call, options);
    const found = new FoundPairs();
    if (format !== undefined && run) {
      await findAndWrite(run, format, call, { ...call.options, ...asked, ...grouping }, options, found, signal);
    } else {
      const batches = found.watch(pairsOf(call, { ...call.options, ...asked, ...grouping }));
      if (options.output === '-' || wantsJson(options))
        return printRecords(columnsOfPairs(namesOf(call)), batchesOfPairs(batches, namesOf(call)), signal);
      for await (const _ of batches);
      await call.finish();
    }
    if (!options.quiet) {
      noteSummary(call, options, {
        seconds: (performance.now() - started) / 1000,
        facts: { threshold, below, pairs: found.count },
        line: `${formatCount(found.count)} pairs at or above ${threshold}${below === undefined ? '' : `, below ${below}`}`,
        files: { output: format === undefined ? undefined : options.output },
      });
    }
    if (format === undefined) found.show(namesOf(call));
  };
  return withCall(
    { command: 'pairs', formats: [...RECORD_FORMATS, '.npz', ...GRAPH_FORMATS], plan: planOf, work },
    inputs,
    options,
    signal,
  );
}

/** Yields the pairs with the row numbers of the input. */
async function* pairsOf({ x, y }: Call, options: PairsOptions): AsyncGenerator<PairsBatch, void, undefined> {
  const others = y ?? x;
  for await (const batch of streamPairs(x, y, options)) {
    renumber(batch.rows, x.rowNumbers);
    renumber(batch.cols, others.rowNumbers);
    yield batch;
  }
}

/** Finds the pairs, in parts that a resumed run can use, and then writes them all. */
async function findAndWrite(
  run: SavedRun,
  format: string,
  call: Call,
  asked: PairsOptions,
  { symmetric, memory }: PairsCommandOptions,
  found: FoundPairs,
  signal: AbortSignal,
): Promise<void> {
  const { memoryBudget } = call.options;
  const parts = await SavedPairs.of(run, memoryBudget);
  await parts.keep(pairsOf(call, { ...asked, rowStart: parts.rowStart }), signal);
  await call.finish();
  const output = { format, names: namesOf(call), sides: graphSides(call), symmetric, memory, signal };
  await run.finish((file) => writePairs(file, () => parts.read(), found, output));
}
