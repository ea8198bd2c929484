// The most similar pairs, highest first, so that every threshold down to `floor` is a prefix of them; and the joins by which rows become
// groups as the threshold falls (single linkage). Both answer a slider immediately.

/** Each pair takes twelve bytes, and its number must fit next to its score in a float64. */
export const MAX_PAIRS: number = 2 ** 21;

export interface SimilarPairs {
  /** If `complete`, every pair at or above this score is included; otherwise only those that join two groups. */
  readonly floor: number;
  readonly complete: boolean;
  readonly rows: Uint32Array<ArrayBuffer>;
  readonly cols: Uint32Array<ArrayBuffer>;
  /** Descending; equal scores by (row, col). */
  readonly scores: Float32Array<ArrayBuffer>;
  /** The numbers of the pairs that join two groups, ascending: the edges of a maximum spanning forest. */
  readonly joins: Uint32Array<ArrayBuffer>;
}

/** Sorts pairs that arrive by (row, col). */
export function sortPairs(
  floor: number,
  unsorted: Pick<SimilarPairs, 'rows' | 'cols' | 'scores'>,
  rowCount: number,
): SimilarPairs {
  const order = orderByScore(unsorted.scores);
  const rows = order.map((pair) => unsorted.rows[pair] as number);
  const cols = order.map((pair) => unsorted.cols[pair] as number);
  const scores = Float32Array.from(order, (pair) => unsorted.scores[pair] as number);
  return { floor, complete: true, rows, cols, scores, joins: joinsOf(rows, cols, rowCount) };
}

/** Sorts numbers instead of objects: the rank of the score in the high bits of a float64's 53, the number of the pair in the low 21. */
function orderByScore(scores: Float32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const bits = new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
  const keys = new Float64Array(scores.length);
  for (let pair = 0; pair < keys.length; pair++) {
    const code = bits[pair] as number;
    // Ascending as scores descend; -0 counts as 0.
    const rank = code < 2 ** 31 ? 2 ** 31 - 1 - code : code === 2 ** 31 ? 2 ** 31 - 1 : code;
    keys[pair] = rank * MAX_PAIRS + pair;
  }
  keys.sort();
  return Uint32Array.from(keys, (key) => key % MAX_PAIRS);
}

function joinsOf(rows: Uint32Array, cols: Uint32Array, rowCount: number): Uint32Array<ArrayBuffer> {
  const sets = new DisjointSets(rowCount);
  const joins: number[] = [];
  for (let pair = 0; pair < rows.length && joins.length < rowCount - 1; pair++) {
    if (sets.join(rows[pair] as number, cols[pair] as number)) joins.push(pair);
  }
  return Uint32Array.from(joins);
}

/** If there are too many pairs to hold even at the highest floor, returns those that groups need: the pairs that join two. */
export class JoiningPairs {
  private readonly sets: DisjointSets;
  private readonly rows: number[] = [];
  private readonly cols: number[] = [];
  private readonly scores: number[] = [];

  constructor(rowCount: number) {
    this.sets = new DisjointSets(rowCount);
  }

  add({ rows, cols, scores }: { rows: Uint32Array; cols: Uint32Array; scores: ArrayLike<number> }): void {
    for (let pair = 0; pair < rows.length; pair++) {
      const [row, col] = [rows[pair] as number, cols[pair] as number];
      if (!this.sets.join(row, col)) continue;
      this.rows.push(row);
      this.cols.push(col);
      this.scores.push(scores[pair] as number);
    }
  }

  finish(floor: number, rowCount: number): SimilarPairs {
    const [rows, cols] = [Uint32Array.from(this.rows), Uint32Array.from(this.cols)];
    return { ...sortPairs(floor, { rows, cols, scores: Float32Array.from(this.scores) }, rowCount), complete: false };
  }
}

