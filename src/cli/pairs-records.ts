// Pairs as records and files.

import type { PairArrays } from '../cluster/merge/pairs-buffer.js';
import type { AtomicFile } from '../io/bytes/atomic-file.js';
import { writeRecords } from '../io/records/record-file.js';
import type { Batch, Column } from '../io/records/record-sink.js';
import { type NamedArray, writeNpz } from '../io/rows/npz-file.js';
import type { FoundPairs } from './found-pairs.js';
import type { ResultNames } from './records.js';

/** Writes all pairs, which `found` sees once; `read` begins anew each time. */
export async function writePairs(
  file: AtomicFile,
  format: string,
  read: () => AsyncIterable<PairArrays>,
  found: FoundPairs,
  names: ResultNames,
  signal: AbortSignal,
): Promise<void> {
  if (format !== '.npz') return writeRecords(file, format, columnsOfPairs(names), batchesOfPairs(found.watch(read())), signal);
  // Its headers say how many there are, before the first.
  for await (const _ of found.watch(read())) signal.throwIfAborted();
  const columns = columnsOfPairs(names);
  const arrays = (['rows', 'cols', 'scores'] as const).map(
    (name, at): NamedArray => ({
      name,
      type: (columns[at] as Column).type,
      shape: [found.count],
      async *content() {
        for await (const {
          [name]: { buffer, byteOffset, byteLength },
        } of read()) {
          yield new Uint8Array(buffer, byteOffset, byteLength);
        }
      },
    }),
  );
  await writeNpz(file, format, arrays, signal);
}

export function columnsOfPairs({ labels, otherLabels, score }: ResultNames): Column[] {
  return [
    { name: 'row', type: 'u4', labels },
    { name: 'col', type: 'u4', labels: otherLabels },
    { name: 'score', type: score },
  ];
}

export async function* batchesOfPairs(batches: AsyncIterable<PairArrays>): AsyncGenerator<Batch> {
  for await (const { rows, cols, scores } of batches) yield { length: rows.length, columns: [rows, cols, scores] };
}
