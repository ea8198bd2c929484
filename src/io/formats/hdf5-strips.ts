// Rows from chunks that are so narrow that a block of rows would touch very many: strips of columns are read one after another into a store,
// from which rows are collected, so that each chunk is decompressed once.

import type { ByteSource } from '../bytes/byte-source.js';
import { freeBuffer } from '../bytes/free-buffer.js';
import { takeTurn } from '../turns.js';
import { bytesOfHdf5, type Hdf5Rows } from './hdf5-layout.js';
import { type Hdf5Block, type Hdf5Reading, readRegion } from './hdf5-region.js';
import type { Hdf5Chunks } from './hdf5-storage.js';

/** The rows of one chunk after another, `width` columns at a time. */
interface Strips {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly width: number;
}

/** Yields blocks of up to `most` bytes; strips have as many columns as fit in `most` bytes. */
export async function* readStrips(
  path: string,
  found: Hdf5Rows,
  reading: Hdf5Reading & { readonly chunks: Hdf5Chunks },
  most: number,
): AsyncGenerator<Hdf5Block, void, undefined> {
  const { rows, depth, element } = found;
  const { chunks } = reading;
  const tall = Math.min(rows, chunks.rows);
  const fitting = Math.floor(most / (tall * bytesOfHdf5(element)) / chunks.columns);
  const width = Math.min(depth, Math.max(1, fitting) * chunks.columns);
  for (let rowStart = 0; rowStart < rows; rowStart += tall) {
    const strips = { rowStart, rowEnd: Math.min(rows, rowStart + tall), width };
    const stored = await storeStrips(path, found, reading, strips, most);
    try {
      yield* collectRows(found, stored, strips, most);
    } finally {
      await stored.close();
    }
  }
}

/** Stores the numbers of one strip after another, row by row. */
async function storeStrips(
  path: string,
  found: Hdf5Rows,
  reading: Hdf5Reading,
  { rowStart, rowEnd, width }: Strips,
  most: number,
): Promise<ByteSource> {
  const { depth, element } = found;
  const size = bytesOfHdf5(element);
  // Strips of compressed chunks fit in one piece.
  const step = Math.min(rowEnd - rowStart, Math.max(1, Math.floor(most / (width * size))));
  const bytes = new Uint8Array(step * width * size);
  const store = reading.createStore();
  try {
    for (let colStart = 0; colStart < depth; colStart += width) {
      const colEnd = Math.min(depth, colStart + width);
      for (let from = rowStart; from < rowEnd; from += step) {
        const to = Math.min(rowEnd, from + step);
        await readRegion(path, found, { rowStart: from, rowEnd: to, colStart, colEnd }, bytes, reading);
        await store.append(bytes.subarray(0, (to - from) * (colEnd - colStart) * size));
      }
    }
  } catch (error) {
    await store.discard();
    throw error;
  } finally {
    freeBuffer(bytes.buffer);
  }
  return store.finish(path);
}

async function* collectRows(
  { depth, element }: Hdf5Rows,
  stored: ByteSource,
  { rowStart, rowEnd, width }: Strips,
  most: number,
): AsyncGenerator<Hdf5Block, void, undefined> {
  const size = bytesOfHdf5(element);
  const rows = rowEnd - rowStart;
  const step = Math.min(rows, Math.max(1, Math.floor(most / (depth * size))));
  const block = new Uint8Array(step * depth * size);
  const part = new Uint8Array(step * width * size);
  const [into, from] = [unitsOf(block, size), unitsOf(part, size)];
  const units = size / into.BYTES_PER_ELEMENT;
  try {
    for (let start = 0; start < rows; start += step) {
      const count = Math.min(step, rows - start);
      for (let column = 0; column < depth; column += width) {
        const columns = Math.min(width, depth - column);
        await stored.read((column * rows + start * columns) * size, count * columns * size, part);
        const turn = takeTurn(undefined, count * columns);
        if (turn) await turn;
        for (let row = 0, at = 0; row < count; row++) {
          const end = (row * depth + column + columns) * units;
          for (let to = (row * depth + column) * units; to < end; to++) into[to] = from[at++] as number;
        }
      }
      yield { bytes: block.subarray(0, count * depth * size), rowStart: rowStart + start };
    }
  } finally {
    freeBuffer(block.buffer);
    freeBuffer(part.buffer);
  }
}

/** Integers, because copies of floating-point numbers may lose the bits of NaN. */
function unitsOf({ buffer }: Uint8Array<ArrayBuffer>, size: number): Uint8Array | Uint16Array | Uint32Array {
  if (size === 1) return new Uint8Array(buffer);
  return size === 2 ? new Uint16Array(buffer) : new Uint32Array(buffer);
}
