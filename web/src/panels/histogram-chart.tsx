// The distribution of the scores on a logarithmic scale, because a threshold concerns the few high scores. The threshold is dragged on it.

import { useComputed, useSignal } from '@preact/signals';
import { countOf, digitsToTell, formatCount, formatScore } from '../format.js';
import { histogram, usedThreshold } from '../state/answers.js';
import { barsOf, digitsOfTicks, heightOf, powersUpTo, type ScoreBar, type ScoreBars, ticksBetween } from './score-bars.js';
import { ThresholdInput } from './threshold-input.js';

/** The height and the width of the drawing, which is stretched to its frame. */
const HEIGHT = 100;
const WIDTH = 1000;

export function HistogramChart() {
  const shape = useComputed(() => histogram.value && barsOf(histogram.value));
  const pointed = useSignal<ScoreBar | null>(null);
  const found = histogram.value;
  const bars = shape.value;
  const text = found?.total
    ? `Distribution of ${formatCount(found.total)} scores${found.sampling > 0 ? ' of a sample' : ''} from ${formatScore(found.minimum)} to ${formatScore(found.maximum)}, mean ${formatScore(found.mean)}`
    : 'Distribution of scores, not computed yet';
  return (
    <div class="histogram">
      <div class="count-axis" aria-hidden="true">
        {bars &&
          powersUpTo(bars.most, 4).map((count) => (
            <span key={count} style={{ bottom: `${100 * heightOf(count, bars.most)}%` }}>
              {formatCount(count)}
            </span>
          ))}
      </div>
      <div
        class="histogram-plot"
        onPointerMove={({ clientX, currentTarget }) => {
          const { left, width } = currentTarget.getBoundingClientRect();
          if (bars) pointed.value = barAt(bars, (clientX - left) / width);
        }}
        onPointerLeave={() => {
          pointed.value = null;
        }}
      >
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={text}>
          {bars && <Bars of={bars} />}
        </svg>
        <ThresholdInput low={bars?.low ?? 0} high={bars?.high ?? 1} />
        {pointed.value && <BarText bar={pointed.value} />}
      </div>
      <div class="score-axis" aria-hidden="true">
        {bars && <Ticks of={bars} />}
      </div>
    </div>
  );
}

/** All bars, and over them those that the threshold keeps, in another colour. The bar that contains it has both colours. */
function Bars({ of: { low, high, bars, most } }: { of: ScoreBars }) {
  const across = (score: number) => (WIDTH * (score - low)) / (high - low);
  const path = bars
    .map(({ from, to, count }) => {
      const gap = 0.06 * (across(to) - across(from));
      const [left, right] = [across(from) + gap, across(to) - gap];
      const top = HEIGHT * (1 - heightOf(count, most));
      return `M${left.toFixed(1)} ${HEIGHT}V${top.toFixed(2)}H${right.toFixed(1)}V${HEIGHT}Z`;
    })
    .join('');
  return (
    <>
      <path class="all-bars" d={path} />
      <KeptBars path={path} across={across} />
    </>
  );
}

function KeptBars({ path, across }: { path: string; across: (score: number) => number }) {
  if (usedThreshold.value === null) return null;
  const from = across(usedThreshold.value);
  return (
    <>
      <clipPath id="kept-scores">
        <rect x={from} y={0} width={Math.max(0, WIDTH - from)} height={HEIGHT} />
      </clipPath>
      <path class="kept-bars" d={path} clip-path="url(#kept-scores)" />
    </>
  );
}

function Ticks({ of: { low, high } }: { of: ScoreBars }) {
  const ticks = ticksBetween(low, high, 6);
  const digits = digitsOfTicks(ticks);
  return (
    <>
      {ticks.map((score) => (
        <span key={score} style={{ left: `${(100 * (score - low)) / (high - low)}%` }}>
          {formatScore(score, digits)}
        </span>
      ))}
    </>
  );
}

function barAt({ low, high, bars }: ScoreBars, fraction: number): ScoreBar | null {
  const score = low + fraction * (high - low);
  return bars.find(({ from, to }) => score >= from && score < to) ?? null;
}

function BarText({ bar: { from, to, count } }: { bar: ScoreBar }) {
  const digits = digitsToTell(to - from);
  return (
    <p class="bar-text" aria-hidden="true">
      {formatScore(from, digits)} to {formatScore(to, digits)}: {countOf(count, 'pair')}
    </p>
  );
}
