// The pairs across two files, and the best match of each row of the first, as files with the columns of the command line.

import type { SimilarPairs } from '../compute/similar-pairs.js';
import { matrixSize, nameOf, numberOf, pairCount, pairs, shown } from '../state/answers.js';
import { session } from '../state/session.js';
import { working } from '../state/working.js';
import { ExportForm } from './export-form.js';
import { shortest } from './exports.js';
import type { Table } from './table-file.js';

type What = 'pairs' | 'matches';

export function AcrossExports() {
  return <ExportForm tables={TABLES} ready={true} tableOf={tableOf} />;
}

const TABLES: readonly [readonly [What, string], ...(readonly [What, string])[]] = [
  ['pairs', 'pairs'],
  ['matches', 'best match of each row'],
];

async function tableOf(what: What): Promise<Table> {
  return what === 'pairs' ? pairTable(pairs.peek() as SimilarPairs, pairCount.peek()) : matchTable();
}

async function matchTable(): Promise<Table> {
  const { indices, scores } = await working('Finding best matches', (onProgress) => session.bestMatches(onProgress));
  const rows = Uint32Array.from({ length: matrixSize.peek().rows }, (_, row) => row);
  return pairTable({ rows, cols: indices, scores }, rows.length);
}

interface Pairs {
  readonly rows: ArrayLike<number>;
  readonly cols: ArrayLike<number>;
  readonly scores: ArrayLike<number>;
}

/** Rows have the numbers of their files. */
function pairTable({ rows, cols, scores }: Pairs, length: number): Table {
  const isLabelled = shown.peek()?.labels !== null;
  const named = (row: number) => (isLabelled ? [numberOf(row), nameOf(row)] : [numberOf(row)]);
  return {
    columns: isLabelled ? ['row', 'row_label', 'col', 'col_label', 'score'] : ['row', 'col', 'score'],
    length,
    cells: (at) => [...named(rows[at] as number), ...named(cols[at] as number), shortest(scores[at] as number)],
  };
}
