// Fixed-centre communities: every row with all rows similar to it is a candidate, and the largest candidates win, as in
// community_detection of sentence-transformers. https://sbert.net/docs/package_reference/util.html

import type { GroupsProblem } from '../problem.js';
import { type Computed, type Group, Groups, type Pairs } from '../results.js';
import { computePairs } from './pairs.js';
import type { Setting } from './setting.js';
import { inTurns, type Steps } from './turns.js';

export async function computeCommunities(problem: GroupsProblem, setting: Setting): Promise<Groups> {
  const { rows } = problem.x;
  const pairs = await computePairs(problem, setting);
  const communities = await inTurns(setting.platform, problem.signal, choose(pairs, rows, problem.minimumSize));
  return new Groups(communities, rows);
}

/** Yields now and then. */
function* choose(pairs: Computed<Pairs>, rows: number, wanted: number): Steps<Group[]> {
  const minimumSize = Math.min(wanted, rows);
  const neighbours = new Neighbours(pairs, rows);
  yield;
  const centres = Array.from({ length: rows }, (_, row) => row)
    .filter((row) => neighbours.count(row) + 1 >= minimumSize)
    .sort((a, b) => neighbours.count(b) - neighbours.count(a) || a - b);
  const taken = new Uint8Array(rows);
  const communities: Group[] = [];
  for (const centre of centres) {
    const members = neighbours.of(centre, (row) => !taken[row]);
    if (!taken[centre]) members.unshift(centre);
    if (members.length >= minimumSize) {
      for (const row of members) taken[row] = 1;
      communities.push({ rows: members, size: members.length, representative: members[0] as number });
    }
    yield;
  }
  // Stable: of equal sizes the one whose candidate was larger, or whose centre is lower, stays first.
  return communities.sort((a, b) => b.size - a.size);
}

/** Each row's similar rows, from pairs in which it may stand on either side. */
class Neighbours {
  /** Where the rows of each row begin in `others`; one more, for the end of the last. */
  private readonly starts: Float64Array;
  private readonly others: Uint32Array;
  private readonly scores: Pairs['scores'];

  constructor(pairs: Computed<Pairs>, rows: number) {
    const { length } = pairs;
    this.starts = new Float64Array(rows + 1);
    this.others = new Uint32Array(2 * length);
    this.scores = pairs.scores instanceof Float32Array ? new Float32Array(2 * length) : new Float64Array(2 * length);
    const degrees = new Uint32Array(rows);
    for (let at = 0; at < length; at++) {
      for (const side of [pairs.rows, pairs.cols]) degrees[side[at] as number] = (degrees[side[at] as number] as number) + 1;
    }
    for (let row = 0; row < rows; row++) this.starts[row + 1] = (this.starts[row] as number) + (degrees[row] as number);
    const next = this.starts.slice();
    const put = (row: number, other: number, score: number) => {
      const to = next[row] as number;
      next[row] = to + 1;
      this.others[to] = other;
      this.scores[to] = score;
    };
    for (let at = 0; at < length; at++) {
      const row = pairs.rows[at] as number;
      const col = pairs.cols[at] as number;
      put(row, col, pairs.scores[at] as number);
      put(col, row, pairs.scores[at] as number);
    }
  }

  count(row: number): number {
    return (this.starts[row + 1] as number) - (this.starts[row] as number);
  }

  /** Those that `isWanted`, by falling score, equal scores by lower row. */
  of(row: number, isWanted: (row: number) => boolean): number[] {
    const from = this.starts[row] as number;
    return Array.from({ length: this.count(row) }, (_, i) => from + i)
      .filter((at) => isWanted(this.other(at)))
      .sort((a, b) => (this.scores[b] as number) - (this.scores[a] as number) || this.other(a) - this.other(b))
      .map((at) => this.other(at));
  }

  private other(at: number): number {
    return this.others[at] as number;
  }
}
