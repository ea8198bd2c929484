import { planWork, type TopK, topK } from '../../index.js';
import { checkNpzSize } from '../../io/npz-file.js';
import { RECORD_FORMATS } from '../../io/record-file.js';
import { type Call, describeWork, namesOf, withCall } from '../call.js';
import type { CallOptions } from '../call-options.js';
import { nameOf } from '../labels.js';
import { bar, bold, dim, formatCount, formatScore, print, wantsJson } from '../output.js';
import { printPlan } from '../plan.js';
import { printRecords } from '../records.js';
import { batchesOfTopK, columnsOfTopK, writeTopK } from '../topk-records.js';

export interface TopKCommandOptions extends CallOptions {
  readonly k: number;
}

/** Rows that are shown on a terminal. */
const SHOWN = 5;

/** `allpairs topk`: the most similar rows of each row. */
export function runTopK(input: string, options: TopKCommandOptions, signal: AbortSignal): Promise<void> {
  return withCall('topk', [...RECORD_FORMATS, '.npz'], input, options, signal, async (call, format, run) => {
    const work = { ...call.options, k: options.k };
    if (options.dryRun) return printPlan(planWork('topK', call.x, call.y, work), options);
    if (format === '.npz') checkNpzSize(options.output ?? '', planWork('topK', call.x, call.y, work).resultBytes ?? 0);
    await call.begin(run);
    const started = performance.now();
    const found = await topK(call.x, call.y, { ...work, checkpoint: run?.checkpoint });
    await call.finish();
    const seconds = (performance.now() - started) / 1000;
    if (format !== undefined) {
      await run?.finish((file) => writeTopK(file, format, found, namesOf(call), signal));
      if (!options.quiet) print(`${describeWork(call, seconds, options.backend)}\nwritten to ${options.output}`);
    } else if (options.output === '-' || wantsJson(options)) {
      await printRecords(columnsOfTopK(namesOf(call)), batchesOfTopK(found), signal);
    } else {
      show(call, found, seconds, options);
    }
  });
}

function show(call: Call, { indices, scores, shape }: TopK, seconds: number, { backend }: TopKCommandOptions): void {
  const [rows, k] = shape;
  print(describeWork(call, seconds, backend));
  for (let row = 0; row < Math.min(rows, SHOWN); row++) {
    print(`\n${bold(nameOf(row, call.labels))}`);
    for (let at = row * k; at < (row + 1) * k; at++) {
      const score = scores[at] as number;
      print(`  ${bar(score)} ${formatScore(score)}  ${nameOf(indices[at] as number, call.otherLabels)}`);
    }
  }
  if (rows > SHOWN) print(dim(`\nand ${formatCount(rows - SHOWN)} rows more: -o nearest.csv (or .jsonl, .npy, .npz)`));
}
