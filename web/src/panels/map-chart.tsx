// The points of the map: drawn, moved, enlarged, and picked from.

import { computed, effect, useComputed } from '@preact/signals';
import { Chart, type ChartDataset, LinearScale, PointElement, ScatterController, Tooltip } from 'chart.js';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { formatCount } from '../format.js';
import { colourColumn, nameOf, neighbours, positions, selectedRow, shown, UMAP_WORK, works } from '../state/answers.js';
import { seenOfMap, selected } from '../state/choices.js';
import { styleColour } from '../state/theme.js';
import { followGestures, ZOOM_STEP } from './gestures.js';
import type { MapClass } from './map-colours.js';
import { extentOf, type MapView, panMap, revealOnMap, seenPart, shareOf, WHOLE_MAP, zoomMap } from './map-view.js';
import { type Zoomable, ZoomButtons } from './zoom-buttons.js';

Chart.register(LinearScale, PointElement, ScatterController, Tooltip);

interface Point {
  readonly x: number;
  readonly y: number;
  readonly row: number;
}

type MapOfPoints = Chart<'scatter', Point[]>;

/** `singled`: the key of the class that is seen alone. */
export function MapChart({ classes, singled }: { classes: readonly MapClass[]; singled: string | null }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chart = useRef<MapOfPoints | null>(null);
  useEffect(() => {
    const element = canvas.current as HTMLCanvasElement;
    const made = makeChart(element);
    chart.current = made;
    const ends = [followMap(element, made), followView(made), followSelection(), () => made.destroy()];
    return () => {
      for (const end of ends) end();
    };
  }, []);
  const points = useComputed(() => {
    const found = positions.value;
    return (row: number): Point => ({ x: found?.places[2 * row] ?? 0, y: found?.places[2 * row + 1] ?? 0, row });
  });
  const sets = useMemo(
    // What is drawn last lies below.
    () => classes.map((entry) => pointsOf(entry, points.value, singled !== null && singled !== entry.key)).reverse(),
    [classes, singled, points.value],
  );
  useEffect(() => {
    if (!chart.current || !positions.value) return;
    chart.current.data.datasets = [...marked(points.value), ...sets];
    show(chart.current, view.peek());
  }, [sets, points.value, selectedRow.value, neighbours.value]);
  const rows = shown.value?.rows ?? 0;
  return (
    <div class={`chart scatter zoomable ${seenOfMap.value ? 'zoomed' : ''}`}>
      <div
        class="map-keys"
        role="application"
        tabIndex={0}
        aria-label={`Map of ${formatCount(rows)} rows by ${positions.value?.method === 'umap' ? 'UMAP' : 'their two principal components'}, coloured by ${colourColumn.value?.name ?? 'groups'}. Arrow keys move, plus and minus zoom, 0 shows the whole, Enter picks the row nearest to the middle.`}
        onKeyDown={(event) => pressed(event, chart.current)}
      >
        <canvas ref={canvas} aria-hidden="true" />
      </div>
      {!positions.value && <p class="quiet waiting">The map comes after the pairs.</p>}
      <MapNote />
      <ZoomButtons of={zooms} what="the map" />
    </div>
  );
}

/** Why this is not yet the map that was asked for. */
function MapNote() {
  const now = works.value.find(({ what }) => what === UMAP_WORK);
  return now ? (
    <p class="note" aria-hidden="true">
      UMAP: {Math.floor(100 * now.done)} %
    </p>
  ) : null;
}

/** What is seen of the map, whatever the address says. */
const view = computed<MapView>(() => (seenOfMap.value ? zoomMap(seenOfMap.value, 1) : WHOLE_MAP));

function change(next: MapView): void {
  seenOfMap.value = next.zoom < 1.001 ? null : next;
}

const zooms: Zoomable = {
  zoomIn: () => change(zoomMap(view.peek(), ZOOM_STEP)),
  zoomOut: () => change(zoomMap(view.peek(), 1 / ZOOM_STEP)),
  showWhole: () => change(WHOLE_MAP),
};

/** Shares of the frame that an arrow key moves. */
const KEY_SHARE = 0.1;

const KEYS: Record<string, () => void> = {
  ArrowLeft: () => change(panMap(view.peek(), KEY_SHARE, 0)),
  ArrowRight: () => change(panMap(view.peek(), -KEY_SHARE, 0)),
  ArrowUp: () => change(panMap(view.peek(), 0, KEY_SHARE)),
  ArrowDown: () => change(panMap(view.peek(), 0, -KEY_SHARE)),
  '+': zooms.zoomIn,
  '=': zooms.zoomIn,
  '-': zooms.zoomOut,
  '0': zooms.showWhole,
};

function pressed(event: KeyboardEvent, chart: MapOfPoints | null): void {
  if (event.ctrlKey || event.metaKey || event.altKey || !chart) return;
  const { left, top, width, height } = chart.chartArea;
  const act = event.key === 'Enter' ? () => pick(rowAt(chart, left + width / 2, top + height / 2)) : KEYS[event.key];
  if (!act) return;
  act();
  event.preventDefault();
}

function pick(row: number | undefined): void {
  if (row !== undefined) selected.value = row;
}

