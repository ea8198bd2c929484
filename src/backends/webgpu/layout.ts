// What a job takes of the GPU's memory and of the processor's, before anything is allocated.

import type { JobShape } from '../backend.js';
import { MAX_BINS, MAX_LIST, PANEL_ROWS, SCAN_COLS, SCAN_ROWS, STEP } from './shaders.js';

/** The most rows of a tile: 2048 x 2048 scores lie in the cache of a large GPU until the next kernel has read them. */
const TILE_ROWS = 2048;
/** The same on a processor, which takes long for what ends a tile. */
const SOFTWARE_TILE_ROWS = 512;
/** Multiply-adds of a strip of a tile, of which a slice of work has at least one: some 25 ms on the slowest GPUs, and on a processor. */
const STRIP_WORK = 2.5e9;
const SOFTWARE_STRIP_WORK = 6e7;
/** Bytes of the columns that survive in the panels of rows of one tile; others are computed where they lie. */
const GATHERED_BYTES = 2 ** 27;
/** Elements that are normalised at a time: few enough for the event loop. */
const BLOCK_ELEMENTS = 2 ** 20;
/** Tiles of a slice of work that is counted. */
export const COUNTED_TILES = 64;
/** Dispatches of a slice. */
export const MAX_DISPATCHES = 1024;
/** Slices under way: one computes while what came of the other is taken. */
export const SLOTS = 2;

const SCORE_BYTES = 4;
const LIST_SLOT_BYTES = 2 ** 22;
/** What a slot begins with: how many pairs there are. */
export const SLOT_HEADER = 16;
export const PAIR_BYTES = 12;

export interface Layout {
  /** Elements of a packed row. */
  readonly depth: number;
  /** Packed rows of either operand, to whole panels. */
  readonly xRows: number;
  readonly yRows: number;
  /** Rows and columns that scratch has room for. */
  readonly tileRows: number;
  readonly packBlock: number;
  /** Rows that are uploaded at a time. */
  readonly uploadRows: number;
  /** Scores that scratch has room for. */
  readonly scoresOfTile: number;
  /** Elements of a packed sketch, packed directions, and panels of the surviving columns of a panel of rows; 0 if the job has no sketches. */
  readonly sketchDepth: number;
  readonly directionRows: number;
  readonly listPanels: number;
  /** Whether what the job is for is done on the GPU; else whole tiles come back. */
  readonly onGpu: boolean;
  /** Bytes of a slot: what comes back of one slice. */
  readonly slotBytes: number;
  /** Whether the digits of rows are kept, to decide pairs by. */
  readonly keepsDigits: boolean;
}

export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

export function layoutOf(shape: JobShape, maxBindingBytes: number): Layout {
  const { purpose, depth } = shape;
  const rows = roundUp(Math.max(1, shape.xRows, shape.yRows), PANEL_ROWS);
  const tileRows = Math.min(shape.tileRows, rows);
  const tileBytes = tileRows ** 2 * SCORE_BYTES;
  const packBlock = Math.max(1, Math.floor(BLOCK_ELEMENTS / (depth + 1) / PANEL_ROWS)) * PANEL_ROWS;
  const { short } = shape.sketches;
  const packedDepth = roundUp(depth, STEP);
  const directionRows = short && roundUp(short - 1, PANEL_ROWS);
  const gatheredBytes = Math.min(GATHERED_BYTES, maxBindingBytes) / 4;
  let onGpu = true;
  let slotBytes = tileBytes;
  if (purpose.kind === 'dense') slotBytes = 2 * tileBytes;
  else if (purpose.kind === 'pairs') slotBytes = tileBytes + SLOT_HEADER;
  else if (purpose.kind === 'top-k') {
    onGpu = purpose.k <= MAX_LIST && rows * purpose.k * 4 <= maxBindingBytes;
    if (onGpu) slotBytes = LIST_SLOT_BYTES;
  } else if (purpose.kind === 'histogram') {
    onGpu = purpose.bins < MAX_BINS;
    if (onGpu) slotBytes = COUNTED_TILES * countedBytes(tileRows, tileRows) + MAX_BINS * 4;
  } else onGpu = false;
  return {
    depth: packedDepth,
    xRows: roundUp(shape.xRows, PANEL_ROWS),
    yRows: roundUp(shape.yRows, PANEL_ROWS),
    tileRows,
    packBlock,
    uploadRows: Math.min(packBlock, rows),
    scoresOfTile: Math.max(tileRows ** 2, directionRows * PANEL_ROWS),
    sketchDepth: roundUp(short, STEP),
    directionRows,
    // From half of the columns on, copying them takes longer than it saves.
    listPanels: short && Math.max(1, Math.floor(Math.min(tileRows / PANEL_ROWS / 2, gatheredBytes / (tileRows * packedDepth)))),
    onGpu,
    slotBytes,
    keepsDigits: purpose.kind === 'pairs' || purpose.kind === 'tiles',
  };
}

