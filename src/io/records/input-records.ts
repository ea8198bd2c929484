// The original records of an input, copied without parsing: lines of a table, JSON lines, rows of a .npy or .parquet file.

import { FormatError } from '../../errors.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { openBytes } from '../bytes/file-bytes.js';
import { createRowStore } from '../bytes/temporary-file.js';
import { openCompressed } from '../rows/open-compressed.js';

/** Number of bytes copied at a time. */
const PIECE_BYTES = 2 ** 20;

export interface InputRecords {
  /** Yields the bytes of a file with the records of `rows`, which ascend. Throws FormatError if the file has become shorter. */
  copy(rows: Uint32Array, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined>;
}

/** Records that follow each other in a file. */
interface PlacedRecords {
  readonly path: string;
  /** Returns where the record of a row begins; for the number after the last row, where the last record ends. */
  readonly startOf: (row: number, size: number) => number;
  /** Returns what precedes the records, for a file with `count` of them. */
  readonly beginning: (bytes: Uint8Array, count: number) => Uint8Array;
}

function placedRecords({ path, startOf, beginning }: PlacedRecords): InputRecords {
  return {
    async *copy(rows, signal) {
      const source = await openAgain(path, signal);
      try {
        const { size } = source;
        const start = startOf(0, size);
        yield beginning(await source.read(0, start), rows.length);
        for (let at = 0; at < rows.length; ) {
          const first = rows[at] as number;
          let end = first;
          for (; rows[at] === end; at++) end += 1;
          yield* piecesOf(source, startOf(first, size), startOf(end, size), signal);
        }
      } finally {
        await source.close();
      }
    },
  };
}

async function openAgain(path: string, signal: AbortSignal): Promise<ByteSource> {
  return openCompressed(await openBytes(path), () => createRowStore(undefined), signal);
}

async function* piecesOf(
  source: ByteSource,
  from: number,
  to: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = from; at < to; at += PIECE_BYTES) {
    signal.throwIfAborted();
    yield await source.read(at, Math.min(PIECE_BYTES, to - at));
  }
}

/** Records of a text that begin at `starts`. */
export function recordsAt(path: string, starts: Float64Array): InputRecords {
  return placedRecords({ path, startOf: (row, size) => starts[row] ?? size, beginning: (bytes) => bytes });
}

/** The rows of a Parquet file, with all columns. */
export function recordsOfParquet(path: string): InputRecords {
  return {
    async *copy(rows, signal) {
      const { copyParquetRows } = await import('../formats/parquet-copy.js');
      const source = await openAgain(path, signal);
      try {
        yield* copyParquetRows(source, rows, signal);
      } finally {
        await source.close();
      }
    },
  };
}

/** The rows of a .npy file, `rowBytes` apart from byte `offset`. */
export function recordsOfNpy(path: string, rows: number, offset: number, rowBytes: number): InputRecords {
  return placedRecords({
    path,
    startOf: (row) => offset + row * rowBytes,
    beginning: (bytes, count) => withRows(path, bytes, rows, count),
  });
}

/** Replaces the number of rows in a .npy header by a smaller `count`; the rest is unchanged. */
function withRows(path: string, header: Uint8Array, rows: number, count: number): Uint8Array {
  const text = Buffer.from(header).toString('latin1');
  const changed = text.replace(new RegExp(`(['"]shape['"]\\s*:\\s*\\(\\s*)${rows}(?=L?\\s*,)`), `$1${count}`);
  if (changed === text && count !== rows)
    throw new FormatError(path, 'whole', 'its header does not say how many rows there are');
  return Buffer.from(`${changed.replace(/\n?$/, '').padEnd(text.length - 1)}\n`, 'latin1');
}