function followMap(canvas: HTMLCanvasElement, chart: MapOfPoints): () => void {
  return followGestures(canvas, {
    pan: (dx, dy) => change(panMap(view.peek(), dx / chart.chartArea.width, dy / chart.chartArea.height)),
    zoom: (factor, px, py) => {
      const { left, top, width, height } = chart.chartArea;
      change(zoomMap(view.peek(), factor, (px - left) / width, (py - top) / height));
    },
    isWhole: () => seenOfMap.peek() === null,
    click: (px, py) => pick(rowAt(chart, px, py, CLICK_REACH)),
  });
}

/** Pixels from a point within which it is meant. */
const CLICK_REACH = 24;

/** The row whose point is nearest, and not farther than `reach` pixels. */
function rowAt(chart: MapOfPoints, x: number, y: number, reach = Number.POSITIVE_INFINITY): number | undefined {
  // An event of the chart's own kind counts from the chart's corner.
  const event = { native: null, type: 'click', x, y } as unknown as Event;
  const [hit] = chart.getElementsAtEventForMode(event, 'nearest', { intersect: false }, false);
  if (!hit || Math.hypot(hit.element.x - x, hit.element.y - y) > reach) return undefined;
  return chart.data.datasets[hit.datasetIndex]?.data[hit.index]?.row;
}

/** Draws once a frame where the view has changed. */
function followView(chart: MapOfPoints): () => void {
  let frame = 0;
  const stop = effect(() => {
    void view.value;
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      show(chart, view.peek());
    });
  });
  return () => {
    cancelAnimationFrame(frame);
    stop();
  };
}

/** Moves to a row that is picked elsewhere, if it is not seen. */
function followSelection(): () => void {
  return effect(() => {
    const row = selectedRow.value;
    const reach = extents.peek();
    const { places } = positions.peek() ?? {};
    if (row === null || !reach || !places) return;
    const now = view.peek();
    const x = shareOf(reach[0], places[2 * row] as number);
    const y = 1 - shareOf(reach[1], places[2 * row + 1] as number);
    const next = revealOnMap(now, x, y);
    if (next !== now) change(next);
  });
}

const extents = computed(() => {
  const { places } = positions.value ?? {};
  return places && ([extentOf(places, 0), extentOf(places, 1)] as const);
});

/** Points do not grow as fast as the room between them. */
function radiusAt(zoom: number): number {
  return ((shown.peek()?.rows ?? 0) > 5000 ? 1.5 : 2.5) * Math.min(2.5, zoom ** 0.3);
}

/** Draws this part of the map. */
function show(chart: MapOfPoints, { x, y, zoom }: MapView): void {
  const reach = extents.peek();
  if (!reach) return;
  const across = seenPart(reach[0], x, zoom);
  // The axis counts from below.
  const up = seenPart(reach[1], 1 - y, zoom);
  Object.assign(chart.options.scales?.x ?? {}, { min: across.from, max: across.to });
  Object.assign(chart.options.scales?.y ?? {}, { min: up.from, max: up.to });
  Object.assign(chart.options.elements?.point ?? {}, { radius: radiusAt(zoom), hoverRadius: radiusAt(zoom) + 2 });
  chart.update('none');
}

function makeChart(canvas: HTMLCanvasElement): MapOfPoints {
  const axis = { type: 'linear', display: false } as const;
  return new Chart<'scatter', Point[]>(canvas, {
    type: 'scatter',
    data: { datasets: [] },
    options: {
      animation: false,
      maintainAspectRatio: false,
      normalized: true,
      parsing: false,
      interaction: { mode: 'nearest', intersect: false },
      scales: { x: { ...axis }, y: { ...axis } },
      elements: { point: {} },
      // The buttons lie there.
      layout: { padding: { right: 40 }, autoPadding: false },
      plugins: {
        tooltip: {
          displayColors: false,
          callbacks: { label: ({ raw }) => clipped(nameOf((raw as Point).row)) },
          // A row with a ring is there twice.
          filter: ({ raw }, at, all) => all.findIndex((other) => (other.raw as Point).row === (raw as Point).row) === at,
        },
      },
    },
  });
}

function clipped(name: string): string {
  const characters = Array.from(name);
  return characters.length > 60 ? `${characters.slice(0, 59).join('')}…` : name;
}

/** From left to right: the chart draws those between the first and the last that it takes to be seen. */
function pointsAcross(rows: readonly number[], pointOf: (row: number) => Point): Point[] {
  return rows.map(pointOf).sort((a, b) => a.x - b.x);
}

function pointsOf(
  { name, colour, rows }: MapClass,
  pointOf: (row: number) => Point,
  faded: boolean,
): ChartDataset<'scatter', Point[]> {
  return {
    label: name,
    data: pointsAcross(rows, pointOf),
    pointBackgroundColor: faded ? styleColour('--line') : colour,
    pointBorderWidth: 0,
    ...(faded && { pointRadius: radiusAt(1) / 2 }),
  };
}

/** Rings around the row that is selected and its neighbours. */
function marked(pointOf: (row: number) => Point): ChartDataset<'scatter', Point[]>[] {
  const row = selectedRow.value;
  if (row === null) return [];
  const ink = styleColour('--ink');
  const ring = (rows: readonly number[], radius: number, width: number): ChartDataset<'scatter', Point[]> => ({
    label: '',
    data: pointsAcross(rows, pointOf),
    pointBackgroundColor: 'transparent',
    pointBorderColor: ink,
    pointBorderWidth: width,
    pointRadius: radius,
    pointHoverRadius: radius,
  });
  const near = neighbours.value?.row === row ? Array.from(neighbours.value.indices) : [];
  return [ring([row], 8, 3), ring(near, 5, 1)];
}
