import type { BackendName, ZeroRows } from '../index.js';
import type { ReadOptions } from '../io/rows/row-reader.js';

/** Options of every computing command, as commander gives them. Their definitions are in options.ts. */
export interface CallOptions extends ReadOptions {
  readonly against?: string;
  readonly query?: string;
  readonly againstColumn?: string;
  readonly againstQuery?: string;
  readonly format?: string;
  readonly output?: string;
  readonly labels?: string;
  readonly carry?: 'file';
  readonly againstLabels?: string;
  /** Of `allpairs score`. */
  readonly pairs?: string;
  readonly dtype?: 'float32' | 'float64';
  readonly threads?: number;
  /** False with --no-pruning. */
  readonly pruning?: boolean;
  readonly backend?: BackendName;
  readonly memory?: number;
  /** Seconds. */
  readonly saveEvery?: number;
  readonly nonFinite: 'throw' | 'zero';
  readonly zeroRows?: ZeroRows;
  /** The column whose groups say which pairs count. */
  readonly across?: string;
  readonly within?: string;
  readonly dryRun?: boolean;
  readonly restart?: boolean;
  /** Set by `allpairs resume`. */
  readonly resume?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}
