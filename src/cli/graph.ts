// Writes results as graphs: sparse matrices for SciPy, and GraphML.

import type { PairArrays } from '../cluster/merge/pairs-buffer.js';
import type { RowFile } from '../index.js';
import type { AtomicFile } from '../io/bytes/atomic-file.js';
import { type GraphNodes, writeGraphml } from '../io/formats/graphml.js';
import type { RowValues } from '../io/records/row-values.js';
import type { CallOptions } from './call-options.js';
import { UsageError } from './exit-codes.js';
import { besideRows, type ResultNames, type RowNames } from './result-names.js';
import { rowsInInput } from './row-numbers.js';

export const CSR = '.csr.npz';
export const GRAPHML = '.graphml';
export const GRAPH_FORMATS: readonly string[] = [CSR, GRAPHML];

type SymmetricOptions = { readonly [name in 'symmetric' | 'output' | 'against']?: CallOptions[name] | undefined };

/** Throws UsageError if --symmetric is given for an output without two triangles. */
export function checkSymmetric({ symmetric, output, against }: SymmetricOptions): void {
  if (!symmetric) return;
  if (against !== undefined) {
    throw new UsageError(
      '--symmetric: the rows of two inputs do not form a symmetric matrix; leave --symmetric or --against out',
    );
  }
  if (output === undefined || !output.toLowerCase().endsWith(CSR)) {
    throw new UsageError(`--symmetric writes a sparse matrix; give -o a file name that ends in ${CSR}`);
  }
}

/** The rows of an input, by their numbers in it. */
export interface GraphSide {
  readonly count: number;
  /** Numbers of rows that were left out. */
  readonly left: readonly number[];
}

/** The rows that a graph connects. */
export interface GraphSides {
  readonly rows: GraphSide;
  /** Undefined if both ends of the edges are rows of the same input. */
  readonly cols: GraphSide | undefined;
}

export function graphSides({ x, y }: { readonly x: RowFile; readonly y: RowFile | undefined }): GraphSides {
  return { rows: sideOf(x), cols: y && sideOf(y) };
}

function sideOf(file: RowFile): GraphSide {
  return { count: rowsInInput(file), left: file.rowNumbers ? file.nullRows : [] };
}

/** Writes a node for each row and an edge for each pair. */
export async function writeGraph(
  file: AtomicFile,
  sides: GraphSides,
  edges: AsyncIterable<PairArrays> | Iterable<PairArrays>,
  directed: boolean,
  names: ResultNames,
  signal: AbortSignal,
): Promise<void> {
  const { rows, cols } = sides;
  const ofRows = nodesOf(cols ? 'x' : '', rows, names.rows);
  await writeGraphml(file, {
    nodes: cols ? [ofRows, nodesOf('y', cols, names.cols)] : [ofRows],
    prefixes: cols ? ['x', 'y'] : ['', ''],
    directed,
    weight: names.distance ? 'distance' : 'weight',
    type: names.score,
    edges,
    signal,
  });
}

function nodesOf(prefix: string, { count, left }: GraphSide, names: RowNames): GraphNodes {
  return { prefix, count, left: new Set(left), attributes: attributesOf(names) };
}

/** Ids become the labels of nodes, unless there are separate labels. */
function attributesOf(names: RowNames): RowValues[] {
  const beside = besideRows(names);
  if (!names.ids) return beside;
  const free = ['label', 'row_id', 'allpairs_id'].find((name) => beside.every((values) => values.name !== name));
  return [{ ...names.ids, name: free as string }, ...beside];
}
