// Groups in which every two rows are similar: complete linkage of the pairs that reach the threshold. Two sets may join if all pairs
// between them are present. The two sets with the highest minimum score join first; ties go to the lowest first row, then to the second
// set with the lowest first row.

import { UnionFind } from '../epilogues/union-find.js';
import type { GroupsProblem } from '../problem.js';
import { Groups } from '../results.js';
import { elementBytes } from '../rows/dtype.js';
import { bySize, describeGroups } from './group-details.js';
import { Neighbours } from './neighbours.js';
import { computePairs } from './pairs.js';
import { requireBytes } from './plan.js';
import { ScoreHeap } from './score-heap.js';
import type { Setting } from './setting.js';
import { inTurns, type Steps } from './turns.js';

/** Bytes per row: its set, its best partner, scratch and its index among the groups. */
const BYTES_PER_ROW = 128;

export async function computeCompleteGroups(problem: GroupsProblem, setting: Setting): Promise<Groups> {
  const { x, dtype, threshold, minimumSize, signal, memoryBudget } = problem;
  const pairs = await computePairs(problem, setting);
  const size = {
    // The pairs from both sides, and the partner lists of joined sets.
    bytes: pairs.length * 4 * (4 + elementBytes(dtype)) + BYTES_PER_ROW * x.rows,
    what: `${pairs.length} pairs`,
    advice: 'Try a higher threshold.',
  };
  requireBytes(size.bytes, size, problem, setting.platform.memoryBytes());
  const joining = new CompleteJoining(new Neighbours(pairs, x.rows), x.rows);
  await inTurns(setting.platform, signal, joining.all());
  const sets = bySize(joining.sets.sets(minimumSize));
  const known = { lowestScores: sets.map(([first]) => joining.lowestScoreOf(first as number)) };
  const groups = await describeGroups(sets, problem, memoryBudget, setting, known);
  return new Groups(groups, x.rows, threshold);
}

/** The sets that a set may join: the first row of each, its size at that time, and the lowest score between the two. */
interface Partners {
  readonly firsts: Uint32Array;
  /** Undefined if each set has one row. */
  readonly sizes: Uint32Array | undefined;
  readonly scores: ArrayLike<number>;
}

const NONE = 0xffffffff;

class CompleteJoining {
  readonly sets: UnionFind;
  /** Indexed by the first row of a set. */
  private readonly sizes: Uint32Array;
  private readonly lowest: Float64Array;
  private readonly partners: (Partners | undefined)[];
  /** The best partner of each set, its size and their score when they were found. The score may be lower by now. */
  private readonly best: Uint32Array;
  private readonly bestSizes: Uint32Array;
  private readonly bestScores: Float64Array;
  private readonly heap: ScoreHeap;
  /** Scratch for merging two partner lists: rows counted per set, and the lowest score. */
  private readonly counts: readonly [Uint32Array, Uint32Array];
  private readonly scores: Float64Array;

  constructor(neighbours: Neighbours, rows: number) {
    const { starts, others, scores } = neighbours;
    this.sets = new UnionFind(rows);
    this.sizes = new Uint32Array(rows).fill(1);
    this.lowest = new Float64Array(rows).fill(Number.NaN);
    this.partners = Array.from({ length: rows }, (_, row) => {
      const [from, to] = [starts[row] as number, starts[row + 1] as number];
      return { firsts: others.subarray(from, to), sizes: undefined, scores: scores.subarray(from, to) };
    });
    this.best = new Uint32Array(rows).fill(NONE);
    this.bestSizes = new Uint32Array(rows);
    this.bestScores = new Float64Array(rows);
    this.counts = [new Uint32Array(rows), new Uint32Array(rows)];
    this.scores = new Float64Array(rows);
    this.heap = new ScoreHeap(rows);
  }

  /** The lowest score within a set, indexed by its first row; NaN for one row. */
  lowestScoreOf(first: number): number {
    return this.lowest[first] as number;
  }

  /** Joins sets until no two may join. */
  *all(): Steps<void> {
    for (let row = 0; row < this.sizes.length; row++) {
      this.findBest(row);
      yield;
    }
    for (let first = this.heap.pop(); first !== undefined; first = this.heap.pop()) {
      const partner = this.best[first] as number;
      if (this.sets.find(first) !== first || partner === NONE) continue;
      if (this.sets.find(partner) === partner && this.sizes[partner] === this.bestSizes[first]) {
        // Pushed last, so that the lower set is popped first.
        this.join(first, partner, this.bestScores[first] as number);
        this.findBest(first);
      } else {
        this.partners[first] = this.common(first, undefined);
        this.findBest(first);
      }
      yield;
    }
  }

  private join(first: number, second: number, score: number): void {
    const partners = this.common(first, second);
    this.sets.join(first, second);
    this.sizes[first] = (this.sizes[first] as number) + (this.sizes[second] as number);
    this.lowest[first] = score;
    this.partners[first] = partners;
    this.partners[second] = undefined;
  }

  /**
   * Returns the partner with the highest score, and of equal scores the one with the lowest first row. All partners may join the set.
   */
  private findBest(first: number): void {
    const { firsts, sizes, scores } = this.partners[first] as Partners;
    let best = NONE;
    let highest = Number.NEGATIVE_INFINITY;
    let size = 0;
    for (let at = 0; at < firsts.length; at++) {
      const score = scores[at] as number;
      const other = firsts[at] as number;
      if (score < highest || (score === highest && other > best)) continue;
      [best, highest, size] = [other, score, sizes?.[at] ?? 1];
    }
    this.best[first] = best;
    this.bestSizes[first] = size;
    this.bestScores[first] = highest;
    if (best !== NONE) this.heap.push(highest, first);
  }

  /** Returns the current sets that may join `first`, and also `second` if it is given. */
  private common(first: number, second: number | undefined): Partners {
    const { sets, sizes, scores, counts } = this;
    const touched = this.count(this.partners[first] as Partners, counts[0], true);
    if (second !== undefined) this.count(this.partners[second] as Partners, counts[1], false);
    const isCommon = (other: number) =>
      other !== second &&
      counts[0][other] === sizes[other] &&
      (second === undefined || (other !== first && counts[1][other] === sizes[other]));
    const firsts = Uint32Array.from(touched.filter(isCommon));
    const found = {
      firsts,
      sizes: firsts.map((other) => sizes[other] as number),
      scores: Float64Array.from(firsts, (other) => scores[other] as number),
    };
    for (const other of touched) counts[0][other] = 0;
    if (second !== undefined) {
      for (const other of (this.partners[second] as Partners).firsts) counts[1][sets.find(other)] = 0;
    }
    return found;
  }

  /** Adds a partner list to the counts of each set, and returns those sets. */
  private count(partners: Partners, counts: Uint32Array, isFirst: boolean): number[] {
    const { sets, scores } = this;
    const { firsts, sizes } = partners;
    const touched: number[] = [];
    for (let at = 0; at < firsts.length; at++) {
      const other = sets.find(firsts[at] as number);
      const score = partners.scores[at] as number;
      if (counts[other] === 0 && isFirst) {
        touched.push(other);
        scores[other] = score;
      } else if (score < (scores[other] as number)) scores[other] = score;
      counts[other] = (counts[other] as number) + (sizes?.[at] ?? 1);
    }
    return touched;
  }
}
