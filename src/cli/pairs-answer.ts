// The template of commands whose answer is a list of pairs that is held whole.

import type { Pairs } from '../index.js';
import { type AnswerTask, withAnswer } from './answer.js';
import { type Call, namesOf } from './call.js';
import type { CallOptions } from './call-options.js';
import { FoundPairs } from './found-pairs.js';
import { batchesOfPairs, columnsOfPairs, writePairs } from './pairs-records.js';
import { printRecords } from './records.js';

interface PairsTask extends Pick<AnswerTask<Pairs>, 'command' | 'plan' | 'attempt'> {
  /** The pairs, with the numbers that rows have in the input. */
  readonly find: (call: Call) => Promise<Pairs>;
  /** Below the line that says what was computed. */
  readonly describe?: (pairs: Pairs) => string;
  /** Whether no other scores are computed than those of the pairs. */
  readonly alone?: boolean;
}

/** Finds pairs, and writes, prints or shows them. */
export function answerWithPairs(
  { find, describe, alone = false, ...task }: PairsTask,
  inputs: readonly string[],
  options: CallOptions,
  signal: AbortSignal,
): Promise<void> {
  const answer: AnswerTask<{ pairs: Pairs; found: FoundPairs }> = {
    ...task,
    compute: async (call) => {
      const pairs = await find(call);
      const found = new FoundPairs();
      for await (const _ of found.watch(only(pairs)));
      return { pairs, found };
    },
    facts: ({ pairs }) => ({ pairs: pairs.length }),
    ...(describe && { describe: ({ pairs }) => describe(pairs) }),
    ...(alone && { scores: ({ pairs }) => pairs.length }),
    write: (file, format, { pairs }, call) =>
      writePairs(file, format, () => only(pairs), new FoundPairs(), namesOf(call), signal),
    print: ({ pairs }, call) => printRecords(columnsOfPairs(namesOf(call)), batchesOfPairs(only(pairs)), signal),
    show: ({ found }, call) => found.show(call),
  };
  return withAnswer(answer, inputs, options, signal);
}

async function* only(pairs: Pairs): AsyncGenerator<Pairs> {
  yield pairs;
}
