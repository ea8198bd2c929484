import { bestPairs, type Options, plan } from '../../index.js';
import { RECORD_FORMATS } from '../../io/records/record-file.js';
import { type Call, pruningOf } from '../call.js';
import type { CallOptions } from '../call-options.js';
import { checkSymmetric, GRAPH_FORMATS } from '../graph.js';
import { planGrouping, readGrouping } from '../grouping.js';
import { formatCount } from '../output.js';
import { answerWithPairs } from '../pairs-answer.js';
import { renumber } from '../row-numbers.js';
import { refuseSaveEvery } from '../saved-run.js';

export interface BestPairsCommandOptions extends CallOptions {
  readonly best: number;
  readonly below?: number;
}

/** `allpairs pairs --best`: the pairs with the highest scores, best first. */
export async function runBestPairs(
  inputs: readonly string[],
  options: BestPairsCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const { best: count, below } = options;
  const wanted = { count, below, ...pruningOf(options) };
  refuseSaveEvery('pairs --best', options);
  checkSymmetric(options);
  return answerWithPairs(
    {
      command: 'pairs',
      formats: [...RECORD_FORMATS, '.npz', ...GRAPH_FORMATS],
      plan: (call: Call, common: Options) =>
        plan.bestPairs(call.x, call.y, { ...common, ...wanted, ...planGrouping(call, options) }),
      find: async (call) => {
        const { x, y, options: common } = call;
        const pairs = await bestPairs(x, y, { ...common, ...wanted, ...(await readGrouping(call, options)) });
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
