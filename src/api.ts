// The public calls on a platform: check the arguments, choose a backend, run. The entries (index.ts, browser.ts) bind them to their
// platforms.

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
  checkFitCall,
  checkGroupsCall,
  checkHealthCall,
  checkHistogramCall,
  checkLinkageCall,
  checkPairedCall,
  checkPairsCall,
  checkScorePairsCall,
  checkSyncCall,
  checkTopKCall,
} from './check.js';
import { refuseMore } from './check-options.js';
import { needsOfBestPairs } from './engine/best-pairs-plan.js';
import { problemsOfDedupe } from './engine/dedupe-problems.js';
import { computeDense, computeDenseSync } from './engine/dense.js';
import { planBlocks } from './engine/dense-blocks-plan.js';
import { needsOfGroups } from './engine/groups-plan.js';
import { needsOfHistogram } from './engine/histogram-plan.js';
import { planLinkage } from './engine/linkage-plan.js';
import { needsOfPairs } from './engine/pairs-plan.js';
import { isSmall } from './engine/run.js';
import { type Needs, planPruned, planRun, type Setting, threadsFor } from './engine/setting.js';
import { computeSmallDense } from './engine/small.js';
import { needsOfTopK } from './engine/top-k-plan.js';
import { describePlan, joinPlans } from './engine/work-plan.js';
import { ArgumentError } from './errors.js';
import { similarityOfPlainRows } from './plain-call.js';
import type { Platform } from './platform/platform.js';
import type { GroupsProblem, PairedProblem, PairsProblem, Problem, TopKProblem } from './problem.js';
import { longestSketches } from './pruning/longest-sketches.js';
import { withDroppedEntries, withPairEntries, withTopKEntries } from './result-entries.js';
import { withPlainJson } from './result-json.js';
import type {
  Deduped,
  Dendrogram,
  Groups as GroupsResult,
  Health,
  Histogram as HistogramResult,
  MatrixBlock,
  PairScores,
  PairsBatch,
  Pairs as PairsResult,
  TopK as TopKResult,
  WorkPlan,
} from './results.js';
import { Matrix } from './rows/dense-matrix.js';
import { elementBytes, type ScoreArray, sharesBytes } from './rows/dtype.js';
import type { AnyRows } from './rows/stored-rows.js';
import { type ApplyTransform, TransformedRows } from './rows/transformed-rows.js';
import { BACKEND_NAMES, type BackendName, type Rows, type Transform } from './types.js';

/** Loaded on demand, because few calls are long enough to exclude pairs. */
const loadSketchings = () => import('./pruning/sketching.js');
type Sketchings = Awaited<ReturnType<typeof loadSketchings>>;

/** Selects the backend of calls that do not name one. */
const BACKEND_VARIABLE = 'ALLPAIRS_BACKEND';

/** Buffers that calls are filling. No two may overlap, but they may be parts of one buffer. */
const outsInUse = new Set<ScoreArray>();

/** The modules that pages load with the first call that needs them. */
export interface Engines {
  topK(): Promise<typeof import('./engine/top-k.js')>;
  pairs(): Promise<typeof import('./engine/pairs.js')>;
}

const LOADED_LATER: Engines = {
  topK: () => import('./engine/top-k.js'),
  pairs: () => import('./engine/pairs.js'),
};

