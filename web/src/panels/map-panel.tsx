// The rows as points, similar ones near each other as far as a plane allows.

import { useComputed, useSignal } from '@preact/signals';
import { Chart, type ChartDataset, type ChartEvent, LinearScale, PointElement, ScatterController, Tooltip } from 'chart.js';
import { useEffect, useRef } from 'preact/hooks';
import { formatCount } from '../format.js';
import { colourColumn, nameOf, neighbours, positions, selectedRow, shown } from '../state/answers.js';
import { colourBy, type MapMethod, mapMethod, selected } from '../state/choices.js';
import { styleColour, theme } from '../state/theme.js';
import { Choice, type Choosable } from './choice.js';
import { classesOf } from './map-colours.js';

Chart.register(LinearScale, PointElement, ScatterController, Tooltip);

interface Point {
  readonly x: number;
  readonly y: number;
  readonly row: number;
}

/** What the choice of colours shows. */
const usedColour: Choosable<string> = {
  get value() {
    return colourColumn.value?.name ?? '';
  },
  set value(name) {
    colourBy.value = name;
  },
};

export function MapPanel() {
  const singled = useSignal<string | null>(null);
  const classes = useComputed(() => classesOf(theme.value, styleColour('--faint')));
  // One that is no longer there is not seen alone.
  const alone = classes.value.some(({ name }) => name === singled.value) ? singled.value : null;
  const columns = shown.value?.columns ?? [];
  return (
    <section class="panel map" aria-labelledby="map-title">
      <div class="panel-head">
        <h2 id="map-title">Map</h2>
        <Choice<MapMethod>
          label="By"
          value={mapMethod}
          options={[
            ['pca', 'PCA'],
            ['umap', 'UMAP'],
          ]}
        />
        <Choice<string>
          label="Colours"
          value={usedColour}
          options={[...columns.map(({ name }) => [name, name] as const), ['', 'groups']]}
        />
      </div>
      <MapChart classes={classes.value} singled={alone} />
      <ul class="map-legend" aria-label="Classes: press to see one alone">
        {classes.value.map(({ name, colour }) => (
          <li key={name}>
            <button
              type="button"
              aria-pressed={alone === name}
              onClick={() => {
                singled.value = alone === name ? null : name;
              }}
            >
              <span class="dot" style={{ backgroundColor: colour }} />
              <span class="clipped" dir="auto">
                {name}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function MapChart({ classes, singled }: { classes: ReturnType<typeof classesOf>; singled: string | null }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chart = useRef<Chart<'scatter', Point[]> | null>(null);
  useEffect(() => {
    chart.current = makeChart(canvas.current as HTMLCanvasElement);
    return () => chart.current?.destroy();
  }, []);
  const points = useComputed(() => {
    const found = positions.value;
    return (row: number): Point => ({ x: found?.places[2 * row] ?? 0, y: found?.places[2 * row + 1] ?? 0, row });
  });
  useEffect(() => {
    if (!chart.current || !positions.value) return;
    chart.current.data.datasets = [
      ...marked(points.value),
      ...classes
        .map((entry) => pointsOf(entry, points.value, singled !== null && singled !== entry.name))
        // What is drawn last lies below.
        .reverse(),
    ];
    chart.current.update();
  }, [classes, singled, points.value, selectedRow.value, neighbours.value]);
  const rows = shown.value?.rows ?? 0;
  return (
    <div class="chart scatter">
      <canvas
        ref={canvas}
        role="img"
        aria-label={`Map of ${formatCount(rows)} rows by ${positions.value?.method === 'umap' ? 'UMAP' : 'their two principal components'}, coloured by ${usedColour.value || 'groups'}`}
      />
      {!positions.value && <p class="quiet waiting">The map comes after the pairs.</p>}
    </div>
  );
}

function makeChart(canvas: HTMLCanvasElement): Chart<'scatter', Point[]> {
  const axis = { type: 'linear', display: false, grace: '4%' } as const;
  return new Chart<'scatter', Point[]>(canvas, {
    type: 'scatter',
    data: { datasets: [] },
    options: {
      animation: false,
      maintainAspectRatio: false,
      normalized: true,
      parsing: false,
      interaction: { mode: 'nearest', intersect: false },
      scales: { x: axis, y: axis },
      plugins: { tooltip: { displayColors: false, callbacks: { label: ({ raw }) => clipped(nameOf((raw as Point).row)) } } },
      onClick: (event: ChartEvent, _, chart) => {
        const [hit] = chart.getElementsAtEventForMode(event.native as Event, 'nearest', { intersect: false }, false);
        const point = hit && (chart.data.datasets[hit.datasetIndex]?.data[hit.index] as unknown as Point);
        if (point) selected.value = point.row;
      },
    },
  });
}

function clipped(name: string): string {
  const characters = Array.from(name);
  return characters.length > 60 ? `${characters.slice(0, 59).join('')}…` : name;
}

function pointsOf(
  { name, colour, rows }: ReturnType<typeof classesOf>[number],
  pointOf: (row: number) => Point,
  faded: boolean,
): ChartDataset<'scatter', Point[]> {
  const radius = (shown.peek()?.rows ?? 0) > 5000 ? 1.5 : 2.5;
  return {
    label: name,
    data: rows.map(pointOf),
    pointBackgroundColor: faded ? styleColour('--line') : colour,
    pointBorderWidth: 0,
    pointRadius: faded ? radius / 2 : radius,
    pointHoverRadius: radius + 2,
  };
}

/** Rings around the row that is selected and its neighbours. */
function marked(pointOf: (row: number) => Point): ChartDataset<'scatter', Point[]>[] {
  const row = selectedRow.value;
  if (row === null) return [];
  const ink = styleColour('--ink');
  const ring = (rows: readonly number[], radius: number, width: number): ChartDataset<'scatter', Point[]> => ({
    label: '',
    data: rows.map(pointOf),
    pointBackgroundColor: 'transparent',
    pointBorderColor: ink,
    pointBorderWidth: width,
    pointRadius: radius,
    pointHoverRadius: radius,
  });
  const near = neighbours.value?.row === row ? Array.from(neighbours.value.indices) : [];
  return [ring([row], 8, 3), ring(near, 5, 1)];
}
