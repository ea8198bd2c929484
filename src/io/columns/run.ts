// Runs are numeric columns that belong together, such as d0, d1, ... d767. Tables with one number per cell are read only through such a
// run, so an id, label or year next to the vectors never becomes one of their elements.

import type { Column } from './column.js';

/** Columns of one naming pattern, in the order of their counters. */
export interface Run {
  readonly columns: readonly number[];
  /** Integer columns at an end of a floating-point run may be elements or labels: this is the run without them. */
  readonly withoutIntegerEnds?: readonly number[];
}

/** Returns the last counter in a name and the text around it: 'emb_12' is 'emb_' 12 ''. */
function patternOf(name: string): { readonly pattern: string; readonly counter: number } | undefined {
  const match = /^(.*?)(\d{1,9})(\D*)$/s.exec(name);
  if (!match) return undefined;
  const [, before, counter, after] = match as unknown as [string, string, string, string];
  return { pattern: JSON.stringify([before, after]), counter: Number(counter) };
}

/** Columns of one naming pattern that would be a run except for one of them. */
export interface BrokenRun {
  readonly columns: readonly number[];
  /** The reason, as the end of a message: 'd3 holds text'. */
  readonly fault: string;
}

export interface NamedRuns {
  readonly runs: readonly Run[];
  readonly broken: readonly BrokenRun[];
}

/**
 * Returns the runs of named columns: at least two floating-point columns of one pattern whose counters have no gap. A column that breaks
 * the sequence, such as text as number 5, prevents the run.
 */
export function namedRuns(columns: readonly Column[]): NamedRuns {
  const runs: Run[] = [];
  const broken: BrokenRun[] = [];
  for (const { members, fault } of familiesOf(columns)) {
    if (fault === undefined) {
      const run = runOf(columns, members);
      if (run) runs.push(run);
      else if (countFloats(columns, members) >= 2) broken.push({ columns: members, fault: 'most of them hold whole numbers' });
    } else if (countFloats(columns, members, true) >= 2) broken.push({ columns: members, fault });
  }
  return { runs, broken };
}

function countFloats(columns: readonly Column[], members: readonly number[], damaged = false): number {
  return members.filter((index) => columns[index]?.kind === 'float' || (damaged && columns[index]?.mostly === 'float')).length;
}

/** Returns the columns of each pattern that has only numbers, at least one of them an integer, without a gap. */
export function wholeFamilies(columns: readonly Column[]): (readonly number[])[] {
  const whole = familiesOf(columns).filter(({ members, fault }) => fault === undefined && members.length > 1);
  return whole.map(({ members }) => members).filter((members) => members.some((index) => columns[index]?.kind === 'integer'));
}

interface Family {
  readonly members: readonly number[];
  /** Why it is not a run. */
  readonly fault: string | undefined;
}

function familiesOf(columns: readonly Column[]): Family[] {
  const families = new Map<string, Map<number, number[]>>();
  for (const [index, { name }] of columns.entries()) {
    const parts = patternOf(name);
    if (!parts) continue;
    const family = families.get(parts.pattern) ?? new Map<number, number[]>();
    family.set(parts.counter, [...(family.get(parts.counter) ?? []), index]);
    families.set(parts.pattern, family);
  }
  return [...families].map(([pattern, family]) => {
    const counters = [...family.keys()].sort((a, b) => a - b);
    const members = counters.flatMap((counter) => family.get(counter) as number[]);
    return { members, fault: faultOf(columns, pattern, counters, family) };
  });
}

/** Returns why a family is not a run. */
function faultOf(
  columns: readonly Column[],
  pattern: string,
  counters: readonly number[],
  family: ReadonlyMap<number, readonly number[]>,
): string | undefined {
  const [before, after] = JSON.parse(pattern) as [string, string];
  for (const [at, counter] of counters.entries()) {
    const expected = (counters[0] as number) + at;
    if (counter !== expected) return `${before}${expected}${after} is missing`;
    const [index, another] = family.get(counter) as readonly number[];
    // Two columns have the same number, such as d1 and d01, so their order is ambiguous.
    if (another !== undefined) return `two columns are number ${counter}`;
    const { name, type } = columns[index as number] as Column;
    if (!isNumber(columns, index as number)) return `${name} holds ${type}`;
  }
  return undefined;
}

/**
 * Returns the run of a table without names: all columns between the first and the last floating-point one. Integers and text before or
 * after it are ids and labels; text inside it prevents the run.
 */
export function unnamedRun(columns: readonly Column[]): Run | undefined {
  const isFloat = ({ kind, onlyNaN }: Column) => kind === 'float' && !onlyNaN;
  const first = columns.findIndex(isFloat);
  const last = columns.findLastIndex(isFloat);
  if (first < 0) return undefined;
  const between = [...columns.keys()].slice(first, last + 1);
  if (!between.every((index) => isNumber(columns, index))) return undefined;
  // A damaged column before or after them may belong to them.
  if (columns.some(isDamaged)) return undefined;
  return runOf(columns, between);
}

function isDamaged({ kind, mostly }: Column): boolean {
  return mostly === 'float' && kind !== 'float' && kind !== 'integer';
}

/** Returns the floating-point columns of a table without names if damaged ones prevent the run. */
export function brokenUnnamedRun(columns: readonly Column[]): BrokenRun | undefined {
  const members = [...columns.keys()].filter(
    (index) => columns[index]?.kind === 'float' || isDamaged(columns[index] as Column),
  );
  const damaged = members.find((index) => isDamaged(columns[index] as Column));
  if (damaged === undefined || members.length < 2) return undefined;
  return { columns: members, fault: `${damaged + 1} holds ${columns[damaged]?.type}` };
}

function isNumber(columns: readonly Column[], index: number): boolean {
  const kind = columns[index]?.kind;
  return kind === 'float' || kind === 'integer';
}

function runOf(columns: readonly Column[], members: readonly number[]): Run | undefined {
  const floats = countFloats(columns, members);
  // Columns that contain only NaN do not make a run, because they may be of any type.
  if (!members.some((index) => columns[index]?.kind === 'float' && !columns[index].onlyNaN)) return undefined;
  // If most columns are integers (pixels, counts, survey answers), elements cannot be distinguished from labels.
  if (floats < 2 || floats * 2 < members.length) return undefined;
  const isFloat = (index: number) => columns[index]?.kind === 'float';
  const first = members.findIndex(isFloat);
  const last = members.findLastIndex(isFloat);
  const inner = members.slice(first, last + 1);
  return { columns: members, ...(inner.length < members.length && { withoutIntegerEnds: inner }) };
}
