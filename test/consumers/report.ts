// The report of check.js, and what is expected of it.

export interface Report {
  readonly runtime: string;
  /** The largest error compared with float64 arithmetic, over both sizes and backends. */
  readonly largestError: number;
  readonly backend: string;
  /** Whether JavaScript threads computed. */
  readonly threads: boolean;
  readonly threadRefusal?: string;
  /** Reasons for backends that cannot run, by name. */
  readonly refusals: Record<string, string>;
}

export interface Expected {
  readonly backend: string;
  readonly threads: boolean;
  /** Expected in `threadRefusal` if there are no threads. */
  readonly threadRefusal?: RegExp;
  /** Expected in the reasons of these backends. */
  readonly refusals?: Record<string, RegExp>;
}

const MAX_ERROR = 1e-6;

/** Returns what is wrong with a report, or nothing if it is as expected. */
export function problemsOf(report: Report, expected: Expected): string[] {
  const problems: string[] = [];
  const { largestError, backend, threads, threadRefusal, refusals } = report;
  if (!(largestError <= MAX_ERROR)) problems.push(`an error of ${largestError}`);
  if (backend !== expected.backend) problems.push(`${backend} in place of ${expected.backend} (${refusals[expected.backend]})`);
  if (threads !== expected.threads) problems.push(`${threads ? 'threads' : 'no threads'} (${threadRefusal})`);
  if (expected.threadRefusal && !expected.threadRefusal.test(threadRefusal ?? '')) {
    problems.push(`threadRefusal is ${threadRefusal}`);
  }
  for (const [name, pattern] of Object.entries(expected.refusals ?? {})) {
    if (!pattern.test(refusals[name] ?? '')) problems.push(`the reason of ${name} is ${refusals[name]}`);
  }
  return problems;
}