/** Returns the number of pairs at or above a threshold, which must not be below the floor. */
export function countAtOrAbove({ scores }: SimilarPairs, threshold: number): number {
  let low = 0;
  let high = scores.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((scores[middle] as number) >= threshold) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Minimum number of pairs that are kept, if there are so many. */
const FEW_PAIRS = 200_000;

/** Returns the pairs down to the threshold, and more if they are few; the floor is then the score of the last of them. */
export function fewerPairs(pairs: SimilarPairs, threshold: number): SimilarPairs {
  const { scores, complete } = pairs;
  const wanted = Math.max(FEW_PAIRS, countAtOrAbove(pairs, threshold));
  if (!complete || wanted >= scores.length) return pairs;
  const floor = scores[wanted - 1] as number;
  const count = countAtOrAbove(pairs, floor);
  const joins = pairs.joins.findIndex((pair) => pair >= count);
  return {
    floor,
    complete,
    rows: pairs.rows.slice(0, count),
    cols: pairs.cols.slice(0, count),
    scores: scores.slice(0, count),
    joins: joins < 0 ? pairs.joins : pairs.joins.slice(0, joins),
  };
}

/** Returns how many pairs an initial threshold keeps: one for every two rows. */
export const pairsWanted = (rows: number): number => Math.ceil(rows / 2);

/** Minimum and maximum number of decimals of an initial threshold. */
const DECIMALS = [3, 4, 5, 6, 7];

/** A group of this many rows is a chain if fewer than this fraction of its pairs reach the threshold. */
const CHAIN_ROWS = 10;
const CHAIN_DENSITY = 1 / 3;
/** Maximum fraction of the rows that may be in chains. */
const CHAINED = 0.01;
/** Each attempt tries fewer pairs by this factor. */
const FEWER = 0.8;

/**
 * Returns an initial threshold with the fewest decimals that keep about `wanted` pairs; or fewer pairs, if these would chain
 * unrelated rows into groups.
 *
 * @param chance the score above which few pairs occur by chance; NaN if it is unknown
 */
export function firstThreshold(pairs: SimilarPairs, wanted: number, rowCount: number, chance: number): number {
  const { scores, complete, floor } = pairs;
  if (!complete) return floor;
  const least = Math.max(0, floor, Number.isNaN(chance) ? 0 : chance);
  let count = Math.min(wanted, scores.length);
  while (count > 1 && rowsInChains(pairs, count, rowCount) > CHAINED * rowCount) count = Math.floor(FEWER * count);
  const last = scores[count - 1];
  if (last === undefined) return least;
  const rounded = DECIMALS.map((digits) => Math.floor(last * 10 ** digits) / 10 ** digits);
  return Math.max(least, rounded.find((threshold) => countAtOrAbove(pairs, threshold) <= 2 * count) ?? last);
}

/** Returns how many rows the `count` highest pairs join into groups most of whose rows are not similar to each other. */
function rowsInChains({ rows, cols }: SimilarPairs, count: number, rowCount: number): number {
  const sets = new DisjointSets(rowCount);
  for (let pair = 0; pair < count; pair++) sets.join(rows[pair] as number, cols[pair] as number);
  const sizes = new Uint32Array(rowCount);
  const inside = new Uint32Array(rowCount);
  const addTo = (counts: Uint32Array, row: number) => {
    const root = sets.find(row);
    counts[root] = (counts[root] as number) + 1;
  };
  for (let row = 0; row < rowCount; row++) addTo(sizes, row);
  for (let pair = 0; pair < count; pair++) addTo(inside, rows[pair] as number);
  let chained = 0;
  for (const [root, size] of sizes.entries()) {
    if (size >= CHAIN_ROWS && (inside[root] as number) < (CHAIN_DENSITY * size * (size - 1)) / 2) chained += size;
  }
  return chained;
}

/** Returns the groups at a threshold, each ascending; the largest first, and equal sizes by lowest row, as `groups` does. */
export function groupsAt(pairs: SimilarPairs, threshold: number, rowCount: number): (readonly number[])[] {
  const sets = new DisjointSets(rowCount);
  for (const pair of pairs.joins) {
    if (!((pairs.scores[pair] as number) >= threshold)) break;
    sets.join(pairs.rows[pair] as number, pairs.cols[pair] as number);
  }
  const members = new Map<number, number[]>();
  // Only rows that were joined, which are few of a million.
  const joined = new Set<number>();
  for (const pair of pairs.joins) {
    if (!((pairs.scores[pair] as number) >= threshold)) break;
    joined.add(pairs.rows[pair] as number).add(pairs.cols[pair] as number);
  }
  for (const row of Uint32Array.from(joined).sort()) {
    const set = sets.find(row);
    const rows = members.get(set);
    if (rows) rows.push(row);
    else members.set(set, [row]);
  }
  return [...members.values()].sort((a, b) => b.length - a.length || (a[0] as number) - (b[0] as number));
}

/** Union-find with path halving. */
class DisjointSets {
  private readonly parents: Uint32Array;

  constructor(count: number) {
    this.parents = new Uint32Array(count);
    for (let row = 0; row < count; row++) this.parents[row] = row;
  }

  find(row: number): number {
    const { parents } = this;
    let at = row;
    while (parents[at] !== at) {
      parents[at] = parents[parents[at] as number] as number;
      at = parents[at] as number;
    }
    return at;
  }

  /** Returns whether they were separate. The lower row stays the root. */
  join(a: number, b: number): boolean {
    const [low, high] = [this.find(a), this.find(b)].sort((x, y) => x - y) as [number, number];
    this.parents[high] = low;
    return low !== high;
  }
}
