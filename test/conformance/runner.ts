// The ways to run a case on a platform: every backend in every mode, even if the public calls would find a case too small for threads.
// Uses nothing of Node, so that a page can run it too.

import type {
  BestPairsOptions,
  CosineSimilarityOptions,
  Dendrogram,
  DType,
  GroupsOptions,
  Histogram,
  HistogramOptions,
  LinkageOptions,
  Pairs,
  PairsOptions,
  Rows,
  ScoreArray,
  ScorePairsOptions,
  TopK,
  TopKOptions,
} from 'allpairs';
import type { Backend } from '#src/backends/backend.js';
import { BackendSelection } from '#src/backends/select.js';
import {
  checkBestPairsCall,
  checkDenseCall,
  checkGroupsCall,
  checkHistogramCall,
  checkLinkageCall,
  checkPairsCall,
  checkScorePairsCall,
  checkTopKCall,
} from '#src/check.js';
import { computeBestPairs } from '#src/engine/best-pairs.js';
import { computeCommunities } from '#src/engine/communities.js';
import { computeCompleteGroups } from '#src/engine/complete-groups.js';
import { computeDense, computeDenseSync } from '#src/engine/dense.js';
import { computeGroups } from '#src/engine/groups.js';
import { computeHistogram } from '#src/engine/histogram.js';
import { computeLinkage } from '#src/engine/linkage.js';
import { computePaired } from '#src/engine/paired.js';
import { computePairs, streamPairs } from '#src/engine/pairs.js';
import type { Setting } from '#src/engine/setting.js';
import { computeSmallDense } from '#src/engine/small.js';
import { computeTopK } from '#src/engine/top-k.js';
import type { Platform } from '#src/platform/platform.js';
import type { Computed, Groups } from '#src/results.js';

const MODES_OF_ONE = ['sync', 'turns'] as const;
const MODES_OF_THREADS = ['1 thread', '2 threads', '3 threads'] as const;
export type Mode = (typeof MODES_OF_ONE)[number] | (typeof MODES_OF_THREADS)[number];

/** Largest error compared with float64 arithmetic. */
export const BOUNDS: Record<DType, number> = { float32: 1e-6, float64: 1e-14 };

export class Runner {
  readonly modes: readonly Mode[];
  readonly selection: BackendSelection;

  constructor(private readonly platform: Platform) {
    this.modes = platform.threadRefusal ? MODES_OF_ONE : [...MODES_OF_ONE, ...MODES_OF_THREADS];
    this.selection = new BackendSelection(platform);
  }

  /** Computes all scores of a case. */
  async run(backend: Backend, mode: Mode, x: Rows, y: Rows | undefined, options: CosineSimilarityOptions): Promise<ScoreArray> {
    const call = checkDenseCall(x, y, options);
    const setting = this.setting(backend, mode);
    return mode === 'sync' ? computeDenseSync(call, setting) : computeDense(call, setting);
  }

  /** All scores by the short path, or undefined if the backend has none or the case is too large. */
  small(backend: Backend, x: Rows, y: Rows | undefined, options: CosineSimilarityOptions): ScoreArray | undefined {
    return computeSmallDense(checkDenseCall(x, y, options), backend);
  }

  /** Calls without a matrix have no Sync versions, so 'sync' means 'turns'. */
  topK(backend: Backend, mode: Mode, x: Rows, y: Rows | undefined, options: TopKOptions): Promise<Computed<TopK>> {
    return computeTopK(checkTopKCall(x, y, options), this.setting(backend, mode));
  }

  pairs(backend: Backend, mode: Mode, x: Rows, y: Rows | undefined, options: PairsOptions): Promise<Computed<Pairs>> {
    return computePairs(checkPairsCall(x, y, options), this.setting(backend, mode));
  }

  /** The batches of the stream, and all of them combined. */
  async streamPairs(
    backend: Backend,
    mode: Mode,
    x: Rows,
    y: Rows | undefined,
    options: PairsOptions,
  ): Promise<{ batches: number; all: Computed<Pairs> }> {
    const batches: Computed<Pairs>[] = [];
    for await (const batch of streamPairs(checkPairsCall(x, y, options), this.setting(backend, mode))) batches.push(batch);
    const join = (column: 'rows' | 'cols' | 'scores') => batches.flatMap((batch) => Array.from(batch[column]));
    const rows = Uint32Array.from(join('rows'));
    // Float64 holds float32 scores too.
    const all = { rows, cols: Uint32Array.from(join('cols')), scores: Float64Array.from(join('scores')), length: rows.length };
    return { batches: batches.length, all };
  }

  bestPairs(backend: Backend, mode: Mode, x: Rows, y: Rows | undefined, options: BestPairsOptions): Promise<Computed<Pairs>> {
    return computeBestPairs(checkBestPairsCall(x, y, options), this.setting(backend, mode));
  }

  scorePairs(backend: Backend, mode: Mode, x: Rows, y: Rows | undefined, options: ScorePairsOptions): Promise<ScoreArray> {
    return computePaired(checkScorePairsCall(x, y, options), this.setting(backend, mode));
  }

  histogram(backend: Backend, mode: Mode, x: Rows, y: Rows | undefined, options: HistogramOptions): Promise<Histogram> {
    return computeHistogram(checkHistogramCall(x, y, options), this.setting(backend, mode));
  }

  groups(backend: Backend, mode: Mode, x: Rows, options: GroupsOptions): Promise<Groups> {
    const call = checkGroupsCall(x, options);
    const compute = { components: computeGroups, complete: computeCompleteGroups, community: computeCommunities }[call.method];
    return compute(call, this.setting(backend, mode));
  }

  linkage(backend: Backend, mode: Mode, x: Rows, options: LinkageOptions): Promise<Dendrogram> {
    return computeLinkage(checkLinkageCall(x, options), this.setting(backend, mode));
  }

  /** Float64 scores of the reference backend. */
  truth(x: Rows, y?: Rows): ScoreArray {
    const call = checkDenseCall(x, y, { dtype: 'float64' });
    return computeDenseSync(call, this.setting(this.selection.chooseSync('reference'), 'sync'));
  }

  setting(backend: Backend, mode: Mode): Setting {
    const threads = Number(mode[0]);
    return { backend, platform: this.platform, threads: Number.isNaN(threads) ? undefined : threads };
  }
}

/** The largest difference; NaN counts as infinite. */
export function largestError(got: ScoreArray, want: ScoreArray): number {
  if (got.length !== want.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < want.length; i++) {
    const error = Math.abs((got[i] as number) - (want[i] as number));
    if (!(error <= largest)) largest = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
  }
  return largest;
}

/** Whether two results have the same bits. */
export function sameBits(a: ScoreArray, b: ScoreArray): boolean {
  if (a.byteLength !== b.byteLength) return false;
  const bitsOfA = new Int32Array(a.buffer, a.byteOffset, a.byteLength / 4);
  const bitsOfB = new Int32Array(b.buffer, b.byteOffset, b.byteLength / 4);
  for (let i = 0; i < bitsOfA.length; i++) if (bitsOfA[i] !== bitsOfB[i]) return false;
  return true;
}
