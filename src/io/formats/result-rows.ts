// Rows from a query. Its result is a table in which one column holds vectors, or a run of columns holds their elements. Rows are collected
// into blocks as they arrive; only the sample and one block are held.

import { FormatError } from '../../errors.js';
import { freeBuffers } from '../bytes/free-buffer.js';
import { chooseColumns } from '../columns/choose.js';
import { SAMPLE_ROWS } from '../columns/column.js';
import type { BytesElement } from '../columns/declared-elements.js';
import { NullRows } from '../columns/nulls.js';
import { MAX_DEPTH, type ReaderOptions, type ReadOptions, type RowStream } from '../rows/row-reader.js';
import { takeTurn } from '../turns.js';
import { RowBlocks } from './query-rows.js';
import { type CellColumn, describeResult, isNull, type ResultColumn } from './result-columns.js';

/**
 * Returns the rows that `query` produces on the database at `path`, which is opened read-only: a column of vectors (lists, JSON and other
 * text, BLOBs of float32 or of `options.element`, .npy files in BLOBs), or a run of columns with one number each. They are float32, or
 * float64 if the vectors are BLOBs of wider numbers. Throws UnsupportedError if the engine is not installed; ArgumentError if the engine
 * refuses the query or the rows cannot be identified; FormatError if the file is not a database or a cell is not a vector.
 */
export type QueryReader = (
  path: string,
  query: string,
  options: ReadOptions & Pick<ReaderOptions, 'memoryBudget'> & { readonly signal?: AbortSignal | undefined },
) => Promise<RowStream>;

/** Consecutive result rows and their columns. Lists are arrays, structs are objects. */
export interface ResultBatch {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly unknown[])[];
  /** The type of the vectors, if the store declares it. */
  readonly element?: BytesElement;
}

/** Sampling stops at this size if cells are large. */
const MAX_SAMPLE_BYTES = 16 * 2 ** 20;

type Results = AsyncGenerator<ResultBatch, void, undefined>;

/** Returns a stream of query results. `results` is started here, and closed here if that fails. */
export async function streamResults(path: string, results: Results, options: ReadOptions): Promise<RowStream> {
  try {
    const { columns, rows, sampled, element } = await sampleResults(results);
    if (rows.length === 0) throw new FormatError(path, 'whole', 'the query gives no rows');
    const cells = describeResult(columns, rows.slice(0, sampled), options.element ?? element);
    const described = cells.map(({ column }) => column);
    const chosen = chooseColumns({ file: path, columns: described, named: true, selector: options.column });
    const members = chosen.columns.map((index) => cells[index] as CellColumn);
    const depth = chosen.kind === 'vector' ? ((members[0] as CellColumn).column.length ?? 0) : members.length;
    if (depth < 1 || depth > MAX_DEPTH) {
      throw new FormatError(path, 'whole', `expected rows of 1 to ${MAX_DEPTH} numbers, got ${depth}`);
    }
    const nulls = new NullRows(path, options.nulls);
    const { origin } = chosen;
    const type = members.some(({ wide }) => wide) ? 'float64' : 'float32';
    const put = chosen.kind === 'vector' ? vectorPutter(members[0] as CellColumn) : elementsPutter(members);
    const blocks = () => blocksOfResults(path, new RowBlocks(depth, ALLOCATE[type]), rows, results, nulls, put);
    return { kind: 'stream', depth, type, blocks, origin, nulls };
  } catch (error) {
    await results.return();
    throw error;
  }
}

const ALLOCATE: Readonly<Record<'float32' | 'float64', (length: number) => Float32Array | Float64Array>> = {
  float32: (length) => new Float32Array(length),
  float64: (length) => new Float64Array(length),
};

/** Reads the first rows, in whole batches; `sampled` of them describe the columns. */
async function sampleResults(results: Results) {
  let columns: readonly ResultColumn[] = [];
  const rows: (readonly unknown[])[] = [];
  let sampled = 0;
  let bytes = 0;
  let element: BytesElement | undefined;
  while (rows.length < SAMPLE_ROWS && bytes < MAX_SAMPLE_BYTES) {
    const batch = await results.next();
    if (batch.done) break;
    ({ columns, element } = batch.value);
    for (const row of batch.value.rows) {
      rows.push(row);
      if (sampled >= SAMPLE_ROWS || bytes >= MAX_SAMPLE_BYTES) continue;
      sampled += 1;
      bytes += sizeOfRow(row);
    }
  }
  return { columns, rows, sampled, element };
}

/** Returns the approximate size of a row in bytes. */
export function sizeOfRow(row: readonly unknown[]): number {
  let bytes = 0;
  for (const cell of row) {
    bytes += typeof cell === 'string' || Array.isArray(cell) ? 8 * cell.length : cell instanceof Uint8Array ? cell.length : 8;
  }
  return bytes;
}

/** Writes a row. Returns null for a null row, an error message, or undefined. */
type RowPutter = (row: readonly unknown[], target: Float32Array | Float64Array) => 'null' | { fault: string } | undefined;

function vectorPutter({ get, put }: CellColumn): RowPutter {
  return (row, target) => {
    const cell = get(row);
    if (isNull(cell)) return 'null';
    const fault = put(cell, target);
    return fault === undefined ? undefined : { fault };
  };
}

function elementsPutter(members: readonly CellColumn[]): RowPutter {
  return (row, target) => {
    for (const [i, { get, put, column }] of members.entries()) {
      const cell = get(row);
      if (isNull(cell)) return 'null';
      const fault = put(cell, target.subarray(i, i + 1));
      if (fault !== undefined) return { fault: `column ${column.name}: ${fault}` };
    }
    return undefined;
  };
}

async function* blocksOfResults(
  path: string,
  blocks: RowBlocks<Float32Array | Float64Array>,
  sample: readonly (readonly unknown[])[],
  results: Results,
  nulls: NullRows,
  put: RowPutter,
): AsyncGenerator<Float32Array | Float64Array, void, undefined> {
  let number = -1;
  const putRows = (rows: ResultBatch['rows']): void => {
    for (const row of rows) {
      number += 1;
      const place = blocks.nextRow();
      const found = put(row, place);
      if (found === undefined) continue;
      if (found !== 'null') throw new FormatError(path, 'whole', `row ${number} of the query: ${found.fault}`);
      if (nulls.add(number, 'whole', 'of the query is null')) place.fill(0);
      else blocks.dropRow();
    }
  };
  try {
    putRows(sample);
    freeCells(sample);
    for await (const { rows } of results) {
      await takeTurn(undefined, rows.length * blocks.rowBytes);
      yield* blocks.takeFull();
      putRows(rows);
      freeCells(rows);
    }
    yield* blocks.takeRest();
  } finally {
    await results.return();
  }
}

/** Typed arrays up to this size have no buffer of their own until one is requested. */
const ON_HEAP_BYTES = 64;

/** Frees the cells that are BLOBs: a young collection comes too late for them, because it is due by the size of the objects alone. */
function freeCells(rows: ResultBatch['rows']): void {
  const buffers: ArrayBuffer[] = [];
  for (const row of rows) {
    for (const cell of row) {
      if (!(cell instanceof Uint8Array) || cell.byteLength <= ON_HEAP_BYTES) continue;
      const { buffer } = cell;
      if (buffer instanceof ArrayBuffer && buffer.byteLength === cell.byteLength) buffers.push(buffer);
    }
  }
  if (buffers.length > 0) freeBuffers(buffers);
}
