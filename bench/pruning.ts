// Measures what pruning saves: the same calls with and without it, on rows like sentence embeddings, and on random rows, where nothing
// can be excluded.

import { bestPairs, groups, type Options, type PruningOptions, pairs, topK } from 'allpairs';
import { randomRows } from '../test/random.js';
import { compare, timeCalls } from './harness.js';
import type { RowBlock } from './methods.js';
import type { TimesTable } from './report.js';
import type { BenchRun, Section } from './section.js';
import { sentenceRows } from './sentence-rows.js';

const TOP_10 = 'top 10 of each row';

type Call = (x: RowBlock, options: Options & PruningOptions) => Promise<object>;

const CALLS: Readonly<Record<string, Call>> = {
  'pairs at 0.9': (x, options) => pairs(x, { threshold: 0.9, ...options }),
  'pairs at 0.8': (x, options) => pairs(x, { threshold: 0.8, ...options }),
  'groups at 0.95': (x, options) => groups(x, { threshold: 0.95, ...options }),
  [TOP_10]: (x, options) => topK(x, { k: 10, ...options }),
  'best 1000 pairs': (x, options) => bestPairs(x, { count: 1000, ...options }),
};
/** A few of a thousand random pairs reach it. */
const PAIRS_10: Call = (x, options) => pairs(x, { threshold: 0.1, ...options });
const BASELINE = 'allpairs, pruning off';

export const pruning: Section = {
  name: 'pruning',
  asks: 'How much time does pruning save?',
  async run(run) {
    const tables: TimesTable[] = [];
    for (const [rows, depth] of run.sizes(['10000x768', '30000x768'], ['4000x768'])) {
      const sentences = await sentenceRows(rows);
      for (const [name, call] of Object.entries(CALLS)) {
        // Too few rows for sampling lists.
        if (name === TOP_10 && rows <= 10_000) continue;
        tables.push(await table(run, `sentences ${rows}x${depth}, ${name}`, sentences, call));
      }
      if (rows <= 10_000)
        tables.push(await table(run, `random ${rows}x${depth}, pairs at 0.1`, randomRows(rows, depth), PAIRS_10));
    }
    return tables;
  },
};

async function table(run: BenchRun, id: string, x: RowBlock, call: Call): Promise<TimesTable> {
  const { threads } = run;
  const [rows, depth] = x.shape;
  const off = () => call(x, { threads, pruning: 'off' });
  const auto = () => call(x, { threads });
  const candidates = [
    { name: BASELINE, bound: 0, error: async () => 0, time: timeCalls(off) },
    { name: 'allpairs', bound: 0, error: async () => difference(await auto(), await off()), time: timeCalls(auto) },
  ];
  const timed = await compare(candidates, BASELINE, rows * rows * depth, run.timing(10, 15));
  return { kind: 'times', id, title: id, baseline: BASELINE, rows: timed };
}

/** Whether two answers differ in any bit. */
function difference(a: object, b: object): number {
  const same = Object.entries(a).every(([key, value]) => {
    const other = (b as Record<string, unknown>)[key];
    if (!ArrayBuffer.isView(value) || !ArrayBuffer.isView(other)) return JSON.stringify(value) === JSON.stringify(other);
    return Buffer.compare(bytesOf(value), bytesOf(other)) === 0;
  });
  return same ? 0 : 1;
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
