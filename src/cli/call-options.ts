import type { BackendName, ZeroRows } from '../index.js';
import type { ReadOptions } from '../io/rows/row-reader.js';

/** Options of every computing command, as commander gives them. Their definitions are in options.ts. */
export interface CallOptions extends ReadOptions {
  readonly against?: string;
  readonly query?: string;
  readonly againstColumn?: string;
  readonly againstQuery?: string;
  readonly format?: string;
  /** The column whose texts are compared. */
  readonly text?: string;
  /** That of `against`. Default: the same. */
  readonly againstText?: string;
  readonly output?: string;
  readonly center?: boolean;
  readonly removeComponents?: number;
  readonly whiten?: boolean;
  /** Files of a transform: to be read, and to be written. */
  readonly transform?: string;
  readonly saveTransform?: string;
  readonly labels?: string;
  readonly ids?: string;
  /** Names of columns. */
  readonly carry?: readonly string[];
  readonly againstLabels?: string;
  readonly againstIds?: string;
  readonly againstCarry?: readonly string[];
  /** Of a sparse matrix: both triangles, or the union with its transpose. */
  readonly symmetric?: boolean;
  /** Whether 1 - score is written. */
  readonly distance?: boolean;
  /** Of `allpairs score`. */
  readonly pairs?: string;
  /** Of `allpairs dedupe`. */
  readonly keepBy?: string;
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
  /** The column whose groups say which pairs count; that of `--against`, where it is another. */
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
