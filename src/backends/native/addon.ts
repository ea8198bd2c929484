// The native addon as seen from here: native/addon.cc. What it is given has been checked; it asserts that once more.

import type { ScoreArray } from '../../rows/dtype.js';
import type { ComputeSmall, JobShape, MultiplyAdds } from '../backend.js';
import type { Counts, TilePairs } from '../work.js';
import { type AddonConstants, GROUPINGS, PURPOSES } from './constants.js';

export interface NativeAddon {
  readonly constants: AddonConstants;
  /** Every set of instructions that the addon has kernels for, best first. */
  instructionSets(): readonly InstructionSet[];
  /** Bytes of a job of this shape; Infinity where no address reaches so far. */
  jobBytes(instructionSet: string, ...shape: ShapeArguments): number;
  readonly Job: new (instructionSet: string) => AddonJob;
}

export interface InstructionSet {
  readonly name: string;
  /** One line for people. */
  readonly description: string;
  /** Whether this processor has them, and the system lets them be used. */
  readonly runs: boolean;
  readonly panelRowsFloat32: number;
  readonly panelRowsFloat64: number;
  /** Products that are added before a sum restarts. */
  readonly depthBlock: number;
}

export type ShapeArguments = [
  float64: boolean,
  depth: number,
  xRows: number,
  yRows: number,
  tileRows: number,
  threads: number,
  /** Place in PURPOSES. */
  purpose: number,
  /** Of top-k its k, of a histogram its bins, of a dense job and one for tiles the staged tiles of each thread. */
  count: number,
  sketchDepth: number,
  longSketchDepth: number,
  /** Place in GROUPINGS. */
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
 * Tiles that a thread computes ahead of the calling thread, which copies them to a result that may be detached, or has an epilogue of
 * its own for them. With two, a thread computes one while the other is taken.
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

/** Where tiles write to: of dense the result, of top-k indices and scores. */
export type Targets = readonly [first: ScoreArray | Uint32Array | undefined, second: ScoreArray | undefined];

/** Of dense the result's columns, of pairs the threshold, of a histogram the edges. */
export type BeginDetail = number | Float64Array | undefined;

/** The scores of a tile, rows x cols without gaps. */
export interface AddonTile {
  readonly index: number;
  readonly scores: ScoreArray;
}

/** Memory with a problem in it. */
export interface AddonJob {
  /** False where there is no memory for it. */
  configure(...shape: ShapeArguments): boolean;
  setDirections(directions: ScoreArray, squareSlack: number, slack: number): void;
  /** -1, or the first row, counted from the first that was given, that is not finite. */
  pack(
    y: boolean,
    rows: Float32Array | Float64Array,
    offset: number,
    count: number,
    at: number,
    zeroNonFinite: boolean,
    helpers: number,
  ): number;
  /** Rows of a job for sparse rows from `at` on, all before which are packed. */
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
  /** The filter of the rows of a filtered job that were packed last. */
  packFilter(columns: Uint32Array, values: Float32Array, rests: Float32Array): void;
  /** Those of packed rows that are zero rows, counted from `at`. */
  zeroRows(y: boolean, at: number, count: number): Uint32Array;
  /** Of a job with a grouping, and of one with thresholds: those of packed rows from `at` on. */
  setGroups(y: boolean, at: number, groups: Uint32Array): void;
  setThresholds(y: boolean, at: number, thresholds: Float64Array): void;
  /** Whether the cosine of two packed rows of the grid is at or above a threshold; also while threads compute. */
  reaches(row: number, col: number, score: number, threshold: number): boolean;
  /** All scores at once; leaves the job without a shape. */
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
    /** Of pairs, the lowest cosine that is too high. */
    below: number,
  ): void;
  take(index: number, ...targets: Targets): TilePairs | undefined;
  /** The scores of a tile of a job for tiles. */
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
  /** Of a job with sketches, so far: multiply-adds that were computed, and all that the tiles have. */
  multiplyAdds(): MultiplyAdds | undefined;
  /** Gives memory back, unless it is little: then it stays configured, which is returned. */
  release(): boolean;
}
