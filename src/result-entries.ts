// Results as records: iterators over their arrays. They are not enumerable, so that results can be posted to other threads, which do not
// accept functions.

import type { Computed, DroppedRow, DroppedRows, Entries, PairEntry, Pairs, TopK, TopKEntry } from './results.js';
import type { RowId } from './rows/dense-matrix.js';

/** Adds records to pairs or a batch of pairs. Returns `pairs`. */
export function withPairEntries<T extends Computed<Pairs>>(pairs: T): T & Entries<PairEntry> {
  return withEntries(pairs, function* () {
    const { rows, cols, scores, rowIds, colIds } = pairs;
    for (let at = 0; at < rows.length; at++) {
      const [row, col] = [rows[at] as number, cols[at] as number];
      yield { row, col, score: scores[at] as number, ...idsOf(row, col, rowIds, colIds) };
    }
  });
}

/** Adds records to lists of the k best. Returns `found`. */
export function withTopKEntries<T extends Computed<TopK>>(found: T): T & Entries<TopKEntry> {
  return withEntries(found, function* () {
    const { indices, scores, counts, shape, rowIds, colIds } = found;
    const [rows, k] = shape;
    for (let row = 0; row < rows; row++) {
      const length = counts?.[row] ?? k;
      for (let j = 0; j < length; j++) {
        const col = indices[row * k + j] as number;
        yield { row, rank: j + 1, col, score: scores[row * k + j] as number, ...idsOf(row, col, rowIds, colIds) };
      }
    }
  });
}

/** Adds records to dropped rows, with the ids of the rows of x and of `against`. Returns `dropped`. */
export function withDroppedEntries<T extends Computed<DroppedRows>>(
  dropped: T,
  rowIds: readonly RowId[] | undefined,
  againstIds: readonly RowId[] | undefined,
): T & Entries<DroppedRow> {
  return withEntries(dropped, function* () {
    const { rows, keptRows, sources, scores } = dropped;
    for (let at = 0; at < rows.length; at++) {
      const [row, keptRow] = [rows[at] as number, keptRows[at] as number];
      const source = sources[at] as 'x' | 'against';
      const keptIds = source === 'x' ? rowIds : againstIds;
      const ids = { ...(rowIds && { rowId: rowIds[row] as RowId }), ...(keptIds && { keptRowId: keptIds[keptRow] as RowId }) };
      yield { row, keptRow, source, score: scores[at] as number, ...ids };
    }
  });
}

function idsOf(
  row: number,
  col: number,
  rowIds: readonly RowId[] | undefined,
  colIds: readonly RowId[] | undefined,
): Pick<PairEntry, 'rowId' | 'colId'> | undefined {
  if (!rowIds && !colIds) return undefined;
  return { ...(rowIds && { rowId: rowIds[row] as RowId }), ...(colIds && { colId: colIds[col] as RowId }) };
}

function withEntries<T extends object, E>(result: T, entries: () => Generator<E, void, undefined>): T & Entries<E> {
  const toArray = () => Array.from(entries());
  return Object.defineProperties(result, { [Symbol.iterator]: { value: entries }, toArray: { value: toArray } }) as T &
    Entries<E>;
}
