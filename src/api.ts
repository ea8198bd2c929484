// The public calls, on a platform: check, choose a backend, run. The entries (index.ts, browser.ts) bind them to theirs.

import type { Backend, SketchDepths, Sketching } from './backends/backend.js';
import { BackendSelection } from './backends/select.js';
import type {
  Api,
  BestPairsCall,
  CosineSimilarity,
  CosineSimilaritySync,
  DedupeCall,
  PairedSimilarityCall,
  PairsCall,
  Plan,
  RuntimeInfo,
  ScorePairsCall,
  StreamMatrixCall,
  StreamPairsCall,
  TopKCall,
} from './calls.js';
import {
  checkBestPairsCall,
  checkBlocksCall,
  checkDedupeCall,
  checkDenseCall,
  checkGroupsCall,
  checkHistogramCall,
  checkPairedCall,
  checkPairsCall,
  checkScorePairsCall,
  checkSyncCall,
  checkTopKCall,
  refuseMore,
} from './check.js';
import { computeBestPairs, needsOfBestPairs } from './engine/best-pairs.js';
import { problemsOfDedupe } from './engine/dedupe-parts.js';
import { computeDense, computeDenseSync } from './engine/dense.js';
import { planBlocks, streamBlocks } from './engine/dense-blocks.js';
import { computeGroups, needsOfGroups } from './engine/groups.js';
import { computeHistogram, needsOfHistogram } from './engine/histogram.js';
import { computePairs, needsOfPairs, streamPairs as streamPairsOf } from './engine/pairs.js';
import { isSmall } from './engine/run.js';
import { type Needs, planPruned, planRun, type Setting, threadsFor } from './engine/setting.js';
import { computeSmallDense } from './engine/small.js';
import { computeTopK, needsOfTopK } from './engine/top-k.js';
import { describePlan, joinPlans } from './engine/work-plan.js';
import { ArgumentError } from './errors.js';
import { similarityOfPlainRows } from './plain-call.js';
import type { Platform } from './platform/platform.js';
import type { PairsProblem, Problem } from './problem.js';
import { longestSketches } from './pruning/longest-sketches.js';
import { withPlainJson } from './result-json.js';
import type {
  Deduped,
  Groups as GroupsResult,
  Histogram as HistogramResult,
  MatrixBlock,
  PairsBatch,
  Pairs as PairsResult,
  TopK as TopKResult,
  WorkPlan,
} from './results.js';
import { Matrix } from './rows/dense-matrix.js';
import { elementBytes, type ScoreArray, sharesBytes } from './rows/dtype.js';
import { BACKEND_NAMES, type BackendName, type Rows } from './types.js';

/** Few calls are so long that they may exclude pairs. */
const loadSketchings = () => import('./pruning/sketching.js');
type Sketchings = Awaited<ReturnType<typeof loadSketchings>>;

/** Forces a backend for calls that name none. */
const BACKEND_VARIABLE = 'ALLPAIRS_BACKEND';

/** What calls are filling: no two may share a byte, but they may be parts of one buffer. */
const outsInUse = new Set<ScoreArray>();

