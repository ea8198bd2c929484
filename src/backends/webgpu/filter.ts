// Excludes pairs by their sketches. `sums` multiplies the sketches of a strip of a tile, `survey` lists for each panel of rows the columns in which
// a product reaches the threshold, `gather` packs these columns, and `sums` computes their scores: the same bits as without sketches. Panels of
// rows with too many such columns are computed whole.

import type { Sketching } from '../backend.js';
import type { Tile } from '../work.js';
import type { JobMemory, Operand } from './memory.js';
import { Recorder } from './recorder.js';
import { FLAGS, PANEL_ROWS, STEP } from './shaders.js';
import { strideOf } from './tile-finish.js';

/** Panels of rows [first, first + count) of a tile. */
export interface Strip {
  readonly tile: Tile;
  readonly first: number;
  readonly count: number;
}

/** Dispatches of a strip. */
export const DISPATCHES_OF_STRIP = 5;

/** Packs the directions of a sketching like rows. */
export function packDirections(memory: JobMemory, { directions }: Sketching): void {
  const { device, shape, upload, filter } = memory;
  const { depth } = shape;
  const rows = directions.length / depth;
  const atOnce = memory.layout.uploadRows;
  const pack = memory.bind('pack', upload, filter.directions);
  for (let rowStart = 0; rowStart < rows; rowStart += atOnce) {
    const count = Math.min(atOnce, rows - rowStart);
    device.gpu.queue.writeBuffer(upload, 0, directions as Float32Array<ArrayBuffer>, rowStart * depth, count * depth);
    const recorder = new Recorder(device, memory.params);
    recorder.dispatch(pack, { rows: count, rowStart, a: depth }, Math.ceil(depth / STEP), Math.ceil(count / PANEL_ROWS));
    recorder.submit();
  }
}

/** Rows of the buffer of scores that hold the products of panels of rows with all directions. */
export function panelsOfProducts({ layout }: JobMemory): number {
  return Math.floor(layout.scoresOfTile / layout.directionRows / PANEL_ROWS);
}

/** The sketches of `count` panels of packed rows, whose guards are known. */
export function recordSketches(
  memory: JobMemory,
  { short }: Sketching['depths'],
  squareSlack: number,
  recorder: Recorder,
  operand: Operand,
  rowStart: number,
  count: number,
): void {
  const { layout, filter, scores, none } = memory;
  const stride = layout.directionRows;
  const products = memory.bind('sums', operand.panels, filter.directions, none, none, none, scores);
  const params = { rowStart, stride, flags: FLAGS.unguarded, ...depthParams(layout.depth) };
  recorder.dispatch(products, params, stride / PANEL_ROWS, count);
  const sketch = memory.bind('sketch', scores, operand.guards, operand.sketches);
  const up = bitsOf(roundedUp(squareSlack));
  recorder.dispatch(sketch, { rowStart, stride, a: short - 1, b: up, c: layout.sketchDepth }, count);
}

/** The scores of a strip of a tile, except of pairs that `lowest` excludes. */
export function recordSurvivors(memory: JobMemory, lowest: number, recorder: Recorder, { tile, first, count }: Strip): void {
  const { layout, filter, scores, x, none, [tile.colOperand]: y } = memory;
  const { listPanels, tileRows } = layout;
  const across = strideOf(tile) / PANEL_ROWS;
  if (first === 0) recorder.clear(filter.listed, 4 * (tileRows / PANEL_ROWS));
  const triangle = tile.diagonal ? FLAGS.triangle : 0;
  const row = first * PANEL_ROWS;
  const ofTile = {
    rows: tile.rowEnd - tile.rowStart,
    cols: tile.colEnd - tile.colStart,
    stride: strideOf(tile),
    rowStart: tile.rowStart + row,
    colStart: tile.colStart,
    c: row,
  };
  const products = memory.bind('sums', x.sketches, y.sketches, none, none, none, scores);
  const ofSketches = { ...ofTile, flags: FLAGS.unguarded | triangle, ...depthParams(layout.sketchDepth) };
  recorder.dispatch(products, ofSketches, across, count);
  const survey = memory.bind('survey', scores, filter.listed, filter.columns);
  const flags = tile.diagonal ? FLAGS.diagonal : 0;
  recorder.dispatch(survey, { ...ofTile, flags, a: tileRows, b: bitsOf(lowest) }, Math.ceil(ofTile.cols / 256), count);
  const { listed, columns, gathered, gatheredGuards } = filter;
  const gather = memory.bind('gather', y.panels, y.guards, listed, columns, gathered, gatheredGuards, memory.total);
  const lists = { d: listPanels * PANEL_ROWS, e: listPanels };
  const steps = layout.depth / STEP;
  recorder.dispatch(gather, { ...ofTile, flags: triangle, a: tileRows, b: steps, ...lists }, steps, count * listPanels);
  const ofListed = memory.bind('sums', x.panels, gathered, x.guards, gatheredGuards, listed, scores);
  const listedParams = { ...ofTile, colStart: first * listPanels * PANEL_ROWS, flags: FLAGS.listed, ...lists };
  recorder.dispatch(ofListed, { ...listedParams, ...depthParams(layout.depth) }, Math.min(listPanels, across), count);
  const others = memory.bind('sums', x.panels, y.panels, x.guards, y.guards, listed, scores);
  const otherParams = { ...ofTile, flags: FLAGS.unlisted | triangle, d: lists.d };
  recorder.dispatch(others, { ...otherParams, ...depthParams(layout.depth) }, across, count);
}

/** How `find` reads the scores of a tile whose columns are listed. */
export function listParams({ layout }: JobMemory): { readonly d: number; readonly e: number } {
  return { d: layout.listPanels * PANEL_ROWS, e: layout.tileRows };
}

/** The lowest product of sketches at which the cosine of two rows may reach a threshold. */
export function lowestProduct(threshold: number, { slack }: Sketching): number {
  return -roundedUp(slack - threshold);
}

function depthParams(depth: number): { readonly a: number; readonly b: number } {
  return { a: (depth * PANEL_ROWS) / 4, b: depth / STEP };
}

/** A float32 number that is not lower. */
function roundedUp(value: number): number {
  const near = Math.fround(value);
  return near >= value ? near : Math.fround(near + Math.abs(near) * 2 ** -23 + 2 ** -149);
}

function bitsOf(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0] as number;
}
