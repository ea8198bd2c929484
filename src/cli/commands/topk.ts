import { type Options, plan, type TopK, topK } from '../../index.js';
import { checkNpzSize } from '../../io/rows/npz-file.js';
import { type AnswerTask, withAnswer } from '../answer.js';
import { type Call, namesOf, pruningOf } from '../call.js';
import type { CallOptions } from '../call-options.js';
import { planGrouping, readGrouping } from '../grouping.js';
import { nameOf } from '../labels.js';
import { bar, bold, dim, formatCount, formatScore, note, print } from '../output.js';
import { printRecords } from '../records.js';
import { renumber } from '../row-numbers.js';
import { batchesOfTopK, columnsOfTopK, listsOf, writeTopK } from '../topk-records.js';

export interface TopKCommandOptions extends CallOptions {
  readonly topK: number;
}

/** Rows that are shown on a terminal. */
const SHOWN = 5;

/** `allpairs topk`: the most similar rows of each row. */
export function runTopK(inputs: readonly string[], options: TopKCommandOptions, signal: AbortSignal): Promise<void> {
  const { topK: k } = options;
  const planOf = (call: Call, asked: Options) =>
    plan.topK(call.x, call.y, { ...asked, k, ...planGrouping(call, options), ...pruningOf(options) });
  const task: AnswerTask<TopK> = {
    command: 'topk',
    plan: planOf,
    check: (call, format) => {
      if (format === '.npz') checkNpzSize(options.output ?? '', planOf(call, call.options).resultBytes ?? 0);
    },
    compute: async (call, run) => {
      const grouping = await readGrouping(call, options);
      const checkpoint = run?.checkpoint;
      const found = await topK(call.x, call.y, { ...call.options, k, checkpoint, ...grouping, ...pruningOf(options) });
      const { rowNumbers } = call.y ?? call.x;
      // Free places have no row.
      if (rowNumbers) for (const [start, end] of listsOf(found)) renumber(found.indices.subarray(start, end), rowNumbers);
      return found;
    },
    facts: ({ shape }) => ({ k: shape[1] }),
    write: (file, format, found, call) => writeTopK(file, format, found, call.x.rowNumbers, namesOf(call), signal),
    print: (found, call) => printRecords(columnsOfTopK(namesOf(call)), batchesOfTopK(found, call.x.rowNumbers), signal),
    show: (found, call) => show(call, found),
  };
  return withAnswer(task, inputs, options, signal);
}

function show(call: Call, found: TopK): void {
  const { indices, scores, shape } = found;
  const [rows] = shape;
  const lists = listsOf(found);
  for (let row = 0; row < Math.min(rows, SHOWN); row++) {
    print(`\n${bold(nameOf(call.x.rowNumbers?.[row] ?? row, call.labels))}`);
    const [start, end] = lists.next().value as [number, number];
    if (start === end) print(dim('  no row to compare with'));
    for (let at = start; at < end; at++) {
      const score = scores[at] as number;
      print(`  ${bar(score)} ${formatScore(score)}  ${nameOf(indices[at] as number, call.otherLabels)}`);
    }
  }
  if (rows > SHOWN) note(dim(`\nand ${formatCount(rows - SHOWN)} more rows: -o nearest.csv (or .jsonl, .npy, .npz)`));
}
