// Writes records to a file; its extension determines the format.

import type { AtomicFile } from '../bytes/atomic-file.js';
import type { Batch, Column, RecordSinkOpener } from './record-sink.js';

const SINKS: Record<string, () => Promise<RecordSinkOpener>> = {
  '.csv': async () => (await import('../formats/text-sinks.js')).openCsvSink,
  '.jsonl': async () => (await import('../formats/text-sinks.js')).openJsonlSink,
  '.npy': async () => (await import('../formats/npy-sink.js')).openNpySink,
  '.parquet': async () => (await import('../formats/parquet-sink.js')).openParquetSink,
  '.arrow': async () => (await import('../formats/arrow-sink.js')).openArrowSink,
};

/** Extensions of the supported formats. */
export const RECORD_FORMATS: readonly string[] = Object.keys(SINKS);

/** Writes all records to `file` in one of RECORD_FORMATS. */
export async function writeRecords(
  file: AtomicFile,
  format: string,
  columns: readonly Column[],
  batches: AsyncIterable<Batch> | Iterable<Batch>,
  signal: AbortSignal,
): Promise<void> {
  const open = await (SINKS[format] as () => Promise<RecordSinkOpener>)();
  const sink = await open(file, columns);
  for await (const batch of batches) {
    signal.throwIfAborted();
    await sink.add(batch);
  }
  await sink.end();
}
