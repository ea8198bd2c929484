// The rows as a .npy, a block at a time: what the page reads, whatever format they came in.

import type { RowFile } from '../../index.js';
import { stampOf } from '../../io/bytes/file-identity.js';
import { encodeNpyHeader } from '../../io/rows/npy.js';
import { InputError } from '../exit-codes.js';
import type { Content } from './content.js';

/** Bytes that are read at a time. */
const BLOCK_BYTES = 2 ** 20;

/** Bytes of the rows as the page gets them. */
export function bytesOfRows({ rows, depth, staged }: RowFile): number {
  return rows * depth * (staged === 'float64' ? 8 : 4);
}

/** `path`: the file, where they are read from one. If it changes while the rows are read, the last of them do not come. */
export function rowsAsNpy(rows: RowFile, path: string | undefined): Content {
  const header = encodeNpyHeader(rows.staged, rows.shape);
  return {
    type: 'application/octet-stream',
    size: header.length + bytesOfRows(rows),
    async *read() {
      const before = await stampOrNone(path);
      yield header;
      const most = Math.min(rows.rows, Math.max(1, Math.floor((BLOCK_BYTES * rows.rows) / bytesOfRows(rows))));
      const reader = rows.createReader(most);
      for (let from = 0; from < rows.rows; from += most) {
        const to = Math.min(rows.rows, from + most);
        const block = await reader.read(from, to);
        // The reader's own memory is used again before the network has done with it.
        const numbers = new (rows.staged === 'float64' ? Float64Array : Float32Array)((to - from) * rows.depth);
        block.copyRows(from, to, numbers, 0);
        if (to === rows.rows && (await stampOrNone(path)) !== before) {
          throw new InputError(`${path} was changed while it was read: what was sent is of neither content`);
        }
        yield new Uint8Array(numbers.buffer);
      }
    },
  };
}

/** What changes when the file does. One that was taken away can be read on: it is open. */
async function stampOrNone(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  return stampOf(path).then(
    ({ what }) => what,
    () => undefined,
  );
}
