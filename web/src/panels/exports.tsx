// Saves what the threshold keeps as files.

import type { GroupDetails } from '../compute/group-details.js';
import type { SimilarPairs } from '../compute/similar-pairs.js';
import {
  hasSettledGroups,
  nameOf,
  pairCount,
  pairs,
  settledGroups,
  shown,
  usedMethod,
  usedThreshold,
} from '../state/answers.js';
import { givenNameOf, givenNames, groupNames } from '../state/group-names.js';
import { session } from '../state/session.js';
import { working } from '../state/working.js';
import { ExportForm } from './export-form.js';
import type { Table } from './table-file.js';

type What = 'kept' | 'groups' | 'pairs';

export function Exports() {
  return <ExportForm tables={TABLES} ready={hasSettledGroups.value} tableOf={recordsOf} />;
}

const TABLES: readonly [readonly [What, string], ...(readonly [What, string])[]] = [
  ['kept', 'rows to keep'],
  ['groups', 'groups'],
  ['pairs', 'pairs'],
];

async function recordsOf(what: What): Promise<Table> {
  const labelled = shown.peek()?.labels !== null;
  const named = (row: number) => (labelled ? [row, nameOf(row)] : [row]);
  const columnsOf = (...names: string[]) => names.flatMap((name) => (labelled ? [name, `${name}_label`] : [name]));
  if (what === 'pairs') {
    const { rows, cols, scores } = pairs.peek() as SimilarPairs;
    return {
      columns: [...columnsOf('row', 'col'), 'score'],
      length: pairCount.peek(),
      cells: (at) => [...named(rows[at] as number), ...named(cols[at] as number), shortest(scores[at] as number)],
    };
  }
  const isByChains = usedMethod.peek() === 'chains';
  const groups = isByChains
    ? await working('Finding groups', (onProgress) => session.groupsAt(usedThreshold.peek() ?? 1, onProgress))
    : await describedGroups();
  if (what === 'kept') {
    const left = new Set(
      groups.flatMap(({ rows, representative }) => Array.from(rows).filter((row) => row !== representative)),
    );
    const kept = Array.from({ length: shown.peek()?.rows ?? 0 }, (_, row) => row).filter((row) => !left.has(row));
    return { columns: columnsOf('row'), length: kept.length, cells: (at) => named(kept[at] as number) };
  }
  // Chains have the columns of the command, and names if the user gave any.
  const given = givenNames.peek().length > 0 ? groups.map(({ rows }) => givenNameOf(rows) ?? '') : null;
  return membersOf(groups, isByChains ? given : groupNames.peek(), named, columnsOf);
}

type SavedGroup = Pick<GroupDetails, 'representative' | 'scores'> & { readonly rows: readonly number[] };

/** Groups of another method than chains. */
async function describedGroups(): Promise<SavedGroup[]> {
  const found = settledGroups.peek();
  const details = await session.describeGroups(found);
  return details.map((detail, at) => ({ ...detail, rows: found[at] as readonly number[] }));
}

/** The rows of groups, with the names of the groups if there are any. */
function membersOf(
  groups: readonly SavedGroup[],
  names: readonly string[] | null,
  named: (row: number) => (string | number)[],
  columnsOf: (...names: string[]) => string[],
): Table {
  const members = groups.flatMap(({ rows, representative, scores }, group) =>
    rows.map((row, at) => [
      group,
      ...(names ? [names[group] as string] : []),
      ...named(row),
      row === representative ? 1 : 0,
      shortest(scores[at] as number),
    ]),
  );
  return {
    columns: ['group', ...(names ? ['name'] : []), ...columnsOf('row'), 'representative', 'score'],
    length: members.length,
    cells: (at) => members[at] as (string | number)[],
  };
}

/** The shortest decimal that represents the same float32. */
export function shortest(score: number): number {
  const decimals = [6, 7, 8, 9].map((digits) => Number(score.toPrecision(digits)));
  return decimals.find((decimal) => Math.fround(decimal) === score) ?? score;
}
