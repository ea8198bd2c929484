// Fixed-centre communities: each row with all rows similar to it is a candidate, and the largest candidates win, as in
// community_detection of sentence-transformers. https://sbert.net/docs/package_reference/util.html

import type { GroupsProblem } from '../problem.js';
import { type Computed, Groups, type Pairs } from '../results.js';
import { describeGroups } from './group-details.js';
import { Neighbours } from './neighbours.js';
import { computePairs } from './pairs.js';
import type { Setting } from './setting.js';
import { inTurns, type Steps } from './turns.js';

export async function computeCommunities(problem: GroupsProblem, setting: Setting): Promise<Groups> {
  const { rows } = problem.x;
  const pairs = await computePairs(problem, setting);
  const communities = await inTurns(setting.platform, problem.signal, choose(pairs, rows, problem.minimumSize));
  const representatives = communities.map(([centre]) => centre as number);
  const groups = await describeGroups(communities, problem, problem.memoryBudget, setting, { representatives });
  return new Groups(groups, rows, problem.threshold);
}

/** Yields regularly. */
function* choose(pairs: Computed<Pairs>, rows: number, wanted: number): Steps<Uint32Array[]> {
  const minimumSize = Math.min(wanted, rows);
  const neighbours = new Neighbours(pairs, rows);
  yield;
  const centres = Array.from({ length: rows }, (_, row) => row)
    .filter((row) => neighbours.count(row) + 1 >= minimumSize)
    .sort((a, b) => neighbours.count(b) - neighbours.count(a) || a - b);
  const taken = new Uint8Array(rows);
  const communities: Uint32Array[] = [];
  for (const centre of centres) {
    const members = neighbours.of(centre, (row) => !taken[row]);
    if (!taken[centre]) members.unshift(centre);
    if (members.length >= minimumSize) {
      for (const row of members) taken[row] = 1;
      communities.push(Uint32Array.from(members));
    }
    yield;
  }
  // A stable sort: of equal sizes, the larger candidate or the one with the lower centre stays first.
  return communities.sort((a, b) => b.length - a.length);
}
