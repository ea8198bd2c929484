import { bestPairs, type Options, plan } from '../../index.js';
import { RECORD_FORMATS } from '../../io/records/record-file.js';
import { type Call, pruningOf } from '../call.js';
import type { CallOptions } from '../call-options.js';
import { checkSymmetric, GRAPH_FORMATS } from '../graph.js';
import { formatCount } from '../output.js';
import { answerWithPairs } from '../pairs-answer.js';
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
  checkSymmetric(options);
  return answerWithPairs(
    {
      command: 'pairs',
      formats: [...RECORD_FORMATS, '.npz', ...GRAPH_FORMATS],
      plan: ({ x, y }: Call, call: Options) => plan.bestPairs(x, y, { ...call, count, ...pruningOf(options) }),
      find: async ({ x, y, options: asked }) => {
        const pairs = await bestPairs(x, y, { ...asked, count, ...pruningOf(options) });
        renumber(pairs.rows, x.rowNumbers);
        renumber(pairs.cols, (y ?? x).rowNumbers);
        return pairs;
      },
      describe: ({ rows }) => `the ${formatCount(rows.length)} best pairs`,
    },
    inputs,
    options,
    signal,
  );
}
