// Where everything of one job lies in its arena. A pure function of the job's shape, so that every thread can work it out.

import { elementBytes } from '../../matrix/dtype.js';
import type { JobShape } from '../backend.js';

/** Raw rows are staged at most this many bytes at a time: they should still be in the second-level cache when packed. */
const STAGING_BYTES = 256 * 1024;
const ALIGNMENT = 64;
/** Address 0 stays unused: to the tile kernel it means "no mirrored tile". */
const FIRST_ADDRESS = ALIGNMENT;

/** Packed rows of one operand. */
export interface Operand {
  readonly panels: number;
  readonly inverses: number;
  readonly guards: number;
}

/** One thread's scratch: raw sums, the finished tile, its transpose. */
export interface TileScratch {
  readonly sums: number;
  readonly out: number;
  readonly mirrored: number;
}

export interface Layout {
  /** Rows to a panel, and bytes from one panel to the next. */
  readonly panelRows: number;
  readonly panelBytes: number;
  readonly x: Operand;
  readonly y: Operand;
  readonly staging: number;
  readonly stagedRows: number;
  readonly factors: number;
  readonly scratch: readonly TileScratch[];
  readonly bytes: number;
}

let last: { shape: JobShape; panelStepBytes: number; layout: Layout } | undefined;

/** The layout of a job. The last one is kept: calls in a loop have the same shape, and short ones would feel it. */
export function layoutOf(shape: JobShape, panelStepBytes: number): Layout {
  if (last && last.panelStepBytes === panelStepBytes && isSameShape(last.shape, shape)) return last.layout;
  const layout = planLayout(shape, panelStepBytes);
  last = { shape, panelStepBytes, layout };
  return layout;
}

function isSameShape(a: JobShape, b: JobShape): boolean {
  return (
    a.dtype === b.dtype &&
    a.depth === b.depth &&
    a.xRows === b.xRows &&
    a.yRows === b.yRows &&
    a.tileRows === b.tileRows &&
    a.threads === b.threads
  );
}

/** Lays out a job; `panelStepBytes` is the build's panel width in bytes. All fields are bytes or byte addresses. */
function planLayout(shape: JobShape, panelStepBytes: number): Layout {
  const size = elementBytes(shape.dtype);
  const panelRows = panelStepBytes / size;
  let top = FIRST_ADDRESS;
  const take = (bytes: number): number => {
    const at = top;
    top += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    return at;
  };
  const takeOperand = (rows: number): Operand => {
    const padded = roundUp(rows, panelRows);
    return { panels: take(padded * shape.depth * size), inverses: take(padded * size), guards: take(padded * size) };
  };
  const x = takeOperand(shape.xRows);
  const y = shape.yRows > 0 ? takeOperand(shape.yRows) : x;
  const rowBytes = Math.max(1, shape.depth * Float64Array.BYTES_PER_ELEMENT);
  const mostRows = roundUp(Math.max(shape.xRows, shape.yRows), panelRows);
  const stagedRows = Math.min(mostRows, Math.max(panelRows, Math.floor(STAGING_BYTES / rowBytes / panelRows) * panelRows));
  const staging = take(stagedRows * rowBytes);
  const factors = take(stagedRows * Float64Array.BYTES_PER_ELEMENT);
  const tileRows = Math.min(shape.tileRows, shape.xRows);
  const tileCols = Math.min(shape.tileRows, shape.yRows || shape.xRows);
  const scratch = Array.from({ length: shape.threads }, () => ({
    sums: take(roundUp(tileRows, panelRows) * roundUp(tileCols, panelRows) * size),
    out: take(tileRows * tileCols * size),
    mirrored: take(tileRows * tileCols * size),
  }));
  return { panelRows, panelBytes: shape.depth * panelStepBytes, x, y, staging, stagedRows, factors, scratch, bytes: top };
}

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
