// Determines the colour of each row on the map.

import { computed } from '@preact/signals';
import { formatCount } from '../format.js';
import { colourColumn, groupOfRow, settledGroups, shown } from '../state/answers.js';
import { groupNames } from '../state/group-names.js';
import { bytesOfOklab, hexOf, oklabOfHue } from '../state/oklab.js';
import { styleColour, type Theme, theme } from '../state/theme.js';

export interface MapClass {
  /** Differs from the name, because a class may have the same name as the rest. */
  readonly key: string;
  readonly name: string;
  /** The label among its points. */
  readonly onMap: string;
  readonly colour: string;
  readonly rows: readonly number[];
}

/** Number of distinguishable colours; rarer classes share one. */
const MAX_CLASSES = 16;
const MAX_GROUPS = 15;

/** The classes that the map and the edges of the matrix show. */
export const rowClasses = computed<readonly MapClass[]>(() => classesOf(theme.value, styleColour('--faint')));

/** Rows by class, the largest first. Rows without a class or of a rare one come first, so that they are drawn below the others. */
function classesOf(theme: Theme, restColour: string): MapClass[] {
  const column = colourColumn.value;
  const { names, onMap, classOf, rest } = column ? byColumn(column.values) : byGroup();
  const rows = names.map((): number[] => []);
  const others: number[] = [];
  for (let row = 0; row < (shown.value?.rows ?? 0); row++) (rows[classOf(row)] ?? others).push(row);
  const classes = names.map((name, at) => ({
    key: `class ${column ? name : at}`,
    name: name || '(empty)',
    onMap: onMap[at] ?? '',
    colour: hueOf(at, names.length, theme),
    rows: rows[at] as number[],
  }));
  return others.length > 0 ? [{ key: 'rest', name: rest, onMap: '', colour: restColour, rows: others }, ...classes] : classes;
}

interface Classes {
  readonly names: readonly string[];
  /** The same, shorter. */
  readonly onMap: readonly string[];
  classOf(row: number): number;
  readonly rest: string;
}

function byGroup(): Classes {
  const of = groupOfRow.value;
  return {
    names: settledGroups.value
      .slice(0, MAX_GROUPS)
      .map(({ length }, number) => `${groupNames.value[number]} (${formatCount(length)})`),
    onMap: groupNames.value,
    classOf: (row) => of[row] as number,
    rest: settledGroups.value.length > MAX_GROUPS ? 'smaller groups and rows in none' : 'in no group',
  };
}

function byColumn(values: readonly string[]): Classes {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const byCount = [...counts.keys()].sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0));
  const names = (counts.size <= MAX_CLASSES ? byCount : byCount.slice(0, MAX_CLASSES - 1)).sort(inNaturalOrder);
  const numbers = new Map(names.map((name, number) => [name, number]));
  return { names, onMap: names, classOf: (row) => numbers.get(values[row] as string) ?? -1, rest: 'other' };
}

const { compare: inNaturalOrder } = new Intl.Collator('en', { numeric: true });

/** Hues evenly around the circle, every second one lighter. */
function hueOf(at: number, count: number, theme: Theme): string {
  const lightness = theme === 'light' ? [0.55, 0.7] : [0.68, 0.82];
  const even = count <= 6 || at % 2 === 0;
  return hexOf(bytesOfOklab(oklabOfHue(lightness[even ? 0 : 1] as number, 0.15, (360 * at) / count + 20)));
}