/** Bytes of the totals of a tile that is counted. */
export function countedBytes(rows: number, cols: number): number {
  return Math.ceil(rows / SCAN_ROWS) * Math.ceil(cols / SCAN_COLS) * 16;
}

/** Rows of the largest tile; with its scores in one binding. */
export function tileRowsFor(depth: number, maxBindingBytes: number, software: boolean): number {
  const byWork = (software ? SOFTWARE_STRIP_WORK : STRIP_WORK) / PANEL_ROWS / (depth + 1);
  const byMemory = Math.sqrt(maxBindingBytes / SCORE_BYTES);
  return (
    Math.max(1, Math.floor(Math.min(software ? SOFTWARE_TILE_ROWS : TILE_ROWS, byWork, byMemory) / PANEL_ROWS)) * PANEL_ROWS
  );
}

export function packedBytesOf(rows: number, depth: number, sketchDepth: number): number {
  return rows * (roundUp(depth, STEP) + roundUp(sketchDepth, STEP)) * 4;
}

/** Bytes on both sides, besides packed rows. */
export function scratchBytesOf(shape: JobShape, maxBindingBytes: number): number {
  const layout = layoutOf(shape, maxBindingBytes);
  const { slotBytes, uploadRows, scoresOfTile, onGpu, keepsDigits } = layout;
  const { purpose, depth } = shape;
  const rows = shape.xRows + shape.yRows;
  // Guards and zero rows; groups on both sides, thresholds; lists; digits; what pads the last panels.
  const ofRow =
    5 +
    (shape.grouping ? 8 : 0) +
    (shape.thresholds ? 8 : 0) +
    (purpose.kind === 'top-k' && onGpu ? 8 * purpose.k : 0) +
    (keepsDigits ? 4 * depth : 0);
  const padding = 2 * PANEL_ROWS * ((layout.depth + layout.sketchDepth) * 4 + ofRow);
  const scratch = (hasTransposes(shape) ? 2 : 1) * scoresOfTile * SCORE_BYTES;
  const upload = uploadRows * depth * (4 + 4 + 8);
  const filter = 4 * (layout.directionRows * layout.depth + filterElements(layout));
  const pairs = purpose.kind === 'pairs' ? slotBytes : 0;
  return rows * ofRow + padding + scratch + upload + filter + pairs + 2 * SLOTS * slotBytes;
}

/** Elements of the lists of surviving columns, and of these columns with their guards. */
function filterElements({ tileRows, depth, listPanels }: Layout): number {
  if (listPanels === 0) return 0;
  return (tileRows / PANEL_ROWS) * (1 + tileRows) + tileRows * listPanels * (depth + 1);
}

/** Whether tiles stand for their transposes too, as epilogues on the GPU write them. */
export function hasTransposes({ purpose }: JobShape): boolean {
  return purpose.kind === 'dense' || purpose.kind === 'top-k';
}
