// Rows stored in a type for which JavaScript has no arrays, read and converted a block at a time.

import type { NumericArray } from '../../rows/dtype.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { STREAM_BLOCK_BYTES } from '../rows/row-reader.js';

/** Converts the elements in `bytes`, which are contiguous from byte `at` of the file. Throws FormatError. */
export type Convert = (bytes: Uint8Array<ArrayBuffer>, at: number) => NumericArray;

/** Location of the rows in the file. */
interface StoredRows {
  readonly rows: number;
  readonly offset: number;
  /** Distance between rows; the elements of a row may take fewer bytes. */
  readonly rowBytes: number;
}

/** Yields blocks of rows whose elements take `elementBytes` of each row; by default, all of it. */
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
