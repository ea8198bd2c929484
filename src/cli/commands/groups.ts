import { type Groups, groups, type Options, plan } from '../../index.js';
import type { AtomicFile } from '../../io/bytes/atomic-file.js';
import { writeRecords } from '../../io/records/record-file.js';
import type { Batch, Column } from '../../io/records/record-sink.js';
import { namedArray, writeNpz } from '../../io/rows/npz-file.js';
import { type AnswerTask, withAnswer } from '../answer.js';
import { type Call, pruningOf } from '../call.js';
import type { CallOptions } from '../call-options.js';
import { planGrouping, readGrouping } from '../grouping.js';
import { checkKeep, STDOUT, writeKept } from '../kept-rows.js';
import { nameOf } from '../labels.js';
import { bold, dim, formatCount, note, print } from '../output.js';
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
  const planOf = (call: Call, common: Options) => {
    const asked = { ...common, threshold, ...pruning, ...planGrouping(call, options) };
    return ofCommunities ? plan.streamPairs(call.x, undefined, asked) : plan.groups(call.x, { ...asked, method, minimumSize });
  };
  const task: AnswerTask<Groups> = {
    command: 'groups',
    plan: planOf,
    compute: async (call, run) => {
      // Communities have no state that could be saved.
      const checkpoint = ofCommunities ? undefined : run?.checkpoint;
      const grouping = await readGrouping(call, options);
      return renumberGroups(
        await groups(call.x, { ...call.options, threshold, method, minimumSize, checkpoint, ...grouping, ...pruning }),
        call.x,
      );
    },
    facts: (found, call) => ({ threshold, ...countsOf(found, call) }),
    describe,
    write: (file, format, found, call) => write(file, format, found, call, signal),
    print: async (found, { labels }) => {
      for (const line of linesOf(found, labels)) await writeStdout(line);
    },
    show,
    writeAside: async (found, call) => ({ keep: await writeKept(keep, keptRows(found, call)) }),
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

async function write(file: AtomicFile, format: string, found: Groups, { labels }: Call, signal: AbortSignal): Promise<void> {
  if (format === '.npz') {
    const representatives = Uint32Array.from(found.groups, ({ representative }) => representative);
    const arrays = [namedArray('labels', Int32Array.from(found.labels())), namedArray('representatives', representatives)];
    return writeNpz(file, format, arrays, signal);
  }
  if (format !== '.jsonl') return writeRecords(file, format, columnsOf(labels), [recordsOf(found)], signal);
  for (const line of linesOf(found, labels)) await file.append(Buffer.from(line));
}

function columnsOf(labels: readonly string[] | undefined): Column[] {
  return [
    { name: 'group', type: 'u4' },
    { name: 'row', type: 'u4', labels },
    { name: 'representative', type: 'u4' },
  ];
}

/** A record a member; `representative` is 1 or 0. */
function recordsOf(found: Groups): Batch {
  const members = found.groups.flatMap(({ rows, representative }, group) =>
    rows.map((row) => [group, row, row === representative ? 1 : 0] as const),
  );
  const column = (index: 0 | 1 | 2) => Uint32Array.from(members, (member) => member[index]);
  return { length: members.length, columns: [column(0), column(1), column(2)] };
}

function* linesOf(found: Groups, labels: readonly string[] | undefined): Generator<string> {
  for (const [group, { size, representative, rows }] of found.groups.entries()) {
    const names = labels && { labels: rows.map((row) => labels[row]) };
    yield `${JSON.stringify({ group, size, representative, rows, ...names })}\n`;
  }
}

function show(found: Groups, { labels }: Call): void {
  for (const { rows, size, representative } of found.groups.slice(0, GROUPS_SHOWN)) {
    print(`\n${bold(nameOf(representative, labels))}  ${dim(`${formatCount(size)} rows`)}`);
    const others = rows.slice(0, MEMBERS_SHOWN + 1).filter((row) => row !== representative);
    for (const row of others.slice(0, MEMBERS_SHOWN)) print(`  ${nameOf(row, labels)}`);
    if (size - 1 > MEMBERS_SHOWN) print(dim(`  and ${formatCount(size - 1 - MEMBERS_SHOWN)} more`));
  }
  const more = found.groups.length - GROUPS_SHOWN;
  if (more > 0) note(dim(`\nand ${formatCount(more)} more groups: -o groups.csv (or .jsonl, .npy, .npz)`));
}
