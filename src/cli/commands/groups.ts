import { type Group, type Groups, groups, type Options, plan } from '../../index.js';
import type { AtomicFile } from '../../io/bytes/atomic-file.js';
import { jsonOf } from '../../io/formats/text-sinks.js';
import { writeRecords } from '../../io/records/record-file.js';
import type { Batch, Column } from '../../io/records/record-sink.js';
import type { RowValues } from '../../io/records/row-values.js';
import { namedArray, writeNpz } from '../../io/rows/npz-file.js';
import { type AnswerTask, withAnswer } from '../answer.js';
import { type Call, pruningOf, scoreType } from '../call.js';
import type { CallOptions } from '../call-options.js';
import { checkKeptNames, checkNames } from '../check-names.js';
import { UsageError } from '../exit-codes.js';
import { planGrouping, readGrouping } from '../grouping.js';
import { idArrays } from '../id-arrays.js';
import { checkKeep, STDOUT, writeKept } from '../kept-rows.js';
import { bold, dim, formatCount, formatScore, note, print } from '../output.js';
import { columnOfRows, nameOf, type RowNames } from '../result-names.js';
import { renumberGroups } from '../row-numbers.js';
import { refuseSaveEvery } from '../saved-run.js';
import { writeStdout } from '../stdout.js';

export interface GroupsCommandOptions extends CallOptions {
  readonly threshold: number;
  readonly method?: 'components' | 'complete' | 'community';
  readonly minimumSize?: number;
  readonly keepRows?: number;
  readonly explain?: boolean;
  readonly keep?: string;
}

/** Number of groups, and of members of each, that are shown on a terminal. */
const GROUPS_SHOWN = 8;
const MEMBERS_SHOWN = 5;

/** `allpairs groups`: near-duplicates, and which of them to keep. */
export async function runGroups(inputs: readonly string[], options: GroupsCommandOptions, signal: AbortSignal): Promise<void> {
  const { threshold, method = 'components', minimumSize, keepRows, explain, keep } = options;
  const pruning = pruningOf(options);
  const fromPairs = method !== 'components';
  if (fromPairs) refuseSaveEvery(`groups --method ${method}`, options);
  if (keepRows !== undefined && fromPairs) throw new UsageError('--keep-rows works with --method components only');
  if (keepRows !== undefined && minimumSize !== undefined && minimumSize > 2) {
    throw new UsageError('--keep-rows joins two rows as well; give no --minimum-size above 2');
  }
  const asked = { threshold, method, minimumSize, keep: keepRows, explain, ...pruning };
  // Communities and complete groups are computed from the pairs.
  const planOf = (call: Call, common: Options) => {
    const wanted = { ...common, ...planGrouping(call, options) };
    return fromPairs
      ? plan.streamPairs(call.x, undefined, { ...wanted, threshold, ...pruning })
      : plan.groups(call.x, { ...wanted, ...asked });
  };
  const task: AnswerTask<Groups> = {
    command: 'groups',
    plan: planOf,
    check: (call, format) => {
      checkNames(format, { rows: call.rowNames, cols: call.rowNames });
      checkKeptNames(keep, call.rowNames);
    },
    compute: async (call, run) => {
      // Pairs in memory cannot be saved as a state.
      const checkpoint = fromPairs ? undefined : run?.checkpoint;
      const grouping = await readGrouping(call, options);
      return renumberGroups(await groups(call.x, { ...call.options, ...asked, ...grouping, checkpoint }), call.x);
    },
    facts: (found, call) => ({ threshold: found.threshold, ...countsOf(found, call) }),
    describe: (found, call) => describe(found, call, keepRows !== undefined),
    write: (file, format, found, call) => write(file, format, found, call, signal),
    print: async (found, { rowNames }) => {
      for (const line of linesOf(found, rowNames)) await writeStdout(line);
    },
    show,
    writeAside: async (found, call) => ({ keep: await writeKept(keep, keptRows(found, call), call.rowNames) }),
    stdoutTaken: keep === STDOUT,
  };
  await checkKeep(inputs, options);
  return withAnswer(task, inputs, options, signal);
}

/** Rows that were left out of the input are in no group and are not kept. */
function countsOf({ groups }: Groups, { x }: Call): { groups: number; rowsInGroups: number; rowsKept: number } {
  const rowsInGroups = groups.reduce((sum, { size }) => sum + size, 0);
  return { groups: groups.length, rowsInGroups, rowsKept: x.rows - rowsInGroups + groups.length };
}

/** `isChosen`: the threshold was chosen by the program. */
function describe(found: Groups, call: Call, isChosen: boolean): string {
  const { groups, rowsInGroups, rowsKept } = countsOf(found, call);
  const counts = `${formatCount(groups)} groups of ${formatCount(rowsInGroups)} rows${isChosen ? ` at ${found.threshold}` : ''}`;
  return `${counts}; keeping one row of each leaves ${formatCount(rowsKept)} of ${formatCount(call.x.rows)} rows`;
}

function keptRows(found: Groups, { x }: Call): number[] {
  const left = new Set(x.rowNumbers ? x.nullRows : []);
  return found.keep().filter((row) => !left.has(row));
}

