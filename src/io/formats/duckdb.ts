// Rows from a query on a DuckDB database, or, with the database ':memory:', on files that DuckDB reads itself. Results arrive in chunks of
// a few thousand rows. https://duckdb.org/docs/stable/clients/node_neo/overview

import { access } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBArrayType, DuckDBConnection, DuckDBDataChunk, DuckDBListType, DuckDBListValue } from '@duckdb/node-api';
import { AllpairsError, ArgumentError, FormatError, MemoryError, UnsupportedError } from '../../errors.js';
import { mention, say } from '../../message.js';
import { collectGarbage } from '../collect-garbage.js';
import { countLibrary } from '../library-memory.js';
import { messageOf, queryError } from './query-rows.js';
import { type QueryReader, type ResultBatch, sizeOfRow, streamResults } from './result-rows.js';

type Engine = typeof import('@duckdb/node-api');

/** Stands for "no database" where a path is expected. */
const NO_DATABASE = ':memory:';

const MIB = 2 ** 20;
/** The smallest memory budget: DuckDB itself, without the data, takes as much as eight times that allows. */
const MIN_BUDGET = 32 * MIB;
/** DuckDB's cache may take this multiple of the memory budget. */
const CACHE_FACTOR = 2;
/** How much DuckDB recommends for each thread. */
const THREAD_BYTES = 125 * MIB;
/** What stays of DuckDB when a database is closed, mainly its code. */
const LEFT_BYTES = 96 * MIB;
/** Rows that are converted at a time, so that few values are alive. */
const ROWS_AT_ONCE = 64;
/** Chunks of about as many bytes are freed together. */
const FREED_AT_ONCE = 16 * MIB;

const INTERRUPT_MS = 50;

/** Number of folders for temporary files that this process has named. */
let folders = 0;

/** Reads rows from a DuckDB database. */
export const readDuckdb: QueryReader = async (path, query, options) => {
  // Throws the usual error if the file does not exist.
  if (path !== NO_DATABASE) await access(path);
  if (options.memoryBudget !== undefined && options.memoryBudget < MIN_BUDGET) {
    throw new MemoryError(MIN_BUDGET, `${path}: DuckDB takes more memory than that`, {
      advice: say`pass ${mention.option('memoryBudget', MIN_BUDGET)} or more`,
    });
  }
  return streamResults(path, resultsOf(await loadEngine(), path, query, options), options);
};

async function loadEngine(): Promise<Engine> {
  try {
    const engine = await import('@duckdb/node-api');
    countLibrary('@duckdb/node-api', () => LEFT_BYTES);
    return engine;
  } catch {
    throw new UnsupportedError('reading DuckDB needs the package @duckdb/node-api:', {
      advice: 'npm install @duckdb/node-api',
    });
  }
}

async function* resultsOf(
  engine: Engine,
  path: string,
  query: string,
  { signal, memoryBudget }: Parameters<QueryReader>[2],
): AsyncGenerator<ResultBatch, void, undefined> {
  const access = path === NO_DATABASE ? undefined : { access_mode: 'READ_ONLY' };
  const instance = await engine.DuckDBInstance.create(path, { ...access, ...limitsOf(memoryBudget) }).catch((error) => {
    throw new FormatError(path, 'whole', messageOf(error));
  });
  let connection: DuckDBConnection | undefined;
  let interrupting: NodeJS.Timeout | undefined;
  const interrupt = () => {
    connection?.interrupt();
    // DuckDB forgets an interrupt that comes before a query has begun.
    interrupting ??= setInterval(interrupt, INTERRUPT_MS);
  };
  try {
    connection = await instance.connect();
    signal?.throwIfAborted();
    signal?.addEventListener('abort', interrupt);
    const result = await (await prepareSelect(engine, connection, query)).stream();
    const { FLOAT, DOUBLE, DECIMAL } = engine.DuckDBTypeId;
    const floating = new Set([FLOAT, DOUBLE, DECIMAL]);
    const columns = result.columnNames().map((name, i) => ({ name, floating: floating.has(result.columnTypeId(i)) }));
    let unfreed = 0;
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      for (const batch of batchesOf(engine, columns, chunk)) {
        for (const row of batch.rows) unfreed += sizeOfRow(row);
        yield batch;
      }
      if (memoryBudget === undefined || unfreed < FREED_AT_ONCE) continue;
      unfreed = 0;
      await freeChunks();
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof AllpairsError) throw error;
    throw memoryBudget !== undefined && OUT_OF_MEMORY.test(messageOf(error))
      ? outOfMemory(path, memoryBudget)
      : queryError(error);
  } finally {
    signal?.removeEventListener('abort', interrupt);
    clearInterval(interrupting);
    connection?.closeSync();
    instance.closeSync();
  }
}

