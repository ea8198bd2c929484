// Runs: columns of numbers that belong together, as d0, d1, ... d767 do. A table of single numbers is read only by such a run, so that an
// id, a label or a year beside the vectors never becomes one of their elements.

import type { Column } from './column.js';

/** Columns of one naming pattern, in the order of their counters. */
export interface Run {
  readonly columns: readonly number[];
  /** Integer columns at an end of a run of floating-point columns may be elements or labels: the run without them. */
  readonly withoutIntegerEnds?: readonly number[];
}

/** The last counter of a name, and what stands around it: 'emb_12' is 'emb_' 12 ''. */
function patternOf(name: string): { readonly pattern: string; readonly counter: number } | undefined {
  const match = /^(.*?)(\d{1,9})(\D*)$/s.exec(name);
  if (!match) return undefined;
  const [, before, counter, after] = match as unknown as [string, string, string, string];
  return { pattern: JSON.stringify([before, after]), counter: Number(counter) };
}

/**
 * The runs of columns with names: at least two floating-point columns of one pattern whose counters have no gap. Columns that break the
 * sequence (text where number 5 should be) leave no run.
 */
export function namedRuns(columns: readonly Column[]): Run[] {
  const families = new Map<string, Map<number, number | undefined>>();
  for (const [index, { name }] of columns.entries()) {
    const parts = patternOf(name);
    if (!parts) continue;
    const family = families.get(parts.pattern) ?? new Map();
    // Two columns of one number, such as d1 and d01: no order tells which is meant.
    family.set(parts.counter, family.has(parts.counter) ? undefined : index);
    families.set(parts.pattern, family);
  }
  const runs: Run[] = [];
  for (const family of families.values()) {
    const counters = [...family.keys()].sort((a, b) => a - b);
    const members = counters.map((counter) => family.get(counter));
    const first = counters[0] as number;
    const whole = counters.every((counter, at) => counter === first + at) && members.every((index) => index !== undefined);
    if (!whole || !members.every((index) => isNumber(columns, index as number))) continue;
    const run = runOf(columns, members as number[]);
    if (run) runs.push(run);
  }
  return runs;
}

/**
 * The run of a table without names: every column between the first and the last floating-point one. Integers and text before or
 * behind them are ids and labels; text between them leaves no run.
 */
export function unnamedRun(columns: readonly Column[]): Run | undefined {
  const first = columns.findIndex(({ kind }) => kind === 'float');
  const last = columns.findLastIndex(({ kind }) => kind === 'float');
  if (first < 0) return undefined;
  const between = [...columns.keys()].slice(first, last + 1);
  if (!between.every((index) => isNumber(columns, index))) return undefined;
  return runOf(columns, between);
}

function isNumber(columns: readonly Column[], index: number): boolean {
  const kind = columns[index]?.kind;
  return kind === 'float' || kind === 'integer';
}

function runOf(columns: readonly Column[], members: readonly number[]): Run | undefined {
  const floats = members.filter((index) => columns[index]?.kind === 'float').length;
  // Where most are integers (pixels, counts, survey answers), nothing tells elements from labels.
  if (floats < 2 || floats * 2 < members.length) return undefined;
  const isFloat = (index: number) => columns[index]?.kind === 'float';
  const first = members.findIndex(isFloat);
  const last = members.findLastIndex(isFloat);
  const inner = members.slice(first, last + 1);
  return { columns: members, ...(inner.length < members.length && { withoutIntegerEnds: inner }) };
}