export function createApi(platform: Platform): Api {
  const backends = new BackendSelection(platform);

  /** The backend of calls that name none, once one was chosen: short calls would feel it if each chose anew. */
  let automatic: Backend | undefined;
  const backendOf = async ({ backend }: Problem): Promise<Backend> => {
    if (backend) return backends.choose(backend);
    automatic ??= await backends.choose(backendFromEnvironment(platform));
    return automatic;
  };
  const backendNow = (named?: BackendName): Backend => {
    if (named) return backends.chooseSync(named);
    if (automatic?.servesSync) return automatic;
    const backend = backends.chooseSync(backendFromEnvironment(platform));
    // What has to be waited for may be better.
    if (!backends.isComing) automatic ??= backend;
    return backend;
  };
  /** The backend, if it is there already. */
  const backendReady = (named?: BackendName): Backend | undefined => (named ? backends.ready(named) : automatic);
  const settingWith = (problem: Problem, backend: Backend): Setting => {
    const alone = backend.threadRefusal !== undefined || isSmall(problem, backend);
    return { backend, platform, threads: alone ? undefined : threadsFor(problem.threads, platform) };
  };
  const settingOf = async (problem: Problem) => settingWith(problem, await backendOf(problem));
  /** With sketches only where the call has memory for any. */
  const pruningSettingOf = async <P extends Problem & { readonly pruning: boolean }>(
    problem: P,
    needs: Needs,
    chooseBy: (from: Sketchings) => (problem: P, setting: Setting, longest: SketchDepths) => Promise<Sketching | undefined>,
  ): Promise<Setting> => {
    const setting = await settingOf(problem);
    const longest = planLongestSketches(problem, needs, setting);
    if (!longest) return setting;
    const choose = chooseBy(await loadSketchings());
    return { ...setting, sketching: await choose(problem, setting, longest.shape.sketches) };
  };
  const pairsSettingOf = (problem: PairsProblem, needs: Needs) =>
    pruningSettingOf(problem, needs, ({ chooseSketching }) => chooseSketching);
  const settingNow = (problem: Problem) => settingWith(problem, backendNow(problem.backend));

  const asMatrix = (data: ScoreArray, call: Problem) => withIds(new Matrix(data, [call.x.rows, (call.y ?? call.x).rows]), call);

  async function cosineSimilarity(x: Rows, y?: unknown, options?: unknown, ...more: unknown[]): Promise<Matrix> {
    if (more.length === 0) {
      const matrix = similarityOfPlainRows(x, y, options, backendReady);
      if (matrix) return matrix;
    }
    refuseMore('cosineSimilarity', more);
    const call = checkDenseCall(x, y, options);
    const { out } = call;
    const compute = async () => {
      const backend = await backendOf(call);
      const scores = computeSmallDense(call, backend) ?? (await computeDense(call, settingWith(call, backend)));
      return asMatrix(scores, call);
    };
    if (!out) return compute();
    if ([...outsInUse].some((other) => sharesBytes(out, other))) {
      throw new ArgumentError('out', 'another call is filling `out`', { advice: 'give each its own' });
    }
    outsInUse.add(out);
    try {
      return await compute();
    } finally {
      outsInUse.delete(out);
    }
  }

  function cosineSimilaritySync(x: Rows, y?: unknown, options?: unknown, ...more: unknown[]): Matrix {
    if (more.length === 0) {
      const matrix = similarityOfPlainRows(x, y, options, backendNow);
      if (matrix) return matrix;
    }
    refuseMore('cosineSimilaritySync', more);
    const call = checkSyncCall(x, y, options);
    const backend = backendNow(call.backend);
    const scores = computeSmallDense(call, backend) ?? computeDenseSync(call, { backend, platform, threads: undefined });
    return asMatrix(scores, call);
  }

  async function pairedSimilarity(x: Rows, y: Rows, options?: unknown, ...more: unknown[]): Promise<ScoreArray> {
    refuseMore('pairedSimilarity', more);
    const call = checkPairedCall(x, y, options);
    return (await import('./engine/paired.js')).computePaired(call, await settingOf(call));
  }

  async function scorePairs(x: Rows, y?: unknown, options?: unknown, ...more: unknown[]): Promise<ScoreArray> {
    refuseMore('scorePairs', more);
    const call = checkScorePairsCall(x, y, options);
    return (await import('./engine/paired.js')).computePaired(call, await settingOf(call));
  }

  function streamMatrix(
    x: Rows,
    y?: unknown,
    options?: unknown,
    ...more: unknown[]
  ): AsyncGenerator<MatrixBlock, void, undefined> {
    refuseMore('streamMatrix', more);
    const call = checkBlocksCall(x, y, options);
    return presentEach(() => settingOf(call).then((setting) => streamBlocks(call, setting)), call);
  }

  async function topK(x: Rows, y?: unknown, options?: unknown, ...more: unknown[]): Promise<TopKResult> {
    refuseMore('topK', more);
    const call = checkTopKCall(x, y, options);
    const setting = await pruningSettingOf(call, needsOfTopK(call), ({ chooseTopKSketching }) => chooseTopKSketching);
    return present(await computeTopK(call, setting), call);
  }

  async function pairs(x: Rows, y?: unknown, options?: unknown, ...more: unknown[]): Promise<PairsResult> {
    refuseMore('pairs', more);
    const call = checkPairsCall(x, y, options);
    return present(await computePairs(call, await pairsSettingOf(call, needsOfPairs(call))), call);
  }

  async function bestPairs(x: Rows, y?: unknown, options?: unknown, ...more: unknown[]): Promise<PairsResult> {
    refuseMore('bestPairs', more);
    const call = checkBestPairsCall(x, y, options);
    const setting = await settingOf(call);
    const longest = planLongestSketches(call, needsOfBestPairs(call, setting), setting);
    const chosen = longest && (await (await loadSketchings()).chooseBestSketching(call, setting, longest.shape.sketches));
    const found = await computeBestPairs(call, { ...setting, sketching: chosen?.sketching }, chosen?.lowest);
    return present(found, call);
  }

  function streamPairs(
    x: Rows,
    y?: unknown,
    options?: unknown,
    ...more: unknown[]
  ): AsyncGenerator<PairsBatch, void, undefined> {
    refuseMore('streamPairs', more);
    const call = checkPairsCall(x, y, options);
    return presentEach(() => pairsSettingOf(call, needsOfPairs(call)).then((setting) => streamPairsOf(call, setting)), call);
  }

  async function groups(x: Rows, options?: unknown, ...more: unknown[]): Promise<GroupsResult> {
    refuseMore('groups', more.slice(1));
    const call = checkGroupsCall(x, options, more[0]);
    const { rowIds } = call;
    const [compute, needsOf] =
      call.method === 'community'
        ? ([(await import('./engine/communities.js')).computeCommunities, needsOfPairs] as const)
        : ([computeGroups, needsOfGroups] as const);
    const found = await compute(call, await pairsSettingOf(call, needsOf(call)));
    return rowIds ? Object.assign(found, { rowIds }) : found;
  }

  async function dedupe(x: Rows, options?: unknown, ...more: unknown[]): Promise<Deduped> {
    refuseMore('dedupe', more.slice(1));
    const call = checkDedupeCall(x, options, more[0]);
    const stream = async (part: PairsProblem) => streamPairsOf(part, await pairsSettingOf(part, needsOfPairs(part)));
    const { computeDedupe } = await import('./engine/dedupe.js');
    const found = await computeDedupe(call, await settingOf(call), stream);
    withPlainJson(found.dropped);
    const { y, rowIds, colIds } = call;
    return withPlainJson(Object.assign(found, rowIds && { rowIds }, y && colIds && { againstIds: colIds }));
  }

  async function histogram(x: Rows, y?: unknown, options?: unknown, ...more: unknown[]): Promise<HistogramResult> {
    refuseMore('histogram', more);
    const call = checkHistogramCall(x, y, options);
    return withPlainJson(await computeHistogram(call, await settingOf(call)));
  }

  const planned = <T extends Problem>(call: T, needsOf: (call: T, setting: Setting) => Needs, sizeKnown = true): WorkPlan => {
    const setting = settingNow(call);
    const needs = needsOf(call, setting);
    const longest = 'pruning' in call ? planLongestSketches(call as T & { pruning: boolean }, needs, setting) : undefined;
    return describePlan(call, planRun(call, needs, setting), sizeKnown ? needs.size.bytes : undefined, setting, longest);
  };

  /** A call with the arguments of others is refused as those are. */
  const planOf =
    <T>(name: string, planArguments: (x: Rows, y: unknown, options: unknown) => T) =>
    (x: Rows, y?: unknown, options?: unknown, ...more: unknown[]): T => {
      refuseMore(`plan.${name}`, more);
      return planArguments(x, y, options);
    };

  const plan: Plan = {
    streamMatrix: planOf('streamMatrix', (x, y, options) => {
      const call = checkBlocksCall(x, y, options);
      const bytes = call.x.rows * (call.y ?? call.x).rows * elementBytes(call.dtype);
      return describePlan(call, planBlocks(call, settingNow(call)), bytes, settingNow(call));
    }),
    topK: planOf('topK', (x, y, options) => planned(checkTopKCall(x, y, options), needsOfTopK)),
    streamPairs: planOf('streamPairs', (x, y, options) => planned(checkPairsCall(x, y, options), needsOfPairs, false)),
    bestPairs: planOf('bestPairs', (x, y, options) => planned(checkBestPairsCall(x, y, options), needsOfBestPairs)),
    groups: planOf('groups', (x, options, more) => planned(checkGroupsCall(x, options, more), needsOfGroups, false)),
    dedupe: planOf('dedupe', (x, options, more) =>
      problemsOfDedupe(checkDedupeCall(x, options, more))
        .map((part) => planned(part, needsOfPairs, false))
        .reduce(joinPlans),
    ),
    histogram: planOf('histogram', (x, y, options) => planned(checkHistogramCall(x, y, options), needsOfHistogram)),
  };

  function runtimeInfo(): RuntimeInfo {
    return {
      runtime: platform.runtime,
      architecture: platform.architecture,
      cores: platform.cores(),
      threadRefusal: backends.threadRefusal,
      backend: backendNow().name as BackendName,
      backends: BACKEND_NAMES.map((name) => backends.describe(name)),
    };
  }

  return {
    // The types say by dtype and rows which arrays a result has; what computes it does not know.
    cosineSimilarity: cosineSimilarity as CosineSimilarity,
    cosineSimilaritySync: cosineSimilaritySync as CosineSimilaritySync,
    pairedSimilarity: pairedSimilarity as PairedSimilarityCall,
    scorePairs: scorePairs as ScorePairsCall,
    streamMatrix: streamMatrix as StreamMatrixCall,
    topK: topK as TopKCall,
    pairs: pairs as PairsCall,
    bestPairs: bestPairs as BestPairsCall,
    streamPairs: streamPairs as StreamPairsCall,
    groups,
    dedupe: dedupe as DedupeCall,
    histogram,
    plan,
    runtimeInfo,
  };
}

