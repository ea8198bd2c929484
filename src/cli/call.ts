// What the computing commands share: their options, reading their input, and a progress line around the call.

import { type BackendName, type NpyRows, type Options, runtimeInfo } from '../index.js';
import { readRows } from './input.js';
import { readLabels } from './labels.js';
import { dim, formatCount, formatSeconds } from './output.js';
import { ProgressLine } from './progress.js';

/** Options of every computing command, as commander gives them. */
export interface CallOptions {
  readonly against?: string;
  readonly output?: string;
  readonly labels?: string;
  readonly againstLabels?: string;
  readonly dtype?: 'float32' | 'float64';
  readonly threads?: number;
  readonly backend?: BackendName;
  readonly nonFinite: 'throw' | 'zero';
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Input, read, and what to pass on to the library. */
export interface Call {
  readonly x: NpyRows;
  readonly y: NpyRows | undefined;
  /** Names of the rows of x, and of what they are compared with. */
  readonly labels: readonly string[] | undefined;
  readonly otherLabels: readonly string[] | undefined;
  readonly options: Options;
  /** Ends the progress line. */
  readonly finish: () => void;
  /** How many scores there are: of x with itself, each pair once. */
  readonly scores: number;
}

export async function prepareCall(input: string, options: CallOptions, signal: AbortSignal): Promise<Call> {
  const x = await readRows(input);
  const y = options.against === undefined ? undefined : await readRows(options.against);
  const labels = options.labels === undefined ? undefined : await readLabels(options.labels, x.shape[0]);
  const othersOf = options.againstLabels;
  const againstLabels = othersOf === undefined || !y ? undefined : await readLabels(othersOf, y.shape[0]);
  const progress = new ProgressLine(options.quiet);
  const { dtype, threads, backend, nonFinite } = options;
  const [rows] = x.shape;
  return {
    x,
    y,
    labels,
    otherLabels: y ? againstLabels : labels,
    options: { dtype, threads, backend, nonFinite, signal, onProgress: progress.update },
    finish: () => progress.finish(),
    scores: y ? rows * y.shape[0] : (rows * (rows - 1)) / 2,
  };
}

/** The type of scores in records. */
export function scoreType(scores: Float32Array | Float64Array): 'f4' | 'f8' {
  return scores instanceof Float32Array ? 'f4' : 'f8';
}

/** '1,124,250 scores in 40 ms', with the backend. */
export function describeWork({ scores }: Call, seconds: number, backend: string | undefined): string {
  const rate = formatCount(Math.round(scores / seconds / 1e6));
  const how = dim(`${backend ?? runtimeInfo().backend}, ${rate} million/s`);
  return `${formatCount(scores)} scores in ${formatSeconds(seconds)}  ${how}`;
}
