// Draws what is next to the matrix and over it: the classes of its rows and columns, which of them are selected, and numbers in cells.

import { effect, useComputed } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { rowClasses } from '../panels/map-colours.js';
import { settledGroups, shown, usedCut, usedMethod } from '../state/answers.js';
import { isInSelection, selection } from '../state/selection.js';
import { styleColour, theme } from '../state/theme.js';
import { tiles } from '../state/tile-store.js';
import { drawBlocks } from './blocks.js';
import { drawNumbers } from './cell-numbers.js';
import { colourScale } from './colours.js';
import { drawDendrogram } from './dendrogram.js';
import { colAt, type Heatmap, rowAt, usedRange } from './use-heatmap.js';
import { pixelOf, seenRange, type Viewport } from './viewport.js';

/** The distance in pixels from the matrix to a strip, and the width of the strip. */
const CLASSES = { gap: 2, width: 6 };
const SELECTED = { gap: 9, width: 4 };
/** The space that both take. */
const STRIPS = 15;

/** The colour of each row's class; null if all are in the same class. */
function coloursOfRows(): readonly string[] | null {
  const classes = rowClasses.value;
  if (classes.length < 2) return null;
  const colours = new Array<string>(shown.value?.rows ?? 0);
  for (const { rows, colour } of classes) for (const row of rows) colours[row] = colour;
  return colours;
}

/** Covers the matrix and its gutters; pointer events pass through. */
export function Edges({ heatmap: { view, frame } }: { heatmap: Heatmap }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const colours = useComputed(coloursOfRows);
  useEffect(() => {
    let waiting = 0;
    const draw = () => {
      waiting = 0;
      const context = canvas.current && prepare(canvas.current);
      if (!context || !frame.current) return;
      // From here on, pixels are relative to the corner of the matrix's frame.
      context.translate(frame.current.offsetLeft, frame.current.offsetTop);
      const { offsetLeft } = frame.current;
      drawDendrogram(context, view.peek(), -offsetLeft, offsetLeft - STRIPS, {
        inside: styleColour('--ink'),
        above: styleColour('--quiet'),
      });
      if (usedMethod.peek() === 'clusters') drawBlocks(context, view.peek(), styleColour('--ink'));
      const classes = colours.peek();
      if (classes) drawStrip(context, view.peek(), CLASSES, (row) => classes[row]);
      drawNumbers(context, view.peek(), tiles, usedRange(), SCALES[theme.peek()]);
      if (selection.peek().length > 0) drawSelected(context, view.peek());
    };
    const stop = effect(() => {
      void [
        view.value,
        colours.value,
        selection.value,
        theme.value,
        rowAt(0),
        tiles.version.value,
        usedRange(),
        usedCut.value,
        usedMethod.value,
        settledGroups.value,
      ];
      waiting ||= requestAnimationFrame(draw);
    });
    return () => {
      cancelAnimationFrame(waiting);
      stop();
    };
  }, [view]);
  return <canvas class="edges" ref={canvas} aria-hidden="true" />;
}

/** Returns the empty canvas in its displayed size. */
function prepare(canvas: HTMLCanvasElement): CanvasRenderingContext2D | null {
  const context = canvas.getContext('2d');
  const { clientWidth, clientHeight } = canvas;
  const [width, height] = [clientWidth, clientHeight].map((size) => Math.round(size * devicePixelRatio)) as [number, number];
  // Setting the size creates a new buffer, even if it is unchanged.
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  context?.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  context?.clearRect(0, 0, clientWidth, clientHeight);
  return context;
}

const SCALES = { light: colourScale('light'), dark: colourScale('dark') };

interface Strip {
  readonly gap: number;
  readonly width: number;
}

/** Draws a strip along the rows and one along the columns. If a pixel covers several rows, it shows the one in its middle. */
function drawStrip(
  context: CanvasRenderingContext2D,
  view: Viewport,
  strip: Strip,
  colourAt: (row: number) => string | undefined,
): void {
  const { rowStart, rowEnd, colStart, colEnd } = seenRange(view);
  const step = Math.max(1, 1 / view.scale);
  const size = step * view.scale;
  const { px: left, py: top } = pixelOf(view, Math.max(rowStart, 0), Math.max(colStart, 0));
  const across = -strip.gap - strip.width;
  const alongRows = Math.max(0, left) + across;
  const alongCols = Math.max(0, top) + across;
  for (let place = rowStart; place < rowEnd; place += step) {
    const colour = colourAt(rowAt(Math.min(rowEnd - 1, Math.floor(place + step / 2))));
    if (colour === undefined) continue;
    context.fillStyle = colour;
    context.fillRect(alongRows, pixelOf(view, place, 0).py, strip.width, size);
  }
  for (let place = colStart; place < colEnd; place += step) {
    const colour = colourAt(colAt(Math.min(colEnd - 1, Math.floor(place + step / 2))));
    if (colour === undefined) continue;
    context.fillStyle = colour;
    context.fillRect(pixelOf(view, 0, place).px, alongCols, size, strip.width);
  }
}

/** Marks every selected row, however many share a pixel. */
function drawSelected(context: CanvasRenderingContext2D, view: Viewport): void {
  const { rowStart, rowEnd, colStart, colEnd } = seenRange(view);
  const { px: left, py: top } = pixelOf(view, Math.max(rowStart, 0), Math.max(colStart, 0));
  const across = -SELECTED.gap - SELECTED.width;
  const size = Math.max(1, view.scale);
  context.fillStyle = styleColour('--selection');
  for (let place = rowStart; place < rowEnd; place++) {
    if (isInSelection(rowAt(place)))
      context.fillRect(Math.max(0, left) + across, pixelOf(view, place, 0).py, SELECTED.width, size);
  }
  for (let place = colStart; place < colEnd; place++) {
    if (isInSelection(colAt(place)))
      context.fillRect(pixelOf(view, 0, place).px, Math.max(0, top) + across, size, SELECTED.width);
  }
}
