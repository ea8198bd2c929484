// The whole matrix as a picture.

import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { MAX_CLUSTERED } from '../compute/cluster-order.js';
import { CHANNELS, decodeScore, keptPlace, samplingAt, TILE } from '../compute/pyramid.js';
import type { RowOrder } from '../compute/results.js';
import { digitsToTell, formatCount, formatScore } from '../format.js';
import { Choice, type Choosable } from '../panels/choice.js';
import { RowPicture } from '../panels/row-picture.js';
import { ZoomButtons } from '../panels/zoom-buttons.js';
import { MATRIX_WORKS, matrixSize, numberOf, selectedRow, shown, works } from '../state/answers.js';
import {
  type CellValue,
  type ColourRange,
  cellValue,
  colourRange,
  orderBy,
  orderFor,
  rowOrder,
  seen,
  selected,
} from '../state/choices.js';
import { session } from '../state/session.js';
import { theme } from '../state/theme.js';
import { tiles } from '../state/tile-store.js';
import { guarded } from '../state/working.js';
import { AxisLabels } from './axis-labels.js';
import { BlockNames } from './blocks.js';
import { colourGradient, FULL_RANGE, legendStops } from './colours.js';
import { CutInput } from './dendrogram.js';
import { Edges } from './edges.js';
import { type Cell, colAt, type Heatmap, placesOfRow, rowAt, usedRange, useHeatmap } from './use-heatmap.js';
import { levelFor, pixelOf, type Viewport } from './viewport.js';

/** Too many rows are not clustered, whatever the address says. */
const usedOrder: Choosable<RowOrder> = {
  get value() {
    return orderFor(shown.value?.rows ?? 0, rowOrder.value, shown.value?.against !== undefined);
  },
  set value(order) {
    rowOrder.value = order;
  },
};

export function HeatmapPanel() {
  const heatmap = useHeatmap((cell) => {
    selected.value = rowAt(cell.row);
  });
  const { rows, cols } = matrixSize.value;
  const isOfTwoFiles = shown.value?.against !== undefined;
  return (
    <section class="panel heatmap" aria-labelledby="heatmap-title">
      <div class="panel-head">
        <h2 id="heatmap-title">All pairs</h2>
        <Choice<RowOrder>
          label="Order"
          value={usedOrder}
          options={[
            ['given', 'as given'],
            ...(isOfTwoFiles ? [] : ([['groups', 'by group']] as const)),
            ...(orderBy.value === null ? [] : ([['column', `by ${orderBy.value}`]] as const)),
            isOfTwoFiles
              ? ['component', 'by first component']
              : rows <= MAX_CLUSTERED
                ? ['clusters', 'by clustering']
                : ['component', 'by first component (too many rows to cluster)'],
          ]}
        />
        <Choice<CellValue>
          label="Cells"
          value={cellValue}
          options={[
            ['mean', 'mean'],
            ['max', 'highest'],
          ]}
        />
        <Choice<ColourRange>
          label="Colours"
          value={colourRange}
          options={[
            ['fitted', 'fitted'],
            ['full', '−1 to 1'],
          ]}
        />
      </div>
      <div class="heatmap-frame">
        <div
          ref={heatmap.frame}
          class={`heatmap-keys zoomable ${seen.value || heatmap.isSelecting.value ? 'zoomed' : ''}`}
          role="application"
          tabIndex={0}
          aria-label={`Heatmap of ${formatCount(rows)} by ${formatCount(cols)} scores. Arrow keys move, plus and minus zoom, 0 shows the whole, Enter picks the row.`}
          aria-describedby="heatmap-cell"
          onKeyDown={heatmap.onKeyDown}
        >
          <canvas ref={heatmap.canvas} aria-hidden="true" />
          <Marks heatmap={heatmap} />
          <DraggedBox heatmap={heatmap} />
        </div>
        <AxisLabels view={heatmap.view.value} />
        <BlockNames view={heatmap.view.value} />
        <Edges heatmap={heatmap} />
        <CutInput view={heatmap.view.value} />
        <Note />
        <ZoomButtons of={heatmap} what="the heatmap" shape="box" />
      </div>
      <Legend />
      <CellText heatmap={heatmap} />
    </section>
  );
}

/** Lines along the row and the column of the cell under the pointer, and of the selected row. */
function Marks({ heatmap: { view, cell } }: { heatmap: Heatmap }) {
  const places = useComputed(() => placesOfRow(selectedRow.value));
  return (
    <div class="marks" aria-hidden="true">
      <Cross view={view.value} {...places.value} look="selected" />
      {cell.value && <Cross view={view.value} row={cell.value.row} col={cell.value.col} look="pointed" />}
    </div>
  );
}

/** The rows and columns that will be selected. */
function DraggedBox({ heatmap: { box } }: { heatmap: Heatmap }) {
  if (!box.value) return null;
  const [a, b] = box.value;
  const style = {
    left: `${Math.min(a.x, b.x)}px`,
    top: `${Math.min(a.y, b.y)}px`,
    width: `${Math.abs(a.x - b.x)}px`,
    height: `${Math.abs(a.y - b.y)}px`,
  };
  return <div class="dragged-box" style={style} />;
}