export function createApi(platform: Platform, engines: Engines = LOADED_LATER): Api {
  const backends = new BackendSelection(platform);

  /** The backend of calls that do not name one. It is remembered because choosing again would slow down short calls. */
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
    // A backend that is still loading may be better.
    if (!backends.isComing) automatic ??= backend;
    return backend;
  };
  /** Returns the backend if it is already available. */
  const backendReady = (named?: BackendName): Backend | undefined => (named ? backends.ready(named) : automatic);
  const settingWith = (problem: Problem, backend: Backend): Setting => {
    const alone = backend.threadRefusal !== undefined || isSmall(problem, backend);
    const samplingBackend = backend.servesSync ? undefined : () => backends.choose(undefined);
    return { backend, platform, threads: alone ? undefined : threadsFor(problem.threads, platform), samplingBackend };
  };
  const settingOf = async (problem: Problem) => {
    const backend = await backendOf(problem);
    await backend.ready?.();
    return settingWith(problem, backend);
  };
  /** Uses sketches only if the call has memory for them. */
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
  /** For plans, which compute nothing: any backend that is there already. */
  const settingNow = (problem: Problem) => {
    const named = problem.backend ?? backendFromEnvironment(platform);
    return settingWith(problem, (named && backends.ready(named)) ?? backendNow(named));
  };

  const fitted = async (call: Problem): Promise<Transform> => {
    const { transform } = call as { transform: NonNullable<Problem['transform']> };
    if ('given' in transform) return transform.given;
    const { fitTo } = await import('./spectrum/fit.js');
    return fitTo(call, transform.fit, await settingOf(call));
  };
  /** Returns a checked call whose rows are transformed as they are read, if its options say so. */
  const withTransform = async <P extends Problem>(call: P): Promise<P> => {
    if (!call.transform) return call;
    const { applyOf, partsOf } = await import('./spectrum/apply.js');
    return withRows(call, applyOf(partsOf(await fitted(call))));
  };

  const asMatrix = (data: ScoreArray, call: Problem) => withIds(new Matrix(data, [call.x.rows, (call.y ?? call.x).rows]), call);

  async function cosineSimilarity(x: Rows, y?: unknown, options?: unknown, ...more: unknown[]): Promise<Matrix> {
    if (more.length === 0) {
      const matrix = similarityOfPlainRows(x, y, options, backendReady);
      if (matrix) return matrix;
    }
    refuseMore('cosineSimilarity', more);
    const checked = checkDenseCall(x, y, options);
    const { out } = checked;
    const compute = async () => {
      const backend = await backendOf(checked);
      const call = await withTransform(checked);
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

  /** Loaded on demand, like other calls that few programs make. */
  async function paired(checked: PairedProblem): Promise<PairScores> {
    const call = await withTransform(checked);
    const { computePaired } = await import('./engine/paired.js');
    return withIds(await computePaired(call, await settingOf(call)), call);
  }

  async function pairedSimilarity(x: Rows, y: Rows, options?: unknown, ...more: unknown[]): Promise<PairScores> {
    refuseMore('pairedSimilarity', more);
    const call = checkPairedCall(x, y, options);
    return paired(call);
  }

  async function scorePairs(x: Rows, y?: unknown, options?: unknown, ...more: unknown[]): Promise<PairScores> {
    refuseMore('scorePairs', more);
    const call = checkScorePairsCall(x, y, options);
    return paired(call);
  }

  function streamMatrix(
    x: Rows,
    y?: unknown,
    options?: unknown,
    ...more: unknown[]
  ): AsyncGenerator<MatrixBlock, void, undefined> {
    refuseMore('streamMatrix', more);
    const checked = checkBlocksCall(x, y, options);
    const start = async () => {
      const call = await withTransform(checked);
      const { streamBlocks } = await import('./engine/dense-blocks.js');
      return streamBlocks(call, await settingOf(call));
    };
    return presentEach(start, checked, (block) => block);
  }

  const nearest = async (call: TopKProblem) => {
    const [setting, { computeTopK }] = await Promise.all([
      pruningSettingOf(call, needsOfTopK(call), ({ chooseTopKSketching }) => chooseTopKSketching),
      engines.topK(),
    ]);
    return computeTopK(call, setting);
  };

  async function topK(x: Rows, y?: unknown, options?: unknown, ...more: unknown[]): Promise<TopKResult> {
    refuseMore('topK', more);
    const call = await withTransform(checkTopKCall(x, y, options));
    return withTopKEntries(present(await nearest(call), call));
  }

  const withPairsEngine = (call: PairsProblem) => Promise.all([pairsSettingOf(call, needsOfPairs(call)), engines.pairs()]);

  async function pairs(x: Rows, y?: unknown, options?: unknown, ...more: unknown[]): Promise<PairsResult> {
    refuseMore('pairs', more);
    const call = await withTransform(checkPairsCall(x, y, options));
    const [setting, { computePairs }] = await withPairsEngine(call);
    return withPairEntries(present(await computePairs(call, setting), call));
  }

  async function bestPairs(x: Rows, y?: unknown, options?: unknown, ...more: unknown[]): Promise<PairsResult> {
    refuseMore('bestPairs', more);
    const call = await withTransform(checkBestPairsCall(x, y, options));
    const setting = await settingOf(call);
    const longest = planLongestSketches(call, needsOfBestPairs(call, setting), setting);
    const chosen = longest && (await (await loadSketchings()).chooseBestSketching(call, setting, longest.shape.sketches));
    const { computeBestPairs } = await import('./engine/best-pairs.js');
    const found = await computeBestPairs(call, { ...setting, sketching: chosen?.sketching }, chosen?.lowest);
    return withPairEntries(present(found, call));
  }

  const streamed = async (call: PairsProblem) => {
    const [setting, engine] = await withPairsEngine(call);
    return engine.streamPairs(call, setting);
  };

  function streamPairs(
    x: Rows,
    y?: unknown,
    options?: unknown,
    ...more: unknown[]
  ): AsyncGenerator<PairsBatch, void, undefined> {
    refuseMore('streamPairs', more);
    const checked = checkPairsCall(x, y, options);
    const start = async () => streamed(await withTransform(checked));
    return presentEach(start, checked, withPairEntries);
  }

  async function groups(x: Rows, options?: unknown, ...more: unknown[]): Promise<GroupsResult> {
    refuseMore('groups', more.slice(1));
    const call = await withTransform(checkGroupsCall(x, options, more[0]));
    const { rowIds } = call;
    const needs = call.method === 'components' ? needsOfGroups(call, await settingOf(call)) : needsOfPairs(call);
    const found = await (await groupsBy(call.method))(call, await pairsSettingOf(call, needs));
    return rowIds ? Object.assign(found, { rowIds }) : found;
  }

  async function dedupe(x: Rows, options?: unknown, ...more: unknown[]): Promise<Deduped> {
    refuseMore('dedupe', more.slice(1));
    const call = await withTransform(checkDedupeCall(x, options, more[0]));
    const { computeDedupe } = await import('./engine/dedupe.js');
    const found = await computeDedupe(call, await settingOf(call), streamed);
    const { y, rowIds, colIds } = call;
    const dropped = withDroppedEntries(withPlainJson(found.dropped), rowIds, y && colIds);
    return withPlainJson(Object.assign(found, { dropped }, rowIds && { rowIds }, y && colIds && { againstIds: colIds }));
  }

  async function linkage(x: Rows, options?: unknown, ...more: unknown[]): Promise<Dendrogram> {
    refuseMore('linkage', more);
    const call = await withTransform(checkLinkageCall(x, options));
    // Few calls need it.
    const { computeLinkage } = await import('./engine/linkage.js');
    const tree = await computeLinkage(call, await settingOf(call));
    return call.rowIds ? Object.assign(tree, { leafIds: call.rowIds }) : tree;
  }

  async function histogram(x: Rows, y?: unknown, options?: unknown, ...more: unknown[]): Promise<HistogramResult> {
    refuseMore('histogram', more);
    const call = await withTransform(checkHistogramCall(x, y, options));
    const { computeHistogram } = await import('./engine/histogram.js');
    return withPlainJson(await computeHistogram(call, await settingOf(call)));
  }

  async function health(x: Rows, options?: unknown, ...more: unknown[]): Promise<Health> {
    refuseMore('health', more);
    const call = await withTransform(checkHealthCall(x, options));
    const { computeHealth } = await import('./health/health.js');
    return computeHealth(call, { settingOf, topK: nearest });
  }

  async function fitTransform(x: Rows, options?: unknown, ...more: unknown[]): Promise<Transform> {
    refuseMore('fitTransform', more);
    return fitted(checkFitCall(x, options));
  }

  const planned = <T extends Problem>(
    checked: T,
    needsOf: (call: T, setting: Setting) => Needs,
    sizeKnown = true,
  ): WorkPlan => {
    const call = withRows(checked);
    const setting = settingNow(call);
    const needs = needsOf(call, setting);
    const longest = 'pruning' in call ? planLongestSketches(call as T & { pruning: boolean }, needs, setting) : undefined;
    return describePlan(call, planRun(call, needs, setting), sizeKnown ? needs.size.bytes : undefined, setting, longest);
  };

  /** Refuses arguments of a call in the same way as the call itself. */
  const planOf =
    <T>(name: string, planArguments: (x: Rows, y: unknown, options: unknown) => T) =>
    (x: Rows, y?: unknown, options?: unknown, ...more: unknown[]): T => {
      refuseMore(`plan.${name}`, more);
      return planArguments(x, y, options);
    };

  const plan: Plan = {
    streamMatrix: planOf('streamMatrix', (x, y, options) => {
      const call = withRows(checkBlocksCall(x, y, options));
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
    linkage: planOf('linkage', (x, options, more) => {
      const call = checkLinkageCall(x, options, more);
      const setting = settingNow(call);
      return describePlan(call, planLinkage(call, setting), 32 * Math.max(0, call.x.rows - 1), setting);
    }),
    histogram: planOf('histogram', (x, y, options) => planned(checkHistogramCall(x, y, options), needsOfHistogram)),
  };

  function runtimeInfo(): RuntimeInfo {
    const named = backendFromEnvironment(platform);
    return {
      runtime: platform.runtime,
      architecture: platform.architecture,
      cores: platform.cores(),
      threadRefusal: backends.threadRefusal,
      backend: named && backends.isLazy(named) ? named : (backendNow().name as BackendName),
      backends: BACKEND_NAMES.map((name) => backends.describe(name)),
    };
  }

  return {
    // The types derive the arrays of a result from dtype and rows, which the implementation does not.
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
    linkage,
    histogram,
    health,
    fitTransform,
    plan,
    runtimeInfo,
  };
}

/** What only these calls need is loaded with them. */
async function groupsBy(
  method: GroupsProblem['method'],
): Promise<(call: GroupsProblem, setting: Setting) => Promise<GroupsResult>> {
  if (method === 'community') return (await import('./engine/communities.js')).computeCommunities;
  if (method === 'complete') return (await import('./engine/complete-groups.js')).computeCompleteGroups;
  return (await import('./engine/groups.js')).computeGroups;
}

/** Plans a call with the longest sketches that it may have; returns undefined if it has none, or no memory for them. */
function planLongestSketches(call: Problem & { readonly pruning: boolean }, needs: Needs, setting: Setting) {
  const depths = longestSketches(call, setting);
  return depths && planPruned(call, needs, setting, depths);
}

/** Returns the same call for rows that are transformed as they are read. A plan reads none and does not need `apply`. */
function withRows<P extends Problem>(call: P, apply?: ApplyTransform): P {
  if (!call.transform) return call;
  const { x, y, dtype, signal } = call;
  const transformed = (rows: AnyRows) => new TransformedRows(rows, apply, dtype, signal);
  return { ...call, x: transformed(x), y: y && transformed(y), transform: undefined };
}

/** Adds the ids of its rows to a result, in the form that JSON.stringify should write. */
function present<T extends object>(result: T, call: Problem): T {
  return withPlainJson(withIds(result, call));
}

async function* presentEach<T extends object, R>(
  start: () => Promise<AsyncGenerator<T, void, undefined>>,
  call: Problem,
  complete: (result: T) => R,
): AsyncGenerator<R, void, undefined> {
  for await (const result of await start()) yield complete(present(result, call));
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
