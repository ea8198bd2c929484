// The rows as a .npy, a block at a time, which the page reads whatever their original format.

import type { RowFile } from '../../index.js';
import { stampOf } from '../../io/bytes/file-identity.js';
import { encodeNpyHeader } from '../../io/rows/npy.js';
import { InputError } from '../exit-codes.js';
import type { Content } from './content.js';

/** Number of bytes read at a time. */
const BLOCK_BYTES = 2 ** 20;

export type RowsShape = Pick<RowFile, 'rows' | 'depth' | 'staged'>;

/** Returns the size of the rows as the page receives them. */
export function bytesOfRows({ rows, depth, staged }: RowsShape): number {
  return rows * depth * (staged === 'float64' ? 8 : 4);
}

/** `path` is the file, if they are read from one. If it changes while the rows are read, the last rows are not sent. */
export function rowsAsNpy(rows: RowFile, path: string | undefined): Content {
  return joinedNpy([[rows, path]]);
}

/** The rows of several files, one after another; their depths are the same. */
export function joinedNpy(files: readonly (readonly [rows: RowFile, path: string | undefined])[]): Content {
  const shape = joinedShape(files.map(([rows]) => rows));
  const header = encodeNpyHeader(shape.staged, [shape.rows, shape.depth]);
  return {
    type: 'application/octet-stream',
    size: header.length + bytesOfRows(shape),
    async *read() {
      const stamps = await Promise.all(files.map(([, path]) => stampOrNone(path)));
      yield header;
      for (const [at, [rows, path]] of files.entries()) yield* blocksOf(rows, path, stamps[at], shape.staged);
    },
  };
}

/** The shape of several files as one. */
export function joinedShape(files: readonly RowFile[]): RowsShape {
  const isDouble = files.some(({ staged }) => staged === 'float64');
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  return { rows, depth: files[0]?.depth ?? 0, staged: isDouble ? 'float64' : 'float32' };
}

async function* blocksOf(
  rows: RowFile,
  path: string | undefined,
  before: string | undefined,
  type: RowFile['staged'],
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const most = Math.min(rows.rows, Math.max(1, Math.floor((BLOCK_BYTES * rows.rows) / bytesOfRows(rows))));
  const reader = rows.createReader(most);
  for (let from = 0; from < rows.rows; from += most) {
    const to = Math.min(rows.rows, from + most);
    const block = await reader.read(from, to);
    // The reader reuses its memory before the network has sent it.
    const numbers = new (type === 'float64' ? Float64Array : Float32Array)((to - from) * rows.depth);
    block.copyRows(from, to, numbers, 0);
    if (to === rows.rows && (await stampOrNone(path)) !== before) {
      throw new InputError(`${path} changed while it was being read; run the command again`);
    }
    yield new Uint8Array(numbers.buffer);
  }
}

/** Returns what changes with the file. A file that was removed can still be read, because it is open. */
async function stampOrNone(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  return stampOf(path).then(
    ({ what }) => what,
    () => undefined,
  );
}
