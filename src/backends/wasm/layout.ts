// The layout of a job in its arena. It is a pure function of the job's shape, so every thread can compute it.

import { elementBytes } from '../../rows/dtype.js';
import type { JobShape, Purpose } from '../backend.js';
import { isSameShape } from '../job-shape.js';
import { ENTRY_BYTES, postingBytes } from '../sparse/packed-sparse.js';
import { HEAD_POSTING_BYTES } from '../sparse/row-filter.js';
import { FACT_BYTES, FILTER_TABLE_BYTES, PANEL_STEP_BYTES, SETTLING_BYTES } from './constants.js';

/** Maximum number of bytes of raw rows that are staged at a time; they should still be in the second-level cache when they are packed. */
const STAGING_BYTES = 256 * 1024;
const ALIGNMENT = 64;
/** Address 0 is unused: the tile kernel interprets it as "no mirrored tile". */
const FIRST_ADDRESS = ALIGNMENT;

/** Packed rows of one operand. */
export interface Operand {
  readonly panels: number;
  readonly inverses: number;
  readonly guards: number;
  readonly sketches: number;
  /** For sparse rows; otherwise 0. */
  readonly starts: number;
  readonly columns: number;
  readonly values: number;
  /** For filtered sparse rows. */
  readonly filter: { readonly columns: number; readonly values: number; readonly rests: number };
  /** A u32 for each row if the shape has a grouping, and an f64 if it has thresholds. */
  readonly groups: number;
  readonly thresholds: number;
}

/** One thread's scratch memory: the raw sums of a tile, and the working memory of its epilogue. 0 for parts that a job does not need. */
export interface TileScratch {
  readonly sums: number;
  /** The finished tile, and its transpose. */
  readonly out: number;
  readonly mirrored: number;
  readonly hits: HitScratch;
  readonly lists: ListScratch;
  readonly counts: CountScratch;
  readonly index: IndexScratch;
}

/** For sparse rows: the index of a tile's columns (wasm/sparse.ts), and two rows in panels. */
export interface IndexScratch {
  readonly slots: number;
  readonly entries: number;
  readonly postings: number;
  readonly accumulators: number;
  readonly a: number;
  readonly b: number;
  /** For filtered rows: what the kernel is told, and its working memory. */
  readonly filter: { readonly table: number; readonly bounds: number; readonly touched: number; readonly spread: number };
}

export interface HitScratch {
  readonly limits: number;
  readonly rows: number;
  readonly cols: number;
  readonly scores: number;
  /** What the kernel that settles hits knows about rows and columns, and its working memory. */
  readonly rowFacts: number;
  readonly colFacts: number;
  readonly work: number;
  /** If pairs are excluded by sketches: two f64 with the multiply-adds that the thread computed and those of all its tiles. */
  readonly multiplyAdds: number;
}

export interface ListScratch {
  /** Table of the ten addresses below, for the kernel. */
  readonly table: number;
  readonly capacity: number;
  /** If pairs are excluded by sketches: a u32 for each block of the micro-kernel. */
  readonly blocks: number;
  readonly ofRows: Lists;
  readonly ofCols: Lists;
}

/** Lists of `owners` rows or columns. */
export interface Lists {
  readonly owners: number;
  readonly bounds: number;
  readonly limits: number;
  readonly counts: number;
  readonly indices: number;
  readonly scores: number;
}

export interface CountScratch {
  readonly edges: number;
  readonly table: number;
  /** Distance from the first table to the second; 0 if there is only one. */
  readonly tableBytes: number;
  readonly totals: number;
}

export interface Layout {
  /** Rows per panel, and the distance between panels in bytes. */
  readonly panelRows: number;
  readonly panelBytes: number;
  /** The same for sketches. */
  readonly sketchPanelBytes: number;
  readonly x: Operand;
  readonly y: Operand;
  readonly staging: number;
  readonly stagedRows: number;
  readonly factors: number;
  /** Directions of sketches, in panels, and scratch memory for the products of one panel of rows with them. */
  readonly directions: number;
  readonly products: number;
  readonly scratch: readonly TileScratch[];
  readonly bytes: number;
}

let last: { shape: JobShape; layout: Layout } | undefined;

/**
 * Returns the layout of a job. The last one is kept, because calls in a loop have the same shape and planning would slow down short ones.
 */
export function layoutOf(shape: JobShape): Layout {
  if (last && isSameShape(last.shape, shape)) return last.layout;
  const layout = planLayout(shape);
  last = { shape, layout };
  return layout;
}

/** Two scores are counted at once if that costs little memory. */
const MAX_BINS_TWICE = 4096;

/** Purposes that need whole tiles of scores. */
const SCORED: ReadonlySet<Purpose['kind']> = new Set(['dense', 'histogram', 'tiles']);

/** True if pairs may be excluded. */
export function countsMultiplyAdds({ sketches, sparse }: JobShape): boolean {
  return sketches.short > 0 || sparse?.filtered === true;
}

