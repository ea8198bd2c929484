// Reads many inputs with one reader in a separate process. scripts/fuzz.ts starts it, and starts another one if an input ends it.

import process from 'node:process';
import { targetOf } from './libraries.js';
import { type FuzzReport, fieldInputOf, fuzzTarget, inputOf, mixedInputOf, structuredInputOf } from './run.js';

/** Functions that change files, by the names that the command uses. */
export const MAKERS = { mixed: mixedInputOf, structure: structuredInputOf, bytes: inputOf, fields: fieldInputOf } as const;

export interface ChildOrder {
  readonly reader: string;
  readonly by: keyof typeof MAKERS;
  readonly inputs: number;
  readonly from: number;
  readonly step: number;
  /** Where files are written for libraries that read paths. */
  readonly folder: string;
  /** Whether to count the steps of slow inputs, which makes all inputs slower. Otherwise they are only listed. */
  readonly counting: boolean;
  /** Inputs between two progress reports. */
  readonly every: number;
}

export type ChildMessage = { readonly at: number } | { readonly hang: number } | { readonly report: FuzzReport };

const order = JSON.parse(process.argv[2] as string) as ChildOrder;
if (order.counting) await import('./steps.js');
// Most files are refused, and a stack trace costs more than the rest of the refusal. A run with a single input shows it.
if (order.inputs > 1) Error.stackTraceLimit = 0;
const target = await targetOf(order.reader, order.folder);
const say = (message: ChildMessage) => process.stdout.write(`${JSON.stringify(message)}\n`);
const { inputs, from, step, every } = order;
let done = 0;
const report = await fuzzTarget(target, inputs, from, 20, {
  makeInput: (each, input) => {
    if (done++ % every === 0) say({ at: input });
    return MAKERS[order.by](each, input);
  },
  step,
  counting: order.counting,
});
say({ report });
