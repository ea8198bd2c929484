// Messages in the words of whoever reads them: those of the API, and of the command line.

import { type AllpairsError, cosineSimilaritySync, pairs, planWork, topK } from 'allpairs';
import { describe, expect, it } from 'vitest';
import { COMMAND_WORDS } from '#src/command-words.js';

async function both(call: () => unknown): Promise<[api: string, command: string]> {
  const error = await (async () => call())().catch((thrown: unknown) => thrown as AllpairsError);
  const { message, messageIn } = error as AllpairsError;
  return [message, messageIn.call(error, COMMAND_WORDS)];
}

describe('a message', () => {
  it.each<[call: () => unknown, api: string, command: string]>([
    [
      () => cosineSimilaritySync([[1, Number.NaN]]),
      "expected finite numbers in `x`, got NaN in row 0, column 1; nonFinite: 'zero' treats such rows as zero vectors",
      'expected finite numbers in the input, got NaN in row 0, column 1; --non-finite zero treats such rows as zero vectors',
    ],
    [
      () => topK([[1, 2]], [[Number.NaN, 1]], { k: 1 }),
      "expected finite numbers in `y`, got NaN in row 0, column 0; nonFinite: 'zero' treats such rows as zero vectors",
      'expected finite numbers in --against, got NaN in row 0, column 0; --non-finite zero treats such rows as zero vectors',
    ],
    [
      () => topK([[1, 2]], [[1]], { k: 1 }),
      'expected rows of length 2 (as `x` has) for `y`, got rows of length 1',
      'expected rows of length 2 (as the input has) for --against, got rows of length 1',
    ],
    [() => topK([[1, 2]], { k: 0 }), 'expected a positive integer for `k`, got 0', 'expected a positive integer for -k, got 0'],
    [
      () => pairs([[1, 2]], { threshold: 2 }),
      'expected a number from -1 to 1 for `threshold`, got 2',
      'expected a number from -1 to 1 for --threshold, got 2',
    ],
    [
      () => pairs([[1, 2]], { threshold: 1, memoryBudget: -1 }),
      'expected a positive number of bytes for `memoryBudget`, got -1',
      'expected a positive number of bytes for --memory, got -1',
    ],
  ])('names things as its reader does: %s', async (call, api, command) => {
    expect(await both(call)).toEqual([api, command]);
  });

  it('of memory advises calls, or commands', async () => {
    const rows = Array.from({ length: 1000 }, (_, i) => [i, 1]);
    const [api, command] = await both(() => cosineSimilaritySync(rows, { memoryBudget: 100 }));
    expect(api).toMatch(/, and memoryBudget allows 100 bytes for it\. topK, pairs and histogram need no matrix; or /);
    expect(command).toMatch(/, and --memory allows 100 bytes for it\. topk, pairs and histogram need no matrix; or /);
    const [best, bestByCommand] = await both(() => planWork('topK', rows, null, { k: 500, memoryBudget: 100 }));
    expect(best).toContain('for it. A smaller k needs less; or');
    expect(bestByCommand).toContain('for it. A smaller -k needs less; or');
  });

  it('that names nothing is the same for all', async () => {
    const [api, command] = await both(() => planWork('sort' as never, [[1]], null, {} as never));
    expect(command).toBe(api);
  });
});
