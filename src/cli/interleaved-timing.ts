// Fair timing. Every candidate's answer is checked before it is timed. Runs are interleaved round by round, so that changes in the
// machine's speed affect all candidates. The median is reported, with quartiles. Used by `allpairs bench` and by the benchmarks of the
// repository.

import { collectGarbage } from '../io/collect-garbage.js';

export interface Candidate {
  readonly name: string;
  /** Runs `iterations` times and returns the elapsed seconds. */
  readonly time: (iterations: number) => Promise<number> | number;
  /** Returns the largest difference from float64 arithmetic; checked before anything is timed. */
  readonly error: () => Promise<number> | number;
  /** The largest error that is accepted. */
  readonly bound: number;
}

export interface Timed {
  readonly name: string;
  readonly medianMs: number;
  /** The quartiles: half of all runs lie between them. */
  readonly lowMs: number;
  readonly highMs: number;
  readonly samples: number;
  readonly error: number;
  /** Speed relative to the baseline: the median of the ratios within one round. */
  readonly ratio: number | undefined;
  readonly gflops: number;
}

export interface Timing {
  /** Approximate total time; every candidate that is not slow gets its rounds anyway. */
  readonly seconds: number;
  readonly rounds?: number;
  /** Candidates slower than this are timed once. */
  readonly slowSeconds?: number;
  readonly warmUpSeconds?: number;
}

/** Minimum duration of a sample, so that the clock and single disturbances do not matter. */
const SAMPLE_SECONDS = 0.04;
const SLOW_SECONDS = 0.6;
const WARM_UP_SECONDS = 0.5;
const MIN_ROUNDS = 3;

/**
 * Times all candidates and compares them with `baseline` (a name). `flops` is the work of one run according to the formula, 2 N M D; a
 * method that computes half of a symmetric result can therefore exceed the arithmetic peak.
 */
export async function compare(
  candidates: readonly Candidate[],
  baseline: string,
  flops: number,
  { seconds, rounds = MIN_ROUNDS, slowSeconds = SLOW_SECONDS, warmUpSeconds = WARM_UP_SECONDS }: Timing,
): Promise<Timed[]> {
  const entries = [];
  for (const candidate of candidates) {
    const error = await candidate.error();
    if (!(error <= candidate.bound))
      throw new Error(`${candidate.name} has an error of ${error}; expected at most ${candidate.bound}`);
    const calibration = await calibrate(candidate, slowSeconds, warmUpSeconds);
    entries.push({ candidate, error, ...calibration, samples: [] as (number | undefined)[] });
  }
  const deadline = performance.now() + 1000 * seconds;
  for (let round = 0; round < rounds || performance.now() < deadline; round++) {
    for (const { candidate, iterations, slowSeconds, samples } of entries) {
      if (slowSeconds !== undefined) {
        samples.push(round === 0 ? slowSeconds : undefined);
        continue;
      }
      // Python frees a result immediately. Without this, a later collection would make our calls touch fresh memory instead of warm memory.
      // Small results are collected within a sample anyway.
      if (iterations === 1) collectGarbage();
      await rest();
      samples.push((await candidate.time(iterations)) / iterations);
    }
  }
  const base = entries.find(({ candidate }) => candidate.name === baseline)?.samples;
  return entries.map(({ candidate, error, samples }) => {
    const times = sorted(samples.filter((sample) => sample !== undefined));
    const ratios = samples.flatMap((sample, i) => (sample !== undefined && base?.[i] !== undefined ? [base[i] / sample] : []));
    const medianSeconds = quantile(times, 0.5);
    return {
      name: candidate.name,
      medianMs: 1000 * medianSeconds,
      lowMs: 1000 * quantile(times, 0.25),
      highMs: 1000 * quantile(times, 0.75),
      samples: times.length,
      error,
      ratio: ratios.length > 0 ? quantile(sorted(ratios), 0.5) : undefined,
      gflops: flops / medianSeconds / 1e9,
    };
  });
}

/** Measures a candidate that is a call. */
export function timeCalls(run: () => unknown): Candidate['time'] {
  return async (iterations) => {
    const start = performance.now();
    for (let i = 0; i < iterations; i++) await run();
    return (performance.now() - start) / 1000;
  };
}

/** Measures a call that returns immediately: an await takes a tenth of a microsecond, and some calls take ten. */
export function timeSynchronousCalls(run: () => unknown): Candidate['time'] {
  return (iterations) => {
    const start = performance.now();
    for (let i = 0; i < iterations; i++) run();
    return (performance.now() - start) / 1000;
  };
}

/** Returns the pairs whose order this run cannot determine, because their quartiles overlap. */
export function indistinct(rows: readonly Pick<Timed, 'name' | 'lowMs' | 'highMs'>[]): [string, string][] {
  return rows.flatMap((row, i) =>
    rows
      .slice(i + 1)
      .filter(({ lowMs, highMs }) => lowMs <= row.highMs && row.lowMs <= highMs)
      .map(({ name }): [string, string] => [row.name, name]),
  );
}

export function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

function sorted(values: number[]): number[] {
  return values.sort((a, b) => a - b);
}

interface Calibration {
  /** Number of runs per sample. */
  readonly iterations: number;
  /** The time of a candidate so slow that warming up was its only sample. */
  readonly slowSeconds: number | undefined;
}

/** Warms up until the duration of a sample is known and optimising compilers have finished. */
async function calibrate({ time }: Candidate, slowSeconds: number, warmUpSeconds: number): Promise<Calibration> {
  let iterations = 1;
  let total = 0;
  for (;;) {
    const seconds = await time(iterations);
    total += seconds;
    if (seconds > slowSeconds && iterations === 1) return { iterations, slowSeconds: seconds };
    if (seconds >= SAMPLE_SECONDS && total > warmUpSeconds) return { iterations, slowSeconds: undefined };
    if (seconds < SAMPLE_SECONDS)
      iterations = Math.ceil(iterations * Math.min(10, Math.max(1.2, (1.5 * SAMPLE_SECONDS) / seconds)));
  }
}

/** Waits until the threads of the previous candidate stop spinning; those of OpenBLAS spin for 2^26 cycles. */
function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, REST_MS));
}

const REST_MS = 60;
