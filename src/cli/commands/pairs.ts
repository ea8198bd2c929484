import { planWork, streamPairs } from '../../index.js';
import { RECORD_FORMATS } from '../../io/record-file.js';
import { type Call, describeWork, namesOf, withCall } from '../call.js';
import type { CallOptions } from '../call-options.js';
import { FoundPairs } from '../found-pairs.js';
import { formatCount, print, wantsJson } from '../output.js';
import { batchesOfPairs, columnsOfPairs, writePairs } from '../pairs-records.js';
import { printPlan } from '../plan.js';
import { printRecords } from '../records.js';
import { SavedPairs } from '../saved-pairs.js';
import type { SavedRun } from '../saved-run.js';

export interface PairsCommandOptions extends CallOptions {
  readonly threshold: number;
}

/** `allpairs pairs`: every pair at or above a threshold. */
export function runPairs(input: string, options: PairsCommandOptions, signal: AbortSignal): Promise<void> {
  return withCall('pairs', [...RECORD_FORMATS, '.npz'], input, options, signal, async (call, format, run) => {
    const work = { ...call.options, threshold: options.threshold };
    if (options.dryRun) return printPlan(planWork('streamPairs', call.x, call.y, work), options);
    await call.begin(run);
    const started = performance.now();
    const found = new FoundPairs();
    if (format !== undefined && run) {
      await findAndWrite(run, format, call, options, found, signal);
      if (options.quiet) return;
    } else {
      const batches = found.watch(streamPairs(call.x, call.y, work));
      if (options.output === '-' || wantsJson(options))
        return printRecords(columnsOfPairs(namesOf(call)), batchesOfPairs(batches), signal);
      for await (const _ of batches);
      await call.finish();
    }
    print(describeWork(call, (performance.now() - started) / 1000, options.backend));
    print(`${formatCount(found.count)} pairs at or above ${options.threshold}`);
    if (format !== undefined) print(`written to ${options.output}`);
    else found.show(call);
  });
}

/** Finds the pairs, in parts that the run can go on with, and then writes them all. */
async function findAndWrite(
  run: SavedRun,
  format: string,
  call: Call,
  { threshold }: PairsCommandOptions,
  found: FoundPairs,
  signal: AbortSignal,
): Promise<void> {
  const { memoryBudget } = call.options;
  const parts = await SavedPairs.of(run, memoryBudget);
  const work = { ...call.options, threshold, fromRow: parts.fromRow };
  await parts.keep(streamPairs(call.x, call.y, work));
  await call.finish();
  await run.finish((file) => writePairs(file, format, () => parts.read(), found, namesOf(call), signal));
}
