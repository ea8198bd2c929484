// The rows as a .npy, a block at a time, which the page reads whatever their original format.

import type { RowFile } from '../../index.js';
import { stampOf } from '../../io/bytes/file-identity.js';
import { encodeNpyHeader } from '../../io/rows/npy.js';
import { InputError } from '../exit-codes.js';
import type { Content } from './content.js';

/** Number of bytes read at a time. */
const BLOCK_BYTES = 2 ** 20;

/** Returns the size of the rows as the page receives them. */
export function bytesOfRows({ rows, depth, staged }: RowFile): number {
  return rows * depth * (staged === 'float64' ? 8 : 4);
}

/** `path` is the file, if they are read from one. If it changes while the rows are read, the last rows are not sent. */
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
        // The reader reuses its memory before the network has sent it.
        const numbers = new (rows.staged === 'float64' ? Float64Array : Float32Array)((to - from) * rows.depth);
        block.copyRows(from, to, numbers, 0);
        if (to === rows.rows && (await stampOrNone(path)) !== before) {
          throw new InputError(`${path} changed while it was being read; run the command again`);
        }
        yield new Uint8Array(numbers.buffer);
      }
    },
  };
}

/** Returns what changes with the file. A file that was removed can still be read, because it is open. */
async function stampOrNone(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  return stampOf(path).then(
    ({ what }) => what,
    () => undefined,
  );
}
