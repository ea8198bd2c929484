// Writes pairs as records and files.

import type { PairArrays } from '../cluster/merge/pairs-buffer.js';
import type { AtomicFile } from '../io/bytes/atomic-file.js';
import { writeRecords } from '../io/records/record-file.js';
import type { Batch, Column } from '../io/records/record-sink.js';
import { type NamedArray, writeNpz } from '../io/rows/npz-file.js';
import type { FoundPairs } from './found-pairs.js';
import { CSR, GRAPHML, type GraphSides, writeGraph } from './graph.js';
import { idArrays } from './id-arrays.js';
import { columnOfRows, type ResultNames } from './result-names.js';
import { scoreColumn, written } from './scores.js';
import { writeSparsePairs } from './sparse-matrix.js';

/** How pairs are written. */
export interface PairsOutput {
  readonly format: string;
  readonly names: ResultNames;
  readonly sides: GraphSides;
  /** For a sparse matrix: both triangles. */
  readonly symmetric?: boolean | undefined;
  /** The maximum number of bytes that a sparse matrix may take in memory. */
  readonly memory?: number | undefined;
  readonly signal: AbortSignal;
}

/** Writes all pairs, which pass `found` once; `read` starts from the beginning each time. */
export async function writePairs(
  file: AtomicFile,
  read: () => AsyncIterable<PairArrays>,
  found: FoundPairs,
  output: PairsOutput,
): Promise<void> {
  const { format, names, sides, symmetric = false, memory, signal } = output;
  const columns = columnsOfPairs(names);
  if (format === GRAPHML) {
    return writeGraph(file, sides, distancesOf(found.watch(read()), names), sides.cols !== undefined, names, signal);
  }
  if (format !== '.npz' && format !== CSR) {
    return writeRecords(file, format, columns, batchesOfPairs(found.watch(read()), names), signal);
  }
  // The headers, which come first, contain the number of pairs.
  for await (const _ of found.watch(read())) signal.throwIfAborted();
  if (format === CSR) return writeSparsePairs(file, format, read, { sides, symmetric, names, memory, signal });
  const arrays = (['rows', 'cols', 'scores'] as const).map(
    (name, at): NamedArray => ({
      name: name === 'scores' && names.distance ? 'distances' : name,
      type: (columns[at] as Column).type,
      shape: [found.count],
      async *content() {
        for await (const {
          [name]: { buffer, byteOffset, byteLength },
        } of distancesOf(read(), names)) {
          yield new Uint8Array(buffer, byteOffset, byteLength);
        }
      },
    }),
  );
  await writeNpz(file, format, [...arrays, ...idArrays(names)], signal);
}

export function columnsOfPairs(names: ResultNames): Column[] {
  return [columnOfRows('row', names.rows), columnOfRows('col', names.cols), scoreColumn(names)];
}

export async function* batchesOfPairs(batches: AsyncIterable<PairArrays>, names: ResultNames): AsyncGenerator<Batch> {
  for await (const { rows, cols, scores } of distancesOf(batches, names)) {
    yield { length: rows.length, columns: [rows, cols, scores] };
  }
}

/** Replaces scores by distances if those are written. */
async function* distancesOf(batches: AsyncIterable<PairArrays>, { distance }: ResultNames): AsyncGenerator<PairArrays> {
  for await (const { rows, cols, scores } of batches) yield { rows, cols, scores: written(scores, distance) };
}
