// Finds the row of each set with the highest mean similarity to the others, in float64: for unit rows u with the sum s, the mean of u
// is (u·s - u·u) / (n - 1), without computing single pairs. Reads the rows twice, in order, for as many sets as there is memory for
// sums.

import { argumentLost } from '../errors.js';
import { CsrRows } from '../rows/csr-rows.js';
import type { AnyRows } from '../rows/stored-rows.js';
import { addScaled, copyElementsToScale, copyRowToScale, dot } from '../rows/unit-rows.js';
import { RowFeed } from './row-feed.js';
import type { Steps } from './turns.js';

/** Means this close count as equal, because rounding cannot distinguish them. */
const EQUAL_MEANS = 1e-12;
/** Largest memory for sums at a time. */
const MAX_BYTES = 32 * 2 ** 20;
/** Elements between two turns of the event loop. */
const STEP_ELEMENTS = 2 ** 17;

/** Returns one row for each set of ascending rows; of equal ones the lowest. */
export function* findRepresentatives(sets: readonly Uint32Array[], x: AnyRows, room: number): Steps<Uint32Array> {
  const found = Uint32Array.from(sets, (rows) => rows[0] as number);
  // Two rows are equally central.
  const large = Array.from(sets.keys()).filter((set) => (sets[set] as Uint32Array).length > 2);
  if (x instanceof CsrRows) {
    yield* findAmongSparse(sets, large, x, found);
    return found;
  }
  const setsTogether = Math.max(1, Math.floor(Math.min(MAX_BYTES, room) / (8 * x.depth + 16)));
  const feed = new RowFeed(x, 'x', Math.max(1, Math.floor(STEP_ELEMENTS / (x.depth + 1))));
  const setOf = new Int32Array(x.rows);
  for (let from = 0; from < large.length; from += setsTogether) {
    const some = large.slice(from, from + setsTogether);
    setOf.fill(-1);
    for (const [at, set] of some.entries()) for (const row of sets[set] as Uint32Array) setOf[row] = at;
    const best = yield* mostCentral(feed, setOf, some.length);
    for (const [at, set] of some.entries()) found[set] = best[at] as number;
  }
  return found;
}

/** `setOf[row]` is the index of a row's set, or -1. */
function* mostCentral(feed: RowFeed, setOf: Int32Array, count: number): Steps<Uint32Array> {
  const { rows, depth } = feed.source;
  const sums = new Float64Array(count * depth);
  const elements = new Float64Array(depth);
  const first = setOf.findIndex((set) => set >= 0);
  const end =
    Math.max(
      first,
      setOf.findLastIndex((set) => set >= 0),
    ) + 1;
  const each = function* (visit: (row: number, set: number, scale: number) => void): Steps<void> {
    yield* feed.visit(Math.max(0, first), Math.min(rows, end), (source, from, to) => {
      for (let row = from; row < to; row++) {
        const set = setOf[row] as number;
        if (set >= 0) visit(row, set, copyRowToScale(source, row, elements));
      }
    });
  };
  yield* each((_, set, scale) => addScaled(elements, scale, sums, set * depth));
  const bestRows = new Uint32Array(count);
  const bestMeans = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  const sizes = new Uint32Array(count);
  for (const set of setOf) if (set >= 0) sizes[set] = (sizes[set] as number) + 1;
  yield* each((row, set, scale) => {
    const toItself = scale === 0 ? 0 : 1;
    const toAll = scale * dot(elements, sums, set * depth);
    const mean = (toAll - toItself) / ((sizes[set] as number) - 1);
    if (mean <= (bestMeans[set] as number) + EQUAL_MEANS) return;
    bestRows[set] = row;
    bestMeans[set] = mean;
  });
  return bestRows;
}

/** Processes sparse rows set by set: they are in memory, and their sums need one number per column. Writes to `found`. */
function* findAmongSparse(sets: readonly Uint32Array[], large: readonly number[], x: CsrRows, found: Uint32Array): Steps<void> {
  const { columns } = x;
  const sums = new Float64Array(x.depth);
  const elements = new Float64Array(x.mostNonzeros(1));
  let work = 0;
  for (const set of large) {
    const rows = sets[set] as Uint32Array;
    const each = (visit: (row: number, start: number, count: number, scale: number) => void) => {
      for (const row of rows) {
        const start = x.startOf(row);
        visit(row, start, x.endOf(row) - start, copyElementsToScale(x, row, elements));
      }
    };
    each((_, start, count, scale) => {
      for (let i = 0; i < count; i++) {
        const column = columns[start + i] as number;
        sums[column] = (sums[column] as number) + scale * (elements[i] as number);
      }
      work += count;
    });
    let best = Number.NEGATIVE_INFINITY;
    each((row, start, count, scale) => {
      let toAll = 0;
      for (let i = 0; i < count; i++) toAll += scale * (elements[i] as number) * (sums[columns[start + i] as number] as number);
      const mean = (toAll - (scale === 0 ? 0 : 1)) / (rows.length - 1);
      if (mean <= best + EQUAL_MEANS) return;
      found[set] = row;
      best = mean;
    });
    for (const row of rows) for (let i = x.startOf(row); i < x.endOf(row); i++) sums[columns[i] as number] = 0;
    if (work < STEP_ELEMENTS) continue;
    work = 0;
    if (!x.isIntact()) throw argumentLost('x');
    yield;
  }
}
