// Prints results as records, and determines the format of output files.

import { extname } from 'node:path';
import { formatJsonLines } from '../io/formats/text-sinks.js';
import type { Batch, Column } from '../io/records/record-sink.js';
import { UsageError } from './exit-codes.js';
import { CSR } from './graph.js';
import { writeStdout } from './stdout.js';

/** Returns the extension of an output file after checking it; undefined if results are printed. */
export function outputFormat(output: string | undefined, formats: readonly string[]): string | undefined {
  if (output === undefined || output === '-') return undefined;
  const name = output.toLowerCase();
  // A name that ends in .csr.npz also ends in .npz, which is another format.
  const format = name.endsWith(CSR) ? CSR : extname(name);
  if (formats.includes(format)) return format;
  throw new UsageError(`-o ${output}: expected a file name that ends in ${formats.join(', ')}, or - for stdout`);
}

/** Number of records printed between checks of the signal. */
const AT_ONCE = 8192;

/** Prints all records as JSON lines, at the speed of the reader. */
export async function printRecords(
  columns: readonly Column[],
  batches: AsyncIterable<Batch> | Iterable<Batch>,
  signal: AbortSignal,
): Promise<void> {
  for await (const batch of batches) {
    for (let from = 0; from < batch.length; from += AT_ONCE) {
      signal.throwIfAborted();
      await writeStdout(formatJsonLines(columns, batch, from, Math.min(batch.length, from + AT_ONCE)));
    }
  }
}
