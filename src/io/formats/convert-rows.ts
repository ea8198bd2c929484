// Rows that lie in a file in a type that JavaScript has no arrays of: read and converted a block at a time.

import type { NumericArray } from '../../rows/dtype.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { STREAM_BLOCK_BYTES } from '../rows/row-reader.js';

/** Makes numbers of the elements in `bytes`, which lie one behind the other at byte `at` of the file. Throws FormatError. */
export type Convert = (bytes: Uint8Array<ArrayBuffer>, at: number) => NumericArray;

/** Rows as they are stored. */
interface StoredRows {
  readonly rows: number;
  readonly offset: number;
  /** From one row to the next; the elements of a row may take fewer. */
  readonly rowBytes: number;
}

/** Blocks of rows whose elements take `elementBytes` of each row, all of it by default. */
export async function* convertRows(
  source: ByteSource,
  { rows, offset, rowBytes }: StoredRows,
  convert: Convert,
  elementBytes: number = rowBytes,
): AsyncGenerator<NumericArray, void, undefined> {
  const together = Math.max(1, Math.floor(STREAM_BLOCK_BYTES / rowBytes));
  for (let row = 0; row < rows; row += together) {
    const count = Math.min(together, rows - row);
    const at = offset + row * rowBytes;
    const bytes = await source.read(at, (count - 1) * rowBytes + elementBytes);
    if (elementBytes === rowBytes) yield convert(bytes, at);
    else {
      for (let from = 0; from < bytes.length; from += rowBytes)
        yield convert(bytes.slice(from, from + elementBytes), at + from);
    }
  }
}
