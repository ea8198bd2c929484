import { ContiguousRows, type RowSource } from './row-source.js';

/** Elements that are copied at a time, where rows do not lie in one piece. */
const AT_ONCE = 2 ** 14;

/** Rows that lie one after another: row `first` begins at element `start` of `data`. */
export interface RowRun {
  readonly data: ArrayLike<number>;
  readonly start: number;
  readonly first: number;
  readonly end: number;
}

/** The elements of rows [from, to), as they lie or a few rows at a time: each run until the next. */
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
