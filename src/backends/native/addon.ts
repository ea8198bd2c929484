// The interface of the native addon, native/addon.cc. Its arguments have been checked; it asserts them again.

import type { ScoreArray } from '../../rows/dtype.js';
import type { ComputeSmall, JobShape, MultiplyAdds } from '../backend.js';
import type { Counts, TilePairs } from '../work.js';
import { type AddonConstants, GROUPINGS, PURPOSES } from './constants.js';

export interface NativeAddon {
  readonly constants: AddonConstants;
  /** Every instruction set that the addon has kernels for, best first. */
  instructionSets(): readonly InstructionSet[];
  /** Bytes of a job with this shape; Infinity if they exceed the address space. */
  jobBytes(instructionSet: string, ...shape: ShapeArguments): number;
  readonly Job: new (instructionSet: string) => AddonJob;
}

export interface InstructionSet {
  readonly name: string;
  /** Describes in one line what it runs on. */
  readonly description: string;
  /** True if this processor supports them and the system allows them. */
  readonly runs: boolean;
  readonly panelRowsFloat32: number;
  readonly panelRowsFloat64: number;
  /** Number of products that are added before a sum restarts. */
  readonly depthBlock: number;
}

export type ShapeArguments = [
  float64: boolean,
  depth: number,
  xRows: number,
  yRows: number,
  tileRows: number,
  threads: number,
  /** Index in PURPOSES. */
  purpose: number,
  /** k for top-k, the number of bins for a histogram, the staged tiles of each thread for dense jobs and for tiles. */
  count: number,
  sketchDepth: number,
  longSketchDepth: number,
  /** Index in GROUPINGS. */
  grouping: number,
  thresholds: boolean,
  sparse: boolean,
  xNonzeros: number,
  yNonzeros: number,
  tileNonzeros: number,
  rowNonzeros: number,
  filtered: boolean,
  commonColumns: number,
];

/**
 * Number of tiles that a thread computes ahead of the calling thread, which copies them to a detachable result or passes them to its own
 * epilogue. With two, a thread computes one while the other is taken.
 */
const STAGED_TILES = 2;

export function shapeArguments(shape: JobShape): ShapeArguments {
  const { dtype, depth, xRows, yRows, tileRows, threads, purpose, sketches, sparse, thresholds = false } = shape;
  let count = 0;
  if (purpose.kind === 'tiles' || (purpose.kind === 'dense' && purpose.detachable)) count = STAGED_TILES;
  if (purpose.kind === 'top-k') count = purpose.k;
  if (purpose.kind === 'histogram') count = purpose.bins;
  const place = PURPOSES.indexOf(purpose.kind);
  const { short, long } = sketches;
  const grouping = GROUPINGS.indexOf(shape.grouping);
  const { xNonzeros = 0, yNonzeros = 0, tileNonzeros = 0, rowNonzeros = 0 } = sparse ?? {};
  const { filtered = false, commonColumns = 0 } = sparse ?? {};
  const rows = [depth, xRows, yRows, tileRows] as const;
  const nonzeros = [xNonzeros, yNonzeros, tileNonzeros, rowNonzeros] as const;
  const isSparse = sparse !== undefined;
  return [
    dtype === 'float64',
    ...rows,
    threads,
    place,
    count,
    short,
    long,
    grouping,
    thresholds,
    isSparse,
    ...nonzeros,
    filtered,
    commonColumns,
  ];
}

/** Where tiles are written: the result of a dense job, or the indices and scores of top-k. */
export type Targets = readonly [first: ScoreArray | Uint32Array | undefined, second: ScoreArray | undefined];

/** The number of columns of a dense result, the threshold of pairs, or the edges of a histogram. */
export type BeginDetail = number | Float64Array | undefined;

/** The scores of a tile, rows x cols without gaps. */
export interface AddonTile {
  readonly index: number;
  readonly scores: ScoreArray;
}

/** The memory of a problem. */
export interface AddonJob {
  /** Returns false if there is not enough memory. */
  configure(...shape: ShapeArguments): boolean;
  setDirections(directions: ScoreArray, squareSlack: number, slack: number): void;
  /** Returns -1, or the first row that is not finite, counted from the first given row. */
  pack(
    y: boolean,
    rows: Float32Array | Float64Array,
    offset: number,
    count: number,
    at: number,
    zeroNonFinite: boolean,
    helpers: number,
  ): number;
  /** Packs sparse rows from `at`; all rows before it must be packed. */
  packSparse(
    y: boolean,
    at: number,
    count: number,
    starts: Uint32Array,
    columns: Uint32Array,
    values: ScoreArray,
    inverses: ScoreArray,
    guards: ScoreArray,
  ): void;
  /** Adds the filter of the most recently packed rows. */
  packFilter(columns: Uint32Array, values: Float32Array, rests: Float32Array): void;
  /** Returns which packed rows are zero rows, counted from `at`. */
  zeroRows(y: boolean, at: number, count: number): Uint32Array;
  /** Set the groups, and the thresholds, of packed rows from `at`. */
  setGroups(y: boolean, at: number, groups: Uint32Array): void;
  setThresholds(y: boolean, at: number, thresholds: Float64Array): void;
  /** True if the cosine of two packed rows reaches a threshold; may be called while threads compute. */
  reaches(row: number, col: number, score: number, threshold: number): boolean;
  /** Computes all scores at once; afterwards the job has no shape. */
  readonly computeSmall: ComputeSmall;
  begin(
    passRow: number,
    passCol: number,
    passCols: number,
    rowStart: number,
    rowEnd: number,
    tileRows: number,
    diagonal: boolean,
    symmetric: boolean,
    detail: BeginDetail,
    /** For pairs: the lowest cosine that is too high. */
    below: number,
  ): void;
  take(index: number, ...targets: Targets): TilePairs | undefined;
  /** Takes the scores of a tile. */
  takeScores(index: number): ScoreArray;
  counts(): Counts;
  start(
    ...args: [
      ...Targets,
      threads: number,
      onFound: ((pairs: TilePairs) => void) | ((tile: AddonTile) => void),
      onEnd: (outOfMemory: boolean, resultLost: boolean) => void,
    ]
  ): void;
  stop(): void;
  tilesDone(): number;
  /** For jobs with sketches: the multiply-adds computed so far, and those of all tiles. */
  multiplyAdds(): MultiplyAdds | undefined;
  /** Releases memory, unless it is small; in that case it stays configured and true is returned. */
  release(): boolean;
}