/** The plan of a call with the longest sketches that it may have; undefined where it has none, or no memory for them. */
function planLongestSketches(call: Problem & { readonly pruning: boolean }, needs: Needs, setting: Setting) {
  const depths = longestSketches(call, setting);
  const plan = depths && planPruned(call, needs, setting, depths);
  // Lists have floors in one pass alone, and without floors they exclude little.
  return needs.purpose.kind === 'top-k' && plan && plan.passes.length > 1 ? undefined : plan;
}

/** A result with the ids of its rows, as JSON.stringify should write it. */
function present<T extends object>(result: T, call: Problem): T {
  return withPlainJson(withIds(result, call));
}

async function* presentEach<T extends object>(
  start: () => Promise<AsyncGenerator<T, void, undefined>>,
  call: Problem,
): AsyncGenerator<T, void, undefined> {
  for await (const result of await start()) yield present(result, call);
}

function withIds<T extends object>(result: T, { rowIds, colIds }: Problem): T {
  if (!rowIds && !colIds) return result;
  return Object.assign(result, rowIds && { rowIds }, colIds && { colIds });
}

function backendFromEnvironment(platform: Platform): BackendName | undefined {
  const name = platform.environment(BACKEND_VARIABLE);
  if (!name) return undefined;
  if ((BACKEND_NAMES as readonly string[]).includes(name)) return name as BackendName;
  const expected = BACKEND_NAMES.join(' or ');
  throw new ArgumentError(BACKEND_VARIABLE, `expected ${expected} in ${BACKEND_VARIABLE}, got ${name}`, {
    expected,
    received: name,
  });
}
