// Decides which columns of a table are the rows, with evidence, or refuses the table and lists the choices. The rule is the same for all
// formats.

import { ArgumentError } from '../../errors.js';
import { joinMessages, type Message, say } from '../../message.js';
import { chooseWith, columnOptions } from './choices.js';
import { type Column, columnLabel, describeColumns } from './column.js';
import { type BrokenRun, brokenUnnamedRun, namedRuns, type Run, unnamedRun, wholeFamilies } from './run.js';
import { selectColumns } from './select.js';

/** The columns that make up the rows. */
export interface ChosenColumns {
  /** 'vector': one column whose cells are whole rows. 'elements': several columns whose cells are single elements. */
  readonly kind: 'vector' | 'elements';
  /** Column indices, in the order of the elements. */
  readonly columns: readonly number[];
  readonly origin: Origin;
}

/** Where the rows of a file come from, if the file contains more than them. */
export interface Origin {
  /** 'column embedding', 'columns d0..d767'. */
  readonly from: string;
  /** Names of the parts of the file that are not used; columns without a name have numbers, counted from 1. */
  readonly notUsed: readonly string[];
  /** The columns that the rows were taken from, in the order of the elements, if they have names. */
  readonly columns?: readonly string[];
}

/** The table to choose from, and what the caller selects. */
export interface ColumnQuestion {
  /** The file's name, for messages. */
  readonly file: string;
  readonly columns: readonly Column[];
  /** False if no line of the file names the columns. */
  readonly named: boolean;
  /** The caller's selection. */
  readonly selector: string | undefined;
}

/**
 * Chooses the columns of the rows: those of `selector`, otherwise the only column of vectors, otherwise the only run of floating-point
 * columns. If there are none or several, throws an ArgumentError that lists the columns and the selectors that take them.
 */
export function chooseColumns(question: ColumnQuestion): ChosenColumns {
  const { columns, named, selector } = question;
  const chosen = selector === undefined ? decide(question) : selected(question, selector);
  if (!named) return chosen;
  const names = chosen.columns.map((index) => columnLabel(columns, index));
  return { ...chosen, origin: { ...chosen.origin, columns: names } };
}

function selected({ file, columns }: ColumnQuestion, selector: string): ChosenColumns {
  const chosen = selectColumns(file, columns, selector);
  const [only] = chosen as [number, ...number[]];
  if (chosen.length === 1) {
    const { kind, type, remedy } = columns[only] as Column;
    if (kind === 'vector') return vectorChoice(columns, only);
    const what = `${file}: column ${columnLabel(columns, only)} holds ${type}`;
    if (kind === 'float' || kind === 'integer') {
      throw refuse(
        `${what}, one number a row; expected a vector:`,
        'select a column of vectors, or several columns of numbers',
      );
    }
    throw refuse(`${what}, which cannot be rows`, remedy);
  }
  for (const index of chosen) {
    const { kind, type } = columns[index] as Column;
    if (kind === 'float' || kind === 'integer' || kind === 'null') continue;
    const isVector = kind === 'vector';
    const held = isVector ? 'whole vectors' : `${type}, which cannot be an element of a row`;
    throw refuse(`${file}: column ${columnLabel(columns, index)} holds ${held}`, isVector ? 'select it alone' : undefined);
  }
  return elementsChoice(columns, chosen);
}