/** Plans the layout of a job. All fields are sizes or addresses in bytes. */
function planLayout(shape: JobShape): Layout {
  const size = elementBytes(shape.dtype);
  const panelRows = PANEL_STEP_BYTES / size;
  let top = FIRST_ADDRESS;
  const take = (bytes: number): number => {
    const at = top;
    top += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    return at;
  };
  const { sparse } = shape;
  const takeOperand = (rows: number, nonzeros = 0): Operand => {
    const padded = roundUp(rows, panelRows);
    return {
      panels: take(sparse ? 0 : padded * shape.depth * size),
      inverses: take(padded * size),
      guards: take(padded * size),
      sketches: take(padded * shape.sketches.short * size),
      starts: take(sparse ? (rows + 1) * 4 : 0),
      columns: take(nonzeros * 4),
      values: take(nonzeros * size),
      filter: {
        columns: take(sparse?.filtered ? nonzeros * 4 : 0),
        values: take(sparse?.filtered ? nonzeros * 4 : 0),
        rests: take(sparse?.filtered ? nonzeros * 4 : 0),
      },
      groups: take(shape.grouping ? padded * 4 : 0),
      thresholds: take(shape.thresholds ? padded * 8 : 0),
    };
  };
  const x = takeOperand(shape.xRows, sparse?.xNonzeros);
  const y = shape.yRows > 0 ? takeOperand(shape.yRows, sparse?.yNonzeros) : x;
  const rowBytes = Math.max(1, shape.depth * Float64Array.BYTES_PER_ELEMENT);
  const mostRows = roundUp(Math.max(shape.xRows, shape.yRows), panelRows);
  const stagedRows = sparse
    ? 0
    : Math.min(mostRows, Math.max(panelRows, Math.floor(STAGING_BYTES / rowBytes / panelRows) * panelRows));
  const staging = take(stagedRows * rowBytes);
  const factors = take(stagedRows * Float64Array.BYTES_PER_ELEMENT);
  const directionRows = roundUp(Math.max(0, shape.sketches.short - 1), panelRows);
  const directions = take(directionRows * shape.depth * size);
  const products = take(directionRows * PANEL_STEP_BYTES);
  const tileRows = Math.min(shape.tileRows, shape.xRows);
  const tileCols = Math.min(shape.tileRows, shape.yRows || shape.xRows);
  const { purpose } = shape;
  const takeIf = (kind: Purpose['kind'], bytes: number) => (kind === purpose.kind ? take(bytes) : 0);
  const takeLists = (owners: number, capacity: number): Lists => ({
    owners,
    bounds: takeIf('top-k', roundUp(owners, panelRows) * size),
    limits: takeIf('top-k', roundUp(owners, panelRows) * size),
    counts: takeIf('top-k', owners * 4),
    indices: takeIf('top-k', owners * capacity * 4),
    scores: takeIf('top-k', owners * capacity * size),
  });
  const takeListScratch = (): ListScratch => {
    const capacity = purpose.kind === 'top-k' ? Math.min(purpose.k, Math.max(tileRows, tileCols)) : 0;
    const ofRows = takeLists(tileRows, capacity);
    const blocks = shape.sketches.short > 0 ? takeIf('top-k', (tileRows * roundUp(tileCols, panelRows) * 4) / panelRows) : 0;
    return { table: takeIf('top-k', 40), capacity, blocks, ofRows, ofCols: takeLists(tileCols, capacity) };
  };
  const takeCounts = (): CountScratch => {
    const bins = purpose.kind === 'histogram' ? purpose.bins : 0;
    const tableBytes = 4 * (bins + 1);
    const twice = bins <= MAX_BINS_TWICE;
    return {
      edges: takeIf('histogram', 8 * (bins + 2)),
      table: takeIf('histogram', twice ? 2 * tableBytes : tableBytes),
      tableBytes: twice ? tableBytes : 0,
      totals: takeIf('histogram', 24),
    };
  };
  const takeIndex = (): IndexScratch => {
    const { tileNonzeros = 0, rowNonzeros = 0 } = sparse ?? {};
    const accumulators = roundUp(tileCols, panelRows) * (size / 4);
    return {
      slots: take(sparse ? shape.depth * 4 : 0),
      entries: take(sparse ? (Math.min(shape.depth, tileNonzeros) + 1) * ENTRY_BYTES : 0),
      postings: take(tileNonzeros * (sparse?.filtered ? HEAD_POSTING_BYTES : postingBytes(shape.dtype))),
      accumulators: take(sparse ? accumulators * 8 : 0),
      a: take(2 * rowNonzeros * PANEL_STEP_BYTES),
      b: take(2 * rowNonzeros * PANEL_STEP_BYTES),
      filter: {
        table: take(sparse?.filtered ? FILTER_TABLE_BYTES : 0),
        bounds: take(sparse?.filtered ? tileCols * 8 : 0),
        touched: take(sparse?.filtered ? (tileCols + 1) * 4 : 0),
        spread: take(sparse?.filtered ? shape.depth * size : 0),
      },
    };
  };
  const scores = tileRows * tileCols;
  const scratch = Array.from({ length: shape.threads }, () => ({
    sums: take(roundUp(tileRows, panelRows) * roundUp(tileCols, panelRows) * size),
    out: SCORED.has(purpose.kind) ? take(scores * size) : 0,
    mirrored: takeIf('dense', scores * size),
    hits: {
      limits: takeIf('pairs', roundUp(tileCols, panelRows) * size),
      rows: takeIf('pairs', (scores + 1) * 4),
      cols: takeIf('pairs', (scores + 1) * 4),
      scores: takeIf('pairs', (scores + 1) * size),
      rowFacts: takeIf('pairs', roundUp(tileRows, panelRows) * FACT_BYTES),
      colFacts: takeIf('pairs', roundUp(tileCols, panelRows) * FACT_BYTES),
      work: takeIf('pairs', SETTLING_BYTES),
      multiplyAdds: countsMultiplyAdds(shape) ? take(16) : 0,
    },
    lists: takeListScratch(),
    counts: takeCounts(),
    index: takeIndex(),
  }));
  const panelBytes = shape.depth * PANEL_STEP_BYTES;
  const sketchPanelBytes = shape.sketches.short * PANEL_STEP_BYTES;
  const packing = { staging, stagedRows, factors, directions, products };
  return { panelRows, panelBytes, sketchPanelBytes, x, y, ...packing, scratch, bytes: top };
}

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
