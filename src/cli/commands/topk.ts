import { type Options, plan, type TopK, topK } from '../../index.js';
import { RECORD_FORMATS } from '../../io/records/record-file.js';
import { checkNpzSize } from '../../io/rows/npz-file.js';
import { type Call, describeWork, namesOf, type Task, withCall } from '../call.js';
import type { CallOptions } from '../call-options.js';
import { nameOf } from '../labels.js';
import { bar, bold, dim, formatCount, formatScore, note, print, wantsJson } from '../output.js';
import { printRecords } from '../records.js';
import { renumber } from '../row-numbers.js';
import { batchesOfTopK, columnsOfTopK, writeTopK } from '../topk-records.js';

export interface TopKCommandOptions extends CallOptions {
  readonly topK: number;
}

/** Rows that are shown on a terminal. */
const SHOWN = 5;

/** `allpairs topk`: the most similar rows of each row. */
export function runTopK(inputs: readonly string[], options: TopKCommandOptions, signal: AbortSignal): Promise<void> {
  const { topK: k } = options;
  const planOf = ({ x, y }: Call, call: Options) => plan.topK(x, y, { ...call, k });
  const work: Task['work'] = async (call, format, run) => {
    if (format === '.npz') checkNpzSize(options.output ?? '', planOf(call, call.options).resultBytes ?? 0);
    await call.begin(run);
    const started = performance.now();
    const found = await topK(call.x, call.y, { ...call.options, k, checkpoint: run?.checkpoint });
    await call.finish();
    renumber(found.indices, (call.y ?? call.x).rowNumbers);
    const seconds = (performance.now() - started) / 1000;
    if (format !== undefined) {
      await run?.finish((file) => writeTopK(file, format, found, call.x.rowNumbers, namesOf(call), signal));
      if (!options.quiet) note(`${describeWork(call, seconds, options.backend)}\nwrote ${options.output}`);
    } else if (options.output === '-' || wantsJson(options)) {
      await printRecords(columnsOfTopK(namesOf(call)), batchesOfTopK(found, call.x.rowNumbers), signal);
    } else {
      if (!options.quiet) note(describeWork(call, seconds, options.backend));
      show(call, found);
    }
  };
  return withCall({ command: 'topk', formats: [...RECORD_FORMATS, '.npz'], plan: planOf, work }, inputs, options, signal);
}

function show(call: Call, { indices, scores, shape }: TopK): void {
  const [rows, k] = shape;
  for (let row = 0; row < Math.min(rows, SHOWN); row++) {
    print(`\n${bold(nameOf(call.x.rowNumbers?.[row] ?? row, call.labels))}`);
    for (let at = row * k; at < (row + 1) * k; at++) {
      const score = scores[at] as number;
      print(`  ${bar(score)} ${formatScore(score)}  ${nameOf(indices[at] as number, call.otherLabels)}`);
    }
  }
  if (rows > SHOWN) note(dim(`\nand ${formatCount(rows - SHOWN)} more rows: -o nearest.csv (or .jsonl, .npy, .npz)`));
}
