// Writes the nearest rows of each row as one value per line: the column that Embedding Atlas reads with --neighbors.
//
// https://apple.github.io/embedding-atlas/tool.html

import type { AtomicFile } from '../io/bytes/atomic-file.js';
import { jsonOf, shortest } from '../io/formats/text-sinks.js';
import type { CallOptions } from './call-options.js';
import { UsageError } from './exit-codes.js';
import { besideRows, type ResultNames } from './result-names.js';
import type { TopKArrays } from './topk-arrays.js';

/** Number of lines written at a time. */
const AT_ONCE = 1024;
const OWN = ['row', 'neighbors'];

export type NeighborOptions = Pick<CallOptions, 'output' | 'against' | 'nulls' | 'carry'> & { readonly neighbors?: boolean };

/** Throws UsageError if a data set could not have the column. */
export function checkNeighbors({ neighbors, output, against, nulls, carry = [] }: NeighborOptions): void {
  if (!neighbors) return;
  if (!output?.toLowerCase().endsWith('.jsonl')) {
    throw new UsageError('--neighbors writes a line for each row; give -o a file name that ends in .jsonl');
  }
  if (against !== undefined) {
    throw new UsageError('--neighbors names rows of the input itself; leave --neighbors or --against out');
  }
  if (nulls === 'skip') {
    throw new UsageError('--neighbors needs a line for each row, in order; use --nulls zero instead of --nulls skip');
  }
  const taken = carry.find((name) => OWN.includes(name));
  if (taken !== undefined)
    throw new UsageError(`--carry ${taken}: --neighbors writes a field of that name; leave the column out`);
}

/** Writes a line for each row: its id or number, carried values, and the numbers and distances of its nearest rows. */
export async function writeNeighborLines(
  file: AtomicFile,
  { indices, scores, counts, shape }: TopKArrays,
  { rows: names, score: type }: ResultNames,
  signal: AbortSignal,
): Promise<void> {
  const [rows, k] = shape;
  const beside = besideRows(names).map(({ name, ...values }) => ({ key: JSON.stringify(name), ...values }));
  for (let from = 0; from < rows; from += AT_ONCE) {
    signal.throwIfAborted();
    let text = '';
    for (let row = from; row < Math.min(rows, from + AT_ONCE); row++) {
      const id = names.ids ? jsonOf(names.ids.texts[row] as string, names.ids.type) : String(row);
      const fields = beside.map(({ key, texts, type }) => `,${key}:${jsonOf(texts[row] as string, type)}`).join('');
      const start = row * k;
      const end = start + (counts?.[row] ?? k);
      const ids = indices.subarray(start, end).join(',');
      const distances = scores.subarray(start, end).map((score) => 1 - score);
      const numbers = Array.from(distances, (distance) => shortest(distance, { type })).join(',');
      text += `{"row":${id}${fields},"neighbors":{"ids":[${ids}],"distances":[${numbers}]}}\n`;
    }
    await file.append(Buffer.from(text));
  }
}
