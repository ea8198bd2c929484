// The threshold as a slider over the histogram, on the histogram's own axis, and as a number.

import { formatThreshold } from '../format.js';
import { pairs, usedThreshold } from '../state/answers.js';
import { threshold } from '../state/choices.js';
import { useDraft } from './draft.js';

/** Decimals of the slider's step: at least as fine as the histogram, and finer if all scores are close together. */
function digitsOfStep(range: number): number {
  return Math.min(7, Math.max(3, Math.ceil(2 - Math.log10(Math.max(range, 1e-7)))));
}

/** Accepts any score. The input then shows the threshold in force, which is not below the pairs held. */
function choose(text: string, round: (score: number) => number): void {
  const score = Number(text);
  if (text.trim() !== '' && score >= -1 && score <= 1) threshold.value = round(score);
}

/** A slider as wide as the histogram, from `low` to `high`. */
export function ThresholdInput({ low, high }: { low: number; high: number }) {
  const value = usedThreshold.value;
  const digits = digitsOfStep(high - (pairs.value?.floor ?? low));
  return (
    <input
      id="threshold"
      class="threshold-input"
      type="range"
      aria-label="Threshold"
      min={low}
      max={high}
      step={10 ** -digits}
      value={value ?? high}
      disabled={value === null}
      onInput={({ currentTarget }) => {
        choose(currentTarget.value, (score) => Number(score.toFixed(digits)));
        currentTarget.value = String(usedThreshold.peek() ?? high);
      }}
    />
  );
}

export function ThresholdNumber() {
  const value = usedThreshold.value;
  const floor = pairs.value?.floor ?? 0;
  const draft = useDraft(value === null ? '' : formatThreshold(value), (text) => choose(text, (score) => score));
  return (
    <input
      type="number"
      aria-label="Threshold, as a number"
      min={floor}
      max={1}
      step={10 ** -digitsOfStep(1 - floor)}
      disabled={value === null}
      {...draft}
    />
  );
}
