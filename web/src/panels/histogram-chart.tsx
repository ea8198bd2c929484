// How the scores are distributed, on a logarithmic axis: the few high ones are what a threshold is about.

import { useSignalEffect } from '@preact/signals';
import { BarController, BarElement, CategoryScale, Chart, LinearScale, LogarithmicScale, Tooltip } from 'chart.js';
import { useEffect, useRef } from 'preact/hooks';
import { countOf, formatCount, formatScore } from '../format.js';
import { histogram, usedThreshold } from '../state/answers.js';
import { styleColour, theme } from '../state/theme.js';

Chart.register(BarController, BarElement, CategoryScale, LinearScale, LogarithmicScale, Tooltip);

/** Bars at least, where there are as many bins; and bins a bar at most. */
const MIN_BARS = 30;
const MAX_BINS_A_BAR = 20;

export function HistogramChart() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chart = useRef<Chart<'bar', number[], string> | null>(null);
  useEffect(() => {
    chart.current = new Chart(canvas.current as HTMLCanvasElement, {
      type: 'bar',
      data: { labels: [], datasets: [{ data: [], barPercentage: 1, categoryPercentage: 0.92, minBarLength: 0 }] },
      options: {
        animation: false,
        maintainAspectRatio: false,
        interaction: { mode: 'index', intersect: false },
        plugins: { tooltip: { displayColors: false, callbacks: { label: ({ raw }) => countOf(Number(raw), 'pair') } } },
        scales: {
          x: {
            title: { display: true, text: 'score' },
            grid: { display: false },
            ticks: { maxRotation: 0, autoSkipPadding: 24 },
          },
          y: {
            title: { display: true, text: 'pairs (logarithmic)' },
            type: 'logarithmic',
            min: 0.5,
            ticks: { maxTicksLimit: 5, callback: (value) => tickOf(Number(value)) },
          },
        },
      },
    });
    return () => chart.current?.destroy();
  }, []);
  useSignalEffect(() => {
    const found = histogram.value;
    const limit = usedThreshold.value;
    void theme.value;
    if (chart.current && found) fill(chart.current, found, limit);
  });
  const found = histogram.value;
  const text = found?.total
    ? `Distribution of ${formatCount(found.total)} scores from ${formatScore(found.minimum)} to ${formatScore(found.maximum)}, mean ${formatScore(found.mean)}`
    : 'Distribution of scores, not computed yet';
  return (
    <div class="chart histogram">
      <canvas ref={canvas} role="img" aria-label={text} />
    </div>
  );
}

function fill(
  chart: Chart<'bar', number[], string>,
  { edges, counts }: { edges: Float64Array; counts: Float64Array },
  limit: number | null,
): void {
  const used = Array.from(counts.keys()).filter((bin) => counts[bin] !== 0);
  const [first = 0, last = 0] = [used[0], used.at(-1)];
  const wide = Math.min(MAX_BINS_A_BAR, Math.max(1, Math.floor((last + 1 - first) / MIN_BARS)));
  const from = Math.floor(first / wide);
  const to = Math.floor(last / wide) + 1;
  const bars = Array.from({ length: to - from }, (_, bar) => (from + bar) * wide);
  const edgeAbove = (bin: number) => edges[Math.min(bin + wide, counts.length)] as number;
  chart.data.labels = bars.map((bin) => formatScore(edges[bin] as number, wide < 10 ? 3 : 2));
  const dataset = chart.data.datasets[0] as (typeof chart.data.datasets)[0];
  dataset.data = bars.map((bin) => counts.subarray(bin, bin + wide).reduce((sum, count) => sum + count, 0));
  const kept = styleColour('--accent');
  const other = styleColour('--faint');
  // A bar ends below its upper edge, but for the last one.
  const reaches = (bin: number, score: number) => edgeAbove(bin) > score || bin + wide >= counts.length;
  dataset.backgroundColor = bars.map((bin) => (limit !== null && reaches(bin, limit) ? kept : other));
  for (const axis of ['x', 'y']) {
    const scale = chart.options.scales?.[axis];
    if (!scale) continue;
    Object.assign(scale.ticks ?? {}, { color: styleColour('--quiet') });
    Object.assign(scale.grid ?? {}, { color: styleColour('--line') });
    Object.assign((scale as { title?: object }).title ?? {}, { color: styleColour('--quiet') });
  }
  chart.update();
}

/** Powers of ten. */
function tickOf(value: number): string {
  const power = Math.log10(value);
  return Number.isInteger(power) ? formatCount(value) : '';
}
