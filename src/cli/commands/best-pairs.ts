import { bestPairs, type Options, type Pairs, plan } from '../../index.js';
import { type AnswerTask, withAnswer } from '../answer.js';
import { type Call, namesOf, pruningOf } from '../call.js';
import type { CallOptions } from '../call-options.js';
import { FoundPairs } from '../found-pairs.js';
import { formatCount } from '../output.js';
import { batchesOfPairs, columnsOfPairs, writePairs } from '../pairs-records.js';
import { printRecords } from '../records.js';
import { renumber } from '../row-numbers.js';
import { refuseSaveEvery } from '../saved-run.js';

export interface BestPairsCommandOptions extends CallOptions {
  readonly best: number;
}

/** `allpairs pairs --best`: the pairs with the highest scores of all, best first. */
export async function runBestPairs(
  inputs: readonly string[],
  options: BestPairsCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const { best: count } = options;
  refuseSaveEvery('pairs --best', options);
  const planOf = ({ x, y }: Call, call: Options) => plan.bestPairs(x, y, { ...call, count, ...pruningOf(options) });
  const task: AnswerTask<{ pairs: Pairs; found: FoundPairs }> = {
    command: 'pairs',
    plan: planOf,
    compute: async ({ x, y, options: asked }) => {
      const pairs = await bestPairs(x, y, { ...asked, count, ...pruningOf(options) });
      renumber(pairs.rows, x.rowNumbers);
      renumber(pairs.cols, (y ?? x).rowNumbers);
      const found = new FoundPairs();
      for await (const _ of found.watch(only(pairs)));
      return { pairs, found };
    },
    facts: ({ pairs }) => ({ pairs: pairs.length }),
    describe: ({ pairs }) => `the ${formatCount(pairs.length)} best pairs`,
    write: (file, format, { pairs }, call) =>
      writePairs(file, format, () => only(pairs), new FoundPairs(), namesOf(call), signal),
    print: ({ pairs }, call) => printRecords(columnsOfPairs(namesOf(call)), batchesOfPairs(only(pairs)), signal),
    show: ({ found }, call) => found.show(call),
  };
  return withAnswer(task, inputs, options, signal);
}

async function* only(pairs: Pairs): AsyncGenerator<Pairs> {
  yield pairs;
}
