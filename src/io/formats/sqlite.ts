// Rows from a query on an SQLite database, through node:sqlite if Node has it, otherwise through the package node-sqlite3-wasm.
//
// The query becomes a temporary view. It can therefore only be a single SELECT (or VALUES), SQLite distinguishes columns of the same name,
// and the columns can be numbered. Both engines return rows as objects, which cannot repeat a name and list integer names first.

import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AllpairsError, ArgumentError, FormatError, UnsupportedError } from '../../errors.js';
import { mention, say } from '../../message.js';
import { runBlocking } from '../blocking.js';
import { allowOptimizing, avoidOptimizing, withoutOptimizing } from '../library-compiling.js';
import { countLibrary } from '../library-memory.js';
import type { ReaderOptions, ReadOptions, RowStream } from '../rows/row-reader.js';
import { messageOf, queryError } from './query-rows.js';
import { type ResultBatch, sizeOfRow, streamResults } from './result-rows.js';
import { queryOfStore } from './sqlite-stores.js';
import { copyWalDatabase, type DatabaseCopy, hasLog, isWalDatabase } from './sqlite-wal.js';

/** What is needed from either engine. */
interface Engine {
  /** Runs a statement to completion. */
  run(sql: string): void;
  rows(sql: string): Iterable<Record<string, unknown>>;
  close(): void;
}

/** 'unchanging' if no other program writes meanwhile. */
type Access = 'reading' | 'unchanging' | 'writing';
type OpenEngine = (path: string, access: Access) => Engine;

/** What is delivered at a time, at most: few rows if they are long, so that they are used and freed while they are young. */
const ROWS_AT_ONCE = 256;
const BYTES_AT_ONCE = 2 ** 18;
const VIEW = 'allpairs_query';
/** What node-sqlite3-wasm takes: its heap, and its code. */
const WASM_BYTES = 2 ** 25;
/** Declared types of columns whose integers count as floating-point numbers. */
const FLOATING = /REAL|FLOA|DOUB/i;
const NO_VEC0 = /no such module: vec0/;
/** SQLite's errors about files, as opposed to queries. */
const FILE_FAULT = /not a database|malformed|disk I\/O|unable to open/i;

/** Reads rows from an SQLite database; without a query, those of a vector store whose tables are known. */
export const readSqlite = async (
  path: string,
  query: string | undefined,
  options: ReadOptions & Pick<ReaderOptions, 'memoryBudget'>,
): Promise<RowStream> => {
  // Throws the usual error if the file does not exist.
  await access(path);
  const limited = options.memoryBudget !== undefined;
  const open = nodeEngine() ?? (await wasmEngine(limited));
  if (!open) {
    throw new UnsupportedError('reading SQLite needs Node 22.5 or the package node-sqlite3-wasm:', {
      advice: 'npm install node-sqlite3-wasm',
    });
  }
  return streamResults(path, resultsOf(path, query, open, limited), options);
};

async function* resultsOf(
  path: string,
  given: string | undefined,
  open: OpenEngine,
  limited: boolean,
): AsyncGenerator<ResultBatch, void, undefined> {
  const call = <T>(work: () => T): Promise<T> => runBlocking(limited ? () => withoutOptimizing(work) : work);
  let engine: Engine | undefined;
  let copy: DatabaseCopy | undefined;
  let found: Iterator<Record<string, unknown>> | undefined;
  try {
    const inWalMode = await isWalDatabase(path);
    try {
      // Without a log, no program has the database open: nothing changes, and SQLite creates no files next to it.
      const access = inWalMode && !(await hasLog(path)) ? 'unchanging' : 'reading';
      engine = await call(() => openDatabase(path, open, path, access));
    } catch (error) {
      if (!inWalMode) throw error;
      copy = await copyWalDatabase(path);
      const { path: place, hasLog: logged } = copy;
      engine = await call(() => openDatabase(path, open, place, logged ? 'writing' : 'reading'));
    }
    const opened = engine;
    const store = given === undefined ? await call(() => queryOfStore(path, opened.rows)) : undefined;
    const columns = await call(() => {
      opened.run(`CREATE TEMP VIEW ${VIEW} AS ${store?.query ?? given}`);
      return [...opened.rows(`SELECT name, type FROM pragma_table_info('${VIEW}') ORDER BY cid`)].map(({ name, type }) => ({
        name: String(name),
        floating: FLOATING.test(String(type)),
      }));
    });
    const names = columns.map((_, i) => `c${i}`);
    const query = `WITH numbered(${names}) AS (SELECT * FROM temp.${VIEW}) SELECT * FROM numbered`;
    found = opened.rows(query)[Symbol.iterator]();
    const results = found;
    for (let done = false; !done; ) {
      const rows: unknown[][] = [];
      await call(() => {
        for (let bytes = 0; rows.length < ROWS_AT_ONCE && bytes < BYTES_AT_ONCE; ) {
          const next = results.next();
          if (next.done) {
            done = true;
            break;
          }
          const row = names.map((name) => next.value[name]);
          rows.push(row);
          bytes += sizeOfRow(row);
        }
      });
      if (rows.length > 0) yield { columns, rows, ...(store && { element: store.element }) };
    }
  } catch (error) {
    if (error instanceof AllpairsError) throw error;
    if (NO_VEC0.test(messageOf(error))) throw vec0Error(path);
    throw FILE_FAULT.test(messageOf(error)) ? new FormatError(path, 'whole', messageOf(error)) : queryError(error);
  } finally {
    found?.return?.();
    engine?.close();
    await copy?.remove();
  }
}

