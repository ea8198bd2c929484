import { type Groups, groups, planWork } from '../../index.js';
import { type AtomicFile, createAtomically } from '../../io/atomic-file.js';
import { namedArray, writeNpz } from '../../io/npz-file.js';
import { RECORD_FORMATS, writeRecords } from '../../io/record-file.js';
import type { Batch, Column } from '../../io/record-sink.js';
import { type Call, describeWork, withCall } from '../call.js';
import type { CallOptions } from '../call-options.js';
import { nameOf } from '../labels.js';
import { bold, dim, formatCount, print, wantsJson } from '../output.js';
import { printPlan } from '../plan.js';
import { printText } from '../records.js';
import type { SavedRun } from '../saved-run.js';

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
export function runGroups(input: string, options: GroupsCommandOptions, signal: AbortSignal): Promise<void> {
  return withCall('groups', [...RECORD_FORMATS, '.npz'], input, options, signal, async (call, format, run) => {
    const { threshold, method, minimumSize } = options;
    const work = { ...call.options, threshold, method, minimumSize };
    if (options.dryRun) return printPlan(planWork('groups', call.x, undefined, work), options);
    await call.begin(run);
    const started = performance.now();
    // Communities hold pairs, and begin anew.
    const checkpoint = method === 'community' ? undefined : run?.checkpoint;
    const found = await groups(call.x, { ...work, checkpoint });
    await call.finish();
    await report(found, call, options, (performance.now() - started) / 1000, format, run, signal);
  });
}

async function report(
  found: Groups,
  call: Call,
  options: GroupsCommandOptions,
  seconds: number,
  format: string | undefined,
  run: SavedRun | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { output } = options;
  if (options.keep !== undefined) {
    const text = found
      .keep()
      .map((row) => `${row}\n`)
      .join('');
    await createAtomically(options.keep, (file) => file.append(Buffer.from(text)));
  }
  if (format !== undefined && output !== undefined) {
    await run?.finish((file) => write(file, format, found, call, signal));
    if (options.quiet) return;
  } else if (output === '-' || wantsJson(options)) {
    for (const line of linesOf(found, call.labels)) await printText(line);
    return;
  }
  print(describeWork(call, seconds, options.backend));
  const inGroups = found.groups.reduce((sum, { size }) => sum + size, 0);
  const kept = found.rows - inGroups + found.groups.length;
  print(
    `${formatCount(found.groups.length)} groups of ${formatCount(inGroups)} rows; one of each leaves ${formatCount(kept)} of ${formatCount(found.rows)} rows`,
  );
  if (options.keep !== undefined) print(`their numbers written to ${options.keep}`);
  if (format !== undefined) print(`groups written to ${output}`);
  else show(found, call);
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
  if (more > 0) print(dim(`\nand ${formatCount(more)} groups more: -o groups.csv (or .jsonl, .npy, .npz)`));
}
