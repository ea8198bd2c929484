// The entry for Node, Bun and Deno. browser.ts is the same for pages.

import { createApi } from './api.js';
import type { Api } from './calls.js';
import * as pairsEngine from './engine/pairs.js';
import * as topKEngine from './engine/top-k.js';
import { nodePlatform } from './platform/node.js';

const api: Api = /* @__PURE__ */ createApi(nodePlatform, { topK: async () => topKEngine, pairs: async () => pairsEngine });

export const cosineSimilarity: Api['cosineSimilarity'] = api.cosineSimilarity;
export const cosineSimilaritySync: Api['cosineSimilaritySync'] = api.cosineSimilaritySync;
export const pairedSimilarity: Api['pairedSimilarity'] = api.pairedSimilarity;
export const scorePairs: Api['scorePairs'] = api.scorePairs;
export const streamMatrix: Api['streamMatrix'] = api.streamMatrix;
export const topK: Api['topK'] = api.topK;
export const pairs: Api['pairs'] = api.pairs;
export const bestPairs: Api['bestPairs'] = api.bestPairs;
export const streamPairs: Api['streamPairs'] = api.streamPairs;
export const groups: Api['groups'] = api.groups;
export const dedupe: Api['dedupe'] = api.dedupe;
export const linkage: Api['linkage'] = api.linkage;
export const histogram: Api['histogram'] = api.histogram;
export const fitTransform: Api['fitTransform'] = api.fitTransform;
export const health: Api['health'] = api.health;
export const plan: Api['plan'] = api.plan;
export const runtimeInfo: Api['runtimeInfo'] = api.runtimeInfo;

export type {
  BestPairsCall,
  CosineSimilarity,
  CosineSimilaritySync,
  DedupeCall,
  FitTransformCall,
  GroupsCall,
  HealthCall,
  HistogramCall,
  LinkageCall,
  PairedSimilarityCall,
  PairsCall,
  Plan,
  RuntimeInfo,
  ScorePairsCall,
  StreamMatrixCall,
  StreamPairsCall,
  TopKCall,
} from './calls.js';
export {
  AllpairsError,
  ArgumentError,
  type Choice,
  DeviceError,
  FormatError,
  MemoryError,
  ThreadError,
  UnsupportedError,
} from './errors.js';
export type { ByteSource } from './io/bytes/byte-source.js';
export type { BytesInput } from './io/bytes/input-bytes.js';
export type { Origin } from './io/columns/choose.js';
export type { BytesElement } from './io/columns/declared-elements.js';
export type { NullPolicy } from './io/columns/nulls.js';
export type { NpyRows } from './io/rows/npy.js';
export { readNpy, writeNpy } from './io/rows/npy-file.js';
export { type FileInput, openRows } from './io/rows/open-rows.js';
export type { OpenRowsOptions } from './io/rows/open-source.js';
export { type JoinedFile, RowFile } from './io/rows/row-file.js';
export {
  type Deduped,
  Dendrogram,
  type DroppedRow,
  type DroppedRows,
  type Entries,
  type Finding,
  type Group,
  Groups,
  type Health,
  type Histogram,
  type MatrixBlock,
  type PairEntry,
  type PairScores,
  type Pairs,
  type PairsBatch,
  type TopK,
  type TopKEntry,
  type WorkPlan,
} from './results.js';
export { Matrix, type MatrixJson, type RowId } from './rows/dense-matrix.js';
export type { DType, NumericArray, ScoreArray } from './rows/dtype.js';
export type { ElementType } from './rows/element-type.js';
export { StoredRows } from './rows/stored-rows.js';
export type { Checkpoint, SavedArrays, SavedState } from './saved-state.js';
export { textRows } from './text/text-rows.js';
export type { TextAnalyzer, TextRows, TextRowsOptions, TextVocabulary } from './text/text-types.js';
export type {
  ArrayMatrix,
  BackendInfo,
  BackendName,
  BestPairsOptions,
  CosineSimilarityOptions,
  DedupeOptions,
  EmbeddingObject,
  FitTransformOptions,
  GroupingOptions,
  GroupingOptionsOfBoth,
  GroupsOfRows,
  GroupsOptions,
  HalfArray,
  HealthOptions,
  HistogramOptions,
  IdsOptions,
  LinkageOptions,
  MatrixBlockOptions,
  Options,
  PairedSimilarityOptions,
  PairsOptions,
  Progress,
  PruningOptions,
  RowIds,
  Rows,
  ScorePairsOptions,
  ShapedRows,
  SparseRows,
  SyncTensor,
  TopKOptions,
  Transform,
  TransformOptions,
  Vector,
  VectorsById,
  ZeroRows,
} from './types.js';
