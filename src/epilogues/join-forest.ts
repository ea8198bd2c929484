// Records which rows are joined at which score, for all scores at once: a maximum spanning forest that is updated while pairs arrive in
// any order and are forgotten. Each row has a parent of higher rank, and the score at which it joins that parent. A better link
// replaces the current one, whose rows are then joined in turn. Ranks are random, so the expected path to a root is logarithmic.

import { type DType, newScores, type ScoreArray } from '../rows/dtype.js';
import { UnionFind } from './union-find.js';

/** The link of a root: below every score. */
const NO_LINK = Number.NEGATIVE_INFINITY;

export class JoinForest {
  /** The parent of each row, or the row itself. */
  readonly parents: Uint32Array;
  /** The score at which each row joins its parent. */
  readonly links: ScoreArray;

  constructor(rows: number, dtype: DType) {
    this.parents = Uint32Array.from({ length: rows }, (_, row) => row);
    this.links = newScores(dtype, rows).fill(NO_LINK);
  }

  /** Joining the same pair again changes nothing. */
  join(a: number, b: number, score: number): void {
    const { parents, links } = this;
    let lower = a;
    let upper = b;
    let link = score;
    for (;;) {
      while ((links[lower] as number) >= link) lower = parents[lower] as number;
      while ((links[upper] as number) >= link) upper = parents[upper] as number;
      if (lower === upper) return;
      if (rankOf(lower) > rankOf(upper)) [lower, upper] = [upper, lower];
      const parent = parents[lower] as number;
      const parentLink = links[lower] as number;
      parents[lower] = upper;
      links[lower] = link;
      if (parentLink === NO_LINK) return;
      upper = parent;
      link = parentLink;
    }
  }

  /** Returns the sets of rows joined at scores of at least `score`. */
  setsAt(score: number): UnionFind {
    const sets = new UnionFind(this.parents.length);
    for (let row = 0; row < this.links.length; row++) {
      if ((this.links[row] as number) >= score) sets.join(row, this.parents[row] as number);
    }
    return sets;
  }

  /** Returns the scores at which sets join, highest first. */
  joinScores(): ScoreArray {
    return this.links
      .filter((link) => link !== NO_LINK)
      .sort()
      .reverse();
  }
}

/** A rank that is unique per row and random. */
function rankOf(row: number): number {
  return Math.imul(row, 0x9e3779b1) >>> 0;
}
