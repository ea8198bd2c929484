import type { CallOptions } from '../call-options.js';
import { InputError } from '../exit-codes.js';
import { readManifest } from '../saved-run.js';
import { type BestPairsCommandOptions, runBestPairs } from './best-pairs.js';
import { type DedupeCommandOptions, runDedupe } from './dedupe.js';
import { type GroupsCommandOptions, runGroups } from './groups.js';
import { type HistogramCommandOptions, runHistogram } from './histogram.js';
import { type LinkageCommandOptions, runLinkage } from './linkage.js';
import { runMatrix } from './matrix.js';
import { type PairsCommandOptions, runPairs } from './pairs.js';
import { runScore } from './score.js';
import { runTopK, type TopKCommandOptions } from './topk.js';

export type ResumeOptions = Pick<CallOptions, 'memory' | 'threads' | 'quiet'>;

/** `allpairs resume`: continues a run as described in its manifest. */
export async function runResume(output: string, given: ResumeOptions, signal: AbortSignal): Promise<void> {
  const { command, input, options: kept, backend } = await readManifest(output);
  const options = { ...kept, ...given, backend, output, resume: true };
  switch (command) {
    case 'topk':
      return runTopK(input, options as unknown as TopKCommandOptions, signal);
    case 'pairs':
      if ('best' in kept) return runBestPairs(input, options as unknown as BestPairsCommandOptions, signal);
      return runPairs(input, options as unknown as PairsCommandOptions, signal);
    case 'score':
      return runScore(input, options as unknown as CallOptions, signal);
    case 'groups':
      return runGroups(input, options as unknown as GroupsCommandOptions, signal);
    case 'dedupe':
      return runDedupe(input, options as unknown as DedupeCommandOptions, signal);
    case 'histogram':
      return runHistogram(input, options as unknown as HistogramCommandOptions, signal);
    case 'linkage':
      return runLinkage(input, options as unknown as LinkageCommandOptions, signal);
    case 'matrix':
      return runMatrix(input, options as unknown as CallOptions, signal);
    default:
      throw new InputError(
        `${output}: this version does not know the command of the run, ${command}; continue it with the version that began it`,
      );
  }
}
