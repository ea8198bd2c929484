// A folder for the blocks of one section: the installed package, the examples, and small files under the names that blocks use.

import { cp, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { readNpy } from 'allpairs';
import { parquetWriteBuffer } from 'hyparquet-writer';
import sqlite from 'node-sqlite3-wasm';
import { encodeNpyHeader } from '#src/io/rows/npy.js';
import { CHECK_VALUES } from './value-comments.js';

export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url));

const ROWS = 40;

/** One pixel, in place of a photograph. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Replacements for packages that recipes import and that are not installed, by what they return. */
const PACKAGES: Readonly<Record<string, string>> = {
  '@huggingface/transformers': `
    class Tensor { type = 'float32'; constructor(data, dims) { Object.assign(this, { data, dims, size: data.length }); } }
    export const pipeline = async () => async (texts) =>
      new Tensor(Float32Array.from({ length: texts.length * 384 }, (_, i) => Math.sin(i)), [texts.length, 384]);
  `,
  openai: `
    export default class OpenAI {
      embeddings = { create: async ({ model, input }) => ({
        object: 'list', model, usage: { prompt_tokens: 1, total_tokens: 1 },
        data: input.map((text, index) => ({ object: 'embedding', index, embedding: [text.length < 12 ? 1 : 0, 1, text.includes('cat') ? 9 : 0] })).reverse(),
      }) };
    }
  `,
};

/** Creates the folder from which sections start. */
export async function createStandIns(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'allpairs-docs-'));
  const { data, shape } = await readNpy(join(ROOT, 'examples/data/sentences.npy'));
  const depth = shape[1];
  // Two rows occur twice.
  const vectors = Float32Array.from(data.subarray(0, ROWS * depth));
  vectors.copyWithin(20 * depth, 0, 2 * depth);
  const npy = Buffer.concat([encodeNpyHeader('float32', [ROWS, depth]), new Uint8Array(vectors.buffer)]);
  for (const name of ['embeddings', 'queries', 'docs', 'large', 'photos', 'rows'])
    await writeFile(join(folder, `${name}.npy`), npy);

  const titles = Array.from({ length: ROWS }, (_, row) => `title ${row}`);
  await writeFile(join(folder, 'titles.txt'), `${titles.join('\n')}\n`);
  await writeFile(join(folder, 'sentences.tsv'), `language\ttext\n${titles.map((title) => `EN\t${title}\n`).join('')}`);
  await writeFile(join(folder, 'photos.csv'), `path\n${'photo.png\n'.repeat(ROWS)}`);
  await writeFile(join(folder, 'photo.png'), Buffer.from(PNG, 'base64'));

  const rows = titles.map((_, row) => Array.from(vectors.subarray(row * depth, (row + 1) * depth)));
  const columnData = [
    { name: 'title', data: titles, type: 'STRING' as const },
    { name: 'embedding', data: rows },
  ];
  const schema = [
    { name: 'root', num_children: 2 },
    { name: 'title', type: 'BYTE_ARRAY' as const, converted_type: 'UTF8' as const, repetition_type: 'REQUIRED' as const },
    { name: 'embedding', repetition_type: 'REQUIRED' as const, num_children: 1, converted_type: 'LIST' as const },
    { name: 'list', repetition_type: 'REPEATED' as const, num_children: 1 },
    { name: 'element', type: 'FLOAT' as const, repetition_type: 'REQUIRED' as const },
  ];
  const parquet = parquetWriteBuffer({ columnData: columnData.map(({ name, data }) => ({ name, data })), schema });
  await writeFile(join(folder, 'docs.parquet'), new Uint8Array(parquet));

  const lines = rows.map(
    (embedding, row) =>
      `${JSON.stringify({ title: titles[row], date: `20${10 + row}-01-31`, source: row % 3 ? 'web' : 'mail', embedding })}\n`,
  );
  await writeFile(join(folder, 'docs.jsonl'), lines.join(''));
  // Both contain the rows that occur twice.
  await writeFile(join(folder, 'corpus.jsonl'), lines.slice(0, 20).join(''));
  await writeFile(join(folder, 'batch.jsonl'), lines.slice(20).join(''));

  const database = new sqlite.Database(join(folder, 'docs.db'));
  database.run('create table documents (embedding text)');
  for (const row of rows) database.run('insert into documents values (?)', [JSON.stringify(row.slice(0, 8))]);
  database.close();

  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'check-values.js'), CHECK_VALUES);
  for (const [name, code] of Object.entries(PACKAGES)) {
    const at = join(folder, 'node_modules', name);
    await mkdir(at, { recursive: true });
    await writeFile(join(at, 'package.json'), JSON.stringify({ name, type: 'module', exports: './index.js' }));
    await writeFile(join(at, 'index.js'), code);
  }
  await symlink(ROOT, join(folder, 'node_modules/allpairs'));
  await symlink(join(ROOT, 'examples'), join(folder, 'examples'));

  // The command, where npm would put it.
  const bin = join(folder, 'node_modules/.bin/allpairs');
  await mkdir(dirname(bin));
  await writeFile(bin, `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'dist/cli/main.js')}' "$@"\n`, { mode: 0o755 });
  return folder;
}

/** A copy of it. */
export async function createSandbox(standIns: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'allpairs-docs-'));
  await cp(standIns, folder, { recursive: true, verbatimSymlinks: true });
  return folder;
}
