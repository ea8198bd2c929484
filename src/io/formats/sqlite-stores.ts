// Vector stores in SQLite databases whose tables are known, so they need no query.

import { ArgumentError, FormatError } from '../../errors.js';
import { mention, say } from '../../message.js';
import type { BytesElement } from '../columns/declared-elements.js';

/** How the vectors of a store are read. */
export interface StoreQuery {
  readonly query: string;
  readonly element: BytesElement;
}

type Rows = (sql: string) => Iterable<Record<string, unknown>>;

/**
 * Returns the query for the vectors of the store in a database: tables of sqlite-vec, or Chroma's queue. Throws ArgumentError, listing the
 * tables, if a query is required, and FormatError if the vectors are not in the database.
 */
export function queryOfStore(path: string, rows: Rows): StoreQuery {
  const tables = [...rows("SELECT name, coalesce(sql, '') AS sql FROM sqlite_master WHERE type IN ('table', 'view')")].map(
    ({ name, sql }) => ({ name: String(name), sql: String(sql) }),
  );
  const names = tables.map(({ name }) => name);
  if (names.includes('embeddings_queue') && names.includes('collections')) return queryOfChroma(path, rows);
  const vectors = tables.filter(({ sql }) => /\busing\s+vec0\b/i.test(sql));
  const [only, another] = vectors;
  if (only && !another) return queryOfVec0(path, only.name, only.sql, rows);
  const shown = names.filter((name) => !name.startsWith('sqlite_'));
  const there = shown.length > 20 ? `${shown.slice(0, 20).join(', ')} and ${shown.length - 20} more` : shown.join(', ');
  const example = mention.option('query', 'select embedding from documents');
  const message = say`${path}: expected a query for a database, as in ${example}; its tables are ${there || 'none'}`;
  throw new ArgumentError('query', message, { expected: 'a query for a database' });
}

const CHROMA_EXPORT =
  "in Python: np.save('rows.npy', chromadb.PersistentClient(FOLDER).get_collection(NAME).get(include=['embeddings'])['embeddings'])";
/** Chroma's number for the deletion of an embedding. */
const DELETE = 3;

/** Embeddings stay in the queue until Chroma purges them; its index is stored in separate files. */
function queryOfChroma(path: string, rows: Rows): StoreQuery {
  const collections = [...rows('SELECT name FROM collections ORDER BY name')].map(({ name }) => String(name));
  if (collections.length > 1) {
    const given = collections.slice(0, 10).join(', ');
    throw new FormatError(path, 'whole', `a Chroma store of several collections (${given})`, {
      advice: `write one, ${CHROMA_EXPORT}`,
    });
  }
  const latest = `SELECT max(seq_id) FROM embeddings_queue GROUP BY topic, id`;
  const alive = `FROM embeddings_queue WHERE seq_id IN (${latest}) AND operation <> ${DELETE}`;
  const count = (sql: string) => Number([...rows(sql)][0]?.n ?? 0);
  const total = count('SELECT count(*) AS n FROM embeddings');
  const queued = count(`SELECT count(*) AS n ${alive} AND vector IS NOT NULL AND encoding = 'FLOAT32'`);
  if (queued === 0 || queued !== total || count(`SELECT count(*) AS n ${alive}`) !== total) {
    const what = `a Chroma store with ${queued} of its ${total} embeddings in the database, the others in its index files`;
    throw new FormatError(path, 'whole', `${what}`, { advice: `write them, ${CHROMA_EXPORT}` });
  }
  return { query: `SELECT id, vector ${alive} ORDER BY seq_id`, element: 'float32' };
}

/** Reads a table of sqlite-vec: chunks of vectors, and for each row its chunk and its position in the chunk. */
function queryOfVec0(path: string, table: string, sql: string, rows: Rows): StoreQuery {
  const columns = [...sql.matchAll(/[\s,(]["'[`]?(\w+)["'\]`]?\s+(float|f32|int8|i8|bit)\s*\[\s*(\d{1,6})\s*\]/gi)];
  const [column, another] = columns;
  if (!column || another) {
    throw new FormatError(
      path,
      'whole',
      `the sqlite-vec table ${table} has ${columns.length} columns of vectors; expected one`,
    );
  }
  const [, name, type] = column as unknown as [string, string, string];
  const depth = Number(column[3]);
  if (/bit/i.test(type)) {
    throw new FormatError(path, 'whole', `the sqlite-vec table ${table} has vectors of bits, which cannot be rows of numbers`);
  }
  const element = /float|f32/i.test(type) ? 'float32' : 'int8';
  const bytes = depth * (element === 'float32' ? 4 : 1);
  const quoted = (suffix: string) => `"${`${table}${suffix}`.replaceAll('"', '""')}"`;
  const wrong = [
    ...rows(
      `SELECT count(*) AS n FROM ${quoted('_vector_chunks00')} v JOIN ${quoted('_chunks')} c ON c.chunk_id = v.rowid
       WHERE length(v.vectors) <> c.size * ${bytes}`,
    ),
  ][0]?.n;
  if (Number(wrong) !== 0)
    throw new FormatError(path, 'whole', `chunks of the sqlite-vec table ${table} are not of ${depth} ${type}`);
  return {
    query: `SELECT r.rowid AS id, substr(v.vectors, r.chunk_offset * ${bytes} + 1, ${bytes}) AS "${name}"
      FROM ${quoted('_rowids')} r JOIN ${quoted('_vector_chunks00')} v ON v.rowid = r.chunk_id ORDER BY r.rowid`,
    element,
  };
}
