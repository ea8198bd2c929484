// Rows that a query gives on an SQLite database: through node:sqlite where Node has it, else through the package
// node-sqlite3-wasm.
//
// The query becomes a temporary view. So it can be nothing but one SELECT (or VALUES), SQLite tells apart columns of the same
// name, and they can be numbered: both engines hand out rows as objects, which hold no name twice and whole numbers first.

import { access } from 'node:fs/promises';
import { FormatError, UnsupportedError } from '../../errors.js';
import { messageOf, type QueryReader, queryError, type ResultRows, streamResults } from './query-rows.js';

/** What is needed of either engine. */
interface Engine {
  /** Runs a statement to its end. */
  run(sql: string): void;
  rows(sql: string): Iterable<Record<string, unknown>>;
  close(): void;
}

/** Rows handed on at a time. */
const ROWS_AT_ONCE = 256;
const VIEW = 'allpairs_query';
/** What SQLite says about files, in contrast to queries. */
const FILE_FAULT = /not a database|malformed|disk I\/O|unable to open/i;

/** Reads rows from an SQLite database. */
export const readSqlite: QueryReader = async (path, query) => {
  // For the usual error of a file that is not there.
  await access(path);
  const open = nodeEngine() ?? (await wasmEngine());
  if (!open) {
    throw new UnsupportedError(
      'reading SQLite needs Node 22.5 or the package node-sqlite3-wasm: npm install node-sqlite3-wasm',
    );
  }
  return streamResults(path, resultsOf(path, query, open));
};

async function* resultsOf(
  path: string,
  query: string,
  open: (path: string) => Engine,
): AsyncGenerator<ResultRows, void, undefined> {
  let engine: Engine | undefined;
  try {
    engine = openDatabase(path, open);
    engine.run(`CREATE TEMP VIEW ${VIEW} AS ${query}`);
    const [{ width } = { width: 0 }] = [...engine.rows(`SELECT count(*) AS width FROM pragma_table_info('${VIEW}')`)];
    const names = Array.from({ length: Number(width) }, (_, i) => `c${i}`);
    let batch: unknown[][] = [];
    for (const row of engine.rows(`WITH numbered(${names}) AS (SELECT * FROM temp.${VIEW}) SELECT * FROM numbered`)) {
      batch.push(names.map((name) => row[name]));
      if (batch.length < ROWS_AT_ONCE) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw FILE_FAULT.test(messageOf(error)) ? new FormatError(path, 0, messageOf(error)) : queryError(error);
  } finally {
    engine?.close();
  }
}

/** Opens the database and looks into it: SQLite itself reads nothing before the first query. */
function openDatabase(path: string, open: (path: string) => Engine): Engine {
  let engine: Engine | undefined;
  try {
    engine = open(path);
    Array.from(engine.rows('SELECT count(*) FROM sqlite_master'));
    return engine;
  } catch (error) {
    engine?.close();
    throw new FormatError(path, 0, messageOf(error));
  }
}

/** What is used of node:sqlite: the types of Node 20 lack it. */
interface NodeSqlite {
  readonly DatabaseSync: new (
    path: string,
    options: { readonly readOnly: boolean },
  ) => {
    prepare(sql: string): { run(): unknown; iterate(): Iterable<Record<string, unknown>> };
    close(): void;
  };
}

function nodeEngine(): ((path: string) => Engine) | undefined {
  const sqlite = process.getBuiltinModule('node:sqlite') as NodeSqlite | undefined;
  if (!sqlite) return undefined;
  return (path) => {
    const database = new sqlite.DatabaseSync(path, { readOnly: true });
    return {
      run: (sql) => database.prepare(sql).run(),
      rows: (sql) => database.prepare(sql).iterate(),
      close: () => database.close(),
    };
  };
}

async function wasmEngine(): Promise<((path: string) => Engine) | undefined> {
  let sqlite: typeof import('node-sqlite3-wasm');
  try {
    // A CommonJS module, whose names Node cannot tell without running it.
    sqlite = (await import('node-sqlite3-wasm')).default;
  } catch {
    return undefined;
  }
  return (path) => {
    const database = new sqlite.Database(path, { readOnly: true, fileMustExist: true });
    return {
      run: (sql) => database.run(sql),
      *rows(sql) {
        const statement = database.prepare(sql);
        try {
          yield* statement.iterate();
        } finally {
          // A statement left open keeps the database and its file open.
          statement.finalize();
        }
      },
      close: () => database.close(),
    };
  };
}
