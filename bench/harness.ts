// Fair timing: every candidate's answer is checked before it is timed, runs are interleaved round by round so that a change
// in the machine's speed meets all of them, and what is quoted is the median with its spread.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type BackendName, runtimeInfo } from 'allpairs';
import Table from 'cli-table3';
import pc from 'picocolors';

/** The backends that run here, but for the oracle and those that are another by a longer name. */
export function backendsToMeasure(): BackendName[] {
  return runtimeInfo().backends.flatMap(({ name, available }) =>
    available && name !== 'reference' && !name.startsWith('native-') ? [name] : [],
  );
}

export interface Candidate {
  readonly name: string;
  /** Runs `iterations` times and returns the seconds that took. */
  readonly time: (iterations: number) => Promise<number> | number;
  /** Largest distance from float64 arithmetic; checked before anything is timed. */
  readonly error: () => Promise<number> | number;
  /** The largest error that still counts as an answer. */
  readonly bound: number;
}

export interface Row {
  readonly name: string;
  readonly medianMs: number;
  readonly lowMs: number;
  readonly highMs: number;
  readonly samples: number;
  readonly error: number;
  /** How many times faster than the baseline: the median of the ratios within one round. */
  readonly ratio: number | undefined;
  readonly gflops: number;
}

/** A sample lasts at least this long, so that the clock and single hiccups do not matter. */
const SAMPLE_SECONDS = 0.04;
/** Candidates slower than this are timed once, unless a benchmark says otherwise. */
const SLOW_SECONDS = 0.6;

/**
 * Times all candidates for about `seconds` and compares them with `baseline` (a name). `flops` is the work of one run as the
 * formula counts it, 2 N M D: a method that computes half of a symmetric result can exceed the arithmetic peak.
 */
export async function compare(
  candidates: readonly Candidate[],
  baseline: string,
  flops: number,
  seconds = 15,
  slowSeconds = SLOW_SECONDS,
): Promise<Row[]> {
  const entries = [];
  for (const candidate of candidates) {
    const error = await candidate.error();
    if (!(error <= candidate.bound))
      throw new Error(`${candidate.name} is off by ${error}; at most ${candidate.bound} counts as an answer`);
    entries.push({ candidate, error, ...(await calibrate(candidate, slowSeconds)), samples: [] as (number | undefined)[] });
  }
  const deadline = performance.now() + 1000 * seconds;
  for (let round = 0; round < 3 || performance.now() < deadline; round++) {
    for (const { candidate, iterations, slowSeconds, samples } of entries) {
      if (slowSeconds !== undefined) {
        samples.push(round === 0 ? slowSeconds : undefined);
        continue;
      }
      // Python frees a result at once; a later collection here would make us touch fresh memory instead of warm. Of small
      // results the collections within a sample take care.
      if (iterations === 1) collectGarbage();
      await rest();
      samples.push((await candidate.time(iterations)) / iterations);
    }
  }
  const base = entries.find(({ candidate }) => candidate.name === baseline)?.samples;
  return entries.map(({ candidate, error, samples }) => {
    const times = samples.filter((sample) => sample !== undefined).sort((a, b) => a - b);
    const ratios = samples.flatMap((sample, i) => (sample !== undefined && base?.[i] !== undefined ? [base[i] / sample] : []));
    const medianSeconds = quantile(times, 0.5);
    return {
      name: candidate.name,
      medianMs: 1000 * medianSeconds,
      lowMs: 1000 * quantile(times, 0.1),
      highMs: 1000 * quantile(times, 0.9),
      samples: times.length,
      error,
      ratio:
        ratios.length > 0
          ? quantile(
              ratios.sort((a, b) => a - b),
              0.5,
            )
          : undefined,
      gflops: flops / medianSeconds / 1e9,
    };
  });
}

interface Calibration {
  /** How many make a sample. */
  readonly iterations: number;
  /** Of a candidate so slow that warming up was its one sample. */
  readonly slowSeconds: number | undefined;
}

/** Warms up until the time of a sample is known, and optimising compilers have had their say. */
async function calibrate({ time }: Candidate, slowSeconds: number): Promise<Calibration> {
  let iterations = 1;
  let total = 0;
  for (;;) {
    const seconds = await time(iterations);
    total += seconds;
    if (seconds > slowSeconds && iterations === 1) return { iterations, slowSeconds: seconds };
    if (seconds >= SAMPLE_SECONDS && total > WARM_UP_SECONDS) return { iterations, slowSeconds: undefined };
    if (seconds < SAMPLE_SECONDS)
      iterations = Math.ceil(iterations * Math.min(10, Math.max(1.2, (1.5 * SAMPLE_SECONDS) / seconds)));
  }
}

const WARM_UP_SECONDS = 0.5;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Long enough for the threads of the candidate before to stop spinning: OpenBLAS's do for 2^26 cycles. */
function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, REST_MS));
}

const REST_MS = 60;

export function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

/** Prints rows as a table; the baseline has ratio 1. */
export function printRows(title: string, rows: readonly Row[]): void {
  const table = new Table({
    head: ['', 'median', '10 % .. 90 %', 'faster', 'GF/s', 'error', 'runs'],
    colAligns: ['left', ...RIGHT],
    style: { head: ['dim'], border: ['dim'], compact: true },
  });
  for (const { name, medianMs, lowMs, highMs, ratio, gflops, error, samples } of rows) {
    const faster = ratio === undefined ? '' : `${ratio.toFixed(2)} x`;
    table.push([
      name,
      formatMs(medianMs),
      `${formatMs(lowMs)} .. ${formatMs(highMs)}`,
      faster,
      gflops.toFixed(1),
      error.toExponential(1),
      String(samples),
    ]);
  }
  console.log(`\n${pc.bold(title)}\n${table}`);
}

const RIGHT = ['right', 'right', 'right', 'right', 'right', 'right'] as const;

function formatMs(ms: number): string {
  return ms < 1 ? `${(1000 * ms).toFixed(2)} us` : `${ms.toFixed(ms < 100 ? 2 : 0)} ms`;
}