function vec0Error(path: string): ArgumentError {
  const advice = say`leave ${mention.option('query')} out to read all of its vectors`;
  return new ArgumentError('query', `${path}: a query cannot read the tables of sqlite-vec, which is not loaded`, { advice });
}

/** Opens the database at `place` and queries it once, because SQLite reads nothing before the first query. */
function openDatabase(path: string, open: OpenEngine, place: string, access: Access): Engine {
  let engine: Engine | undefined;
  try {
    engine = open(place, access);
    // The log is merged into the database without memory shared with other programs.
    if (access === 'writing') Array.from(engine.rows('PRAGMA locking_mode = EXCLUSIVE'));
    Array.from(engine.rows('SELECT count(*) FROM sqlite_master'));
    return engine;
  } catch (error) {
    engine?.close();
    throw new FormatError(path, 'whole', messageOf(error));
  }
}

/** The used part of node:sqlite, which the types of Node 20 lack. */
interface NodeSqlite {
  readonly DatabaseSync: new (
    path: string,
    options: { readonly readOnly: boolean },
  ) => {
    prepare(sql: string): {
      run(): unknown;
      iterate(): Iterable<Record<string, unknown>>;
      setReadBigInts(enabled: boolean): void;
    };
    close(): void;
  };
}

function nodeEngine(): OpenEngine | undefined {
  const sqlite = process.getBuiltinModule('node:sqlite') as NodeSqlite | undefined;
  if (!sqlite) return undefined;
  return (path, access) => {
    const place = access === 'unchanging' ? `${pathToFileURL(path)}?immutable=1` : path;
    const database = new sqlite.DatabaseSync(place, { readOnly: access !== 'writing' });
    return {
      run: (sql) => database.prepare(sql).run(),
      rows: (sql) => {
        const statement = database.prepare(sql);
        // Otherwise an integer beyond 2^53 would end the query, even in a column that is not part of the rows.
        statement.setReadBigInts(true);
        return statement.iterate();
      },
      close: () => database.close(),
    };
  };
}

async function wasmEngine(limited: boolean): Promise<OpenEngine | undefined> {
  let sqlite: typeof import('node-sqlite3-wasm');
  if (limited) avoidOptimizing();
  try {
    // A CommonJS module, whose names Node cannot know without running it.
    sqlite = (await import('node-sqlite3-wasm')).default;
  } catch {
    return undefined;
  } finally {
    if (limited) allowOptimizing();
  }
  countLibrary('node-sqlite3-wasm', () => WASM_BYTES);
  return (path, access) => {
    const link = access === 'writing' ? undefined : linkTo(path);
    let database: InstanceType<typeof sqlite.Database>;
    try {
      database = new sqlite.Database(link?.path ?? path, { readOnly: access !== 'writing', fileMustExist: true });
    } catch (error) {
      link?.remove();
      throw link ? new Error(messageOf(error).replaceAll(link.path, path)) : error;
    }
    return {
      run: (sql) => database.run(sql),
      *rows(sql) {
        const statement = database.prepare(sql);
        try {
          yield* statement.iterate();
        } finally {
          // An open statement would keep the database and its file open.
          statement.finalize();
        }
      },
      close() {
        database.close();
        link?.remove();
      },
    };
  };
}

/**
 * Creates a link to a database that no log or journal accompanies. node-sqlite3-wasm locks a database by a folder next to it, which stays if the
 * process is killed, and then no later process can open the database; next to a link it does no harm.
 */
function linkTo(path: string): { readonly path: string; remove(): void } | undefined {
  if (existsSync(`${path}-wal`) || existsSync(`${path}-journal`)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'allpairs-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const link = join(folder, 'link.db');
  try {
    symlinkSync(resolve(path), link);
    return { path: link, remove };
  } catch {
    // Windows allows links only to some users.
    remove();
    return undefined;
  }
}
