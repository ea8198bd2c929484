// Compares the ten most similar rows of every row with FAISS, scikit-learn and usearch, which are also exact.

import { topK } from 'allpairs';
import { randomRows } from '../test/random.js';
import {
  backendsToMeasure,
  type Candidate,
  CheckedRows,
  compare,
  FLOAT32_BOUND,
  largestError,
  RIVAL_BOUND,
  timeCalls,
} from './harness.js';
import type { RowBlock } from './methods.js';
import { importPeer } from './peers/import-peer.js';
import { PythonPeers } from './peers/python.js';
import type { TimesTable } from './report.js';
import type { BenchRun, Section } from './section.js';

const K = 10;
const BASELINE = 'FAISS IndexFlatIP';
/**
 * usearch takes ten seconds at 10,000 rows, and FAISS twice that at 50,000, so usearch is timed once and FAISS as often as allpairs.
 */
const SLOW_SECONDS = (rows: number) => (rows > 10_000 ? 60 : 8);
/** Above this size, only FAISS and our fastest backend run. */
const MAX_ROWS = 10_000;

export const topTen: Section = {
  name: 'top-k',
  asks: 'How long do the ten most similar other rows of every row take?',
  async run(run) {
    const tables: TimesTable[] = [];
    const peers = await PythonPeers.start(run, 'top-k');
    const usearch = await usearchCandidate(run);
    for (const [rows, depth] of run.sizes(['4000x384', '10000x384', '50000x384'], ['300x64'])) {
      const x = randomRows(rows, depth);
      const best = new BestOfRows(x);
      await peers?.load(x);
      if (rows > MAX_ROWS) run.leaveOut(`all others at ${rows} x ${depth}`, 'too slow to wait for');
      const theirs = [
        ...(peers?.candidates(
          best.indices,
          (scores) => best.errorOf(scores),
          () => RIVAL_BOUND,
        ) ?? []),
        ...(usearch ? [usearch(x, best)] : []),
      ];
      const timed = await compare(
        [...ourCandidates(run, x, best), ...theirs.filter(({ name }) => rows <= MAX_ROWS || name === BASELINE)],
        BASELINE,
        2 * rows * rows * depth,
        run.timing(rows > MAX_ROWS ? 10 : 20, SLOW_SECONDS(rows)),
      );
      tables.push({ kind: 'times', id: `${rows}x${depth}`, title: `${rows} x ${depth}`, baseline: BASELINE, rows: timed });
    }
    peers?.stop();
    return tables;
  },
};

/** The true best scores of some rows. */
class BestOfRows {
  readonly indices: readonly number[];
  private readonly truth: readonly number[];

  constructor(x: RowBlock) {
    const { indices, truth } = new CheckedRows(x);
    this.indices = indices;
    this.truth = indices.flatMap((row, i) =>
      Array.from(truth[i] as Float64Array, (score, j) => (j === row ? -2 : score))
        .sort((a, b) => b - a)
        .slice(0, K),
    );
  }

  errorOf(scores: ArrayLike<number>): number {
    return largestError(this.truth, scores);
  }
}

function ourCandidates(run: BenchRun, x: ReturnType<typeof randomRows>, best: BestOfRows): Candidate[] {
  const backends = backendsToMeasure();
  return (x.shape[0] <= MAX_ROWS ? backends : backends.slice(0, 1)).map((backend) => {
    const call = () => topK(x, { k: K, backend, threads: run.threads });
    const error = async () => {
      const { scores } = await call();
      return best.errorOf(best.indices.flatMap((i) => Array.from(scores.subarray(i * K, (i + 1) * K))));
    };
    return { name: `allpairs ${backend}`, bound: FLOAT32_BOUND, error, time: timeCalls(call) };
  });
}

interface Usearch {
  readonly MetricKind: { readonly Cos: unknown };
  exactSearch(
    data: Float32Array,
    queries: Float32Array,
    depth: number,
    count: number,
    metric: unknown,
    threads: number,
  ): { readonly distances: Float32Array };
}

async function usearchCandidate(run: BenchRun) {
  const usearch = await importPeer<Usearch>(run, 'usearch');
  if (!usearch) return undefined;
  return ({ data, shape }: ReturnType<typeof randomRows>, best: BestOfRows): Candidate => {
    const call = () => usearch.exactSearch(data, data, shape[1], K + 1, usearch.MetricKind.Cos, run.threads);
    // A row is its own best match.
    const others = (distances: Float32Array, i: number) => distances.subarray(i * (K + 1) + 1, (i + 1) * (K + 1));
    const error = () => {
      const { distances } = call();
      return best.errorOf(best.indices.flatMap((i) => Array.from(others(distances, i), (distance) => 1 - distance)));
    };
    return { name: 'usearch exactSearch', bound: RIVAL_BOUND, error, time: timeCalls(call) };
  };
}
