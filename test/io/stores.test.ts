// Vector stores on disk: FAISS indices, sqlite-vec tables and Chroma's database, and formats that are refused by name.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFaiss } from '#src/io/formats/faiss.js';
import { openRows } from '#src/io/rows/open-rows.js';
import type { OpenRowsOptions } from '#src/io/rows/open-source.js';
import { faissFlat, faissMap } from '../fuzz/files.js';
import { valuesOf } from '../fuzz/read-rows.js';

let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'allpairs-stores-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function rowsOf(path: string, options: OpenRowsOptions = {}): Promise<number[][]> {
  const rows = await openRows(path, options);
  try {
    const { data } = await rows.toMatrix();
    return Array.from({ length: rows.rows }, (_, row) => [...data.subarray(row * rows.depth, (row + 1) * rows.depth)]);
  } finally {
    await rows.close();
  }
}

const refusal = (path: string, options?: OpenRowsOptions) =>
  rowsOf(path, options).then(
    () => 'read',
    (error: Error) => error.message,
  );

describe('FAISS', () => {
  const values = [1, 2, 3, 4.5, -5, 6];

  it('gives the vectors of flat indices, even with ids of their own', async () => {
    for (const kind of ['IxFI', 'IxF2', 'IxFl']) {
      const flat = faissFlat(kind, 3, Float32Array.from(values));
      expect(await valuesOf(readFaiss, flat)).toEqual({ kind: 'flat', depth: 3, type: 'float32', values });
      expect((await valuesOf(readFaiss, faissMap('IxMp', flat, 2))).values).toEqual(values);
    }
    writeFileSync(at('index.bin'), faissFlat('IxFI', 2, Float32Array.from(values)));
    expect(await rowsOf(at('index.bin'))).toEqual([
      [1, 2],
      [3, 4.5],
      [-5, 6],
    ]);
  });

  it('refuses indices of other kinds by name, and truncated ones', async () => {
    const graph = faissFlat('IHNf', 3, Float32Array.from(values));
    await expect(valuesOf(readFaiss, graph)).rejects.toThrow('byte 0: IndexHNSWFlat ("IHNf"); write its vectors with np.save(');
    await expect(valuesOf(readFaiss, faissMap('IxM2', graph, 2))).rejects.toThrow('byte 37: IndexHNSWFlat');
    const flat = faissFlat('IxF2', 3, Float32Array.from(values));
    for (let length = 4; length < flat.length; length++) {
      await expect(valuesOf(readFaiss, flat.subarray(0, length))).rejects.toMatchObject({ code: 'ERR_ALLPAIRS_FORMAT' });
    }
  });
});

describe('sqlite-vec', () => {
  const path = join(import.meta.dirname, 'data', 'sqlite-vec.db');

  it('gives the vectors of its only table in the order of their rows, without a query', async () => {
    const kept = [1, 2, 4, 5, 6, 7, 8, 9, 10];
    const expected = kept.map((i) => Array.from({ length: 4 }, (_, k) => Math.fround((i + k) / 7)));
    expect(await rowsOf(path)).toEqual(expected);
    expect(await refusal(path, { query: 'SELECT embedding FROM docs' })).toContain(
      'leave query out to read all of its vectors',
    );
  });
});

describe('Chroma', () => {
  function store(name: string, embeddings: number, collections = 1): string {
    const database = new sqlite.Database(at(name));
    database.exec(`CREATE TABLE collections (id TEXT, name TEXT);
      CREATE TABLE embeddings (id INTEGER PRIMARY KEY, segment_id TEXT, embedding_id TEXT, seq_id BLOB);
      CREATE TABLE embeddings_queue (seq_id INTEGER PRIMARY KEY, created_at TEXT, operation INTEGER, topic TEXT, id TEXT,
        vector BLOB, encoding TEXT, metadata TEXT)`);
    for (let i = 0; i < collections; i++) database.run('INSERT INTO collections VALUES (?, ?)', [`${i}`, `c${i}`]);
    const put = (id: string, operation: number, values?: number[]) =>
      database.run('INSERT INTO embeddings_queue (operation, topic, id, vector, encoding) VALUES (?, ?, ?, ?, ?)', [
        ...[operation, 'topic', id],
        values ? new Uint8Array(Float32Array.from(values).buffer) : null,
        values ? 'FLOAT32' : null,
      ]);
    put('a', 0, [1, 2]);
    put('b', 0, [3, 4]);
    put('c', 0, [5, 6]);
    put('a', 2, [7, 8]);
    put('b', 3);
    for (let i = 0; i < embeddings; i++) database.run('INSERT INTO embeddings (embedding_id) VALUES (?)', [`${i}`]);
    database.close();
    return at(name);
  }

  it('gives the last vector of each id that is not deleted, if all are in the queue', async () => {
    expect(await rowsOf(store('chroma.sqlite3', 2))).toEqual([
      [5, 6],
      [7, 8],
    ]);
  });

  it('is refused if vectors are elsewhere, or there are several collections', async () => {
    const elsewhere = await refusal(store('purged.sqlite3', 7));
    expect(elsewhere).toContain(
      "with 2 of its 7 embeddings in the database, the others in its index files; write them, in Python: np.save('rows.npy'",
    );
    expect(await refusal(store('two.sqlite3', 2, 2))).toContain('a Chroma store of several collections (c0, c1)');
  });
});

it('is distinguished from a database without a store, which requires a query', async () => {
  const database = new sqlite.Database(at('plain.db'));
  database.exec('CREATE TABLE documents (embedding BLOB)');
  database.close();
  expect(await refusal(at('plain.db'))).toMatch(
    /expected a query for a database, as in query: 'select .*'; its tables are documents$/,
  );
});

describe('unsupported formats', () => {
  it.each([
    ['m.mat', 'MATLAB 5.0 MAT-file, made by hand', 'MATLAB (.mat) cannot be read; convert it, in Python: np.save'],
    ['old.mat', '\0\0\0\0', 'MATLAB (.mat) cannot be read'],
    ['x.rds', 'X\n\0\0', 'R data (.rds) cannot be read'],
    ['x.pkl', '\x80\x04\x95', 'a pickle cannot be read; convert it, it can run any code'],
    ['unnamed', '\x80\x05\x95', 'a pickle cannot be read'],
    ['x.joblib', '\x80\x03cnumpy', 'a pickle cannot be read'],
    ['packed.joblib', '\x78\x9c', 'joblib cannot be read'],
    ['x.avro', 'Obj\x01', 'Avro cannot be read'],
    ['x.orc', 'ORC\x08', 'ORC cannot be read'],
  ])('include %s, refused by name with advice on converting it', async (name, content, message) => {
    writeFileSync(at(name), Buffer.from(content, 'latin1'));
    expect(await refusal(at(name))).toContain(message);
  });

  it('include a folder of LanceDB', async () => {
    mkdirSync(at('documents.lance/_versions'), { recursive: true });
    expect(await refusal(at('documents.lance'))).toContain('a LanceDB table, which cannot be read; write it as Parquet');
  });
});
