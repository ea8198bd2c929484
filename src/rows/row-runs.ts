import { ContiguousRows, type RowSource } from './row-source.js';

/** Elements copied at a time if rows are not contiguous. */
const AT_ONCE = 2 ** 14;

/** Consecutive rows: row `first` begins at element `start` of `data`. */
export interface RowRun {
  readonly data: ArrayLike<number>;
  readonly start: number;
  readonly first: number;
  readonly end: number;
}

/** Yields the elements of rows [from, to), in place or a few rows at a time. Each run is valid until the next one. */
export function* rowRuns(source: RowSource, from: number, to: number): Generator<RowRun, void, undefined> {
  const { depth } = source;
  if (source instanceof ContiguousRows) {
    yield { data: source.data, start: source.offset + from * depth, first: from, end: to };
    return;
  }
  const some = Math.max(1, Math.floor(AT_ONCE / (depth + 1)));
  const length = Math.min(some, to - from) * depth;
  const data = source.staged === 'float32' ? new Float32Array(length) : new Float64Array(length);
  for (let first = from; first < to; first += some) {
    const end = Math.min(first + some, to);
    source.copyRows(first, end, data, 0);
    yield { data, start: 0, first, end };
  }
}