function decide({ file, columns, named }: ColumnQuestion): ChosenColumns {
  const vectors = [...columns.keys()].filter((index) => columns[index]?.kind === 'vector');
  const unnamed = named ? undefined : unnamedRun(columns);
  const found = named ? namedRuns(columns) : undefined;
  const runs = found ? found.runs : unnamed ? [unnamed] : [];
  refuseDamaged(file, columns, vectors, runs, found ? found.broken[0] : brokenUnnamedRun(columns));
  // In a table without names, integers at the ends are ids and labels; with names, they belong to the pattern of the others.
  const open = runs.find(({ withoutIntegerEnds }) => named && withoutIntegerEnds !== undefined);
  const [vector, ...otherVectors] = vectors;
  const [run, ...otherRuns] = runs;
  if (vector !== undefined && otherVectors.length === 0 && !run) return vectorChoice(columns, vector);
  if (vector !== undefined) {
    const choices = [
      ...vectors.map((index) => selectorOf(columns, [index])),
      ...runs.map((each) => selectorOf(columns, each.columns)),
    ];
    const held = [describeColumns(columns, vectors), ...runs.map((each) => describeRun(columns, each.columns))].join(', ');
    throw ambiguous(file, held, choices);
  }
  if (!run) throw nothing(file, columns, named);
  if (otherRuns.length > 0) {
    const held = runs.map((each) => describeRun(columns, each.columns)).join(', ');
    const choices = runs.map((each) => selectorOf(columns, each.columns));
    throw ambiguous(file, held, choices);
  }
  if (open?.withoutIntegerEnds) {
    const choices = [open.withoutIntegerEnds, open.columns].map((each) => selectorOf(columns, each));
    const ends = open.columns.filter((index) => !open.withoutIntegerEnds?.includes(index));
    const labels = ends.map((index) => columnLabel(columns, index)).join(' and ');
    throw refuse(`${file}: ${labels} holds whole numbers and may be a label or an element of the rows`, chooseWith(choices));
  }
  return elementsChoice(columns, run.withoutIntegerEnds ?? run.columns);
}

/** Throws ArgumentError if damaged columns may be the rows, because intact columns would be used instead. */
function refuseDamaged(
  file: string,
  columns: readonly Column[],
  vectors: readonly number[],
  runs: readonly Run[],
  broken: BrokenRun | undefined,
): void {
  const choices = [...vectors.map((index) => [index]), ...runs.map((run) => run.columns)].map((each) =>
    selectorOf(columns, each),
  );
  const remedy = choices.length === 0 ? 'mend it' : say`mend it, or choose ${columnOptions(choices)}`;
  const damaged = columns.findIndex(({ kind, mostly }) => mostly === 'vector' && kind !== 'vector');
  if (damaged >= 0) {
    const what = `column ${columnLabel(columns, damaged)} holds vectors in most rows, but not in all (${columns[damaged]?.type})`;
    throw refuse(`${file}: ${what}`, remedy);
  }
  const undeclared = columns.findIndex((column) => column.undeclared);
  if (undeclared >= 0 && choices.length > 0) {
    const { type, remedy: declare } = columns[undeclared] as Column;
    const what = `column ${columnLabel(columns, undeclared)} (${type}) may hold the vectors, too`;
    const choose = say`choose ${columnOptions(choices)}`;
    throw refuse(`${file}: ${what}`, declare === undefined ? choose : say`${declare}, or ${choose}`);
  }
  if (!broken || choices.length === 0) return;
  const [first, last] = [broken.columns[0], broken.columns.at(-1)].map((index) => columnLabel(columns, index as number));
  throw refuse(`${file}: columns ${first} to ${last} may be the rows, but ${broken.fault}`, remedy);
}

function vectorChoice(columns: readonly Column[], index: number): ChosenColumns {
  const from = `column ${columnLabel(columns, index)}`;
  return { kind: 'vector', columns: [index], origin: { from, notUsed: others(columns, [index]) } };
}

function elementsChoice(columns: readonly Column[], chosen: readonly number[]): ChosenColumns {
  const from = `columns ${selectorOf(columns, chosen)}`;
  return { kind: 'elements', columns: chosen, origin: { from, notUsed: others(columns, chosen) } };
}

function others(columns: readonly Column[], chosen: readonly number[]): string[] {
  const taken = new Set(chosen);
  // The empty column that a trailing separator on each line creates is not worth mentioning.
  const empty = ({ name, kind }: Column) => name === '' && kind === 'null';
  return [...columns.keys()]
    .filter((index) => !taken.has(index) && !empty(columns[index] as Column))
    .map((index) => columnLabel(columns, index));
}

function refuse(message: string, advice?: Message): ArgumentError {
  return new ArgumentError('column', message, { advice });
}

function ambiguous(file: string, held: string, choices: readonly string[]): ArgumentError {
  return refuse(`${file}: more than one part can be the rows: ${held}`, chooseWith(choices));
}