/** Returns settings of DuckDB. What it cannot hold goes to a folder among the temporary files, which exists only while it is needed. */
function limitsOf(memoryBudget: number | undefined): Record<string, string> {
  const temporary = { temp_directory: join(tmpdir(), `allpairs-${process.pid}-${++folders}.duckdb`) };
  if (memoryBudget === undefined) return temporary;
  const bytes = CACHE_FACTOR * memoryBudget;
  const threads = Math.max(1, Math.min(availableParallelism(), Math.floor(bytes / THREAD_BYTES)));
  return { ...temporary, memory_limit: `${Math.floor(bytes)}B`, threads: `${threads}` };
}

const OUT_OF_MEMORY = /^Out of Memory Error/;

function outOfMemory(path: string, memoryBudget: number): MemoryError {
  const limit = `${Math.floor((CACHE_FACTOR * memoryBudget) / MIB)} MiB`;
  return new MemoryError(2 * memoryBudget, `${path}: DuckDB needs more than ${limit} for the query`, {
    advice: say`pass ${mention.option('memoryBudget', 2 * memoryBudget)} or more, or select fewer columns and do not sort`,
  });
}

/** Converts the rows of a chunk. */
function* batchesOf(
  { DuckDBTypeId: { LIST, ARRAY, FLOAT, DOUBLE }, JSDuckDBValueConverter: convert }: Engine,
  columns: ResultBatch['columns'],
  chunk: DuckDBDataChunk,
): Generator<ResultBatch, void, undefined> {
  const cells = columns.map((_, i) => {
    const vector = chunk.getColumnVector(i);
    const { type } = vector;
    const isList = type.typeId === LIST || type.typeId === ARRAY;
    const element = isList ? (type as DuckDBListType | DuckDBArrayType).valueType.typeId : undefined;
    // Lists of numbers are what they become already.
    if (element === FLOAT || element === DOUBLE)
      return (row: number) => (vector.getItem(row) as DuckDBListValue | null)?.items ?? null;
    return (row: number) => convert(vector.getItem(row), type, convert);
  });
  for (let from = 0; from < chunk.rowCount; from += ROWS_AT_ONCE) {
    const count = Math.min(ROWS_AT_ONCE, chunk.rowCount - from);
    const rows = Array.from({ length: count }, (_, i) => cells.map((cell) => cell(from + i)));
    yield { columns, rows };
  }
}

/** Frees the chunks that were used, which would wait for the collector: it sees only the small objects that they belong to. */
async function freeChunks(): Promise<void> {
  collectGarbage();
  // Node frees what belongs to a collected object in a turn of its own.
  await new Promise((resolve) => setImmediate(resolve));
}

/** Accepts only SELECT, because every other statement may write to the database or to files. */
async function prepareSelect(engine: Engine, connection: DuckDBConnection, query: string) {
  if (query.trim() === '') throw new ArgumentError('query', 'expected a query, got an empty one');
  const statements = await connection.extractStatements(query);
  if (statements.count !== 1) throw new ArgumentError('query', `expected one statement, got ${statements.count}`);
  const statement = await statements.prepare(0);
  if (statement.statementType === engine.StatementType.SELECT) return statement;
  const type = engine.StatementType[statement.statementType] ?? 'another statement';
  throw new ArgumentError('query', `expected a query that selects rows, got ${type}`);
}
