import { bestPairs, type Options, type Pairs, plan } from '../../index.js';
import { RECORD_FORMATS } from '../../io/records/record-file.js';
import { type Call, describeWork, namesOf, type Task, withCall } from '../call.js';
import type { CallOptions } from '../call-options.js';
import { FoundPairs } from '../found-pairs.js';
import { formatCount, note, wantsJson } from '../output.js';
import { batchesOfPairs, columnsOfPairs, writePairs } from '../pairs-records.js';
import { printRecords } from '../records.js';
import { renumber } from '../row-numbers.js';

export interface BestPairsCommandOptions extends CallOptions {
  readonly best: number;
}

/** `allpairs pairs --best`: the pairs with the highest scores of all, best first. */
export function runBestPairs(inputs: readonly string[], options: BestPairsCommandOptions, signal: AbortSignal): Promise<void> {
  const { best: count } = options;
  const planOf = ({ x, y }: Call, call: Options) => plan.bestPairs(x, y, { ...call, count });
  const work: Task['work'] = async (call, format, run) => {
    await call.begin(run);
    const started = performance.now();
    const pairs = await bestPairs(call.x, call.y, { ...call.options, count });
    renumber(pairs.rows, call.x.rowNumbers);
    renumber(pairs.cols, (call.y ?? call.x).rowNumbers);
    await call.finish();
    const found = new FoundPairs();
    const names = namesOf(call);
    if (format === undefined && (options.output === '-' || wantsJson(options))) {
      return printRecords(columnsOfPairs(names), batchesOfPairs(found.watch(only(pairs))), signal);
    }
    const seconds = (performance.now() - started) / 1000;
    if (format === undefined) for await (const _ of found.watch(only(pairs)));
    else await run?.finish((file) => writePairs(file, format, () => only(pairs), found, names, signal));
    if (!options.quiet) note(`${describeWork(call, seconds, options.backend)}\nthe ${formatCount(found.count)} best pairs`);
    if (format === undefined) found.show(call);
    else if (!options.quiet) note(`wrote ${options.output}`);
  };
  return withCall({ command: 'pairs', formats: [...RECORD_FORMATS, '.npz'], plan: planOf, work }, inputs, options, signal);
}

async function* only(pairs: Pairs): AsyncGenerator<Pairs> {
  yield pairs;
}
