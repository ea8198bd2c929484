// The sums of a tile of sparse rows: an index of the tile's columns by their elements, and for each row the lists of its own
// elements.
//
// Sums are added in float64 in the order of the elements' columns. Products of f32 are exact; for f64, the rounding error of
// each addition is accumulated separately. A sum depends only on its two rows and is the same on every backend.

import { narrow } from './lane-moves';
import { lanes, panelRows } from './vector';

/**
 * Bytes of an entry of the index: a column (u32), and the end of its list of postings (u32). Entry 0 is unused: lists begin
 * where the previous one ends.
 */
const ENTRY: usize = 8;
const NO_COLUMN: u32 = 0xffffffff;

/** Bytes of a posting: a row's index in the accumulators (u32), and the element, at its own size. */
// @ts-ignore: decorator
@inline function postingBytes<T>(): usize {
  return 2 * sizeof<T>();
}

/**
 * Indexes `count` rows, whose elements begin at the u32 `starts` in `columns` and `values`. `slots` has a u32 for each column:
 * the number of its entry if the index contains it, otherwise any value. Returns the number of the last entry.
 */
export function indexRows<T>(starts: usize, columns: usize, values: usize, count: i32, slots: usize, entries: usize, postings: usize): u32 {
  store<u32>(entries, NO_COLUMN);
  store<u32>(entries, 0, 4);
  let last: u32 = 0;
  const begin = columns + ((load<u32>(starts) as usize) << 2);
  const end = columns + ((load<u32>(starts + ((count as usize) << 2)) as usize) << 2);
  for (let at = begin; at < end; at += 4) {
    const column = load<u32>(at);
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
  // Turns the number of postings in each list into its start; filling moves the start to the end.
  let total: u32 = 0;
  for (let entry: u32 = 1; entry <= last; entry++) {
    const at = entries + (entry as usize) * ENTRY + 4;
    const length = load<u32>(at);
    store<u32>(at, total);
    total += length;
  }
  let at = load<u32>(starts);
  for (let row = 0; row < count; row++) {
    const rowEnd = load<u32>(starts + ((row + 1) as usize << 2));
    for (; at < rowEnd; at++) {
      const column = load<u32>(columns + ((at as usize) << 2));
      const entry = entries + (load<u32>(slots + ((column as usize) << 2)) as usize) * ENTRY + 4;
      const place = load<u32>(entry);
      store<u32>(entry, place + 1);
      const posting = postings + (place as usize) * postingBytes<T>();
      store<u32>(posting, (row as u32) << 3);
      store<T>(posting + sizeof<T>(), load<T>(values + (at as usize) * sizeof<T>()));
    }
  }
  return last;
}

/**
 * Computes sums[rows][cols] of `rows` rows with the `cols` rows of an index. Rows of sums are `stride` bytes apart, a whole
 * number of panels, which are written whole; in a triangle, those on and below the diagonal. `accumulators` has one f64 for
 * each sum of a row, or two for f64 sums.
 */
export function sumSparse<T>(
  starts: usize, columns: usize, values: usize, rows: i32, slots: usize, entries: usize, last: u32, postings: usize,
  accumulators: usize, sums: usize, stride: usize, cols: i32, triangle: bool,
): void {
  const width = panelRows<T>();
  // After the sums: what rounding took from them.
  const lost = accumulators + stride / sizeof<T>() * 8;
  let at = load<u32>(starts);
  for (let row = 0; row < rows; row++, sums += stride) {
    const colEnd = triangle ? (row / width + 1) * width : (stride / sizeof<T>()) as i32;
    memory.fill(accumulators, 0, (colEnd as usize) * 8);
    if (sizeof<T>() == 8) memory.fill(lost, 0, (colEnd as usize) * 8);
    const beyond = (min(colEnd, cols) as u32) << 3;
    const rowEnd = load<u32>(starts + ((row + 1) as usize << 2));
    for (; at < rowEnd; at++) {
      const column = load<u32>(columns + ((at as usize) << 2));
      const slot = load<u32>(slots + ((column as usize) << 2));
      const entry = entries + (slot as usize) * ENTRY;
      if (slot > last || load<u32>(entry) != column) continue;
      const value = load<T>(values + (at as usize) * sizeof<T>()) as f64;
      let posting = postings + (load<u32>(entry - 4) as usize) * postingBytes<T>();
      const end = postings + (load<u32>(entry, 4) as usize) * postingBytes<T>();
      for (; posting < end; posting += postingBytes<T>()) {
        const place = load<u32>(posting);
        if (triangle && place >= beyond) break;
        const to = accumulators + (place as usize);
        const product = value * (load<T>(posting, sizeof<T>()) as f64);
        const sum = load<f64>(to);
        const next = sum + product;
        if (sizeof<T>() == 8) {
          const back = next - sum;
          const rest = lost + (place as usize);
          store<f64>(rest, load<f64>(rest) + ((sum - (next - back)) + (product - back)));
        }
        store<f64>(to, next);
      }
    }
    writeSums<T>(accumulators, lost, sums, colEnd);
  }
}

// @ts-ignore: decorator
@inline function writeSums<T>(accumulators: usize, lost: usize, sums: usize, count: i32): void {
  for (let col = 0; col < count; col += lanes<T>()) {
    const from = (col as usize) << 3;
    const first = v128.load(accumulators + from);
    if (sizeof<T>() == 8) v128.store(sums + from, v128.add<f64>(first, v128.load(lost + from)));
    else v128.store(sums + (from >> 1), narrow(first, v128.load(accumulators + from, 16)));
  }
}