/** Limited to the matrix. */
function Cross({ view, row, col, look }: Partial<Cell> & { view: Viewport; look: string }) {
  const { px, py } = pixelOf(view, row ?? 0, col ?? 0);
  const start = pixelOf(view, 0, 0);
  const end = pixelOf(view, view.rows, view.cols);
  const [left, right] = [Math.max(0, start.px), Math.min(view.width, end.px)];
  const [top, bottom] = [Math.max(0, start.py), Math.min(view.height, end.py)];
  const thick = `${view.scale}px`;
  const across = { transform: `translate(${left}px, ${py}px)`, width: `${right - left}px`, height: thick };
  const down = { transform: `translate(${px}px, ${top}px)`, width: thick, height: `${bottom - top}px` };
  return (
    <>
      {row !== undefined && <div class={`mark ${look}`} style={across} />}
      {col !== undefined && <div class={`mark ${look}`} style={down} />}
    </>
  );
}

/** Why the picture is not yet the requested one. */
function Note() {
  const now = works.value.findLast(({ what }) => MATRIX_WORKS.includes(what));
  return now ? (
    <p class="note" aria-hidden="true">
      {now.what}: {Math.floor(100 * now.done)} %
    </p>
  ) : null;
}

function Legend() {
  const range = usedRange();
  const digits = digitsToTell(Math.min(range.high - range.low, 2 * (range.top - range.middle)));
  return (
    <div class="legend">
      <div class="legend-colours" style={{ backgroundImage: colourGradient(theme.value) }} aria-hidden="true" />
      <div class="legend-scores">
        {legendStops(range).map(([place, score]) => (
          <span key={place} class={place === 0 ? 'at-start' : place === 1 ? 'at-end' : ''} style={{ left: `${100 * place}%` }}>
            {place === 0 && score > -1 && '≤ '}
            {score === range.middle && range !== FULL_RANGE && 'median '}
            {formatScore(score, digits)}
          </span>
        ))}
      </div>
    </div>
  );
}

/** Names the two rows at the pointer and how similar they are. */
function CellText({ heatmap: { view, cell } }: { heatmap: Heatmap }) {
  const score = useSignal<{ readonly cell: Cell; readonly score: number } | null>(null);
  useSignalEffect(() => {
    const asked = cell.value;
    score.value = null;
    if (!asked) return;
    void guarded(async () => {
      const found = await session.score(rowAt(asked.row), colAt(asked.col));
      if (cell.peek() === asked) score.value = { cell: asked, score: found };
    });
  });
  const here = cell.value;
  const known = score.value?.cell === here ? score.value.score : null;
  const level = levelFor(view.value.scale, devicePixelRatio, tiles.shape.top);
  return (
    <div class="cell-text" id="heatmap-cell" aria-live="polite" aria-busy={here !== null && known === null}>
      {here ? (
        <dl class={shown.value?.images ? 'with-pictures' : ''}>
          <RowPicture row={rowAt(here.row)} />
          <RowPicture row={colAt(here.col)} />
          <dt>Row</dt>
          <RowName row={rowAt(here.row)} />
          <dt>Column</dt>
          <RowName row={colAt(here.col)} />
          <dt>Score</dt>
          <dd>
            <output class="score">{known === null ? '…' : formatScore(known, 4)}</output>
            {level > 0 && <CellSummary cell={here} level={level} />}
          </dd>
        </dl>
      ) : (
        <p class="quiet">
          Point at a cell or tap it for its score, click it for the neighbours of its row. Drag to move, with Shift to select;
          zoom by a pinch, + and −, or the wheel after a click or with Ctrl.
        </p>
      )}
    </div>
  );
}

function RowName({ row }: { row: number }) {
  const label = shown.value?.labels?.[row];
  return (
    <dd>
      <span class="number quiet">{numberOf(row)}</span> <bdi class="name">{label}</bdi>
    </dd>
  );
}

/** For a cell that represents many pairs. */
function CellSummary({ cell: { row, col }, level }: { cell: Cell; level: number }) {
  const side = 2 ** level;
  const [cellRow, cellCol] = [Math.floor(row / side), Math.floor(col / side)];
  const place = { level, row: Math.floor(cellRow / TILE), col: Math.floor(cellCol / TILE) };
  void tiles.version.value;
  const tile = tiles.get(keptPlace(tiles.shape, place));
  if (!tile) return null;
  const [down, right] = [cellRow % TILE, cellCol % TILE];
  const at = (tiles.shape.symmetric && place.row > place.col ? right * TILE + down : down * TILE + right) * CHANNELS;
  const compared = 2 ** (level - samplingAt(tiles.shape, level));
  const [mean, highest] = [tile.cells[at], tile.cells[at + 1]].map((code) => formatScore(decodeScore(code ?? 0), 2));
  return (
    <span class="quiet">
      {' '}
      cell of {side} × {side}
      {compared < side && `, of which ${compared} × ${compared} are compared`}: mean {mean}, highest {highest}
    </span>
  );
}
