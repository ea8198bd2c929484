// The options that each call takes.

import type { OptionNames } from './option-names.js';
import type { BlockPartOptions, PartOptions } from './part-options.js';
import type {
  BestPairsOptions,
  CosineSimilarityOptions,
  DedupeOptions,
  FitTransformOptions,
  GroupingOptions,
  GroupingOptionsOfBoth,
  GroupsOptions,
  HealthOptions,
  HistogramOptions,
  IdsOptions,
  LinkageOptions,
  MatrixBlockOptions,
  Options,
  PairedSimilarityOptions,
  PairsOptions,
  ScorePairsOptions,
  TopKOptions,
  TransformOptions,
} from './types.js';

export const TRANSFORM_OPTIONS = { center: true, removeComponents: true, whiten: true } as const satisfies Record<
  keyof TransformOptions,
  true
>;
const COMMON_OPTIONS = {
  dtype: true,
  ...TRANSFORM_OPTIONS,
  transform: true,
  threads: true,
  backend: true,
  nonFinite: true,
  zeroRows: true,
  memoryBudget: true,
  signal: true,
  onProgress: true,
} as const satisfies Record<keyof Options, true>;
const IDS_OPTIONS = { ids: true, yIds: true } as const satisfies Record<keyof IdsOptions, true>;
const GROUPING_OPTIONS = { groupOf: true, across: true, within: true } as const satisfies Record<keyof GroupingOptions, true>;
const GROUPING_OPTIONS_OF_BOTH = { ...GROUPING_OPTIONS, groupOfY: true } as const satisfies Record<
  keyof GroupingOptionsOfBoth,
  true
>;
/** Accepted, but not suggested in messages. */
const PART_OPTIONS = { rowStart: false, rowEnd: false, colStart: false } as const satisfies Record<keyof PartOptions, false>;

/** The options that a call takes. */
export interface CallSyntax {
  readonly call: string;
  readonly names: OptionNames;
  /** The one option that a call requires. A number in place of the options is its value. */
  readonly needed?: string;
}

export const DENSE: CallSyntax = {
  call: 'cosineSimilarity',
  names: { out: true, ...IDS_OPTIONS, ...COMMON_OPTIONS } satisfies Record<keyof CosineSimilarityOptions, true>,
};
export const BLOCKS: CallSyntax = {
  call: 'streamMatrix',
  names: { blockRows: true, skip: false, ...PART_OPTIONS, ...IDS_OPTIONS, ...COMMON_OPTIONS } satisfies Record<
    keyof (MatrixBlockOptions & BlockPartOptions),
    boolean
  >,
};
export const TOP_K: CallSyntax = {
  call: 'topK',
  names: {
    k: true,
    checkpoint: true,
    pruning: true,
    ...GROUPING_OPTIONS_OF_BOTH,
    ...PART_OPTIONS,
    ...IDS_OPTIONS,
    ...COMMON_OPTIONS,
  } satisfies Record<keyof (TopKOptions & PartOptions), boolean>,
  needed: 'k',
};
export const PAIRS: CallSyntax = {
  call: 'pairs',
  names: {
    ...PART_OPTIONS,
    threshold: true,
    below: true,
    rowStart: true,
    pruning: true,
    ...GROUPING_OPTIONS_OF_BOTH,
    ...IDS_OPTIONS,
    ...COMMON_OPTIONS,
  } satisfies Record<keyof (PairsOptions & PartOptions), boolean>,
  needed: 'threshold',
};
export const BEST_PAIRS: CallSyntax = {
  call: 'bestPairs',
  names: {
    count: true,
    below: true,
    pruning: true,
    ...GROUPING_OPTIONS_OF_BOTH,
    ...IDS_OPTIONS,
    ...COMMON_OPTIONS,
  } satisfies Record<keyof BestPairsOptions, true>,
  needed: 'count',
};
export const HISTOGRAM: CallSyntax = {
  call: 'histogram',
  names: { bins: true, checkpoint: true, ...COMMON_OPTIONS } satisfies Record<keyof HistogramOptions, true>,
};
export const PAIRED: CallSyntax = {
  call: 'pairedSimilarity',
  names: { ...IDS_OPTIONS, ...COMMON_OPTIONS } satisfies Record<keyof PairedSimilarityOptions, true>,
};
export const SCORE_PAIRS: CallSyntax = {
  call: 'scorePairs',
  names: { rows: true, cols: true, by: true, ...IDS_OPTIONS, ...COMMON_OPTIONS } satisfies Record<
    keyof ScorePairsOptions,
    true
  >,
};
export const DEDUPE: CallSyntax = {
  call: 'dedupe',
  names: {
    threshold: true,
    against: true,
    priority: true,
    method: true,
    pruning: true,
    groupOfAgainst: true,
    ...GROUPING_OPTIONS,
    ids: true,
    againstIds: true,
    ...COMMON_OPTIONS,
  } satisfies Record<keyof DedupeOptions, true>,
  needed: 'threshold',
};
export const GROUPS: CallSyntax = {
  call: 'groups',
  names: {
    threshold: true,
    method: true,
    keep: true,
    explain: true,
    minimumSize: true,
    checkpoint: true,
    pruning: true,
    ...GROUPING_OPTIONS,
    ids: true,
    ...COMMON_OPTIONS,
  } satisfies Record<keyof GroupsOptions, true>,
  needed: 'threshold',
};
export const LINKAGE: CallSyntax = {
  call: 'linkage',
  names: { method: true, ...COMMON_OPTIONS } satisfies Record<keyof LinkageOptions, true>,
};

export const FIT: CallSyntax = {
  call: 'fitTransform',
  names: {
    ...TRANSFORM_OPTIONS,
    threads: true,
    backend: true,
    nonFinite: true,
    memoryBudget: true,
    signal: true,
  } satisfies Record<keyof FitTransformOptions, true>,
};

const { nonFinite: _, zeroRows: __, ...HEALTH_OPTIONS } = COMMON_OPTIONS;
export const HEALTH: CallSyntax = {
  call: 'health',
  names: HEALTH_OPTIONS satisfies Record<keyof HealthOptions, true>,
};
