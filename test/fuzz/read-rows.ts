// Reads all rows and all names of a file, as calls do.

import { type ByteSource, bytesInMemory } from '#src/io/bytes/byte-source.js';
import { createRowStore } from '#src/io/bytes/temporary-file.js';
import { RowFile } from '#src/io/rows/row-file.js';
import type { RowReader, TextReader } from '#src/io/rows/row-reader.js';
import type { CsrRows } from '#src/rows/csr-rows.js';

const BLOCK_BYTES = 2 ** 20;
/** What does not fit goes to a file. */
const STORE_BYTES = 2 ** 24;

/** Reads all rows in blocks, and calls `onStep` after each block with its bytes. */
export async function readAllRows(
  read: RowReader,
  source: ByteSource,
  column: string | undefined,
  onStep: (bytes: number) => void,
): Promise<void> {
  const createStore = () => createRowStore(STORE_BYTES);
  const rows = await read(source, { column, element: 'float32', nulls: 'skip', createStore });
  onStep(0);
  if ('sparse' in rows && rows.sparse) {
    checkSparse(rows.sparse);
    onStep(rows.sparse.values.byteLength);
    return;
  }
  if (rows.kind === 'stream') {
    for await (const block of rows.blocks()) {
      onStep(block.byteLength);
      if (block.length % rows.depth !== 0) throw new Error(`a block of ${block.length} numbers, rows of ${rows.depth}`);
    }
    return;
  }
  const most = Math.max(1, Math.min(rows.rows, Math.floor(BLOCK_BYTES / Math.max(1, rows.rowBytes))));
  const reader = new RowFile(source.name, source, rows).createReader(most);
  for (let from = 0; from < rows.rows; from += most) {
    const to = Math.min(rows.rows, from + most);
    await reader.read(from, to);
    onStep((to - from) * rows.rowBytes);
  }
}

/** Throws if kernels would read past the arrays or the rows: columns must ascend and lie within the shape. */
function checkSparse({ rows, depth, starts, columns, values }: CsrRows): void {
  if (starts.length !== rows + 1 || starts[0] !== 0) throw new Error(`${starts.length} starts of ${rows} rows`);
  if (columns.length !== values.length || starts[rows] !== values.length) throw new Error('arrays of other lengths');
  for (let row = 0; row < rows; row++) {
    let last = -1;
    for (let i = starts[row] as number; i < (starts[row + 1] as number); i++) {
      const column = columns[i] as number;
      if (!(column > last && column < depth)) throw new Error(`column ${column} after ${last} in rows of ${depth}`);
      last = column;
    }
  }
}

/** Reads all names. */
export async function readAllTexts(
  read: TextReader,
  source: ByteSource,
  column: string,
  onStep: (bytes: number) => void,
): Promise<void> {
  for await (const names of read(source, column)) {
    let length = 0;
    for (const name of names) {
      if (typeof name !== 'string') throw new Error(`a name that is a ${typeof name}`);
      length += name.length;
    }
    onStep(length);
  }
}

/** Returns all numbers of the rows in `bytes` (the bits of float16 streams), and what the reader found. */
export async function valuesOf(read: RowReader, bytes: Uint8Array, column?: string) {
  const source = bytesInMemory(bytes, 'file');
  const rows = await read(source, { column });
  const { kind, depth, type } = rows;
  if (rows.kind === 'flat') {
    const values = new Float64Array(rows.rows * depth);
    const block = await new RowFile('file', source, rows).createReader(Math.max(1, rows.rows)).read(0, rows.rows);
    block.copyRows(0, rows.rows, values, 0);
    return { kind, depth, type, values: [...values] };
  }
  const values: number[] = [];
  for await (const block of rows.blocks()) for (const value of block) values.push(value);
  return { kind, depth, type, values };
}
