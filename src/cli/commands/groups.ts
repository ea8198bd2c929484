import { type Groups, groups, type Options, plan } from '../../index.js';
import type { AtomicFile } from '../../io/bytes/atomic-file.js';
import { jsonOf } from '../../io/formats/text-sinks.js';
import { writeRecords } from '../../io/records/record-file.js';
import type { Batch, Column } from '../../io/records/record-sink.js';
import type { RowValues } from '../../io/records/row-values.js';
import { namedArray, writeNpz } from '../../io/rows/npz-file.js';
import { type AnswerTask, withAnswer } from '../answer.js';
import { type Call, pruningOf } from '../call.js';
import type { CallOptions } from '../call-options.js';
import { checkKeptNames, checkNames } from '../check-names.js';
import { idArrays } from '../id-arrays.js';
import { checkKeep, STDOUT, writeKept } from '../kept-rows.js';
import { bold, dim, formatCount, note, print } from '../output.js';
import { columnOfRows, nameOf, type RowNames } from '../result-names.js';
import { renumberGroups } from '../row-numbers.js';
import { refuseSaveEvery } from '../saved-run.js';
import { writeStdout } from '../stdout.js';

export interface GroupsCommandOptions extends CallOptions {
  readonly threshold: number;
  readonly method?: 'components' | 'community';
  readonly minimumSize?: number;
  readonly keep?: string;
}

/** Groups, and members of each, that are shown on a terminal. */
const GROUPS_SHOWN = 8;
const MEMBERS_SHOWN = 5;

/** `allpairs groups`: near-duplicates, and what to keep of them. */
export async function runGroups(inputs: readonly string[], options: GroupsCommandOptions, signal: AbortSignal): Promise<void> {
  const { threshold, method, minimumSize, keep } = options;
  const pruning = pruningOf(options);
  const ofCommunities = method === 'community';
  if (ofCommunities) refuseSaveEvery('groups --method community', options);
  // Communities are found in the pairs.
  const planOf = ({ x }: Call, call: Options) =>
    ofCommunities
      ? plan.streamPairs(x, undefined, { ...call, threshold, ...pruning })
      : plan.groups(x, { ...call, threshold, method, minimumSize, ...pruning });
  const task: AnswerTask<Groups> = {
    command: 'groups',
    plan: planOf,
    check: (call, format) => {
      checkNames(format, { rows: call.rowNames, cols: call.rowNames });
      checkKeptNames(keep, call.rowNames);
    },
    compute: async (call, run) => {
      // Communities have no state that could be saved.
      const checkpoint = ofCommunities ? undefined : run?.checkpoint;
      return renumberGroups(
        await groups(call.x, { ...call.options, threshold, method, minimumSize, checkpoint, ...pruning }),
        call.x,
      );
    },
    facts: (found, call) => ({ threshold, ...countsOf(found, call) }),
    describe,
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

/** Rows that were left out of the input are in no group, and not kept either. */
function countsOf({ groups }: Groups, { x }: Call): { groups: number; rowsInGroups: number; rowsKept: number } {
  const rowsInGroups = groups.reduce((sum, { size }) => sum + size, 0);
  return { groups: groups.length, rowsInGroups, rowsKept: x.rows - rowsInGroups + groups.length };
}

function describe(found: Groups, call: Call): string {
  const { groups, rowsInGroups, rowsKept } = countsOf(found, call);
  const counts = `${formatCount(groups)} groups of ${formatCount(rowsInGroups)} rows`;
  return `${counts}; keeping one row of each leaves ${formatCount(rowsKept)} of ${formatCount(call.x.rows)} rows`;
}

function keptRows(found: Groups, { x }: Call): number[] {
  const left = new Set(x.rowNumbers ? x.nullRows : []);
  return found.keep().filter((row) => !left.has(row));
}

async function write(file: AtomicFile, format: string, found: Groups, { rowNames }: Call, signal: AbortSignal): Promise<void> {
  if (format === '.npz') {
    const representatives = Uint32Array.from(found.groups, ({ representative }) => representative);
    const arrays = [namedArray('labels', Int32Array.from(found.labels())), namedArray('representatives', representatives)];
    return writeNpz(file, format, [...arrays, ...idArrays({ rows: rowNames, cols: rowNames })], signal);
  }
  if (format !== '.jsonl') return writeRecords(file, format, columnsOf(rowNames), [recordsOf(found)], signal);
  for (const line of linesOf(found, rowNames)) await file.append(Buffer.from(line));
}

function columnsOf(names: RowNames): Column[] {
  return [{ name: 'group', type: 'u4' }, columnOfRows('row', names), { name: 'representative', type: 'u4' }];
}

/** A record a member; `representative` is 1 or 0. */
function recordsOf(found: Groups): Batch {
  const members = found.groups.flatMap(({ rows, representative }, group) =>
    rows.map((row) => [group, row, row === representative ? 1 : 0] as const),
  );
  const column = (index: 0 | 1 | 2) => Uint32Array.from(members, (member) => member[index]);
  return { length: members.length, columns: [column(0), column(1), column(2)] };
}

/** A line for each group; what stands beside its rows is in lists, as they are. */
function* linesOf(found: Groups, names: RowNames): Generator<string> {
  const { ids, labels, carried } = names;
  const idOf = (row: number) => (ids ? jsonOf(ids.texts[row] as string, ids.type) : String(row));
  const listOf = (rows: readonly number[], write: (row: number) => string) => `[${rows.map(write).join(',')}]`;
  const valuesOf = (rows: readonly number[], { texts, type }: RowValues) =>
    listOf(rows, (row) => jsonOf(texts[row] as string, type));
  for (const [group, { size, representative, rows }] of found.groups.entries()) {
    const fields = [`"group":${group}`, `"size":${size}`, `"representative":${idOf(representative)}`];
    fields.push(`"rows":${listOf(rows, idOf)}`);
    if (labels) fields.push(`"labels":${JSON.stringify(rows.map((row) => labels[row]))}`);
    const lists = carried.map((values) => `${JSON.stringify(values.name)}:${valuesOf(rows, values)}`);
    if (lists.length > 0) fields.push(`"carried":{${lists.join(',')}}`);
    yield `{${fields.join(',')}}\n`;
  }
}

function show(found: Groups, { rowNames }: Call): void {
  for (const { rows, size, representative } of found.groups.slice(0, GROUPS_SHOWN)) {
    print(`\n${bold(nameOf(representative, rowNames))}  ${dim(`${formatCount(size)} rows`)}`);
    const others = rows.slice(0, MEMBERS_SHOWN + 1).filter((row) => row !== representative);
    for (const row of others.slice(0, MEMBERS_SHOWN)) print(`  ${nameOf(row, rowNames)}`);
    if (size - 1 > MEMBERS_SHOWN) print(dim(`  and ${formatCount(size - 1 - MEMBERS_SHOWN)} more`));
  }
  const more = found.groups.length - GROUPS_SHOWN;
  if (more > 0) note(dim(`\nand ${formatCount(more)} more groups: -o groups.csv (or .jsonl, .npy, .npz)`));
}
