// Excludes pairs of sparse rows without computing their sums (docs/how-it-works.md). Rows have length 1, with the rarest column
// first. A row's head consists of the elements without which the row is shorter than a limit. What two heads have in common is
// complete, so two rows that reach the limit share a column in their heads. What follows the last common column is at most the
// length of one row's rest after it, times the length of the other row without its head.
//
// Products are summed in f32 and bounds are rounded; the given limits allow for that.

import { counts } from './counts';
import { scoreOne } from './score';

/**
 * The operands of a tile and the working memory of the kernel; addresses except for the last eight. In the order of
 * src/backends/wasm/sparse-filter.ts.
 */
@unmanaged
class FilterTable {
  rowStarts!: usize;
  rowColumns!: usize;
  rowValues!: usize;
  rowFilterColumns!: usize;
  rowFilterValues!: usize;
  rowRests!: usize;
  colStarts!: usize;
  colColumns!: usize;
  colValues!: usize;
  colFilterColumns!: usize;
  colFilterValues!: usize;
  colRests!: usize;
  slots!: usize;
  entries!: usize;
  postings!: usize;
  /** For each column two f32, all 0: the products of the columns that two heads share so far, and a bound for the rest. */
  bounds!: usize;
  touched!: usize;
  /** A T for each column, all 0. */
  spread!: usize;
  hitRows!: usize;
  hitCols!: usize;
  hitScores!: usize;
  rows!: i32;
  cols!: i32;
  /** Rows and columns are the same: pairs are those below the diagonal. */
  triangle!: u32;
  /** The limits that bounds and scores must reach; the limit of heads. */
  limit!: f64;
  lowest!: f64;
  headLimit!: f64;
  /** The cost of a survivor, and of a pair if all are computed. */
  survivorCost!: f64;
  pairCost!: f64;
  /** Number of computed multiply-adds; written by the kernel. */
  products!: f64;
}

export const FILTER_TABLE_BYTES: i32 = offsetof<FilterTable>() as i32;

const ENTRY: usize = 8;
const NO_COLUMN: u32 = 0xffffffff;
/**
 * A row's index in the bounds (u32) and, as f32, the element, the length of what follows it, and that of the row without its
 * head.
 */
const POSTING: usize = 16;

/** Number of rows after which it is decided whether filtering pays. */
const ROWS_LOOKED_AT: i32 = 8;
/** Approximate nanoseconds for a product of heads, and for a pair that has one. */
const PRODUCT_COST: f64 = 3;
const TOUCH_COST: f64 = 3.5;

// @ts-ignore: decorator
@inline function u32At(base: usize, index: u32): u32 {
  return load<u32>(base + ((index as usize) << 2));
}

// @ts-ignore: decorator
@inline function f32At(base: usize, index: u32): f32 {
  return load<f32>(base + ((index as usize) << 2));
}

/** Returns where the head of a row with the elements [at, end) ends. */
// @ts-ignore: decorator
@inline function headEnd(rests: usize, at: u32, end: u32, limit: f32): u32 {
  while (at < end && f32At(rests, at++) >= limit) {}
  return at;
}

/** Indexes the heads of the columns of a tile; returns the number of the last entry, like indexRows. */
function indexHeads(table: FilterTable): u32 {
  const starts = table.colStarts, columns = table.colFilterColumns, values = table.colFilterValues, rests = table.colRests;
  const slots = table.slots, entries = table.entries, limit = table.headLimit as f32;
  store<u32>(entries, NO_COLUMN);
  store<u32>(entries, 0, 4);
  let last: u32 = 0;
  for (let col = 0; col < table.cols; col++) {
    const begin = u32At(starts, col), end = headEnd(rests, begin, u32At(starts, col + 1), limit);
    for (let at = begin; at < end; at++) {
      const column = u32At(columns, at);
      const slot = slots + ((column as usize) << 2);
      const known = load<u32>(slot);
      const entry = entries + (known as usize) * ENTRY;
      if (known <= last && load<u32>(entry) == column) {
        store<u32>(entry, load<u32>(entry, 4) + 1, 4);
      } else {
        last++;
        store<u32>(slot, last);
        store<u32>(entries + (last as usize) * ENTRY, column);
        store<u32>(entries + (last as usize) * ENTRY, 1, 4);
      }
    }
  }
  let total: u32 = 0;
  for (let entry: u32 = 1; entry <= last; entry++) {
    const at = entries + (entry as usize) * ENTRY + 4;
    const length = load<u32>(at);
    store<u32>(at, total);
    total += length;
  }
  for (let col = 0; col < table.cols; col++) {
    const begin = u32At(starts, col), end = headEnd(rests, begin, u32At(starts, col + 1), limit);
    if (end == begin) continue;
    const headRest = f32At(rests, end - 1);
    for (let at = begin; at < end; at++) {
      const entry = entries + (u32At(slots, u32At(columns, at)) as usize) * ENTRY + 4;
      const place = load<u32>(entry);
      store<u32>(entry, place + 1);
      const posting = table.postings + (place as usize) * POSTING;
      store<u32>(posting, (col as u32) << 3);
      store<f32>(posting, f32At(values, at), 4);
      store<f32>(posting, f32At(rests, at), 8);
      store<f32>(posting, headRest, 12);
    }
  }
  return last;
}

