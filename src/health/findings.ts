// Explains each figure in one sentence, with one sentence of advice.

import { API_WORDING, type Wording } from '../message.js';
import type { Finding, Health } from '../results.js';

type Figures = Omit<Health, 'findings' | 'verdict'>;

/** Limits beyond which a figure is notable. */
const COMMON_PART = 0.2;
const HUBNESS = 1.4;
const FEW_KEPT = 0.7;
const FIRST_COMPONENT = 0.2;
const LOW_RANK = 1 / 10;
const LENGTHS_VARY = 0.1;
const LENGTH_MATTERS = 0.3;

const NOTHING_TO_DO = 'Nothing to do.';

/** Returns whether the rows have no common component to subtract. */
function isCentred(meanScore: number): boolean {
  return meanScore < 0.02;
}

/** `wording` names options and calls as the API or as the command line does. */
export function findingsOf(figures: Figures, wording: Wording = API_WORDING): Finding[] {
  return [
    ofZeroRows(figures),
    ofNonFiniteRows(figures, wording),
    ofDuplicates(figures, wording),
    ofNorms(figures),
    ofNormScoreCorrelation(figures, wording),
    ofMeanScore(figures, wording),
    ofEffectiveRank(figures, wording),
    ofFirstComponent(figures, wording),
    ofHubness(figures, wording),
    ofCentring(figures),
    ofComponents(figures, wording),
    ofThreshold(figures),
  ].filter((finding) => finding !== undefined);
}

export function verdictOf(findings: readonly Finding[]): string {
  const notable = findings.filter((finding) => finding.notable).map(({ name }) => name);
  if (notable.length === 0) {
    return findings.some(({ name }) => name === 'meanScore')
      ? 'Nothing in these rows argues against using cosine similarity.'
      : 'There are too few rows to tell.';
  }
  return `Look at ${notable.join(', ')} before you rely on these cosines.`;
}

function ofZeroRows({ zeroRows }: Figures): Finding {
  return {
    name: 'zeroRows',
    value: zeroRows,
    notable: zeroRows > 0,
    meaning:
      zeroRows === 0
        ? 'No row is all zeros.'
        : `${count(zeroRows, 'row is', 'rows are')} all zeros and ${zeroRows === 1 ? 'has' : 'have'} a score of 0 with every row.`,
    advice: zeroRows === 0 ? NOTHING_TO_DO : 'Look for empty inputs and failed requests, and leave these rows out.',
  };
}

function ofNonFiniteRows({ nonFiniteRows }: Figures, wording: Wording): Finding {
  return {
    name: 'nonFiniteRows',
    value: nonFiniteRows,
    notable: nonFiniteRows > 0,
    meaning:
      nonFiniteRows === 0
        ? 'No row holds NaN or infinity.'
        : `${count(nonFiniteRows, 'row holds', 'rows hold')} NaN or infinity; the other figures leave them out.`,
    advice:
      nonFiniteRows === 0
        ? NOTHING_TO_DO
        : `Compute these rows again: other calls refuse them, or take them as zero rows with ${wording.option('nonFinite', 'zero')}.`,
  };
}

function ofDuplicates({ duplicateRows }: Figures, wording: Wording): Finding {
  return {
    name: 'duplicateRows',
    value: duplicateRows,
    notable: duplicateRows > 0,
    meaning:
      duplicateRows === 0
        ? 'No two rows are equal.'
        : `${count(duplicateRows, 'row is', 'rows are')} equal to an earlier row, and fill${duplicateRows === 1 ? 's' : ''} its list of neighbours.`,
    advice:
      duplicateRows === 0 ? NOTHING_TO_DO : `Remove equal rows first, as ${wording.call('dedupe')} does with a threshold of 1.`,
  };
}

function ofNorms({ unitNorm, norms }: Figures): Finding | undefined {
  if (Number.isNaN(norms.mean)) return undefined;
  const varies = norms.deviation > LENGTHS_VARY * norms.mean;
  return {
    name: 'unitNorm',
    value: unitNorm,
    notable: varies,
    meaning: unitNorm
      ? 'Every row has length 1, so cosine, dot product and Euclidean distance give the same ranking.'
      : `Lengths range from ${figure(norms.minimum)} to ${figure(norms.maximum)}; cosine similarity ignores them.`,
    advice: varies
      ? 'Check what the model was trained for: if that was the dot product, rank by the dot product.'
      : NOTHING_TO_DO,
  };
}

function ofNormScoreCorrelation({ normScoreCorrelation: value, meanScore }: Figures, wording: Wording): Finding | undefined {
  if (Number.isNaN(value)) return undefined;
  const notable = Math.abs(value) > LENGTH_MATTERS && !isCentred(meanScore);
  return {
    name: 'normScoreCorrelation',
    value,
    notable,
    meaning: notable
      ? `${value > 0 ? 'Long' : 'Short'} rows score higher with everything (correlation ${score(value)}), so length carries meaning here.`
      : `The correlation of a row's length with its mean score is ${score(value)}${isCentred(meanScore) ? ', which means little because mean scores are this low' : ', which is low'}.`,
    advice: notable
      ? `Try ${wording.option('center', true)}, or a ranking by the dot product, on pairs that you know.`
      : NOTHING_TO_DO,
  };
}