/** Explains why no column can be the rows, and what would select its numbers. */
function nothing(file: string, columns: readonly Column[], named: boolean): ArgumentError {
  const choices = groupsOfNumbers(columns, named).map((group) => selectorOf(columns, group));
  const wanted = 'no column of vectors, and no run of floating-point columns such as d0, d1, d2';
  const advice: Message[] = [];
  if (choices.length > 0)
    advice.push(say`to take the ${named ? 'columns of numbers' : 'numbers'}, use ${columnOptions(choices)}`);
  for (const [index, { remedy }] of columns.entries()) {
    if (remedy !== undefined) advice.push(say`column ${columnLabel(columns, index)}: ${remedy}`);
  }
  const message = `${file}: ${wanted}; there are ${describeColumns(columns)}`;
  return refuse(message, advice.length > 0 ? joinMessages(advice, '; ') : undefined);
}

/** Names of columns that accompany vectors, even if they are numbers. */
const NO_ELEMENT = /(^|\.)(id|labels?|targets?|class|year|index|idx|row|key|zip|unnamed[\s\S]*)$|_id$/i;

/**
 * Returns groups of numeric columns that may be rows: the floating-point columns, and each pattern of integer columns; never both together.
 */
function groupsOfNumbers(columns: readonly Column[], named: boolean): (readonly number[])[] {
  const ofKind = (kind: 'float' | 'integer') =>
    [...columns.keys()].filter((index) => columns[index]?.kind === kind && !NO_ELEMENT.test(columns[index]?.name ?? ''));
  const floats = ofKind('float');
  if (!named) return [floats.length > 0 ? floats : ofKind('integer')].filter(({ length }) => length > 1);
  const families = wholeFamilies(columns);
  const mixed = new Set(families.flat().filter((index) => columns[index]?.kind === 'float'));
  // Part of a pattern whose other columns are integers does not count.
  const apart = families.some((family) => family.some((index) => mixed.has(index))) ? [] : floats;
  const integers = families.filter((family) => family.every((index) => columns[index]?.kind === 'integer'));
  return [apart, ...integers].filter(({ length }) => length > 1).slice(0, MAX_CHOICES);
}

const MAX_CHOICES = 4;

function describeRun(columns: readonly Column[], chosen: readonly number[]): string {
  return `${selectorOf(columns, chosen)} (${chosen.length} columns of numbers)`;
}

/**
 * Returns the shortest selector of these columns: a name, 'd0..d767' for a run, '3..18' if columns have no or duplicate names, otherwise
 * all names separated by commas.
 */
export function selectorOf(columns: readonly Column[], chosen: readonly number[]): string {
  const names = new Set(chosen.map((index) => columns[index]?.name));
  const shared =
    columns.filter(({ name }) => name !== '' && names.has(name)).length > [...names].filter((name) => name !== '').length;
  const label = (at: number) => (shared ? String((chosen[at] as number) + 1) : columnLabel(columns, chosen[at] as number));
  const range = `${label(0)}..${label(chosen.length - 1)}`;
  if (chosen.length > 2 && isRange(columns, chosen, range)) return range;
  return chosen.map((_, at) => label(at)).join(',');
}

function isRange(columns: readonly Column[], chosen: readonly number[], selector: string): boolean {
  try {
    const range = selectColumns('', columns, selector);
    return range.length === chosen.length && range.every((index, at) => index === chosen[at]);
  } catch {
    return false;
  }
}

/** Returns a line that says where the rows come from, for a file that contains more than them. */
export function describeOrigin(file: string, rows: number, depth: number, { from, notUsed }: Origin): string {
  const listed = notUsed.slice(0, MAX_NOT_USED).join(', ');
  const more = notUsed.length > MAX_NOT_USED ? ` and ${notUsed.length - MAX_NOT_USED} more` : '';
  const rest = notUsed.length > 0 ? `; not used: ${listed}${more}` : '';
  return `${file}: ${rows} rows of ${depth} numbers from ${from}${rest}`;
}

const MAX_NOT_USED = 8;