/** Writes to `touched` the indices of the columns whose heads share something with a row; returns their number. */
function touch(table: FilterTable, row: i32, last: u32): u32 {
  const columns = table.rowFilterColumns, values = table.rowFilterValues, rests = table.rowRests;
  const slots = table.slots, entries = table.entries, touched = table.touched;
  const begin = u32At(table.rowStarts, row), end = headEnd(rests, begin, u32At(table.rowStarts, row + 1), table.headLimit as f32);
  if (begin == end) return 0;
  const headRest = f32At(rests, end - 1);
  const beyond = (table.triangle ? row as u32 : table.cols as u32) << 3;
  let count: u32 = 0, products: u32 = 0;
  for (let at = begin; at < end; at++) {
    const column = u32At(columns, at), slot = u32At(slots, column);
    const entry = entries + (slot as usize) * ENTRY;
    if (slot > last || load<u32>(entry) != column) continue;
    const value = f32At(values, at), rest = f32At(rests, at);
    let posting = table.postings + (load<u32>(entry - 4) as usize) * POSTING;
    const listEnd = table.postings + (load<u32>(entry, 4) as usize) * POSTING;
    for (; posting < listEnd; posting += POSTING) {
      const place = load<u32>(posting);
      if (place >= beyond) break;
      const bound = table.bounds + (place as usize);
      const known = load<f32>(bound, 4);
      store<u32>(touched + ((count as usize) << 2), place);
      count += (known == 0) as u32;
      store<f32>(bound, load<f32>(bound) + value * load<f32>(posting, 4));
      store<f32>(bound, max<f32>(headRest * load<f32>(posting, 8), rest * load<f32>(posting, 12)), 4);
      products++;
    }
  }
  table.products += products as f64;
  return count;
}

/** Returns the sum of the spread row with a column, as in sumSparse. */
// @ts-ignore: decorator
@inline function spreadSum<T>(spread: usize, starts: usize, columns: usize, values: usize, col: u32): T {
  let sum: f64 = 0, lost: f64 = 0;
  const end = u32At(starts, col + 1);
  for (let at = u32At(starts, col); at < end; at++) {
    const element = load<T>(spread + (u32At(columns, at) as usize) * sizeof<T>()) as f64;
    const product = element * (load<T>(values + (at as usize) * sizeof<T>()) as f64);
    const next = sum + product;
    if (sizeof<T>() == 8) {
      const back = next - sum;
      lost += (sum - (next - back)) + (product - back);
    }
    sum = next;
  }
  return (sizeof<T>() == 8 ? sum + lost : sum) as T;
}

/** Spreads a row by its columns, or clears it. */
// @ts-ignore: decorator
@inline function spreadRow<T>(table: FilterTable, row: i32, isSpread: bool): void {
  const end = u32At(table.rowStarts, row + 1);
  for (let at = u32At(table.rowStarts, row); at < end; at++) {
    const value = isSpread ? load<T>(table.rowValues + (at as usize) * sizeof<T>()) : 0 as T;
    store<T>(table.spread + (u32At(table.rowColumns, at) as usize) * sizeof<T>(), value);
  }
}

/**
 * Finds the pairs of a tile that count and whose scores reach the lowest, row by row, each with its sum at its place in `sums`.
 * Returns their number, or -1 if computing all pairs is faster. The bounds and the spread row are left 0.
 */
export function filterPairs<T>(
  at: usize, sums: usize, stride: usize, rowInverses: usize, colInverses: usize, rowGuards: usize, colGuards: usize,
  rowGroups: usize, colGroups: usize, within: bool,
): i32 {
  const table = changetype<FilterTable>(at);
  const size = sizeof<T>();
  const limit = table.limit as f32, lowest = table.lowest as T;
  const touched = table.touched, bounds = table.bounds;
  let hits: u32 = 0;
  let pairs: f64 = 0, touches: f64 = 0, survivors: f64 = 0;
  table.products = 0;
  const last = indexHeads(table);
  for (let row = 0; row < table.rows; row++) {
    const count = touch(table, row, last);
    touches += count as f64;
    pairs += (table.triangle ? row : table.cols) as f64;
    let left: u32 = 0;
    for (let i: u32 = 0; i < count; i++) {
      const place = u32At(touched, i);
      const bound = bounds + (place as usize);
      if (load<f32>(bound) + load<f32>(bound, 4) >= limit && counts(rowGroups, colGroups, within, row, place >> 3)) {
        store<u32>(touched + ((left as usize) << 2), place >> 3);
        left++;
      }
      store<u64>(bound, 0);
    }
    survivors += left as f64;
    if (left > 0) {
      const down = (row as usize) * size;
      const inverse = load<T>(rowInverses + down), guard = load<T>(rowGuards + down);
      const first = hits;
      spreadRow<T>(table, row, true);
      for (let i: u32 = 0; i < left; i++) {
        const col = u32At(touched, i);
        const across = (col as usize) * size;
        const sum = spreadSum<T>(table.spread, table.colStarts, table.colColumns, table.colValues, col);
        const score = scoreOne<T>(sum, inverse, load<T>(colInverses + across), guard, load<T>(colGuards + across));
        if (score < lowest) continue;
        store<T>(sums + (row as usize) * stride + across, sum);
        // Sorted by column; few are left.
        let place = hits;
        for (; place > first && u32At(table.hitCols, place - 1) > col; place--) {
          store<u32>(table.hitCols + ((place as usize) << 2), u32At(table.hitCols, place - 1));
          store<T>(table.hitScores + (place as usize) * size, load<T>(table.hitScores + ((place - 1) as usize) * size));
        }
        store<u32>(table.hitCols + ((place as usize) << 2), col);
        store<T>(table.hitScores + (place as usize) * size, score);
        store<u32>(table.hitRows + ((hits as usize) << 2), row);
        hits++;
      }
      spreadRow<T>(table, row, false);
    }
    if ((row + 1) % ROWS_LOOKED_AT != 0) continue;
    if (PRODUCT_COST * table.products + TOUCH_COST * touches + table.survivorCost * survivors > pairs * table.pairCost) return -1;
  }
  return hits;
}
