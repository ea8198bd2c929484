// The template of commands whose answer is a list of pairs held in memory.

import type { PairArrays } from '../cluster/merge/pairs-buffer.js';
import { type AnswerTask, withAnswer } from './answer.js';
import { type Call, namesOf } from './call.js';
import type { CallOptions } from './call-options.js';
import { checkNames } from './check-names.js';
import { FoundPairs } from './found-pairs.js';
import { CSR, graphSides } from './graph.js';
import { batchesOfPairs, columnsOfPairs, writePairs } from './pairs-records.js';
import { printRecords } from './records.js';

interface PairsTask extends Pick<AnswerTask<PairArrays>, 'command' | 'plan' | 'attempt' | 'formats'> {
  /** Finds the pairs, with the row numbers of the input. */
  readonly find: (call: Call) => Promise<PairArrays>;
  /** Describes the pairs, below the line that says what was computed. */
  readonly describe?: (pairs: PairArrays) => string;
  /** True if only the scores of these pairs are computed. */
  readonly alone?: boolean;
}

/** Finds pairs, and writes, prints or shows them. */
export function answerWithPairs(
  { find, describe, alone = false, ...task }: PairsTask,
  inputs: readonly string[],
  options: CallOptions,
  signal: AbortSignal,
): Promise<void> {
  const answer: AnswerTask<{ pairs: PairArrays; found: FoundPairs }> = {
    ...task,
    check: (call, format) => checkNames(format, namesOf(call)),
    compute: async (call) => {
      const pairs = await find(call);
      const found = new FoundPairs();
      for await (const _ of found.watch(only(pairs)));
      return { pairs, found };
    },
    facts: ({ pairs }) => ({ pairs: pairs.rows.length }),
    ...(describe && { describe: ({ pairs }) => describe(pairs) }),
    ...(alone && { scores: ({ pairs }) => pairs.rows.length }),
    write: (file, format, { pairs }, call) => {
      // The entries of a sparse matrix are ordered by row.
      const inOrder = format === CSR ? byRow(pairs) : pairs;
      const { symmetric, memory } = options;
      const output = { format, names: namesOf(call), sides: graphSides(call), symmetric, memory, signal };
      return writePairs(file, () => only(inOrder), new FoundPairs(), output);
    },
    print: ({ pairs }, call) => {
      const names = namesOf(call);
      return printRecords(columnsOfPairs(names), batchesOfPairs(only(pairs), names), signal);
    },
    show: ({ found }, call) => found.show(namesOf(call)),
  };
  return withAnswer(answer, inputs, options, signal);
}

function byRow({ rows, cols, scores }: PairArrays): PairArrays {
  const order = Uint32Array.from(rows.keys()).sort(
    (a, b) => (rows[a] as number) - (rows[b] as number) || (cols[a] as number) - (cols[b] as number),
  );
  return {
    rows: rows.map((_, i) => rows[order[i] as number] as number),
    cols: cols.map((_, i) => cols[order[i] as number] as number),
    scores: scores.map((_, i) => scores[order[i] as number] as number),
  };
}

async function* only(pairs: PairArrays): AsyncGenerator<PairArrays> {
  yield pairs;
}
