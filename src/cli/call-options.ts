import type { BackendName, ZeroRows } from '../index.js';
import type { ReadOptions } from '../io/rows/row-reader.js';

/** Options of every computing command, in commander's form. Their definitions are in options.ts. */
export interface CallOptions extends ReadOptions {
  readonly against?: string;
  readonly query?: string;
  readonly againstColumn?: string;
  readonly againstQuery?: string;
  readonly format?: string;
  /** The column whose texts are compared. */
  readonly text?: string;
  /** The same for `against`. Default: the same column. */
  readonly againstText?: string;
  readonly output?: string;
  readonly center?: boolean;
  readonly removeComponents?: number;
  readonly whiten?: boolean;
  /** Files of a transform: to read, and to write. */
  readonly transform?: string;
  readonly saveTransform?: string;
  readonly labels?: string;
  readonly ids?: string;
  /** Names of columns. */
  readonly carry?: readonly string[];
  readonly againstLabels?: string;
  readonly againstIds?: string;
  readonly againstCarry?: readonly string[];
  /** For sparse matrices: both triangles, or the union with the transpose. */
  readonly symmetric?: boolean;
  /** True if 1 - score is written. */
  readonly distance?: boolean;
  /** Only for `allpairs score`. */
  readonly pairs?: string;
  /** Only for `allpairs dedupe`. */
  readonly keepBy?: string;
  readonly dtype?: 'float32' | 'float64';
  readonly threads?: number;
  /** False with --no-pruning. */
  readonly pruning?: boolean;
  readonly backend?: BackendName;
  readonly memory?: number;
  /** Interval in seconds. */
  readonly saveEvery?: number;
  readonly nonFinite: 'throw' | 'zero';
  readonly zeroRows?: ZeroRows;
  /** The columns whose groups decide which pairs count, and the one of `--against` if it is different. */
  readonly across?: string;
  readonly within?: string;
  readonly againstGroup?: string;
  readonly dryRun?: boolean;
  readonly restart?: boolean;
  /** Set by `allpairs resume`. */
  readonly resume?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}
