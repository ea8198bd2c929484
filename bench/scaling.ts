// Measures how the time of the whole matrix grows with rows, depth and threads. Uses an output buffer, so that the work grows and not
// the first touch of memory.

import { cosineSimilarity, runtimeInfo } from 'allpairs';
import { randomRows } from '../test/random.js';
import { type Candidate, CheckedRows, compare, FLOAT32_BOUND, timeCalls } from './harness.js';
import type { ReportTable } from './report.js';
import type { BenchRun, Section } from './section.js';

interface Step {
  readonly name: string;
  readonly rows: number;
  readonly depth: number;
  readonly threads: number;
}

export const scaling: Section = {
  name: 'scaling',
  asks: 'How does the time of the whole matrix grow with rows, with depth and with threads, on the fastest backend?',
  async run(run) {
    const [most, few] = run.quick ? [200, 20] : [8000, 100];
    const by = (values: readonly number[], step: (value: number) => Omit<Step, 'name'>, unit: string): Step[] =>
      values.map((value) => ({ name: `${value} ${unit}`, ...step(value) }));
    const { threads } = run;
    const someThreads = [...new Set([1, 2, 4, 8, threads])].filter((count) => count <= threads).sort((a, b) => a - b);
    return [
      await growth(
        run,
        'rows',
        'rows of depth 384',
        by([most / 8, most / 4, most / 2, most], (rows) => ({ rows, depth: 384, threads }), 'rows'),
      ),
      await growth(
        run,
        'depth',
        `depth of ${most / 4} rows`,
        by([few, 2 * few, 4 * few, 8 * few], (depth) => ({ rows: most / 4, depth, threads }), 'numbers a row'),
      ),
      await growth(
        run,
        'threads',
        `threads, ${most / 2} x 768`,
        someThreads.map((count) => ({
          name: count === 1 ? '1 thread' : `${count} threads`,
          rows: most / 2,
          depth: 768,
          threads: count,
        })),
      ),
    ];
  },
};

/** The time of each step, and its ratio to the step before; for threads, the speedup over one thread. */
async function growth(run: BenchRun, id: string, title: string, steps: readonly Step[]): Promise<ReportTable> {
  const inputs = new Map<string, { x: ReturnType<typeof randomRows>; checked: CheckedRows }>();
  const candidates = steps.map(({ name, rows, depth, threads }): Candidate => {
    const size = `${rows}x${depth}`;
    const x = inputs.get(size)?.x ?? randomRows(rows, depth);
    const checked = inputs.get(size)?.checked ?? new CheckedRows(x);
    inputs.set(size, { x, checked });
    const out = new Float32Array(rows * rows);
    const call = () => cosineSimilarity(x, { threads, out });
    return {
      name,
      bound: FLOAT32_BOUND,
      error: async () => checked.errorOfMatrix((await call()).data),
      time: timeCalls(call),
    };
  });
  const timed = await compare(candidates, (candidates[0] as Candidate).name, 1, run.timing(12, 4));
  const before = (i: number) => timed[i - 1]?.medianMs;
  return {
    kind: 'values',
    id,
    title: `${title}, ${runtimeInfo().backend}`,
    columns: [
      { name: 'median', unit: 'ms' },
      { name: 'lower quartile', unit: 'ms' },
      { name: 'upper quartile', unit: 'ms' },
      { name: id === 'threads' ? 'times faster than one' : 'times the one before', unit: '' },
    ],
    rows: timed.map(({ name, medianMs, lowMs, highMs, ratio }, i) => {
      const last = before(i);
      const factor = id === 'threads' ? (ratio ?? null) : last === undefined ? null : medianMs / last;
      return { name, values: [medianMs, lowMs, highMs, factor] };
    }),
  };
}
