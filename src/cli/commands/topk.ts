import { type Options, plan, type TopK, topK } from '../../index.js';
import { RECORD_FORMATS } from '../../io/records/record-file.js';
import { checkNpzSize } from '../../io/rows/npz-file.js';
import { type AnswerTask, withAnswer } from '../answer.js';
import { type Call, namesOf, pruningOf } from '../call.js';
import type { CallOptions } from '../call-options.js';
import { checkNames } from '../check-names.js';
import { CSR, checkSymmetric, GRAPH_FORMATS, graphSides } from '../graph.js';
import { planGrouping, readGrouping } from '../grouping.js';
import { checkNeighbors, writeNeighborLines } from '../neighbor-lines.js';
import { bar, bold, dim, formatCount, formatScore, note, print } from '../output.js';
import { printRecords } from '../records.js';
import { nameOf } from '../result-names.js';
import { renumber } from '../row-numbers.js';
import { listsOf } from '../topk-arrays.js';
import { batchesOfTopK, columnsOfTopK, writeTopK } from '../topk-records.js';

export interface TopKCommandOptions extends CallOptions {
  readonly topK: number;
  /** One line for each row, for Embedding Atlas. */
  readonly neighbors?: boolean;
}

/** Number of rows that are shown on a terminal. */
const SHOWN = 5;

/** `allpairs topk`: the most similar rows of each row. */
export function runTopK(inputs: readonly string[], options: TopKCommandOptions, signal: AbortSignal): Promise<void> {
  const { topK: k } = options;
  checkSymmetric(options);
  checkNeighbors(options);
  const planOf = (call: Call, asked: Options) =>
    plan.topK(call.x, call.y, { ...asked, k, ...planGrouping(call, options), ...pruningOf(options) });
  const task: AnswerTask<TopK> = {
    command: 'topk',
    formats: [...RECORD_FORMATS, '.npz', ...GRAPH_FORMATS],
    plan: planOf,
    check: (call, format) => {
      checkNames(format, namesOf(call));
      if (format === '.npz' || format === CSR) checkNpzSize(options.output ?? '', planOf(call, call.options).resultBytes ?? 0);
    },
    compute: async (call, run) => {
      const grouping = await readGrouping(call, options);
      const checkpoint = run?.checkpoint;
      const found = await topK(call.x, call.y, { ...call.options, k, checkpoint, ...grouping, ...pruningOf(options) });
      const { rowNumbers } = call.y ?? call.x;
      // Unused places have no row.
      if (rowNumbers) for (const [start, end] of listsOf(found)) renumber(found.indices.subarray(start, end), rowNumbers);
      return found;
    },
    facts: ({ shape }) => ({ k: shape[1] }),
    write: (file, format, found, call) => {
      if (options.neighbors) return writeNeighborLines(file, found, namesOf(call), signal);
      const { symmetric, memory } = options;
      const output = { format, names: namesOf(call), sides: graphSides(call), symmetric, memory, signal };
      return writeTopK(file, found, call.x.rowNumbers, output);
    },
    print: (found, call) => {
      const names = namesOf(call);
      return printRecords(columnsOfTopK(names), batchesOfTopK(found, call.x.rowNumbers, names), signal);
    },
    show: (found, call) => show(call, found),
  };
  return withAnswer(task, inputs, options, signal);
}

function show(call: Call, found: TopK): void {
  const { indices, scores, shape } = found;
  const [rows] = shape;
  const lists = listsOf(found);
  for (let row = 0; row < Math.min(rows, SHOWN); row++) {
    print(`\n${bold(nameOf(call.x.rowNumbers?.[row] ?? row, call.rowNames))}`);
    const [start, end] = lists.next().value as [number, number];
    if (start === end) print(dim('  no row to compare with'));
    for (let at = start; at < end; at++) {
      const score = scores[at] as number;
      print(
        `  ${bar(score)} ${formatScore(call.distance ? 1 - score : score)}  ${nameOf(indices[at] as number, call.colNames)}`,
      );
    }
  }
  if (rows > SHOWN) note(dim(`\nand ${formatCount(rows - SHOWN)} more rows: -o nearest.csv (or .jsonl, .npy, .npz)`));
}