function ofMeanScore({ meanScore: value, scores }: Figures, wording: Wording): Finding | undefined {
  if (Number.isNaN(value)) return undefined;
  const notable = value > COMMON_PART;
  return {
    name: 'meanScore',
    value,
    notable,
    meaning: notable
      ? `Any two rows score ${score(value)} on average, because all rows share a large common component.`
      : `Any two rows score ${score(value)} on average${spreadOf(scores)}.`,
    advice: notable
      ? `Subtract the mean row (${wording.option('center', true)}), and compare ranks rather than scores.`
      : NOTHING_TO_DO,
  };
}

/** Empty for few rows, whose distribution is unknown. */
function spreadOf({ low, high }: Figures['scores']): string {
  return Number.isNaN(low) ? '' : `; 98% of the pairs score between ${score(low)} and ${score(high)}`;
}

function ofEffectiveRank({ effectiveRank: value, depth }: Figures, wording: Wording): Finding | undefined {
  if (Number.isNaN(value)) return undefined;
  const notable = value < LOW_RANK * depth;
  return {
    name: 'effectiveRank',
    value,
    notable,
    meaning: `The rows vary as if they had ${Math.round(value)} independent elements instead of ${depth}.`,
    advice: notable
      ? `A few directions dominate the scores: try ${wording.option('removeComponents')}, or ${wording.option('whiten', true)} if there are many rows.`
      : NOTHING_TO_DO,
  };
}

function ofFirstComponent(
  { varianceInFirst: value, varianceInFirstTen, depth, componentsRemoved }: Figures,
  wording: Wording,
): Finding | undefined {
  if (Number.isNaN(value)) return undefined;
  const notable = value > Math.max(FIRST_COMPONENT, 2 / depth);
  const ten = depth > 10 ? `, the first ten ${percent(varianceInFirstTen)}` : '';
  return {
    name: 'varianceInFirst',
    value,
    notable,
    meaning: `The first principal direction holds ${percent(value)} of the variance${ten}.`,
    advice: notable
      ? `Find out what the first directions stand for, and try ${wording.option('removeComponents', Math.max(1, componentsRemoved))}.`
      : NOTHING_TO_DO,
  };
}

function ofHubness(
  { hubnessSkew: value, hubs, neverNeighbours, sampled, meanScore }: Figures,
  wording: Wording,
): Finding | undefined {
  if (Number.isNaN(value)) return undefined;
  const notable = value > HUBNESS;
  const [first] = hubs;
  const most = first ? `row ${first.row} is in ${first.count} lists of neighbours` : 'no row is in any list';
  return {
    name: 'hubnessSkew',
    value,
    notable,
    meaning: notable
      ? `A few rows are everyone's neighbour: ${most}, and ${neverNeighbours} of ${sampled.neighbourRows} rows are in none.`
      : `Rows appear in neighbour lists about equally often: ${most}, more than any other.`,
    advice: notable
      ? `Keep mutual neighbours only${isCentred(meanScore) ? '' : `, or try ${wording.option('center', true)}, which often helps`}.`
      : NOTHING_TO_DO,
  };
}

function ofCentring({ neighboursKeptCentred: value }: Figures): Finding | undefined {
  if (Number.isNaN(value)) return undefined;
  const notable = value < FEW_KEPT;
  return {
    name: 'neighboursKeptCentred',
    value,
    notable,
    meaning: `${percent(value)} of the ten nearest rows stay when the mean row is subtracted.`,
    advice: notable
      ? 'The common component decides which rows are near: compare both lists for rows that you know.'
      : NOTHING_TO_DO,
  };
}

function ofComponents(
  { neighboursKeptWithoutComponents: value, componentsRemoved, varianceInFirst, depth }: Figures,
  wording: Wording,
): Finding | undefined {
  if (Number.isNaN(value)) return undefined;
  // For rows without structure, removing a direction changes much and means nothing.
  const notable = value < FEW_KEPT && varianceInFirst > Math.max(FIRST_COMPONENT / 4, 4 / depth);
  const directions =
    componentsRemoved === 1 ? 'the first principal direction is' : `the first ${componentsRemoved} principal directions are`;
  return {
    name: 'neighboursKeptWithoutComponents',
    value,
    notable,
    meaning: `${percent(value)} of the ten nearest rows stay when ${directions} removed.`,
    advice: notable
      ? `The first directions decide which rows are near: compare with ${wording.option('removeComponents', componentsRemoved)} for rows that you know.`
      : NOTHING_TO_DO,
  };
}

function ofThreshold({ suggestedThreshold: value }: Figures): Finding {
  const none = Number.isNaN(value);
  return {
    name: 'suggestedThreshold',
    value,
    notable: false,
    meaning: none
      ? 'No score is clearly higher than the scores of rows with shuffled columns.'
      : `About one in a hundred pairs at or above ${value.toFixed(3)} would be there if the columns were shuffled.`,
    advice: none
      ? 'If you need a threshold, choose it on pairs that you have labelled.'
      : `Start with a threshold of ${score(value)}, and adjust it on pairs that you have labelled.`,
  };
}

function count(value: number, one: string, many: string): string {
  return `${value} ${value === 1 ? one : many}`;
}

function percent(value: number): string {
  return `${(100 * value).toFixed(0)}%`;
}

/** Formats two decimals, and zero without a sign. */
function score(value: number): string {
  return (Math.round(100 * value) / 100 + 0).toFixed(2);
}

function figure(value: number): string {
  return Number(value.toPrecision(4)).toString();
}