async function write(file: AtomicFile, format: string, found: Groups, call: Call, signal: AbortSignal): Promise<void> {
  const { rowNames } = call;
  if (format === '.npz') {
    const representatives = Uint32Array.from(found.groups, ({ representative }) => representative);
    const arrays = [
      namedArray('labels', Int32Array.from(found.labels())),
      namedArray('representatives', representatives),
      namedArray('scores', scoresOfRows(found, scoreType(call))),
      ...(isExplained(found) ? [namedArray('lowest_scores', scoresAs(scoreType(call), found.groups.map(lowestOf)))] : []),
    ];
    return writeNpz(file, format, [...arrays, ...idArrays({ rows: rowNames, cols: rowNames })], signal);
  }
  if (format !== '.jsonl') return writeRecords(file, format, columnsOf(found, call), [recordsOf(found)], signal);
  for (const line of linesOf(found, rowNames)) await file.append(Buffer.from(line));
}

/** True if the lowest score inside each group is known. */
function isExplained({ groups }: Groups): boolean {
  return groups.some(({ lowestScore }) => lowestScore !== undefined);
}

function lowestOf({ lowestScore = Number.NaN }: Group): number {
  return lowestScore;
}

function scoresAs(type: 'f4' | 'f8', scores: readonly number[]): Float32Array | Float64Array {
  return type === 'f4' ? Float32Array.from(scores) : Float64Array.from(scores);
}

/** Returns the score of each row of the input with the row that represents it; NaN for rows in no group. */
function scoresOfRows({ groups, rows: count }: Groups, type: 'f4' | 'f8'): Float32Array | Float64Array {
  const ofRows = scoresAs(type, new Array<number>(count).fill(Number.NaN));
  for (const { rows, scores } of groups) for (const [at, row] of rows.entries()) ofRows[row] = scores[at] as number;
  return ofRows;
}

function columnsOf(found: Groups, call: Call): Column[] {
  const score = scoreType(call);
  return [
    { name: 'group', type: 'u4' },
    columnOfRows('row', call.rowNames),
    { name: 'representative', type: 'u4' },
    { name: 'score', type: score },
    ...(isExplained(found) ? [{ name: 'lowest_score', type: score }] : []),
  ];
}

/**
 * Returns a record per member: `representative` is 1 or 0, `score` is the score with the representative, `lowest_score` the lowest inside
 * the group.
 */
function recordsOf(found: Groups): Batch {
  const members = found.groups.flatMap((group, number) =>
    group.rows.map((row, at) => {
      const score = group.scores[at] as number;
      return [number, row, row === group.representative ? 1 : 0, score, lowestOf(group)] as const;
    }),
  );
  const column = (index: 0 | 1 | 2 | 3 | 4) => Float64Array.from(members, (member) => member[index]);
  const lowest = isExplained(found) ? [column(4)] : [];
  return { length: members.length, columns: [column(0), column(1), column(2), column(3), ...lowest] };
}

/** Yields a line for each group; carried values of its rows are lists. */
function* linesOf(found: Groups, names: RowNames): Generator<string> {
  const { ids, labels, carried } = names;
  const idOf = (row: number) => (ids ? jsonOf(ids.texts[row] as string, ids.type) : String(row));
  const listOf = (rows: readonly number[], write: (row: number) => string) => `[${rows.map(write).join(',')}]`;
  const valuesOf = (rows: readonly number[], { texts, type }: RowValues) =>
    listOf(rows, (row) => jsonOf(texts[row] as string, type));
  for (const [group, { size, representative, lowestScore, rows, scores }] of found.groups.entries()) {
    const fields = [`"group":${group}`, `"size":${size}`, `"representative":${idOf(representative)}`];
    if (lowestScore !== undefined) fields.push(`"lowest_score":${JSON.stringify(lowestScore)}`);
    fields.push(`"rows":${listOf(rows, idOf)}`, `"scores":${JSON.stringify(scores)}`);
    if (labels) fields.push(`"labels":${JSON.stringify(rows.map((row) => labels[row]))}`);
    const lists = carried.map((values) => `${JSON.stringify(values.name)}:${valuesOf(rows, values)}`);
    if (lists.length > 0) fields.push(`"carried":{${lists.join(',')}}`);
    yield `{${fields.join(',')}}\n`;
  }
}

function show(found: Groups, { rowNames }: Call): void {
  for (const { rows, size, representative, scores, lowestScore } of found.groups.slice(0, GROUPS_SHOWN)) {
    const lowest = lowestScore === undefined ? '' : `, lowest score ${lowestScore.toFixed(4)}`;
    print(`\n${bold(nameOf(representative, rowNames))}  ${dim(`${formatCount(size)} rows${lowest}`)}`);
    const others = Array.from(rows.slice(0, MEMBERS_SHOWN + 1).keys()).filter((at) => rows[at] !== representative);
    for (const at of others.slice(0, MEMBERS_SHOWN)) {
      print(`${formatScore(scores[at] as number)}  ${nameOf(rows[at] as number, rowNames)}`);
    }
    if (size - 1 > MEMBERS_SHOWN) print(dim(`  and ${formatCount(size - 1 - MEMBERS_SHOWN)} more`));
  }
  const more = found.groups.length - GROUPS_SHOWN;
  if (more > 0) note(dim(`\nand ${formatCount(more)} more groups: -o groups.csv (or .jsonl, .npy, .npz)`));
}
