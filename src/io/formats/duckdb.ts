// Rows from a query on a DuckDB database, or, with the database ':memory:', on files that DuckDB reads itself. Results arrive in chunks of
// a few thousand rows. https://duckdb.org/docs/stable/clients/node_neo/overview

import { access } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { AllpairsError, ArgumentError, FormatError, UnsupportedError } from '../../errors.js';
import { messageOf, queryError } from './query-rows.js';
import { type QueryReader, type ResultBatch, streamResults } from './result-rows.js';

type Engine = typeof import('@duckdb/node-api');

/** Stands for "no database" where a path is expected. */
const NO_DATABASE = ':memory:';

/** Reads rows from a DuckDB database. */
export const readDuckdb: QueryReader = async (path, query, options) => {
  // Throws the usual error if the file does not exist.
  if (path !== NO_DATABASE) await access(path);
  return streamResults(path, resultsOf(await loadEngine(), path, query, options.signal), options);
};

async function loadEngine(): Promise<Engine> {
  try {
    return await import('@duckdb/node-api');
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
  signal: AbortSignal | undefined,
): AsyncGenerator<ResultBatch, void, undefined> {
  const instance = await engine.DuckDBInstance.create(path, path === NO_DATABASE ? {} : { access_mode: 'READ_ONLY' }).catch(
    (error) => {
      throw new FormatError(path, 'whole', messageOf(error));
    },
  );
  let connection: DuckDBConnection | undefined;
  const interrupt = () => connection?.interrupt();
  try {
    connection = await instance.connect();
    signal?.throwIfAborted();
    signal?.addEventListener('abort', interrupt);
    const result = await (await prepareSelect(engine, connection, query)).stream();
    const { FLOAT, DOUBLE, DECIMAL } = engine.DuckDBTypeId;
    const floating = new Set([FLOAT, DOUBLE, DECIMAL]);
    const columns = result.columnNames().map((name, i) => ({ name, floating: floating.has(result.columnTypeId(i)) }));
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      yield { columns, rows: chunk.convertRows(engine.JSDuckDBValueConverter) };
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof AllpairsError ? error : queryError(error);
  } finally {
    signal?.removeEventListener('abort', interrupt);
    connection?.closeSync();
    instance.closeSync();
  }
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
